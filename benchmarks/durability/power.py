"""A power cut: of Redis's append-only file only that is left which was on disk."""

import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from redis_servers import RedisServer

from ebbwatch.stack.jars import require

SOURCE: Final = Path(__file__).with_name("synced.c")
KERNEL: Final = Path("/proc/sys/vm")
LOOKS: Final = 0.2  # seconds


def noting(folder: Path) -> dict[str, str]:
    """Variables that make a server note what it syncs.

    Raises:
        StackError: there is no C compiler.
    """
    library = folder / "synced.so"
    command = [
        require("gcc", "build-essential"),
        "-O2",
        "-fPIC",
        "-shared",
        "-o",
        str(library),
        str(SOURCE),
    ]
    subprocess.run([*command, "-ldl"], check=True)
    return {"LD_PRELOAD": str(library)}


def append_only_file(server: RedisServer) -> Path:
    """The one file that a server appends to, which is not rewritten meanwhile."""
    (found,) = (server.folder / "appendonlydir").glob("*.incr.aof")
    return found


def written_back() -> float:
    """Seconds after which the kernel has by itself begun to write what nobody syncs."""
    names = ("dirty_expire_centisecs", "dirty_writeback_centisecs")
    return sum(int((KERNEL / name).read_text()) for name in names) / 100.0


class Growth:
    """How long a file was at times gone by.

    Args:
        file: watched while `watching` lasts.
    """

    def __init__(self, file: Path) -> None:
        self._file, self._over = file, threading.Event()
        self._seen: list[tuple[float, int]] = []

    @contextmanager
    def watching(self) -> Iterator["Growth"]:
        """Look at it again and again."""
        thread = threading.Thread(target=self._look, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._over.set()
            thread.join()

    def before(self, moment: float) -> int:
        """Its length at a moment of the monotonic clock, 0 before the first look."""
        return max((size for at, size in self._seen if at <= moment), default=0)

    def _look(self) -> None:
        while not self._over.wait(LOOKS):
            with suppress(FileNotFoundError):  # who becomes a replica begins another file
                self._seen.append((time.monotonic(), self._file.stat().st_size))


def cut(server: RedisServer, growth: Growth) -> tuple[bytes, int]:
    """Kill a server and take from its file what no disk held.

    What it synced is on disk, and what the kernel had time to write back by itself.

    Returns:
        All that the file held, and how many bytes of it are left.
    """
    at = time.monotonic()
    server.kill()
    file = append_only_file(server)
    log, notes = file.read_bytes(), file.with_name(f"{file.name}.synced")
    synced = int(notes.read_text()) if notes.exists() else 0
    left = max(synced, growth.before(at - written_back()))
    file.write_bytes(log[:left])
    return log, left
