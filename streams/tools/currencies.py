"""Which currencies come in that workers cannot convert to the book's."""

import asyncio
import json
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from aiokafka.structs import TopicPartition

from schemas import MINOR_UNITS, rejection
from schemas.remedies import remedy
from streams.broker.clients import ClientOptions
from streams.broker.read import numbers, reading, tail
from streams.config import Settings
from streams.intake.rates import RateTable
from streams.intake.records import unframed

TAIL: Final = 200  # records of a partition looked at
PATIENCE: Final = 30.0  # seconds that reading them may take


def has_rate(event: Mapping[str, Any], day: datetime, rates: RateTable) -> bool:
    """Whether an event's amount, if it has any, can be converted on its day."""
    currency = event.get("currency", rates.book_currency)
    if "book_amount" in event or "book_balance" in event:
        return True
    return rates.convert(0, currency, day.astimezone(UTC).date()) is not None


async def without_rate(settings: Settings, rates: RateTable) -> Counter[str]:
    """Count amounts among the latest transactions that cannot be converted, by currency.

    Raises:
        kafka.errors.KafkaError: Kafka cannot be reached.
        TimeoutError: it does not answer.
    """
    found: Counter[str] = Counter()
    async with reading(ClientOptions(settings)) as consumer, asyncio.timeout(PATIENCE):
        for number in await numbers(consumer, settings.transaction_topic):
            place = TopicPartition(settings.transaction_topic, number)
            async for record in tail(consumer, place, TAIL):
                found.update(_lacking(record.value, rates))
    return found


def told(counts: Mapping[str, int], book: str) -> str:
    """Say which currencies lack a rate, and what helps."""
    listed = ", ".join(f"{count} in {currency}" for currency, count in counts.items())
    first = next(iter(counts))
    help_ = remedy(rejection(0, "no_rate", "currency", "", first))
    return f"expected amounts in {book} or with a rate to it, got {listed}; {help_}"


def _lacking(value: bytes | None, rates: RateTable) -> list[str]:
    try:
        event = json.loads(unframed(value or b""))
        currency, day = event["currency"], datetime.fromisoformat(event["event_time"])
    except (ValueError, KeyError, TypeError):
        return []  # no event, or one without an amount
    known = isinstance(currency, str) and currency in MINOR_UNITS
    return [currency] if known and not has_rate(event, day, rates) else []
