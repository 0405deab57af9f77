"""Labels a bank gives: a file that says which customers left, or when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl
from polars.exceptions import PolarsError

from modelling.history.cleaning import HistoryError
from modelling.history.table.times import microseconds
from scoring.arrays import Floats

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


def read_labels(file: Path, zone: str, id_column: str = "customer_id") -> Labels:
    """Read a CSV or Parquet file of customer ids and `left_at`, or `left`.

    `left_at` is a date or time, empty for who stayed; `left` is true or false, 1 or 0.

    Args:
        file: to read.
        zone: IANA name of the book's time zone.
        id_column: column of customer ids.

    Raises:
        HistoryError: it cannot be read, lacks a column, or holds something else.
        OSError: it cannot be opened.
    """
    frame = _read(file)
    names = [name for name in ("left_at", "left") if name in frame.columns]
    if id_column not in frame.columns or not names:
        expected = f"columns {id_column} and left_at or left"
        raise HistoryError(where=str(file), expected=expected, got=", ".join(frame.columns))
    ids = [one.encode() for one in _ids(frame[id_column], file)]
    if names[0] == "left_at":
        return Labels(left_at=dict(zip(ids, _instants(frame["left_at"], zone, file), strict=True)))
    return Labels(left=dict(zip(ids, _truths(frame["left"], file), strict=True)))


def _read(file: Path) -> pl.DataFrame:
    try:
        if file.name.lower().endswith(".parquet"):
            return pl.read_parquet(file)
        return pl.read_csv(file, infer_schema=False)
    except (PolarsError, UnicodeDecodeError) as error:
        expected = "a CSV or Parquet file that can be read"
        reason = str(error).split("\n", 1)[0]
        raise HistoryError(where=str(file), expected=expected, got=reason) from error


def _ids(column: pl.Series, file: Path) -> list[str]:
    texts = column.cast(pl.String)
    bad = texts.is_null() | texts.is_duplicated()
    if bad.any():
        row = int(np.argmax(bad.to_numpy()))
        where = f"{file}: row {row + 1}, {column.name}"
        raise HistoryError(where=where, expected="ids, each once", got=texts[row] or "none")
    return texts.to_list()


def _instants(column: pl.Series, zone: str, file: Path) -> list[float]:
    where = f"{file}: {column.name}"
    empty = column.is_null()
    if column.dtype == pl.String:
        empty |= column.str.strip_chars() == ""
    times = microseconds(column, zone, where)
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
