"""Files of names and hashes, one a line, as `name:hash`."""

import os
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import structlog

NAME: Final = re.compile(r"[A-Za-z0-9._@-]{1,64}")
NAMED: Final = "1 to 64 characters of A-Z a-z 0-9 . _ @ -"
log = structlog.get_logger()


class AccessFileError(ValueError):
    """A file of names and hashes cannot be used."""


class AccessFile:
    """Reads such a file, and reads it anew when it changes.

    Args:
        path: its place.
        shape: what a hash must look like.

    Raises:
        AccessFileError: a line is of another shape.
        OSError: it cannot be read.
    """

    def __init__(self, path: Path, shape: re.Pattern[str]) -> None:
        self._path, self._shape = path, shape
        self._seen = _signature(path)
        self._entries = read(path, shape)

    @property
    def entries(self) -> Mapping[str, str]:
        """Hash by name, as the file has it now; while it cannot be read, as it had it last."""
        try:
            seen = _signature(self._path)
            if seen != self._seen:
                self._entries, self._seen = read(self._path, self._shape), seen
        except (OSError, AccessFileError) as error:
            log.warning("access file refused", file=str(self._path), error=str(error))
        return self._entries


def read(path: Path, shape: re.Pattern[str]) -> dict[str, str]:
    """Read a file's hashes by name; empty lines and those that begin with # say nothing."""
    entries: dict[str, str] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        name, _, hashed = line.partition(":")
        if not NAME.fullmatch(name) or not shape.fullmatch(hashed) or name in entries:
            expected = "name:hash, each name once, as ebbwatch access writes it"
            raise AccessFileError(f"{path}:{number}: expected {expected}")  # never what it holds
        entries[name] = hashed
    return entries


def put(path: Path, shape: re.Pattern[str], name: str, hashed: str) -> None:
    """Write a name's hash in place of an earlier one, whole or not at all, for the owner alone.

    Raises:
        AccessFileError: the name, or a line that is there, is of another shape.
        OSError: it cannot be written.
    """
    if not NAME.fullmatch(name):
        raise AccessFileError(f"name: expected {NAMED}, got {name!r}")
    entries = read(path, shape) if path.exists() else {}
    text = "".join(f"{each}:{of}\n" for each, of in {**entries, name: hashed}.items())
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mode 600
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _signature(path: Path) -> tuple[int, int, int]:
    found = path.stat()
    return found.st_ino, found.st_mtime_ns, found.st_size
