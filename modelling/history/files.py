"""Finding a history's files, and naming what they hold."""

import glob
import hashlib
import os
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from modelling.history.cleaning import HistoryError

LINES: Final = (".jsonl", ".ndjson")
TABLES: Final = (".parquet", ".csv", ".csv.gz", ".tsv", ".txt", ".xlsx")
_NAME_LENGTH: Final = 48  # leaves room for a row number in an id of 64 characters


class Source(NamedTuple):
    """A file of the history.

    Attributes:
        path: where it is.
        label: what its rows are named by: its name, made fit for ids and unique in the history.
    """

    path: Path
    label: str

    @property
    def is_wire(self) -> bool:
        """Whether it holds wire events, one a line."""
        return self.path.name.lower().endswith(LINES)


def sources(history: Sequence[str | Path]) -> list[Source]:
    """Find the files of a history: files, folders (with all below them) and glob patterns.

    Raises:
        HistoryError: Nothing is there, or it is of a kind that cannot be read.
    """
    paths = [path for given in history for path in _found(str(given))]
    if not paths:
        raise HistoryError(where="HISTORY", expected="at least one file", got="none")
    return _labelled(list(dict.fromkeys(paths)))


def _found(given: str) -> list[Path]:
    path = Path(given)
    if path.is_dir():
        inside = sorted(each for each in path.rglob("*") if each.is_file() and _is_readable(each))
        return _at_least_one(given, inside, "a folder with .parquet, .csv or .jsonl files")
    if path.is_file() and not _is_readable(path):
        expected = f"a file of {', '.join((*TABLES, *LINES))}"
        raise HistoryError(where=given, expected=expected, got=path.suffix or "no suffix")
    matching = [path] if path.is_file() else [Path(each) for each in sorted(_matching(given))]
    return _at_least_one(given, matching, "a file, a folder or a pattern that matches files")


def _matching(pattern: str) -> Iterable[str]:
    names = glob.glob(pattern, recursive=True)  # noqa: PTH207 - absolute patterns too
    return (name for name in names if os.path.isfile(name) and _is_readable(Path(name)))  # noqa: PTH113


def _is_readable(path: Path) -> bool:
    hidden = path.name.startswith((".", "_"))
    return not hidden and path.name.lower().endswith((*TABLES, *LINES))


def _at_least_one(given: str, found: list[Path], expected: str) -> list[Path]:
    if not found:
        raise HistoryError(where=given, expected=expected, got="nothing of the kind")
    return found


def _labelled(paths: list[Path]) -> list[Source]:
    """Name each file; one whose plain name will not do gets a digest of its place added."""
    folder = os.path.commonpath([path.resolve().parent for path in paths])
    how_many = Counter(path.name for path in paths)
    return [Source(path, _label(path, folder, is_alone=how_many[path.name] == 1)) for path in paths]


def _label(path: Path, folder: str, *, is_alone: bool) -> str:
    fit = re.sub(r"[^A-Za-z0-9._-]", "-", path.name)
    if is_alone and fit == path.name and len(fit) <= _NAME_LENGTH:
        return fit
    place = os.path.relpath(path.resolve(), folder)
    digest = hashlib.sha256(place.encode("utf-8", "surrogateescape")).hexdigest()[:8]
    return f"{digest}-{fit[-(_NAME_LENGTH - len(digest) - 1) :]}"
