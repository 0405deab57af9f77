"""Times of a table as microseconds since 1970, whichever way they are written.

Understood are dates, timestamps with a zone (converted), timestamps without one (in the file's time
zone, else the book's), and text: ISO 8601 of all three and days written YYYYMMDD, as a number or
as text, or the formats that the layout names instead. Other numbers are refused unless the layout
says what they count: whether they are seconds, milliseconds or days is anybody's guess. A date is
its midnight. Of an hour that the clock struck twice the first is taken; a time that the clock
skipped is taken as much later as it skipped.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final

import numpy as np
import polars as pl

from modelling.history.cleaning import HistoryError
from modelling.history.layout.months import in_english
from modelling.history.layout.options import is_aware
from modelling.history.layout.times import (
    EXCEL,
    ISO,
    ISO_TIMES,
    PER_SECOND,
    SINCE_EXCEL,
    Epoch,
    Times,
)
from scoring.facts.calendar import BookCalendar

EXPECTED: Final = "a date or time of the years 1970 to 2100"  # which the wire carries
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
FIRST: Final = 0
END: Final = 4_133_980_800 * 1_000_000  # 2101-01-01
EVER: Final = (-2_208_988_800 * 1_000_000, 253_402_300_800 * 1_000_000)  # 1900 to 9999
PER_MICROSECOND: Final = 1_000_000
_OF_UTC: Final = r" ?(UTC|GMT)$"
_LOWEST, _HIGHEST = 1970_01_01, 2100_12_31

Reader = Callable[[pl.Series], pl.Series]


def expected(times: Times) -> str:
    """What a time should look like, in words.

    >>> expected(Times(("%d/%m/%Y",)))
    'a date or time of the years 1970 to 2100: %d/%m/%Y'
    """
    ways = ["ISO 8601 text, or YYYYMMDD" if each == ISO else each for each in times.formats]
    counted = [f"a count of {times.epoch} since 1970"] if times.epoch else []
    if times.epoch == EXCEL:
        counted = ["a spreadsheet's count of days"]
    return f"{EXPECTED}: {', or '.join([*ways, *counted])}"


def microseconds(
    times: pl.Series,
    zone: str,
    where: str,
    layout: Times = ISO_TIMES,
    between: tuple[int, int] = (FIRST, END),
) -> pl.Series:
    """Convert a column of times.

    Args:
        times: Of any type that may hold times.
        zone: IANA name of the zone of times that name none.
        where: File and column, for the error.
        layout: How text and numbers are to be read.
        between: Earliest time, and the one that all are before; microseconds since 1970.

    Returns:
        Int64 microseconds since 1970-01-01 UTC, null where there is no time or none understood.

    Raises:
        HistoryError: The column's type holds no times.

    >>> texts = pl.Series(["1970-01-02", "19700103", "1970-01-01T01:00:00+01:00", "soon"])
    >>> microseconds(texts, "UTC", "column event_time").to_list()
    [86400000000, 172800000000, 0, None]
    """
    read = _reader(times.dtype, layout)
    if read is None:
        told = f"values of type {times.dtype}"
        raise HistoryError(where=where, expected=expected(layout), got=told)
    found = read(times, zone)
    return found.set(~found.is_between(between[0], between[1] - 1), None)


def formats_of(text: str, formats: Sequence[str]) -> list[str]:
    """Formats that read a text, of whatever year: hundreds are tried in one query.

    >>> formats_of("16/1/2025", ["%d/%m/%Y", "%m/%d/%Y"])
    ['%d/%m/%Y']
    """
    stripped = pl.Series([text]).str.strip_chars()
    table = pl.DataFrame({"text": stripped, "named": in_english(stripped)})
    read = table.select(
        pl.col("named" if _is_named(form) else "text")
        .str.to_datetime(
            form, strict=False, time_unit="us", time_zone="UTC" if is_aware(form) else None
        )
        .is_not_null()
        .alias(form)
        for form in formats
    )
    return [form for form in formats if read[form].all()]


def utc(microseconds: int) -> datetime:
    """The time that a count of microseconds since 1970-01-01 UTC stands for.

    >>> utc(86_400_000_001).isoformat()
    '1970-01-02T00:00:00.000001+00:00'
    """
    return EPOCH + timedelta(microseconds=microseconds)


def _reader(kind: pl.DataType, layout: Times) -> Callable[[pl.Series, str], pl.Series] | None:
    if isinstance(kind, pl.Datetime):
        return _timestamps
    if kind == pl.Date:
        return _dates
    if kind in {pl.String, pl.Null}:
        return partial(_texts, layout=layout)
    if not kind.is_numeric():
        return None
    return partial(_numbers, layout=layout)


def _timestamps(times: pl.Series, zone: str) -> pl.Series:
    fine = times.dt.cast_time_unit("us")
    if isinstance(times.dtype, pl.Datetime) and times.dtype.time_zone is not None:
        return fine.dt.epoch("us")
    return _from_local(fine, zone)


def _dates(days: pl.Series, zone: str) -> pl.Series:
    return _from_local(days.cast(pl.Datetime("us")), zone)


def _numbers(numbers: pl.Series, zone: str, layout: Times) -> pl.Series:
    if layout.epoch is not None:
        return _counted(numbers, layout.epoch, zone)
    whole = numbers.cast(pl.Int64, strict=False)
    is_day = (whole == numbers) & whole.is_between(_LOWEST, _HIGHEST)
    return _texts(whole.set(~is_day, None).cast(pl.String), zone, layout)


def _counted(numbers: pl.Series, epoch: Epoch, zone: str) -> pl.Series:
    if epoch == EXCEL:
        return _from_local(_spreadsheet(numbers.cast(pl.Float64)), zone)
    per_second = PER_SECOND[epoch]
    if numbers.dtype.is_integer() and per_second <= PER_MICROSECOND:
        times = PER_MICROSECOND // per_second
        bound = (1 << 62) // times  # beyond it the product would wrap around
        fits = numbers.is_between(-bound, bound)
        return numbers.cast(pl.Int64, strict=False).set(~fits, None) * times
    if numbers.dtype.is_integer():
        return numbers.cast(pl.Int64, strict=False) // (per_second // PER_MICROSECOND)
    scaled = numbers.cast(pl.Float64) * (PER_MICROSECOND / per_second)
    return scaled.round().cast(pl.Int64, strict=False)


def _spreadsheet(days: pl.Series) -> pl.Series:
    """The clock that a spreadsheet's count of days shows, to a millisecond, as it does."""
    milliseconds = ((days - SINCE_EXCEL) * 86_400_000.0).round().cast(pl.Int64, strict=False)
    return milliseconds.cast(pl.Datetime("ms")).dt.cast_time_unit("us")


