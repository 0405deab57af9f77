import os
import subprocess
import sys
from pathlib import Path

import pytest

from ebbwatch.stack import StackError, start, status
from ebbwatch.stack.failure import PortTakenError
from ebbwatch.stack.jars import kafka_jars
from ebbwatch.stack.process import Server

_PRINT_JARS = """
import pathlib, sys
from ebbwatch.stack.jars import kafka_jars
print(kafka_jars(pathlib.Path(sys.argv[1])))
"""


@pytest.mark.parametrize(
    ("program", "package"), [("redis-server", "redis-server"), ("java", "openjdk-17-jre-headless")]
)
def test_a_missing_program_is_one_clear_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str, package: str
) -> None:
    found = tmp_path / "bin"
    found.mkdir()
    if program != "redis-server":
        (found / "redis-server").symlink_to("/usr/bin/redis-server")
    monkeypatch.setenv("PATH", str(found))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    with pytest.raises(StackError, match=rf"^{program}: not found on PATH; .* install {package}$"):
        start(tmp_path / "stack")
    assert status(tmp_path / "stack") is None


def test_an_old_java_is_refused_by_its_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = tmp_path / "bin" / "java"
    old.parent.mkdir()
    old.write_text("#!/bin/sh\necho 'openjdk version \"1.8.0_292\"' >&2\n")
    old.chmod(0o755)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(StackError, match="expected Java 17 or later, got 8"):
        start(tmp_path / "stack")


def test_a_missing_maven_is_one_clear_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(StackError, match=r"^mvn: not found on PATH; .* install maven$"):
        kafka_jars(tmp_path)


def test_two_concurrent_first_starts_share_one_download(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = tmp_path / "calls"
    maven = tmp_path / "bin" / "mvn"
    maven.parent.mkdir()
    maven.write_text(f"#!/bin/sh\necho x >>{calls}\nsleep 0.5\nmkdir jars\necho jar >jars/a.jar\n")
    maven.chmod(0o755)
    monkeypatch.setenv("PATH", f"{maven.parent}{os.pathsep}{os.environ['PATH']}")
    command = [sys.executable, "-c", _PRINT_JARS, str(tmp_path / "cache")]
    children = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    folders = {child.communicate(timeout=240)[0].strip() for child in children}
    (folder,) = folders
    assert [path.name for path in Path(folder).iterdir()] == ["a.jar"]
    assert calls.read_text() == "x\n"


_TURNS_INTO_ITSELF = '[ "$1" -eq 0 ] || exec /bin/sh -c "$2" "$0" "$(($1 - 1))" "$2"'


def test_a_process_counts_while_it_turns_into_another_program(tmp_path: Path) -> None:
    """Its command line reads empty for a moment."""
    server = Server("thing", tmp_path / "thing.conf")
    script = [_TURNS_INTO_ITSELF, str(server.config), "200", _TURNS_INTO_ITSELF]
    found = []
    with subprocess.Popen(["/bin/sh", "-c", *script]) as child:
        server.pid_file.write_text(str(child.pid))
        while child.poll() is None:
            found.append(server.pid())
    assert set(found[:-1]) == {child.pid}


def test_a_server_that_cannot_start_is_quoted_from_this_run_only(tmp_path: Path) -> None:
    server = Server("thing", tmp_path / "thing.conf")
    command = ["/bin/sh", "-c", 'echo "$1"; exit 3', str(server.config)]
    server.spawn([*command, "Address already in use"])
    with pytest.raises(PortTakenError, match="thing: its port was taken"):
        server.await_ready(lambda: False, 240.0)
    server.spawn([*command, "no such setting"])
    with pytest.raises(StackError, match=r"thing: ended within 240 s; see .*: no such setting"):
        server.await_ready(lambda: False, 240.0)
