"""A TOML file of a bank's as text and tables, where its keys stand, and its mistakes in words."""

import re
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any, Final, get_args

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from scoring.rules.mistakes import Fault, Mistake, Path, RulesError

SHOWN: Final = 60  # characters of what stands in a file
_HEADER: Final = re.compile(r"^\s*\[(?P<several>\[?)\s*(?P<path>[^\[\]]+?)\s*\]\]?\s*(#.*)?$")
_KEY: Final = re.compile(
    r"""^\s*(?P<path>(?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*="""
)
_PART: Final = re.compile(r"""[\w-]+|"[^"]*"|'[^']*'""")
_LONG: Final = ('"""', "'''")
_AT: Final = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")


def fault_of(detail: ErrorDetails, section: type[BaseModel], path: Path) -> Fault:
    """What pydantic found, in the words of this program.

    Args:
        detail: of its error.
        section: the table's contract.
        path: of the table.
    """
    own = tuple(str(part) for part in detail["loc"] if part != "[key]")
    got = None if detail["type"] == "missing" else detail["input"]
    expected = detail["msg"].removeprefix("Value error, ").removeprefix("Input should be ")
    expected = expected.removeprefix("expected ")
    if detail["type"] == "extra_forbidden":
        keys = _table_of(section, own[:-1]).model_fields
        near = get_close_matches(own[-1], keys, 1)
        expected = f"a key of rules ({f'{near[0]}?' if near else ', '.join(keys)})"
        got = own[-1]
    elif detail["type"] == "missing":
        expected = "it to be stated"
    elif detail["type"] in {"model_type", "dict_type"}:
        expected = "a table"
    return Fault((*path, *own), expected, got)


def _table_of(section: type[BaseModel], path: Path) -> type[BaseModel]:
    """The contract of a table within a table; a mapping's tables have one for all keys."""
    found = section
    for part in path:
        kind = found.model_fields[part].annotation if part in found.model_fields else None
        tables = [of for of in (kind, *get_args(kind)) if isinstance(of, type)]
        found = next((of for of in tables if issubclass(of, BaseModel)), found)
    return found


def mistake_of(fault: Fault, lines: Mapping[Path, int]) -> Mistake:
    """What is wrong, with its line."""
    got = "nothing" if fault.got is None else repr(fault.got)
    got = got if len(got) <= SHOWN else got[: SHOWN - 3] + "..."
    return Mistake(line_of(lines, fault.path), ".".join(fault.path), fault.expected, got)


def text_of(content: bytes, source: str) -> str:
    """A file's text, with or without a byte order mark.

    Raises:
        RulesError: it is no UTF-8.
    """
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        got = f"byte {content[error.start]:#04x}"
        raise RulesError(source, [Mistake(line, "", "text in UTF-8", got)]) from error


def document_of(text: str, source: str) -> dict[str, Any]:
    """What a text states.

    Raises:
        RulesError: it is no TOML.
    """
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        told = str(error)
        at = _AT.search(told)
        line = int(at[1]) if at and at[1] else max(len(text.splitlines()), 1)
        reason = told[: at.start()] if at else told
        raise RulesError(source, [Mistake(line, "", "TOML", reason)]) from error


def key_lines(text: str) -> Mapping[Path, int]:
    r"""Line, from 1, of each table's header and of each key.

    >>> key_lines("[rule.a]\nmiddle = 1")
    {('rule', 'a'): 1, ('rule', 'a', 'middle'): 2}
    >>> key_lines("[[b]]\nc = 1\n[[b]]")  # of several tables of one name, each by its number
    {('b', '1'): 1, ('b', '1', 'c'): 2, ('b', '2'): 3}
    """
    found: dict[Path, int] = {}
    tables: Counter[Path] = Counter()
    table: Path = ()
    within = ""
    for number, line in enumerate(text.splitlines(), 1):
        if not within:
            header, key = _HEADER.match(line), _KEY.match(line)
            if header:
                table = _parts(header["path"])
                if header["several"]:
                    tables[table] += 1
                    table = (*table, str(tables[table]))
                found.setdefault(table, number)
            elif key:
                parts = _parts(key["path"])
                for length in range(1, len(parts) + 1):
                    found.setdefault((*table, *parts[:length]), number)
        within = _after(line, within)
    return found


def line_of(lines: Mapping[Path, int], path: Sequence[str]) -> int:
    """The line of a key, or of the nearest table around it; 1 where there is none."""
    for length in range(len(path), 0, -1):
        if tuple(path[:length]) in lines:
            return lines[tuple(path[:length])]
    return 1


def _parts(path: str) -> Path:
    return tuple(part.strip("\"'") for part in _PART.findall(path))


def _after(line: str, within: str) -> str:
    """Which string of many lines, if any, is open behind a line."""
    rest = line
    while True:
        if within:
            _, closed, rest = rest.partition(within)
            if not closed:
                return within
            within = ""
        opened = [(rest.index(mark), mark) for mark in _LONG if mark in rest]
        if not opened:
            return ""
        at, within = min(opened)
        if "#" in rest[:at]:
            return ""
        rest = rest[at + 3 :]
