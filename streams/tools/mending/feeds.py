"""What partitions' feeds are used to and what is held for their quiet; letting a feed go."""

from collections.abc import Iterator
from typing import NamedTuple

from scoring.warning.gate import Gate, Stream, from_parts, given_up, to_parts
from scoring.warning.gate.arrivals import LOOKS
from scoring.warning.gate.state import BLANK, WEEK
from scoring.warning.gate.usual import hour_of_week
from streams.config import Settings
from streams.store import Commit, Store
from streams.store.opening import opened


class FeedAt(NamedTuple):
    """A stream of one partition, as of its last commit.

    Attributes:
        partition: its number.
        stream: its name.
        known_hours: since its first event; warnings may be held from the fourth week on.
        usual: events that this hour of the week usually brings.
        held_since: when it fell quiet, epoch seconds; 0 where nothing is held for it.
        back_since: when it came back, 0 before that.
    """

    partition: int
    stream: str
    known_hours: int
    usual: float
    held_since: float
    back_since: float

    @property
    def known_weeks(self) -> float:
        """The same in weeks."""
        return self.known_hours / WEEK


class LetGo(NamedTuple):
    """A stream that was held no longer from now on, and is learnt anew."""

    partition: int
    stream: str
    held_since: float


async def read_feeds(settings: Settings) -> list[FeedAt]:
    """Every stream that was ever heard of, by partition.

    Raises:
        redis.exceptions.RedisError: Redis cannot be reached.
        GateError: it is of another version.
    """
    async with opened(settings) as store:
        claims = [await store.peek(number) for number in range(settings.partitions)]
    return [
        feed
        for number, claim in enumerate(claims)
        for feed in _feeds(number, from_parts(claim.gate))
    ]


def _feeds(number: int, gate: Gate) -> Iterator[FeedAt]:
    look = int(gate.present["look"])
    for stream in Stream:
        known = int(gate.present["age"][stream])
        if look != BLANK and known:
            usual = gate.learnt["mean"][stream, hour_of_week(look // LOOKS)]
            quiet = (gate.present[name][stream] for name in ("since", "back"))
            yield FeedAt(number, stream.name.lower(), known, float(usual), *map(float, quiet))


async def release(settings: Settings, stream: str) -> list[LetGo]:
    """Hold nothing for a stream any more, in all partitions that do, and learn it anew.

    No worker may run, since each partition is claimed.

    Raises:
        redis.exceptions.RedisError: Redis cannot be reached.
        GateError: a gate is of another version.
    """
    async with opened(settings) as store:
        found = [
            await _release(store, n, Stream[stream.upper()]) for n in range(settings.partitions)
        ]
    return [each for each in found if each is not None]


async def _release(store: Store, number: int, stream: Stream) -> LetGo | None:
    if not from_parts((await store.peek(number)).gate).present["since"][stream]:
        return None
    claim = await store.claim(number)
    gate = from_parts(claim.gate)
    since = float(gate.present["since"][stream])
    news = to_parts(given_up(gate, stream))
    await store.commit(
        number, Commit(claim.owner, claim.sequence, claim.clock, offsets={}, gate=news)
    )
    return LetGo(number, stream.name.lower(), since)
