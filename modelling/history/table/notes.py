"""What to know of a history before its figures are believed."""

from collections.abc import Iterator
from datetime import date
from typing import Final

from modelling.history.shown import shown
from modelling.history.table.ids import nearly_alike
from modelling.history.table.log import Customers

DECADES: Final = 20  # years that few histories reach back
STRAY: Final = 1_000  # one row in so many may lie far from all others without being believed
FAR: Final = 5  # years
LEAST_CUSTOMERS: Final = 20
LARGE, TIMES = 0.05, 10  # share of all rows, and of the mean, that is suspicious of a customer
MOSTLY: Final = 0.5  # share of events
_DAYS: Final = 365.25


def notes_on(customers: Customers, days: tuple[date, date, date, date]) -> Iterator[str]:
    """Sentences, where there is something to say.

    Args:
        customers: who have events.
        days: of its first event, of the first and the last but one in a thousand, of its last.
    """
    yield from _times(*days)
    yield from _one_customer(customers)
    near = nearly_alike(customers.ids)
    if near is not None:
        yield f"Customers' ids differ only by zero padding, case or signs: {near.told()}."


def mostly_refunds(used: int, refunds: int) -> list[str]:
    """A sentence where more is taken back than bought: signs may be the other way round.

    >>> mostly_refunds(used=10, refunds=4)
    []
    """
    if refunds <= MOSTLY * used:
        return []
    told = (
        f"{refunds} of {used} events take purchases back: where a bank writes purchases below "
        "zero, --amount '0 - COLUMN' turns them round."
    )
    return [told]


def _times(first: date, early: date, late: date, last: date) -> Iterator[str]:
    if _years(first, last) >= DECADES or _years(first, early) >= FAR:
        yield (
            f"The first event is of {first}, {_years(first, last):.0f} years before the last: if "
            "such a day stands for none, leave it out by --exclude."
        )
    if _years(late, last) >= FAR:
        yield (
            f"The last event is of {last}, {_years(late, last):.0f} years after all but one in "
            f"{STRAY}: every customer is silent since. If it is none, leave it out by --exclude."
        )


def _years(earlier: date, later: date) -> float:
    return (later - earlier).days / _DAYS


def _one_customer(customers: Customers) -> Iterator[str]:
    counts = customers.events()
    most = int(counts.argmax())
    share = counts[most] / counts.sum()
    if len(counts) >= LEAST_CUSTOMERS and share > max(LARGE, TIMES / len(counts)):
        customer = shown(customers.ids[most])
        yield (
            f"One customer, {customer}, has {100.0 * share:.1f}% of all rows: if the id stands for "
            "nobody known, leave it out by --exclude."
        )
