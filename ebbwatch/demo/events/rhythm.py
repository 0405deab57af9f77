"""When synthetic customers act: seeded, uneven and by day, like people."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Final, NamedTuple

import numpy as np

from scoring.arrays import Floats

# Erlang-2 gaps, as household shopping shows (Chatfield and Goodhardt 1973).
EVENNESS: Final = 2.0
OPENS, CLOSES = 7.0, 22.0  # hours of the day in which customers act


class Phase(NamedTuple):
    """A stretch of life with one rhythm; `gap_days` is the mean time between events."""

    start: date
    end: date
    gap_days: float

    @property
    def days(self) -> int:
        """Length, days."""
        return (self.end - self.start).days


def lived(rng: np.random.Generator, phases: Sequence[Phase]) -> list[datetime]:
    """Instants of one sort of event over phases of changing rhythm, in order."""
    return [
        instant
        for phase in phases
        for instant in spread(rng, phase.start, phase.days, _count(rng, phase))
    ]


def steady(rng: np.random.Generator, phases: Sequence[Phase], count: int) -> list[datetime]:
    """As many instants over the same time in one unchanging rhythm, in order."""
    days = (phases[-1].end - phases[0].start).days
    return spread(rng, phases[0].start, days, count)


def spread(rng: np.random.Generator, start: date, days: int, count: int) -> list[datetime]:
    """Instants of a renewal process with Erlang gaps, given that `count` fall in `days` days."""
    gaps = rng.gamma(EVENNESS, size=count + 1)
    moments: Floats = days * np.cumsum(gaps)[:-1] / gaps.sum()
    return [_by_day(start, moment) for moment in moments.tolist()]


def monthly(rng: np.random.Generator, months: Sequence[date], jitter_days: int) -> list[datetime]:
    """One instant a month, up to `jitter_days` days after the given day."""
    late = rng.uniform(0.0, jitter_days, len(months))
    return [_by_day(day, delay) for day, delay in zip(months, late.tolist(), strict=True)]


def _count(rng: np.random.Generator, phase: Phase) -> int:
    expected = phase.days / phase.gap_days
    return max(1, round(rng.normal(expected, np.sqrt(expected / EVENNESS))))


def _by_day(start: date, moment: float) -> datetime:
    """`moment` days behind midnight UTC of `start`, moved into the waking hours of its day."""
    day, share = divmod(moment, 1.0)
    seconds = round(3600.0 * (OPENS + share * (CLOSES - OPENS)))
    midnight = datetime(start.year, start.month, start.day, tzinfo=UTC)
    return midnight + timedelta(days=day, seconds=seconds)
