"""Times of a table as microseconds since 1970, whichever way they are written.

Understood are dates, timestamps with a zone (converted), timestamps without one (in the book's time
zone), ISO 8601 text of all three, and days written YYYYMMDD, as a number or as text. Other numbers
are refused: whether they count seconds, milliseconds or days is anybody's guess. A date is its
midnight in the book's time zone. Of an hour that the clock struck twice the first is taken; a time
that the clock skipped is taken an hour later.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

import polars as pl

from modelling.history.cleaning import HistoryError

EXPECTED: Final = "a date or time of the years 1970 to 2100: ISO 8601 text, or YYYYMMDD"
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
FIRST: Final = 0
END: Final = 4_133_980_800 * 1_000_000  # 2101-01-01
_LOWEST, _HIGHEST = 1970_01_01, 2100_12_31


def microseconds(times: pl.Series, zone: str, where: str) -> pl.Series:
    """Convert a column of times.

    Args:
        times: Of any type that may hold times.
        zone: IANA name of the book's time zone.
        where: File and column, for the error.

    Returns:
        Int64 microseconds since 1970-01-01 UTC, null where there is no time or none understood.

    Raises:
        HistoryError: The column's type holds no times.

    >>> texts = pl.Series(["1970-01-02", "19700103", "1970-01-01T01:00:00+01:00", "soon"])
    >>> microseconds(texts, "UTC", "column event_time").to_list()
    [86400000000, 172800000000, 0, None]
    """
    read = _reader(times.dtype)
    if read is None:
        raise HistoryError(where=where, expected=EXPECTED, got=f"values of type {times.dtype}")
    found = read(times, zone)
    return found.set(~found.is_between(FIRST, END - 1), None)


def utc(microseconds: int) -> datetime:
    """The time that a count of microseconds since 1970-01-01 UTC stands for.

    >>> utc(86_400_000_001).isoformat()
    '1970-01-02T00:00:00.000001+00:00'
    """
    return EPOCH + timedelta(microseconds=microseconds)


def _reader(kind: pl.DataType) -> Callable[[pl.Series, str], pl.Series] | None:
    if isinstance(kind, pl.Datetime):
        return _timestamps
    if kind == pl.Date:
        return _dates
    if kind in {pl.String, pl.Null}:
        return _texts
    return _numbers if kind.is_numeric() else None


def _timestamps(times: pl.Series, zone: str) -> pl.Series:
    fine = times.dt.cast_time_unit("us")
    if isinstance(times.dtype, pl.Datetime) and times.dtype.time_zone is not None:
        return fine.dt.epoch("us")
    return _from_local(fine, zone)


def _dates(days: pl.Series, zone: str) -> pl.Series:
    return _from_local(days.cast(pl.Datetime("us")), zone)


def _numbers(numbers: pl.Series, zone: str) -> pl.Series:
    whole = numbers.cast(pl.Int64, strict=False)
    is_day = (whole == numbers) & whole.is_between(_LOWEST, _HIGHEST)
    return _texts(whole.set(~is_day, None).cast(pl.String), zone)


def _texts(texts: pl.Series, zone: str) -> pl.Series:
    """Try each way of writing on what the ones before did not understand."""
    plain = texts.cast(pl.String).str.strip_chars().str.replace(" ", "T", literal=True)
    found = pl.repeat(None, len(texts), dtype=pl.Int64, eager=True)
    for read in _likely_first(plain):
        if not (found.is_null() & plain.is_not_null()).any():
            break
        found = found.fill_null(_epoch(read(plain), zone))
    return found


def _likely_first(texts: pl.Series) -> "list[Callable[[pl.Series], pl.Series]]":
    """All ways of writing, that of the column's first text in front."""
    ways = (_iso_days, _compact_days, *_NAIVE, *_AWARE)
    one = texts.drop_nulls().head(1)
    return sorted(ways, key=lambda read: read(one).null_count())


def _epoch(times: pl.Series, zone: str) -> pl.Series:
    return _dates(times, zone) if times.dtype == pl.Date else _timestamps(times, zone)


def _iso_days(texts: pl.Series) -> pl.Series:
    return texts.str.to_date("%Y-%m-%d", strict=False)


def _compact_days(texts: pl.Series) -> pl.Series:
    eight = texts.set(~texts.str.contains("^[0-9]{8}$"), None)
    return eight.str.to_date("%Y%m%d", strict=False)


def _naive(form: str) -> Callable[[pl.Series], pl.Series]:
    return lambda texts: texts.str.to_datetime(form, strict=False, time_unit="us")


def _aware(form: str) -> Callable[[pl.Series], pl.Series]:
    return lambda texts: texts.str.to_datetime(form, strict=False, time_unit="us", time_zone="UTC")


_NAIVE: Final = (_naive("%Y-%m-%dT%H:%M:%S%.f"), _naive("%Y-%m-%dT%H:%M"))
_AWARE: Final = (_aware("%Y-%m-%dT%H:%M:%S%.f%#z"), _aware("%Y-%m-%dT%H:%M%#z"))


def _from_local(times: pl.Series, zone: str) -> pl.Series:
    placed = _placed(times, zone)
    if (placed.is_null() & times.is_not_null()).any():
        placed = placed.fill_null(_placed(times.dt.offset_by("1h"), zone))
    return placed.dt.epoch("us")


def _placed(times: pl.Series, zone: str) -> pl.Series:
    return times.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
