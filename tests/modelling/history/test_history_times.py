from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from histories import write
from hypothesis import given
from hypothesis import strategies as st

from modelling.history import Book, read_history, summarise
from modelling.history.cleaning import HistoryError
from modelling.history.table.times import microseconds
from scoring.facts.calendar import BookCalendar
from streams.intake.rates import RateTable

ZONE = "Europe/Zurich"
MIDNIGHT = datetime(2024, 3, 1, tzinfo=ZoneInfo(ZONE))
NOON = datetime(2024, 3, 1, 12, 30, tzinfo=ZoneInfo(ZONE))


def seconds(values, zone=ZONE):
    series = values if isinstance(values, pl.Series) else pl.Series(values)
    found = microseconds(series, zone, "a.csv: column t")
    return [None if each is None else each / 1e6 for each in found.to_list()]


@pytest.mark.parametrize(
    ("value", "instant"),
    [
        (date(2024, 3, 1), MIDNIGHT),
        (datetime(2024, 3, 1, 12, 30), NOON),  # noqa: DTZ001 - naive is what is tried
        (datetime(2024, 3, 1, 11, 30, tzinfo=UTC), NOON),
        ("2024-03-01", MIDNIGHT),
        ("20240301", MIDNIGHT),
        (20_240_301, MIDNIGHT),
        (20_240_301.0, MIDNIGHT),
        ("2024-03-01 12:30:00", NOON),
        ("2024-03-01T12:30", NOON),
        ("2024-03-01T12:30:00.000", NOON),
        ("2024-03-01T11:30:00Z", NOON),
        ("2024-03-01 12:30:00+01:00", NOON),
        ("2024-03-01T12:30:00+0100", NOON),
        ("2024-03-01T11:30Z", NOON),
        (" 2024-03-01 ", MIDNIGHT),
    ],
)
def test_a_time_is_understood_however_it_is_written(value, instant: datetime) -> None:
    assert seconds([value]) == [instant.timestamp()]


def test_ways_of_writing_may_be_mixed() -> None:
    texts = ["2024-03-01", None, "2024-03-01T11:30:00Z", "", "20240301", "2024-03-01 12:30:00"]
    midnight, noon = MIDNIGHT.timestamp(), NOON.timestamp()
    assert seconds(texts) == [midnight, None, noon, None, midnight, noon]


@pytest.mark.parametrize(
    "bad",
    [
        "1709290800",
        "1.3.2024",
        "03/01/2024",
        "2024-02-30",
        "2024-03-01T25:00:00",
        "1969-12-31T23:59:59Z",
        "2101-01-01T00:00:00Z",
        "20241301",
        "0",
        "yesterday",
        1_709_290_800,
        1_709_290_800_000,
        19_783,
        20_240_301.5,
        float("nan"),
        float("inf"),
        -20_240_301,
        20_240_231,
    ],
)
def test_what_is_ambiguous_or_impossible_is_not_guessed(bad) -> None:
    assert seconds([bad], "UTC") == [None]


@pytest.mark.parametrize("values", [[True], [b"2024"], [["2024-03-01"]]])
def test_a_column_of_another_type_is_refused(values) -> None:
    with pytest.raises(HistoryError, match="column t: expected a date or time"):
        seconds(values)


def test_a_time_the_clock_skipped_is_an_hour_later_and_one_it_struck_twice_the_first() -> None:
    skipped, twice = "2024-03-31 02:30:00", "2024-10-27 02:30:00"
    assert seconds([skipped, twice]) == [
        datetime(2024, 3, 31, 1, 30, tzinfo=UTC).timestamp(),
        datetime(2024, 10, 27, 0, 30, tzinfo=UTC).timestamp(),
    ]


def test_nanoseconds_are_cut_to_what_the_wire_carries() -> None:
    fine = pl.Series([1_709_290_800_123_456_789]).cast(pl.Datetime("ns", "UTC"))
    assert microseconds(fine, ZONE, "").to_list() == [1_709_290_800_123_456]


def test_an_empty_column_stays_empty() -> None:
    assert seconds(pl.Series([], dtype=pl.String)) == []


@given(
    st.datetimes(
        min_value=datetime(1970, 1, 2),  # noqa: DTZ001
        max_value=datetime(2100, 12, 30),  # noqa: DTZ001
    )
)
def test_text_number_and_timestamp_agree(moment: datetime) -> None:
    aware = moment.replace(tzinfo=UTC)
    expected = [aware.timestamp()]
    assert seconds([moment], "UTC") == expected
    assert seconds([aware.isoformat()]) == expected
    assert seconds([moment.isoformat(sep=" ")], "UTC") == expected


def test_the_hour_before_a_midnight_struck_twice_belongs_to_its_day(tmp_path) -> None:
    book = Book(BookCalendar("America/St_Johns"), RateTable("USD"))
    head = "customer_id,event_time,amount\n"
    # At 00:01 of the 29th clocks went back to 23:01 of the 28th.
    text = head + "a,2006-10-28T12:00:00Z,1\na,2006-10-29T03:00:00Z,1\na,2006-10-29T04:00:00Z,1\n"
    found = read_history([write(tmp_path, text)], book, until=date(2006, 10, 28))
    assert found.cleaning.left_out == {"after_until": 1}
    whole = read_history([write(tmp_path, text)], book).events()
    assert summarise(whole, book.calendar, date(2006, 10, 28)).total_value.tolist() == [200.0]
