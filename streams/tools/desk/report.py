"""Reading what the topics tell of outcomes."""

from collections.abc import AsyncIterator, Iterator
from typing import Any, Final

from schemas import BatchAdapter, EarlyWarning, Interaction, Transaction, validate_batch
from schemas.events.outcomes import CustomerOutcome
from streams.config import Settings
from streams.tools.desk.story import Story
from streams.tools.desk.topics import Record, gather, read
from streams.tools.desk.worth import Costs, OutcomeReport

CONSENT: Final = "consent_changed"
PURCHASE: Final = "purchase"
_ANSWERS: Final = BatchAdapter[Any](CustomerOutcome)
_INTERACTIONS: Final = BatchAdapter[Any](Interaction)
_TRANSACTIONS: Final = BatchAdapter[Any](Transaction)


async def report(settings: Settings, days: float, costs: Costs) -> OutcomeReport:
    """Read warnings, answers, consent and purchases, and tell what they come to.

    Args:
        settings: name and reach the topics.
        days: within which who buys again has returned.
        costs: of acting.

    Raises:
        DeskError: a record of a warning topic is no warning.
        aiokafka.errors.KafkaError: Kafka cannot be reached.
    """
    story = Story(days)
    async for records in gather(settings, settings.risk_topic, settings.relationship_topic):
        for record in records:
            story.warning(read(EarlyWarning, record))
    async for event in _events(settings, _ANSWERS, settings.outcome_topic):
        story.answer(event)
    async for event in _events(settings, _INTERACTIONS, settings.interaction_topic, CONSENT):
        story.consent(event)
    async for event in _events(settings, _TRANSACTIONS, settings.transaction_topic, PURCHASE):
        story.purchase(event["customer_id"], event["event_time"])
    return story.told(costs)


async def _events(
    settings: Settings, adapter: BatchAdapter[Any], topic: str, kind: str = ""
) -> AsyncIterator[dict[str, Any]]:
    """Events of a topic as a worker takes them, all or of a kind."""
    async for records in gather(settings, topic):
        named = [record for record in records if kind.encode() in (record.value or b"")]
        for event in _usable(adapter, named, settings.future_tolerance):
            if kind in ("", event["type"]):
                yield event


def _usable(
    adapter: BatchAdapter[Any], records: list[Record], tolerance: float
) -> Iterator[dict[str, Any]]:
    """The events that a worker takes, as far as they alone tell."""
    if not records:
        return
    events, _ = validate_batch(adapter, [record.value or b"" for record in records])
    for record, event in zip(records, events, strict=True):
        if event is None or event["customer_id"].encode() != record.key:
            continue
        if event["event_time"].timestamp() <= record.timestamp / 1000.0 + tolerance:
            yield event
