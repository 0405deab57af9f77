"""Where a partition stands that was claimed: whether Redis is as far as Kafka knows it to be."""

from typing import NamedTuple

from streams.outbox.position import KafkaKnows, OutboxPosition
from streams.store import Claim


class GoneBackError(ValueError):
    """Redis went back so far that what is lost can not be made good from Kafka alone."""


class Standing(NamedTuple):
    """Where to go on.

    Attributes:
        number: of the last entry of the outbox that is published.
        compared_after: the topics may hold, behind this number, what will be said again; None:
            they hold nothing of the kind.
        went_back: how it shows that Redis went back, empty where it did not.
    """

    number: int
    compared_after: int | None
    went_back: str


def standing(partition: int, claim: Claim, known: KafkaKnows) -> Standing:
    """Compare what the store holds with what Kafka knows.

    Raises:
        GoneBackError: the records or files that a replay would need are gone.
    """
    told = [
        f"{topic} applied up to {claim.offsets.get(topic, 0)} of {offset}"
        for topic, offset in known.mirrored.items()
    ]
    position = known.position
    if position is None:
        unsure = bool(told) or claim.outbox > claim.published
        after = _least(claim.compared_after, claim.published if unsure else None)
        return Standing(claim.published, after, ", ".join(told))
    if position.generation != claim.generation:
        _check_replay(partition, claim, known, position)
        told.append(f"generation {claim.generation} in place of {position.generation}")
        after = _least(claim.compared_after, claim.published)
        return Standing(claim.published, after, ", ".join(told))
    lost = position.number > claim.outbox
    if lost:
        told.append(f"outbox at {claim.outbox} of {position.number}")
    own = claim.outbox if lost else None
    after = _least(claim.compared_after, position.compared_after, own)
    return Standing(position.number, after, ", ".join(told))


def _least(*numbers: int | None) -> int | None:
    return min((number for number in numbers if number is not None), default=None)


def _check_replay(
    partition: int, claim: Claim, known: KafkaKnows, position: OutboxPosition
) -> None:
    """See that a store which begins anew can be brought where it was."""
    if claim.backfill is not None:
        return
    gone = [
        f"{topic} from offset {first} on"
        for topic, first in known.first.items()
        if first > claim.offsets.get(topic, 0)
    ]
    where = f"partition {partition}: expected generation {position.generation}, got another"
    if position.backfilled:
        raise GoneBackError(
            f"{where} without the history that had been loaded from files: Redis was emptied or "
            "replaced; restore it, or load the files again (ebbwatch backfill)"
        )
    if gone:
        raise GoneBackError(
            f"{where}, and {', '.join(gone)}: Redis was emptied or replaced, and Kafka holds too "
            "little to replay; restore Redis, or load files (ebbwatch backfill)"
        )
