"""What a summary's table says of itself, the same in every row, and its columns' types."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import polars as pl

from modelling.history import Cleaning, HistoryError
from modelling.history.cleaning import KNOWN, ROW_REASONS
from modelling.history.table.repeats import NO_AMOUNTS
from modelling.leaving import consenting
from modelling.warehouse.kept import COUNT
from modelling.warehouse.query import VERSION, SummaryKind

ABOUT: Final = {
    "summary_of": pl.String,
    "summary_version": pl.Int64,
    "book_currency": pl.String,
    "book_timezone": pl.String,
    "has_amounts": pl.Int64,
    "share_drawn": pl.Float64,
    "history_first_day": pl.Date,
    "history_last_day": pl.Date,
    "until_day": pl.Date,
    "holdout_day": pl.Date,
}
MADE_BY: Final[Mapping[SummaryKind, str]] = {
    "customers": "summary-sql --for fit",
    "lives": "summary-sql --for fit-churn or calibrate",
}


@dataclass(frozen=True, kw_only=True)
class SummaryFacts:
    """What a table says of itself.

    Attributes:
        currency: of the books, ISO 4217.
        zone: of the books, IANA.
        has_amounts: whether the history has amounts.
        share: of the customers, drawn by lot.
        first_day, last_day: of the events used.
        until: the last day summed up.
        holdout: the last day of the holdout, None where there is none.
        cleaning: what became of the history's rows.
    """

    currency: str
    zone: str
    has_amounts: bool
    share: float
    first_day: date
    last_day: date
    until: date
    holdout: date | None
    cleaning: Cleaning


def facts_of(frame: pl.DataFrame, path: str | Path, expected: str, kind: str) -> SummaryFacts:
    """What a table says of itself.

    Args:
        frame: the table, of a row at least.
        path: for errors.
        expected: the table, in words.
        kind: what it is to be.

    Raises:
        HistoryError: it is of another kind or version, or of several queries.
    """
    counts = [name for name in frame.columns if name.startswith(COUNT)]
    about = frame.select(*ABOUT, *counts).unique()
    if about.height > 1:
        got = f"{about.height} results together"
        raise HistoryError(where=str(path), expected="the result of one query", got=got)
    types = {**ABOUT, **dict.fromkeys(counts, pl.Int64)}
    told = typed(about, types, path, nullable=True).row(0, named=True)
    if told["summary_of"] != kind or told["summary_version"] != VERSION:
        got = f"{told['summary_of']}, version {told['summary_version']}"
        raise HistoryError(where=str(path), expected=expected, got=got)
    return SummaryFacts(
        currency=told["book_currency"],
        zone=told["book_timezone"],
        has_amounts=bool(told["has_amounts"]),
        share=told["share_drawn"],
        first_day=told["history_first_day"],
        last_day=told["history_last_day"],
        until=told["until_day"],
        holdout=told["holdout_day"],
        cleaning=_cleaning({name.removeprefix(COUNT): told[name] for name in counts}, told),
    )


def _cleaning(counts: Mapping[str, int], told: Mapping[str, Any]) -> Cleaning:
    share = told["share_drawn"]
    drawn = f"Customers are a share of {share:g} of all, drawn by lot."
    return Cleaning(
        rows=counts["rows"],
        used=counts["used"],
        refunds=counts["refunds"],
        zero_purchases=counts["zero_purchases"],
        customers=counts["customers"],
        left_out={name: counts[name] for name in ROW_REASONS if counts.get(name)},
        first_day=told["history_first_day"],
        last_day=told["history_last_day"],
        notes=(
            *([] if told["has_amounts"] else [NO_AMOUNTS]),
            *([drawn] if share < 1.0 else []),
            *consenting.told(counts.get("withdrew", 0)),
        ),
    )


def require_usable(cleaning: Cleaning, path: str | Path, allowed: float) -> None:
    """Refuse a table of a history that lost more rows than it may.

    Args:
        cleaning: what became of its rows.
        path: for the error.
        allowed: share of the rows that may be unusable.

    Raises:
        HistoryError: it did.
    """
    if cleaning.unusable > allowed * cleaning.rows:
        causes = [f"{many} {name}" for name, many in cleaning.left_out.items() if name not in KNOWN]
        expected = f"at most {100.0 * allowed:g}% of rows that cannot be used (--allow-bad)"
        got = f"{cleaning.unusable} of {cleaning.rows}: {', '.join(causes)}"
        raise HistoryError(where=str(path), expected=expected, got=got)


def typed(
    frame: pl.DataFrame, columns: Mapping[str, Any], path: str | Path, *, nullable: bool = False
) -> pl.DataFrame:
    """The frame with columns cast; others stay.

    Args:
        frame: the table.
        columns: types by name.
        path: for errors.
        nullable: whether values may be missing.

    Raises:
        HistoryError: a column is missing, or has a value that is none of its type.
    """
    for name, dtype in columns.items():
        if name not in frame.columns:
            raise HistoryError(where=str(path), expected=f"a column {name}", got="none")
        cast = _cast(frame[name], dtype)
        bad = cast.is_null() & (frame[name].is_not_null() if nullable else True)
        if bad.any():
            at = bad.to_list().index(True)
            got = f"{frame[name][at]} in row {at + 1}"
            where = f"{path}: column {name}"
            raise HistoryError(where=where, expected=f"{dtype} values", got=got)
        frame = frame.with_columns(cast)
    return frame


def _cast(column: pl.Series, dtype: Any) -> pl.Series:  # noqa: ANN401 - polars' types are many
    if dtype == pl.Date and column.dtype == pl.String:
        return column.str.to_date("%Y-%m-%d", strict=False)
    return column.cast(dtype, strict=False)
