"""Numbers as a report shows them."""

from datetime import datetime
from typing import Final

from modelling.report.page import Number
from streams.outbox.phrases import money as amount

NONE: Final = "none"
MINUS: Final = "\u2212"
MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def whole(value: float | None) -> Number:
    """A count.

    >>> whole(1234567).text
    '1,234,567'
    """
    return _shown(value, ",.0f")


def decimal(value: float | None, digits: int) -> Number:
    """A number with a fixed count of decimal places.

    >>> decimal(0.12345, 3).text, decimal(None, 3).text
    ('0.123', 'none')
    """
    return _shown(value, f"{'z' if digits else ''},.{digits}f")


def significant(value: float, digits: int = 4) -> Number:
    """A number of any size.

    >>> significant(0.00123456).text, significant(2.0).text
    ('0.001235', '2.000')
    """
    return Number(value, f"{value:#.{digits}g}".rstrip(".").replace("-", MINUS))


def percent(value: float | None) -> Number:
    """A share of 1.

    >>> percent(0.25).text
    '25.0%'
    """
    return _shown(value, "z.1%")


def money(minor: float, currency: str) -> Number:
    """An amount of minor units, shown in major ones."""
    return Number(minor, amount(minor, currency).replace("-", MINUS))


def signed(value: float, digits: int) -> Number:
    """A number that adds or takes away.

    >>> signed(2.0, 1).text
    '+2.0'
    """
    return _shown(value, f"+,.{digits}f")


def counted(number: int, one: str) -> str:
    """So many of a thing.

    >>> counted(1, "customer"), counted(2357, "customer")
    ('1 customer', '2,357 customers')
    """
    return f"{number:,} {one if number == 1 else one + 's'}"


def day(date: str) -> str:
    """An ISO 8601 date, or an instant's, in words that are not broken.

    >>> day("1997-07-02").replace("\u00a0", " ")
    '2 July 1997'
    """
    found = datetime.fromisoformat(date)
    return f"{found.day}\u00a0{MONTHS[found.month - 1]}\u00a0{found.year}"


def bare_money(minor: float, currency: str) -> Number:
    """The same without the currency, which the heading has."""
    value, text = money(minor, currency)
    return Number(value, text.removesuffix(f" {currency}"))


def interval(low: float, high: float) -> str:
    """A 95% interval.

    >>> interval(0.7012, 0.7123)
    '0.701 to 0.712'
    """
    return f"{low:.3f} to {high:.3f}"


def _shown(value: float | None, form: str) -> Number:
    return Number(value, NONE if value is None else f"{value:{form}}".replace("-", MINUS))
