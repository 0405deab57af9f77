"""Apache Kafka's jars, fetched once from their Maven coordinates and kept."""

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ebbwatch.stack.failure import StackError

_POM = Path(__file__).with_name("pom.xml")
_OLDEST_JAVA = 17


def java() -> str:
    """Find a Java runtime that Kafka 4 runs on: `JAVA_HOME`'s, else the one on PATH.

    Returns:
        The absolute path of the `java` program.

    Raises:
        StackError: There is none, or it is older than 17.
    """
    home = os.environ.get("JAVA_HOME")
    found = shutil.which("java", path=f"{home}/bin") if home else None
    program = found or require("java", "openjdk-17-jre-headless")
    version = _java_version(program)
    if version < _OLDEST_JAVA:
        raise StackError(f"{program}: expected Java {_OLDEST_JAVA} or later, got {version}")
    return program


def require(program: str, package: str) -> str:
    """Find a program on PATH.

    Args:
        program: Its name.
        package: The Debian package that brings it, for the error message.

    Raises:
        StackError: It is not installed.
    """
    path = shutil.which(program)
    if path is None:
        raise StackError(f"{program}: not found on PATH; install it: apt-get install {package}")
    return path


def kafka_jars(cache: Path | None = None) -> Path:
    """Give the folder of Kafka's jars, downloading them at first use (43 MB, some seconds).

    Safe to call from several processes at once: one downloads, and the folder, once it exists, is
    complete.

    Args:
        cache: Where to keep them; by default the project's `.cache/kafka-jars`, or the user's
            cache folder when Ebbwatch is installed as a package.

    Raises:
        StackError: Maven is missing or failed.
    """
    root = cache or _default_cache()
    folder = root / hashlib.sha256(_POM.read_bytes()).hexdigest()[:12]
    if not folder.is_dir():
        with _lock(root / "lock"):
            if not folder.is_dir():
                _download(folder)
    return folder


def _download(folder: Path) -> None:
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix="part-") as part:
        shutil.copy(_POM, part)
        _run_maven(Path(part))
        (Path(part) / "jars").rename(folder)


def _run_maven(work: Path) -> None:
    maven = require("mvn", "maven")
    options = ["--quiet", "--batch-mode", "--strict-checksums", "-Dstyle.color=never"]
    goal = ["dependency:copy-dependencies", "-DoutputDirectory=jars"]
    done = subprocess.run(  # noqa: S603 fixed program and arguments
        [maven, *options, *goal], cwd=work, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise StackError(f"mvn {goal[0]}: exit code {done.returncode}: {_first_error(done.stdout)}")


def _first_error(output: str) -> str:
    lines = [line for line in output.splitlines() if "ERROR" in line]
    return (lines or ["no output"])[0].strip()


def _java_version(program: str) -> int:
    done = subprocess.run([program, "-version"], capture_output=True, text=True, check=False)  # noqa: S603 found by name
    match = re.search(r'version "(?:1\.)?(\d+)', done.stderr)
    return int(match[1]) if match else 0


def _default_cache() -> Path:
    project = Path(__file__).parents[2]
    if (project / "pyproject.toml").is_file():
        return project / ".cache" / "kafka-jars"
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "ebbwatch" / "kafka-jars"


@contextmanager
def _lock(path: Path) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
