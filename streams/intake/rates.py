"""Conversion to the book currency by a dated table of rates."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from csv import DictReader
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path

from schemas import MINOR_UNITS


class RateTable:
    """Rates of currencies in the book currency, each valid from its date until the next.

    Args:
        book_currency: ISO 4217 code.
        rates: (valid from, currency, book units for one unit) in any order.
    """

    def __init__(self, book_currency: str, rates: Iterable[tuple[date, str, Decimal]] = ()) -> None:
        self.book_currency = book_currency
        self._days: dict[str, list[date]] = defaultdict(list)
        self._rates: dict[str, list[Decimal]] = defaultdict(list)
        for day, currency, rate in sorted(rates):
            self._days[currency].append(day)
            self._rates[currency].append(rate)

    @property
    def latest(self) -> date | None:
        """The day of the newest rate; None of an empty table."""
        return max((days[-1] for days in self._days.values() if days), default=None)

    def convert(self, amount: int, currency: str, day: date) -> int | None:
        """Convert minor units of `currency` to those of the book currency, or None: no rate."""
        if currency == self.book_currency:
            return amount
        place = bisect_right(self._days[currency], day) - 1
        if place < 0:
            return None
        shift = MINOR_UNITS[self.book_currency] - MINOR_UNITS[currency]
        exact = Decimal(amount) * self._rates[currency][place] * Decimal(10) ** shift
        return int(exact.to_integral_value(ROUND_HALF_EVEN))


def read_rates(file: Path | None, book_currency: str) -> RateTable:
    """Read a CSV file with the columns `date` (ISO), `currency` and `rate`; None: an empty table.

    Raises:
        ValueError: a line is not of that form; the message names file and line.
    """
    if file is None:
        return RateTable(book_currency)
    with file.open(newline="", encoding="utf-8") as lines:
        rows = enumerate(DictReader(lines, restkey="more"), 2)
        return RateTable(book_currency, [_row(file, n, row) for n, row in rows])


def _row(file: Path, line: int, row: dict[str, str]) -> tuple[date, str, Decimal]:
    if "more" in row:  # as a decimal comma makes
        raise ValueError(f"{file}:{line}: expected date,currency,rate, got {row}")
    try:
        rate = Decimal(row["rate"])
        known = row["currency"] in MINOR_UNITS and rate.is_finite() and rate > 0
        day = date.fromisoformat(row["date"])
    except (KeyError, ArithmeticError, ValueError, TypeError) as error:
        raise ValueError(f"{file}:{line}: expected date,currency,rate, got {row}") from error
    if not known:
        raise ValueError(f"{file}:{line}: expected a known currency and a rate above 0, got {row}")
    return day, row["currency"], rate
