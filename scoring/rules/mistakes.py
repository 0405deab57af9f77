"""What is wrong with a rules file: all of it, each with its line."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from scoring import ScoringError

Path = tuple[str, ...]  # of a key, within tables

CHECK: Final = "ebbwatch rules check"  # the command that names all mistakes


class Fault(NamedTuple):
    """Something wrong at a key of the file.

    Attributes:
        path: of the key.
        expected: what would be right.
        got: what stands there; None for nothing.
    """

    path: Path
    expected: str
    got: Any = None


class Mistake(NamedTuple):
    """Something wrong at a line of the file.

    Attributes:
        line: from 1.
        where: the key, its parts joined by dots; empty for the text itself.
        expected: what would be right.
        got: what stands there, shortened.
    """

    line: int
    where: str
    expected: str
    got: str

    def __str__(self) -> str:
        """In one line."""
        where = f"line {self.line}: {self.where}".removesuffix(": ")
        return f"{where}: expected {self.expected}, got {self.got}"


class RulesError(ScoringError):
    """A rules file that cannot be used; `mistakes` has all that is wrong, by line."""

    def __init__(self, source: str, mistakes: Sequence[Mistake], check: str = CHECK) -> None:
        first, *rest = self.mistakes = tuple(sorted(mistakes))
        more = f" (and {len(rest)} more: {check} names them all)" if rest else ""
        where = f"{source}, line {first.line}" + (f", {first.where}" if first.where else "")
        super().__init__(where=where, expected=first.expected, got=f"{first.got}{more}")
