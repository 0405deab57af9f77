"""Each customer's buying as a live system's packed states have it."""

import asyncio
from datetime import date
from typing import Final, NamedTuple

import numpy as np

from modelling.history.cleaning import HistoryError
from modelling.history.summary import Summary, date_of, day_number
from scoring.facts.calendar import BookCalendar
from scoring.facts.consent import is_unscored
from scoring.facts.packing import unpack
from scoring.facts.state import States
from scoring.features import frequency, monetary_value, recency
from streams.config import Settings
from streams.store.opening import opened

WHERE: Final = "redis"


class Live(NamedTuple):
    """What a live system holds.

    Attributes:
        customers: ids, sorted, shape (n,).
        states: theirs, shape (n,).
        clock: the latest of the partitions' clocks, epoch seconds.
    """

    customers: list[bytes]
    states: States
    clock: float


def read_live(settings: Settings) -> Live:
    """Read all states from Redis; nothing is changed.

    Raises:
        HistoryError: There are none.
        redis.exceptions.RedisError: Redis cannot be reached.
    """
    packed, clock = asyncio.run(_everyone(settings))
    if not packed:
        place = f"{settings.partitions} partitions under prefix {settings.redis_prefix}"
        raise HistoryError(where=WHERE, expected=f"customers in {place}", got="none")
    customers = sorted(packed)
    return Live(customers, unpack([packed[customer] for customer in customers]), clock)


def summarise_live(live: Live, calendar: BookCalendar, until: date | None = None) -> Summary:
    """Sum up the purchases of a live system as `summarise` does those of a history.

    Who withdrew consent to profiling is left out.

    Args:
        live: What it holds.
        calendar: Days of the book.
        until: The day that tenure runs to; that of the clock by default.

    Raises:
        HistoryError: Somebody bought after `until`: states cannot be cut.
    """
    last = date_of(live.clock, calendar) if until is None else until
    rows = np.flatnonzero((live.states["purchase_days"] > 0) & ~is_unscored(live.states))
    states = live.states[rows]
    latest = int(states["last_day"].max(initial=day_number(last)))
    if latest > day_number(last):
        expected = "a day from the last purchase on, as states cannot be cut"
        raise HistoryError(where="until", expected=expected, got=str(last))
    return Summary(
        ids=[live.customers[row] for row in rows.tolist()],
        rows=rows,
        x=frequency(states),
        t_x=recency(states),
        T=(day_number(last) - states["first_day"]).astype(np.float64),
        monetary_value=monetary_value(states),
        total_value=states["total_value"].astype(np.float64),
        until=last,
    )


async def _everyone(settings: Settings) -> tuple[dict[bytes, bytes], float]:
    packed: dict[bytes, bytes] = {}
    async with opened(settings) as store:
        for partition in range(settings.partitions):
            packed |= await store.everyone(partition)
        claims = [await store.peek(partition) for partition in range(settings.partitions)]
    return packed, max(claim.clock for claim in claims)
