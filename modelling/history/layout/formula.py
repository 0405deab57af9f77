"""Amounts worked out of columns: `Quantity * UnitPrice`.

Columns, numbers, + - * and parentheses; nothing else is understood, and nothing is run. A column
whose name has signs in it stands in double quotes or backticks.
"""

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import polars as pl

from modelling.history.cleaning import HistoryError

_TOKEN: Final = re.compile(r"""\s*("[^"]*"|`[^`]*`|[-+*()]|[^-+*()"`]+)""")
_NUMBER: Final = re.compile(r"\d+(\.\d+)?")
_JOINED: Final[Mapping[str, Callable[[pl.Expr, pl.Expr], pl.Expr]]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
}
_FORM: Final = "columns and numbers joined by + - *, such as 'Quantity * UnitPrice'"


@dataclass(frozen=True, slots=True)
class Formula:
    """An amount worked out of columns.

    Attributes:
        text: as it was typed.
        columns: those it needs.
        value: of columns of floats that are called as the file calls them.
    """

    text: str
    columns: tuple[str, ...]
    value: pl.Expr

    def __eq__(self, other: object) -> bool:
        """Formulas are alike if they are typed alike."""
        return isinstance(other, Formula) and other.text == self.text

    def __hash__(self) -> int:
        """Of the text."""
        return hash(self.text)


def parse_formula(text: str, where: str = "--amount") -> Formula:
    """Understand a formula.

    Raises:
        HistoryError: it is none.

    >>> formula = parse_formula('"Unit price" * (Qty - 1)')
    >>> formula.columns
    ('Unit price', 'Qty')
    >>> pl.select(a=2.5, Qty=4.0).rename({"a": "Unit price"}).select(formula.value).item()
    7.5
    """
    parser = _Parser(text, where)
    value = parser.whole()
    if not parser.columns:
        raise parser.refused("no column")
    return Formula(text, tuple(dict.fromkeys(parser.columns)), value)


class _Parser:
    """Recursive descent: sums of products of columns, numbers and what stands in parentheses."""

    def __init__(self, text: str, where: str) -> None:
        self.text, self.where = text, where
        self.tokens = self._tokens(text.strip())
        self.columns: list[str] = []

    def whole(self) -> pl.Expr:
        value = self._sum()
        if self.tokens:
            raise self.refused(self.tokens[0])
        return value

    def refused(self, got: str) -> HistoryError:
        told = f"{got} in {self.text}" if self.text.strip() else "nothing"
        return HistoryError(where=self.where, expected=_FORM, got=told)

    def _tokens(self, text: str) -> list[str]:
        found, place = [], 0
        while place < len(text):
            token = _TOKEN.match(text, place)
            if token is None:
                raise self.refused(text[place:])
            found.append(token[1].strip())
            place = token.end()
        return found

    def _sum(self) -> pl.Expr:
        value = self._product()
        while self.tokens and self.tokens[0] in {"+", "-"}:
            value = _JOINED[self.tokens.pop(0)](value, self._product())
        return value

    def _product(self) -> pl.Expr:
        value = self._single()
        while self.tokens and self.tokens[0] == "*":
            value = _JOINED[self.tokens.pop(0)](value, self._single())
        return value

    def _single(self) -> pl.Expr:
        part = self.tokens.pop(0) if self.tokens else "its end"
        if part == "-":
            return -self._single()
        if part == "(":
            value = self._sum()
            if not self.tokens or self.tokens.pop(0) != ")":
                raise self.refused("an open parenthesis")
            return value
        if part in {*"+*)", "its end"}:
            raise self.refused(part)
        if _NUMBER.fullmatch(part):
            return pl.lit(float(part))
        name = part.strip('"`')
        self.columns.append(name)
        return pl.col(name)
