"""Partitions' clocks: where they stand, and setting back one that ran ahead."""

from typing import Final, NamedTuple, Protocol

import numpy as np

from scoring.arrays import NEVER
from scoring.facts.packing import pack, unpack
from scoring.facts.state import States
from scoring.model import ScoringModel
from scoring.segments.histograms import changes
from scoring.warning.gate import new_gate, to_parts
from streams.config import Settings
from streams.parameters.file import load_model
from streams.store import Claim, Commit
from streams.store.opening import opened

SLICE: Final = 4_096  # customers in a commit
TOLERATED: Final = 3_600.0  # seconds ahead of the wall, beyond which a clock is wrong
_INSTANTS: Final = (
    "first_event",
    "last_event",
    "first_purchase",
    "last_visit",
    "survey_at",
    "nps_at",
    "score_at",
    "since",
)


class ClockAt(NamedTuple):
    """A partition's clock, epoch seconds; 0 before its first event."""

    partition: int
    clock: float


class ClockSet(NamedTuple):
    """A clock that was set back.

    Attributes:
        partition: its number.
        before: where it stood, epoch seconds.
        customers: due to be judged anew.
        ahead: how many of them had events of after the instant, which count as of that instant.
    """

    partition: int
    before: float
    customers: int
    ahead: int


class Clocked(Protocol):
    """The part of a store that this works with."""

    async def peek(self, partition: int) -> Claim:
        """See `Store.peek`."""

    async def claim(self, partition: int) -> Claim:
        """See `Store.claim`."""

    async def commit(self, partition: int, commit: Commit) -> None:
        """See `Store.commit`."""

    async def everyone(self, partition: int) -> dict[bytes, bytes]:
        """All packed states of a partition, by customer."""


async def clocks(store: Clocked, partitions: int) -> list[ClockAt]:
    """Read every partition's clock."""
    return [ClockAt(number, (await store.peek(number)).clock) for number in range(partitions)]


async def set_back(
    store: Clocked, partitions: int, model: ScoringModel, instant: float
) -> list[ClockSet]:
    """Set clocks that are ahead of an instant to it, every customer there to be judged anew.

    What their feeds usually bring is learnt anew too: it was learnt by the clock that leapt.

    Args:
        store: of the partitions; no worker may run, since each is claimed.
        partitions: how many.
        model: in use; tells calendar days.
        instant: epoch seconds.

    Returns:
        The clocks that were set.
    """
    ahead = [at for at in await clocks(store, partitions) if at.clock > instant]
    return [await _set_back(store, at, model, instant) for at in ahead]


async def _set_back(store: Clocked, at: ClockAt, model: ScoringModel, instant: float) -> ClockSet:
    claim, everyone = await store.claim(at.partition), await store.everyone(at.partition)
    names, late = list(everyone), 0
    slices = [names[start : start + SLICE] for start in range(0, len(names), SLICE)] or [[]]
    for made, customers in enumerate(slices):
        packed = [everyone[name] for name in customers]
        before, states = unpack(packed), unpack(packed)
        late += int((states["last_event"] > instant).sum())
        _clamp(states, model, instant)
        is_last = made == len(slices) - 1  # it moves the clock: a run cut short begins anew
        commit = Commit(
            claim.owner,
            claim.sequence + made,
            instant if is_last else at.clock,
            offsets={},
            states=dict(zip(customers, pack(states), strict=True)),
            armed=dict.fromkeys(customers, instant),
            histograms=changes(before, states),
            gate=to_parts(new_gate()) if is_last and claim.gate else {},
        )
        await store.commit(at.partition, commit)
    return ClockSet(at.partition, at.clock, len(names), late)


def _clamp(states: States, model: ScoringModel, instant: float) -> None:
    """Let nothing of a state be of after an instant, in place."""
    today = int(model.calendar.day(np.array([instant]))[0])
    moved = states["last_day"] > today
    states["day_bits"][moved] = 1  # those before lie too far back from a day so far ahead
    for name in ("first_day", "last_day"):
        states[name] = np.minimum(states[name], today)
    for name in _INSTANTS:
        late = (states[name] > instant) & (states[name] != NEVER)
        states[name][late] = instant
    states["armed_at"] = instant


async def read_clocks(settings: Settings) -> list[ClockAt]:
    """Read the clocks of the settings' store.

    Raises:
        redis.exceptions.RedisError: Redis cannot be reached.
    """
    async with opened(settings) as store:
        return await clocks(store, settings.partitions)


async def reset_clocks(settings: Settings, instant: float) -> list[ClockSet]:
    """Set back the clocks of the settings' store; see `set_back`.

    Raises:
        redis.exceptions.RedisError: Redis cannot be reached.
    """
    async with opened(settings) as store:
        return await set_back(store, settings.partitions, load_model(settings), instant)
