"""Where in a TOML file a key stands, which its parser does not tell."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

_HEADER: Final = re.compile(r"^\s*\[(?P<several>\[?)\s*(?P<path>[^\[\]]+?)\s*\]\]?\s*(#.*)?$")
_KEY: Final = re.compile(
    r"""^\s*(?P<path>(?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*="""
)
_PART: Final = re.compile(r"""[\w-]+|"[^"]*"|'[^']*'""")
_LONG: Final = ('"""', "'''")

Path = tuple[str, ...]


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
