"""Conversion between currencies of any exponent, by rates that hold from their day."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from streams.intake.rates import RateTable, read_rates


@pytest.mark.parametrize(
    ("book", "currency", "rate", "amount", "converted"),
    [
        ("USD", "USD", "9", 123, 123),
        ("USD", "EUR", "1.25", 1_000, 1_250),
        ("USD", "JPY", "0.0064", 1_000, 640),  # 1 000 yen, no minor unit, in cents
        ("JPY", "USD", "156.25", 640, 1_000),
        ("USD", "BHD", "2.65", 1_000, 265),  # 1 dinar of 1 000 fils
        ("BHD", "USD", "0.377", 100, 377),
        ("JPY", "BHD", "414.5", 1_500, 622),  # 621.75 yen
        ("BHD", "JPY", "0.0024", 5, 12),
        ("USD", "EUR", "0.5", 1, 0),  # halves go to the even
        ("USD", "EUR", "0.5", 3, 2),
        ("USD", "EUR", "0.0001", 1, 0),
        ("USD", "EUR", "1.1", 10**13, 11 * 10**12),
    ],
)
def test_rates_convert_between_minor_units_of_any_exponent(
    book: str, currency: str, rate: str, amount: int, converted: int
) -> None:
    table = RateTable(book, [(date(2026, 1, 1), currency, Decimal(rate))])
    assert table.convert(amount, currency, date(2026, 1, 1)) == converted


def test_a_rate_holds_from_its_day_until_the_next() -> None:
    days = [date(2026, 1, 10), date(2026, 1, 20)]
    table = RateTable("USD", [(days[1], "EUR", Decimal(2)), (days[0], "EUR", Decimal(1))])
    asked = [date(2026, 1, 9), *days, date(2026, 1, 19), date(2030, 1, 1)]
    assert [table.convert(5, "EUR", day) for day in asked] == [None, 5, 10, 5, 10]
    assert table.convert(5, "GBP", days[0]) is None


def test_a_rate_file_is_read(tmp_path: Path) -> None:
    file = tmp_path / "rates.csv"
    file.write_text("date,currency,rate\n2026-01-01,EUR,1.25\n2026-01-01,JPY,0.0064\n")
    table = read_rates(file, "USD")
    assert table.convert(100, "EUR", date(2026, 5, 1)) == 125
    assert table.convert(100, "JPY", date(2026, 5, 1)) == 64
    assert read_rates(None, "USD").convert(100, "EUR", date(2026, 5, 1)) is None


@pytest.mark.parametrize(
    "line",
    [
        "2026-13-01,EUR,1",
        "yesterday,EUR,1",
        "2026-01-01,EUR,one",
        "2026-01-01,EUR",
        "2026-01-01,EUR,1,2",
        "2026-01-01,XXX,1",
        "2026-01-01,eur,1",
        "2026-01-01,EUR,0",
        "2026-01-01,EUR,-1",
        "2026-01-01,EUR,NaN",
        "2026-01-01,EUR,Infinity",
    ],
)
def test_a_bad_rate_file_is_refused_by_file_and_line(tmp_path: Path, line: str) -> None:
    file = tmp_path / "rates.csv"
    file.write_text(f"date,currency,rate\n2026-01-01,GBP,1.3\n{line}\n")
    with pytest.raises(ValueError, match=r"rates\.csv:3: expected .*, got"):
        read_rates(file, "USD")


def test_a_rate_file_without_its_columns_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "rates.csv"
    file.write_text("day;currency;rate\n2026-01-01;EUR;1\n")
    with pytest.raises(ValueError, match=r"rates\.csv:2: expected date,currency,rate"):
        read_rates(file, "USD")
