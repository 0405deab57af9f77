"""What is asked of the store, and what it answers."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, NamedTuple

from streams.store.owners import new_token


class Backfill(NamedTuple):
    """A history loaded into a partition from files.

    Attributes:
        until: the cut, epoch seconds: files hold the events before it, topics those from it on.
        plan: digest of what is loaded; only the same plan may go on with one that was cut short.
        left: commits still to be made; before none is, no event may be applied.
    """

    until: float
    plan: str
    left: int


class Activated(NamedTuple):
    """The parameters that a partition's customers were last scored with.

    Attributes:
        version: of the parameters.
        basis: what of them the states are built on; other parameters must agree with it.
        clock: the partition's clock when they came into force, epoch seconds.
    """

    version: str
    basis: str
    clock: float


class SetAside(NamedTuple):
    """Records of a partition set aside for one reason, which no state knows of.

    Attributes:
        records: how many; one set aside again after a crash counts again.
        last: the last one's own time, epoch seconds.
        where, expected, got: what was wrong with it, as its dead letter says.
    """

    records: int
    last: float
    where: str
    expected: str
    got: str


class Claim(NamedTuple):
    """What a new owner finds.

    Attributes:
        epoch: claims made so far.
        sequence: commits made so far.
        clock: the partition's clock, epoch seconds, 0 before the first event.
        offsets: next offset to apply per input topic.
        outbox: number of the last outbox entry.
        backfill: the history loaded from files, if any.
        activated: the parameters last scored with; None where that was never noted.
        set_aside: records set aside so far, by reason.
        owner: fencing token; any other can no longer commit.
        generation: name of this past, given where a partition begins.
        published: number of the last outbox entry known to be published.
        compared_after: since the store went back, messages are compared with what the topics
            hold behind this number; None where they need not be.
        topic_ids: ids of the input topics that `offsets` count, as far as noted.
        gate: parts of the packed gate, by name; none where no event was watched yet.
    """

    epoch: int
    sequence: int
    clock: float
    offsets: Mapping[str, int]
    outbox: int
    backfill: Backfill | None = None
    activated: Activated | None = None
    set_aside: Mapping[str, SetAside] = MappingProxyType({})
    owner: str = ""
    generation: str = ""
    published: int = 0
    compared_after: int | None = None
    topic_ids: Mapping[str, str] = MappingProxyType({})
    gate: Mapping[str, bytes] = MappingProxyType({})


class Load(NamedTuple):
    """States of the asked customers (None: unknown) and of those with a timer due."""

    states: Sequence[bytes | None]
    due_ids: Sequence[bytes]
    due_states: Sequence[bytes | None]
    due_at: Sequence[float]

    def due_without(self, ids: Collection[bytes]) -> "Load":
        """The timers due of customers other than `ids`."""
        own = set(ids)
        due = zip(self.due_ids, self.due_states, self.due_at, strict=True)
        others = [each for each in due if each[0] not in own]
        customers, states, instants = zip(*others, strict=True) if others else ((), (), ())
        return Load((), customers, states, instants)


class Entry(NamedTuple):
    """A message to be published; `headers` as `join_headers` makes them."""

    topic: str
    key: bytes
    value: bytes
    headers: bytes


class Budget(NamedTuple):
    """Rises of warnings that an hour of event time may have in a partition before it is braked.

    Attributes:
        share: of the partition's customers; 0 for no brake.
        least: for however few.
    """

    share: float
    least: int


NO_BRAKE: Final = Budget(0.0, 0)


class Brake(NamedTuple):
    """What of a partition's outbox may be published, and what is held.

    Attributes:
        outbox: number of its last entry.
        published: number of the last entry known to be published.
        after: entries behind this number are held; None while the brake is open.
        rises: warnings raised or escalated among what is held.
        hour: of event time that had too many, in hours since the epoch.
    """

    outbox: int = 0
    published: int = 0
    after: int | None = None
    rises: int = 0
    hour: int = 0

    @property
    def upto(self) -> int:
        """Number of the last entry that may be published."""
        return self.outbox if self.after is None else self.after

    @property
    def messages(self) -> int:
        """How many are held.

        >>> Brake(outbox=9, published=4, after=6).messages, Brake(9, 4).messages
        (3, 0)
        """
        return self.outbox - max(self.upto, self.published) if self.after is not None else 0


@dataclass(frozen=True)
class Commit:
    """All that one batch changes, applied whole or not at all.

    Attributes:
        owner: the fencing token.
        sequence: commits made before this one; makes a repeated call harmless.
        clock: the partition's clock after the batch.
        offsets: next offset per input topic.
        states: packed state by customer id.
        armed: next timer by customer id, epoch seconds, None to disarm.
        outbox: messages to publish, in order.
        histograms: increments of the running histograms by field.
        backfill: how far the loading of a history is with this; None leaves what is stored.
        activated: parameters that a partition begins with; None leaves what is stored.
        set_aside: records set aside so far, by the reasons for which more were.
        topic_ids: ids of input topics that were not noted before.
        gate: parts of the packed gate that changed, by name.
        rises: warnings raised or escalated among `outbox`, by hour of event time.
        budget: of such rises, beyond which they are held.
        id: of this commit alone; tells a repeated call from another's.
    """

    owner: str
    sequence: int
    clock: float
    offsets: Mapping[str, int]
    states: Mapping[bytes, bytes] = field(default_factory=dict)
    armed: Mapping[bytes, float | None] = field(default_factory=dict)
    outbox: Sequence[Entry] = ()
    histograms: Mapping[str, int] = field(default_factory=dict)
    backfill: Backfill | None = None
    activated: Activated | None = None
    set_aside: Mapping[str, SetAside] = field(default_factory=dict)
    topic_ids: Mapping[str, str] = field(default_factory=dict)
    gate: Mapping[str, bytes] = field(default_factory=dict)
    rises: Mapping[int, int] = field(default_factory=dict)
    budget: Budget = NO_BRAKE
    id: str = field(default_factory=new_token)


@dataclass(frozen=True)
class Activation:
    """Other parameters coming into force, between two commits: a replay does it at the same place.

    Attributes:
        owner: the fencing token.
        sequence: commits made before this one, which counts as one.
        clock: the partition's clock, epoch seconds; every customer's timer is due then.
        offsets: next offset per input topic.
        version: of the parameters.
        basis: what of them the states are built on.
        replaced: version in force before, None where that was never noted.
        id: of this activation alone, as a commit's.
    """

    owner: str
    sequence: int
    clock: float
    offsets: Mapping[str, int]
    version: str
    basis: str
    replaced: str | None = None
    id: str = field(default_factory=new_token)
