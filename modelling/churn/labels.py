"""Labels a bank gives: a file that says which customers left, or when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl

from modelling.bulk.lots import below, lot
from modelling.history import Layout
from modelling.history.cleaning import HistoryError
from modelling.history.layout import WIRE, Times
from modelling.history.layout.cells import as_text, cleaned
from modelling.history.shown import shown
from modelling.history.table.ids import nearly_among
from modelling.history.table.opening import opened
from modelling.history.table.times import EVER, microseconds
from scoring.arrays import Floats

PLAIN: Final = Layout()
ID_COLUMNS: Final = (WIRE.customer_id,)
LEFT: Final = ("true", "1", "yes")
STAYED: Final = ("false", "0", "no")


@dataclass(frozen=True)
class Labels:
    """Who left, or when.

    Attributes:
        left_at: by customer id the instant, epoch seconds, inf who stayed; who is not in it stayed.
        left: by customer id whether within the days after the one date looked at; who is not in it
            is left out. Used where there is no `left_at`.
    """

    left_at: Mapping[bytes, float] | None = None
    left: Mapping[bytes, bool] | None = None

    def drawn(self, share: float) -> "Labels":
        """Those of the customers that are drawn by lot, of a share of all."""
        if share >= 1.0:
            return self
        given = self.left_at if self.left_at is not None else self.left or {}
        drawn = {name for name in given if lot(name.decode()) < below(share)}
        at, left = self.left_at, self.left
        return Labels(
            left_at=None if at is None else {name: at[name] for name in drawn},
            left=None if left is None else {name: left[name] for name in drawn},
        )

    def gone_at(self, customers: Sequence[bytes], instants: Sequence[float]) -> Floats:
        """When each customer left, epoch seconds, inf who did not, shape (customers,).

        Raises:
            HistoryError: labels without a time, and several dates.

        >>> Labels(left_at={b"ann": 86_400.0}).gone_at([b"ann", b"bob"], [0.0]).tolist()
        [86400.0, inf]
        """
        if self.left_at is not None:
            return np.array([self.left_at.get(customer, np.inf) for customer in customers])
        if len(instants) > 1:
            expected = "one date, since labels do not tell when customers left"
            raise HistoryError(where="--at", expected=expected, got=f"{len(instants)} dates")
        # Who is not in it counts as gone before the date, and so is not looked at.
        when = {True: instants[0], False: np.inf, None: -np.inf}
        left = self.left or {}
        return np.array([when[left.get(customer)] for customer in customers])


@dataclass(frozen=True)
class Matched:
    """How labels and a history's customers meet.

    Attributes:
        labels: how many.
        matching: of them, those of a customer of the history.
        unlabelled: customers of the history without a label.
    """

    labels: int
    matching: int
    unlabelled: int

    def sentences(self) -> list[str]:
        """What is worth knowing of it."""
        nobody = self.labels - self.matching
        told = [f"{nobody} of {self.labels} labels are of nobody in the history."] if nobody else []
        if self.unlabelled:
            told.append(f"{self.unlabelled} customers of the history have no label.")
        return told


def match(labels: Labels, customers: Sequence[bytes], allowed: float) -> Matched:
    """Count the labels that are of a history's customers.

    Args:
        labels: the bank's.
        customers: of the history.
        allowed: share of labels that may be of nobody.

    Raises:
        HistoryError: more are: ids are written otherwise, or the labels are another bank's.

    >>> match(Labels(left_at={b"ann": 0.0, b"eve": 0.0}), [b"ann", b"bob"], 0.5)
    Matched(labels=2, matching=1, unlabelled=1)
    """
    given = labels.left_at if labels.left_at is not None else labels.left or {}
    known = set(customers)
    nobody = [each.decode() for each in given if each not in known]
    if len(nobody) > allowed * len(given):
        names = pl.Series([each.decode() for each in customers], dtype=pl.String)
        near = nearly_among(pl.Series(nobody, dtype=pl.String), names)
        hint = (
            f"zero padding, case or signs aside they match in {near.told()}"
            if near
            else (f"such as {shown(nobody[0])}")
        )
        expected = f"at most {100.0 * allowed:g}% of labels of nobody (--allow-unmatched)"
        got = f"{len(nobody)} of {len(given)}; {hint}"
        raise HistoryError(where="--labels", expected=expected, got=got)
    matching = len(given) - len(nobody)
    return Matched(len(given), matching, len(known) - matching)


def read_labels(file: Path, zone: str, layout: Layout = PLAIN) -> Labels:
    """Read a file of customer ids and `left_at`, or `left`; ids as those of a history.

    `left_at` is a date or time, empty for who stayed; `left` is true or false, 1 or 0.

    Args:
        file: CSV, Parquet or XLSX.
        zone: IANA name of the book's time zone.
        layout: how the history is written down, and the file too where it is not told otherwise;
            times may be ISO 8601 whatever it says.

    Raises:
        HistoryError: it cannot be read, lacks a column, or holds something else.
        OSError: it cannot be opened.
    """
    own = layout.of(file)
    frame = _read(file, own)
    ids = next((n for n in (own.columns.customer_id, *ID_COLUMNS) if n in frame.columns), None)
    names = [name for name in ("left_at", "left") if name in frame.columns]
    if ids is None or not names:
        expected = f"columns {own.columns.customer_id} and left_at or left"
        raise HistoryError(where=str(file), expected=expected, got=", ".join(frame.columns))
    given = [one.encode() for one in _ids(frame[ids], file)]
    if names[0] == "left_at":
        times = _instants(frame["left_at"], own.times_in or zone, file, own.times.and_iso())
        return Labels(left_at=dict(zip(given, times, strict=True)))
    return Labels(left=dict(zip(given, _truths(frame["left"], file), strict=True)))


def _read(file: Path, layout: Layout) -> pl.DataFrame:
    """The table; parted by commas where it is not parted as the history is."""
    with opened(file, layout) as lazy:
        frame = lazy.collect()
    if frame.width == 1 and layout.separator != PLAIN.separator:
        return _read(file, replace(layout, separator=PLAIN.separator))
    coded = [each for each in frame if isinstance(each.dtype, pl.Categorical | pl.Enum | pl.Binary)]
    return frame.with_columns(each.cast(pl.String, strict=False) for each in coded)


def _ids(column: pl.Series, file: Path) -> list[str]:
    texts, inexact = cleaned(column)
    if inexact is not None:
        where = f"{file}: row {inexact + 1}, {column.name}"
        expected = "whole numbers or text; a float merges neighbours from 2^53 on"
        raise HistoryError(where=where, expected=expected, got=shown(str(column[inexact])))
    bad = texts.is_null() | texts.is_duplicated()
    if bad.any():
        row = int(np.argmax(bad.to_numpy()))
        where = f"{file}: row {row + 1}, {column.name}"
        raise HistoryError(where=where, expected="ids, each once", got=shown(texts[row] or "none"))
    return texts.to_list()


def _instants(column: pl.Series, zone: str, file: Path, layout: Times) -> list[float]:
    where = f"{file}: {column.name}"
    empty = as_text(column).is_null() if column.dtype == pl.String else column.is_null()
    # Who left before the wire's first day has left, and 9999-12-31 is nobody's leaving.
    times = microseconds(column, zone, where, layout, EVER)
    _require(times.is_not_null() | empty, column, file, "a date or time, or nothing")
    return [np.inf if time is None else time / 1e6 for time in times.to_list()]


def _truths(column: pl.Series, file: Path) -> list[bool]:
    texts = column.cast(pl.String).str.strip_chars().str.to_lowercase()
    good = texts.is_in([*LEFT, *STAYED]).fill_null(value=False)
    _require(good, column, file, "true or false")
    return texts.is_in(LEFT).to_list()


def _require(good: pl.Series, column: pl.Series, file: Path, expected: str) -> None:
    if not good.all():
        row = int(np.argmin(good.to_numpy()))
        where = f"{file}: row {row + 1}, {column.name}"
        raise HistoryError(where=where, expected=expected, got=column[row])
