"""Reading what the topics tell of outcomes."""

from collections.abc import Iterator
from typing import Any, Final

from schemas import BatchAdapter, EarlyWarning, Transaction, validate_batch
from schemas.events.outcomes import CustomerOutcome
from streams.config import Settings
from streams.tools.desk.story import Story
from streams.tools.desk.topics import Record, gather, read
from streams.tools.desk.worth import Costs, OutcomeReport

_ANSWERS: Final = BatchAdapter[Any](CustomerOutcome)
_TRANSACTIONS: Final = BatchAdapter[Any](Transaction)


async def report(settings: Settings, days: float, costs: Costs) -> OutcomeReport:
    """Read warnings, answers and purchases, and tell what they come to.

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
    async for records in gather(settings, settings.outcome_topic):
        for event in _usable(_ANSWERS, records, settings.future_tolerance):
            story.answer(event)
    async for records in gather(settings, settings.transaction_topic):
        for event in _usable(_TRANSACTIONS, records, settings.future_tolerance):
            if event["type"] == "purchase":
                story.purchase(event["customer_id"], event["event_time"])
    return story.told(costs)


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