def _texts(texts: pl.Series, zone: str, layout: Times) -> pl.Series:
    """Try each way of writing on what the ones before did not understand."""
    stripped = texts.cast(pl.String).str.strip_chars()
    if layout.epoch is not None:
        return _counted(stripped.cast(pl.Float64, strict=False), layout.epoch, zone)
    if layout.formats == (ISO,):
        return _iso(stripped, zone)
    ways = [
        _iso(stripped, zone) if each == ISO else _formatted(stripped, each, zone)
        for each in layout.formats
    ]
    return _agreed(ways)


def _agreed(ways: list[pl.Series]) -> pl.Series:
    """What the ways read that read anything; null where two read differently."""
    found = ways[0]
    for other in ways[1:]:
        differ = (found != other).fill_null(value=False)
        found = found.fill_null(other).set(differ, None)
    return found


def _formatted(texts: pl.Series, form: str, zone: str) -> pl.Series:
    named = in_english(texts) if _is_named(form) else texts
    return _timestamps(_reading(form)(named), zone)


def _is_named(form: str) -> bool:
    return "%B" in form or "%b" in form


def _iso(stripped: pl.Series, zone: str) -> pl.Series:
    plain = stripped.str.replace(_OF_UTC, "Z").str.replace(" ", "T", literal=True)
    found = pl.repeat(None, len(plain), dtype=pl.Int64, eager=True)
    for read in _likely_first(plain):
        if not (found.is_null() & plain.is_not_null()).any():
            break
        found = found.fill_null(_epoch(read(plain), zone))
    return found


def _likely_first(texts: pl.Series) -> list[Reader]:
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


def _reading(form: str) -> Reader:
    zone = "UTC" if is_aware(form) else None
    return lambda texts: texts.str.to_datetime(form, strict=False, time_unit="us", time_zone=zone)


_NAIVE: Final = (_reading("%Y-%m-%dT%H:%M:%S%.f"), _reading("%Y-%m-%dT%H:%M"))
_AWARE: Final = (_reading("%Y-%m-%dT%H:%M:%S%.f%#z"), _reading("%Y-%m-%dT%H:%M%#z"))


def _from_local(times: pl.Series, zone: str) -> pl.Series:
    """By the very calendar that days are counted in: libraries differ in their zones' history."""
    local = times.dt.epoch("us")
    seconds = local.fill_null(0).to_numpy() / PER_MICROSECOND
    offsets = BookCalendar(zone).local_offset(seconds) * PER_MICROSECOND
    return local - pl.Series(np.rint(offsets).astype(np.int64))
