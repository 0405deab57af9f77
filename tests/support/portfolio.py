"""A seeded portfolio of customers: most live on, some ebb, some complain, some do not repay."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

import numpy as np

START = datetime(2024, 1, 1, tzinfo=UTC).timestamp()
DAY = 86_400.0
SPAN = 550.0  # days

Event = dict[str, Any]


class Log(NamedTuple):
    """The events of both input topics, each in event time order but for a few stragglers."""

    transactions: list[Event]
    interactions: list[Event]


def portfolio(customers: int, seed: int, per_customer: float = 20.0) -> Log:
    """Deal the lives of `customers` customers over 1.5 years.

    Args:
        customers: how many.
        seed: of everything.
        per_customer: mean number of events each.
    """
    rng = np.random.default_rng(seed)
    transactions: list[Event] = []
    interactions: list[Event] = []
    for number in range(customers):
        name = f"customer-{number:06d}"
        transactions += _transactions(rng, name, per_customer * 0.7)
        interactions += _interactions(rng, name, per_customer * 0.3)
    return Log(_in_order(rng, transactions), _in_order(rng, interactions))


def at(seconds: float) -> str:
    """Epoch seconds as they stand on the wire."""
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def purchase(customer: str, number: int, seconds: float, amount: int = 4_250) -> Event:
    """A purchase in the book currency."""
    return {
        **_common(customer, f"t{number}", seconds, "purchase"),
        "amount": amount,
        "currency": "USD",
        "merchant_category": "5411",
        "merchant_id": "m-1001",
        "card_id": f"card-{customer}",
        "channel": "pos",
    }


def visit(customer: str, number: int, seconds: float) -> Event:
    """A session in the bank's app."""
    common = _common(customer, f"i{number}", seconds, "app_session")
    return {**common, **_SPECIFIC["app_session"]}


def _transactions(rng: np.random.Generator, name: str, mean: float) -> Iterator[Event]:
    for number, seconds in enumerate(_times(rng, mean)):
        if rng.random() < 0.85:
            yield purchase(name, number, seconds, int(rng.integers(0, 20_000)))
        else:
            common = _common(name, f"t{number}", seconds, "repayment")
            yield {**common, "amount": int(rng.integers(1, 50_000)), "currency": "USD"}


def _interactions(rng: np.random.Generator, name: str, mean: float) -> Iterator[Event]:
    for number, seconds in enumerate(_times(rng, mean)):
        kind = str(rng.choice(list(_SPECIFIC), p=_SHARES))
        yield {**_common(name, f"i{number}", seconds, kind), **_SPECIFIC[kind]}


_SPECIFIC: dict[str, Event] = {
    "app_session": {"duration_seconds": 93.5, "touchpoint": "app:home"},
    "complaint": {"category": "card-declined", "sentiment": -0.9},
    "survey": {"score": 1},
    "instalment_overdue": {
        "amount": 4_250,
        "currency": "USD",
        "instalment_id": "i-1",
        "days_overdue": 12,
    },
}
_SHARES = (0.7, 0.1, 0.1, 0.1)


def _times(rng: np.random.Generator, mean: float) -> list[float]:
    """Instants of a Poisson process over a life that may end before the log does."""
    first, last = np.sort(rng.uniform(0.0, SPAN, 2)) if rng.random() < 0.5 else (0.0, SPAN)
    count = rng.poisson(mean * (last - first) / SPAN)
    days = np.sort(rng.uniform(first, last, count))
    return [START + round(day * DAY, 3) for day in days.tolist()]


def _common(customer: str, number: str, seconds: float, kind: str) -> Event:
    return {
        "event_id": f"{customer}:{number}",
        "customer_id": customer,
        "event_time": at(seconds),
        "type": kind,
    }


def _in_order(rng: np.random.Generator, events: list[Event]) -> list[Event]:
    """Sort by event time, one event in fifty arriving up to 20 days late."""
    late = rng.random(len(events)) < 0.02
    delays = np.where(late, rng.uniform(0.0, 20.0 * DAY, len(events)), 0.0)
    times = [datetime.fromisoformat(event["event_time"]).timestamp() for event in events]
    order = np.argsort(np.array(times) + delays, kind="stable")
    return [events[place] for place in order.tolist()]
