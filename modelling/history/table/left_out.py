"""Rows that were left out, by reason and by how they are written, with what would read them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final

import numpy as np
import polars as pl

from modelling.history.cleaning import Check, LeftOut
from modelling.history.layout.cells import as_text
from modelling.history.table.hints import WrittenAlike, kinds_of, number_options, time_options
from modelling.history.table.raw import Raw
from modelling.history.table.times import END, EVER, FIRST, microseconds
from scoring.arrays import Bools, Ints

KINDS: Final = 3  # told of one reason; rarer ones count with the last


def left_out_rows(raw: Raw, checks: Sequence[Check], codes: Ints) -> list[LeftOut]:
    """What became of the rows that fail a check.

    Args:
        raw: the table.
        checks: in order of precedence.
        codes: number, from 1, of the check that each row fails, 0 for a good row, shape (rows,).
    """
    counts = np.bincount(codes, minlength=len(checks) + 1)
    failed = [(check, codes == n) for n, check in enumerate(checks, 1) if counts[n]]
    good = bool(counts[0])
    return [each for check, fails in failed for each in _of(raw, check, fails, some_good=good)]


def _of(raw: Raw, check: Check, fails: Bools, *, some_good: bool) -> Iterator[LeftOut]:
    rows = np.flatnonzero(fails)
    given = raw.column(check.column)
    text = given if given.dtype == pl.String else as_text(given)
    texts = text[rows]
    kinds = kinds_of(texts, pl.Series(rows), KINDS)
    whole = _reads(raw, check.reason, texts, some_good=some_good)
    rest = len(rows) - sum(kind.how_many for kind in kinds)
    for place, kind in enumerate(kinds):
        at, got = kind.first, given[kind.first]
        many = kind.how_many + (rest if place == len(kinds) - 1 else 0)
        where = f"{raw.source.path}: row {raw.frame['row'][at]}, column {raw.named(check.column)}"
        shown = "nothing" if got is None or got == "" else str(got)
        helps = whole or _helps(raw, check, kind, some_good=some_good)
        yield LeftOut(check.reason, many, where, check.expected, shown, helps)


def _helps(raw: Raw, check: Check, kind: WrittenAlike, *, some_good: bool) -> str:
    if raw.source.is_wire:
        return ""
    reads = _reads(raw, check.reason, kind.texts, some_good=some_good)
    beyond = _beyond(kind.texts) if check.reason == "bad_time" else ""
    return reads or (beyond or _LEAVE.get(check.reason, "")).format(
        column=raw.named(check.column), currency=raw.book.currency
    )


def _time_helps(texts: pl.Series, some_good: bool) -> list[str]:  # noqa: FBT001
    """Dates beyond the wire's are understood, but no event's; else how times may be written."""
    times = microseconds(texts, "UTC", "", between=EVER)
    if times.null_count() == 0 and not times.is_between(FIRST, END - 1).any():
        return []
    return time_options(texts, beside_iso=some_good)


def _beyond(texts: pl.Series) -> str:
    """A filter for dates that are understood, but beyond the wire's."""
    times = microseconds(texts, "UTC", "", between=EVER)
    if times.null_count() or not len(times):
        return ""
    early, late = (times < FIRST).all(), (times >= END).all()
    bound = "< 1970-01-01" if early else "> 2100-12-31" if late else ""
    return f"--exclude '{{column}} {bound}' leaves such rows out" if bound else ""


def _reads(raw: Raw, reason: str, texts: pl.Series, *, some_good: bool) -> str:
    """Options that would read all of some cells, in words; "" where none would."""
    read = None if raw.source.is_wire else _READ.get(reason)
    found = read(texts, some_good) if read is not None else []
    verb = "reads" if len(found) == 1 else "read"
    return f"{' or '.join(found)} {verb} it" if found else ""


_READ: Final[Mapping[str, Callable[[pl.Series, bool], list[str]]]] = MappingProxyType(
    {
        "bad_time": _time_helps,
        "bad_amount": lambda texts, good: number_options(texts, beside_plain=good),
    }
)
_BLANK: Final = "--exclude '{column} is blank' leaves such rows out"
_LEAVE: Final[Mapping[str, str]] = MappingProxyType(
    {
        "missing_id": _BLANK,
        "unknown_type": "--type-column '' takes every row for a purchase",
        "missing_time": _BLANK,
        "bad_time": "--time-format says how times are written, --exclude leaves rows out",
        "missing_amount": _BLANK,
        "bad_amount": "--decimal, --thousands and --currency-sign say how numbers are written",
        "non_positive_amount": "--exclude '{column} <= 0' leaves such rows out",
        "unknown_currency": "--column currency= takes every amount for {currency}",
        "no_rate": "--currency or --params where the book is in it, --column book_amount=COLUMN, "
        "or a file of rates, EBBWATCH_RATES_FILE",
        "bad_merchant_category": "--column merchant_category= leaves the column alone",
        "bad_score": "--column score= leaves the column alone",
        "bad_granted": "--column purpose= leaves all of consent alone",
        "bad_sentiment": "--column sentiment= leaves the column alone",
    }
)
