"""Verifying one warning, from its messages to the verdict."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from scoring.model import ScoringModel
from scoring.step.replay import held_by
from scoring.warning.gate import ALL_OPEN, merged
from streams.broker.partitioner import partitioner
from streams.config import Settings
from streams.intake.decoders import decoders_of
from streams.outbox.parts import instant
from streams.parameters.in_use import Using
from streams.store import Activation, Claim
from streams.store.opening import opened
from streams.tools.backfill.plan import HistoryPart
from streams.tools.verify.compare import Sequel, compared
from streams.tools.verify.derive import chapters, derived
from streams.tools.verify.partition_log import TopicLog, as_arrived, as_merged, read_log
from streams.tools.verify.past import NO_PAST, Past, Place, past_of
from streams.tools.verify.published import PublishedWarning, VerifyError

ROUNDED: Final = 1e-3  # seconds: messages tell the microsecond, timers more of it
ORDERS: Final = {
    "by event time, as a worker that is behind applies them": as_merged,
    "as their records came, as a worker that keeps up applies them": as_arrived,
}


@dataclass(frozen=True)
class Verified:
    """The verdict.

    Attributes:
        warning_id: of the warning.
        customer_id: whose it is.
        rule: that raised it.
        partition: number of the customer's.
        events: of the customer, from files and topics.
        order: in which they were applied.
        messages: each published one against the derived.
        notes: why others may have been derived, sentences.
    """

    warning_id: str
    customer_id: str
    rule: str
    partition: int
    events: int
    order: str
    messages: tuple[Sequel, ...]
    notes: tuple[str, ...]

    @property
    def is_same(self) -> bool:
        """Whether every published message was derived, byte for byte."""
        return all(each.is_same for each in self.messages)


class PartitionEvidence(NamedTuple):
    """What is known of a partition.

    Attributes:
        number: of it.
        claim: what the store notes of it.
        activations: of parameters, in order.
        logs: what the input topics still hold of it, in merge order of the topics.
    """

    number: int
    claim: Claim
    activations: Sequence[Activation]
    logs: Mapping[str, TopicLog]

    @property
    def cut(self) -> float:
        """Up to when events are taken from files, epoch seconds; -inf where from topics alone.

        The cut of a backfill, or what the topics have forgotten something before.
        """
        if self.claim.backfill:
            return self.claim.backfill.until
        begin = [log.times[0] for log in self.logs.values() if log.begins and len(log.times)]
        return max(begin, default=-np.inf)


async def verify(
    settings: Settings,
    messages: Sequence[PublishedWarning],
    models: Sequence[ScoringModel],
    history: Sequence[HistoryPart] = (),
) -> Verified:
    """Derive a published warning anew from its customer's log.

    Args:
        settings: where topics and Redis are; of the store only the partition's notes are read.
        messages: the warning's, at least one, by sequence.
        models: parameter files that may have scored the customer.
        history: from files, in parts: what came before the cut of a backfill, or where there was
            none before what the topics still hold.

    Raises:
        VerifyError: a parameter file is missing, or the files that were loaded.
        aiokafka.errors.KafkaError: Kafka cannot be reached.
        redis.exceptions.RedisError: Redis cannot be reached.
    """
    customer = messages[0].warning.customer_id.encode()
    evidence, past = await gathered(settings, customer, models[0], history)
    return verdict(evidence, messages, [Using.of(settings, model) for model in models], past)


async def gathered(
    settings: Settings,
    customer: bytes,
    model: ScoringModel,
    history: Sequence[HistoryPart] = (),
) -> tuple[PartitionEvidence, Past]:
    """Read what there is of a customer and their partition; arguments and errors as `verify`."""
    of = partitioner(settings.partitioner)
    number = of.one(customer, settings.partitions)
    async with opened(settings) as store:
        claim, activations = await store.peek(number), await store.activations(number)
    decoders = decoders_of(settings, model.parameters.book_currency)
    logs = await read_log(settings, number, customer, decoders)
    evidence = PartitionEvidence(number, claim, activations, logs)
    past = past_of(history, evidence.cut, Place(customer, number, settings.partitions, of))
    return evidence, past


def verdict(
    of: PartitionEvidence,
    messages: Sequence[PublishedWarning],
    used: Sequence[Using],
    past: Past = NO_PAST,
) -> Verified:
    """The verdict by what was read; arguments as of `verify`, but the files made ready.

    Raises:
        VerifyError: a parameter file is missing, or the files that were loaded.
    """
    first, cut = messages[0].warning, of.cut
    logs = {topic: log.since(cut) for topic, log in of.logs.items()}
    is_feed_known = cut == -np.inf or len(past.came.looks) > 0
    until = max(each.warning.event_time.timestamp() for each in messages) + ROUNDED
    version = of.claim.activated.version if of.claim.activated else None
    files = {each.version: each for each in used}
    history = chapters(version, of.activations, files, until)
    tried = []
    for order, ordered in ORDERS.items():
        own, came = ordered(logs)
        held = held_by(merged([past.came, came]).by(until), until) if is_feed_known else ALL_OPEN
        of_customer = (first.customer_id.encode(), past.events, own)
        said = derived(*of_customer, list(logs), history, until, held).said
        tried.append((order, tuple(compared(messages, said, is_feed_known=is_feed_known))))
    order, found = min(tried, key=lambda each: sum(not one.is_same for one in each[1]))
    if not all(each.is_same for each in found):
        refuse_gaps(of, past)
    return Verified(
        warning_id=first.warning_id,
        customer_id=first.customer_id,
        rule=first.rule,
        partition=of.number,
        events=len(past.events) + sum(len(log.own) for log in logs.values()),
        order=order,
        messages=found,
        notes=tuple(_notes(of, is_feed_known=is_feed_known)),
    )


def _notes(of: PartitionEvidence, *, is_feed_known: bool) -> Iterator[str]:
    for topic, log in of.logs.items():
        if log.begins:
            yield f"{topic} holds nothing from before offset {log.begins} any more."
    if of.claim.backfill is not None and not is_feed_known:
        yield "A history was loaded from files; none of it was given as HISTORY."
    if not is_feed_known:
        yield "What the feed usually brings is not known: nothing is held, and `feed` not compared."
    if not of.claim.sequence:
        yield "The store knows nothing of this partition: which parameters came when is not known."
    if of.activations:
        yield f"Parameters came into force {len(of.activations)} times after the first ones."


def refuse_gaps(of: PartitionEvidence, past: Past) -> None:
    """Refuse where what topics do not hold was not given: the state would be another.

    Raises:
        VerifyError: it was not.
    """
    if of.cut == -np.inf or len(past.came.looks):
        return
    forgotten = [topic for topic, log in of.logs.items() if log.begins]
    missing = f"what {', '.join(forgotten)} forgot" if forgotten else "what was loaded"
    expected = f"{missing} of the time before {instant(of.cut).isoformat()}"
    raise VerifyError(f"HISTORY: expected {expected}, got none")
