"""What every partition's sequencer works with."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from streams.intake.dead_letters import DeadLetters
from streams.intake.decode import Decoder
from streams.panel import PanelKeeper
from streams.parameters.in_use import InUse
from streams.store import Budget, Store
from streams.store.types import NO_BRAKE
from streams.telemetry.metrics import Metrics
from streams.telemetry.other_purposes import OtherPurposesLog
from streams.telemetry.other_touchpoints import OtherTouchpointsLog
from streams.telemetry.set_aside import SetAsideLog
from streams.telemetry.spans import NoTracing

POLL: Final = 0.5  # seconds after which a partition looks at the clock though nothing came
SOONEST: Final = 0.1
AT_ONCE: Final = 2  # partitions in a batch: one computes while another waits for Redis


@dataclass(frozen=True)
class Services:
    """Handed down by the composition root, shared by all partitions.

    Attributes:
        in_use: holder of the parameters in use.
        decoders: by input topic, in merge order.
        topic_of: input topic by event type.
        batch_records: most events in one step.
        inbox_records, inbox_bytes: delivered records, and bytes of them, beyond which a topic is no
            longer fetched.
        live_lateness: seconds the clock stays behind the wall at the inputs' ends; None in a
            replay, where events alone move it.
        set_aside_log: tells of records set aside.
        other_purposes_log: tells of consent to purposes that are not known.
        other_touchpoints_log: tells of touchpoints that no family is known of.
        budget: of rises of warnings, beyond which they are held.
        held_messages: held of a partition, from which on it rests.
        tracing: spans of what is done.
        panel: looks at customers now and then, to tell how good the models are; None does not.
        wall: the worker's clock, epoch seconds.
        other_clock: another machine's, asked where the wall leaps; None trusts the wall.
        turns: taken by a partition for each batch, so that relays and probes have theirs too.
    """

    store: Store
    in_use: InUse
    decoders: Mapping[str, Decoder]
    topic_of: Mapping[str, str]
    dead_letters: DeadLetters
    metrics: Metrics
    batch_records: int
    inbox_records: int
    inbox_bytes: int
    live_lateness: float | None
    set_aside_log: SetAsideLog = field(default_factory=SetAsideLog)
    other_purposes_log: OtherPurposesLog = field(default_factory=OtherPurposesLog)
    other_touchpoints_log: OtherTouchpointsLog = field(default_factory=OtherTouchpointsLog)
    budget: Budget = NO_BRAKE
    held_messages: int = 100_000
    tracing: NoTracing = field(default_factory=NoTracing)
    panel: PanelKeeper | None = None
    turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    wall: Callable[[], float] = time.time
    other_clock: Callable[[], Awaitable[float]] | None = None

    @property
    def poll(self) -> float:
        """Seconds from one look at the clock to the next: no longer than it may stay behind."""
        lateness = POLL if self.live_lateness is None else self.live_lateness
        return min(POLL, max(lateness, SOONEST))
