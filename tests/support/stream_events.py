"""Short ways to make events, and the Kafka records they come in."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from aiokafka.structs import ConsumerRecord

from scoring.arrays import DAY
from streams.intake.records import Records

TRANSACTIONS, INTERACTIONS, OUTCOMES = "transactions", "interactions", "outcomes"
TOPICS = (TRANSACTIONS, INTERACTIONS, OUTCOMES)
START = 1_750_000_000.0
DELIVERED_MS = 4_000_000_000_000  # a record timestamp no event lies after

Event = dict[str, Any]


def event(kind: str, day: float, customer: str = "c1", **fields: Any) -> Event:
    """An event, `day` days after the start; its id is told by what it is unless given."""
    made = {
        "event_id": f"{customer}.{kind}.{day:.6f}",
        "customer_id": customer,
        "event_time": iso(START + day * DAY),
        "type": kind,
    }
    return {**made, **_DEFAULTS.get(kind, {}), **fields}


_MONEY: Event = {"amount": 5_000, "currency": "USD"}
_CARD: Event = {
    "merchant_category": "5411",
    "merchant_id": "m",
    "card_id": "card",
    "channel": "pos",
}
_DEFAULTS: dict[str, Event] = {
    "purchase": {**_MONEY, **_CARD},
    "repayment": _MONEY,
    "instalment_overdue": {**_MONEY, "instalment_id": "i", "days_overdue": 9},
    "instalment_cured": {"instalment_id": "i"},
    "complaint": {"category": "fees"},
    "survey": {"score": 1},
    "nps": {"score": 2},
    "app_session": {"duration_seconds": 60},
    "consent_changed": {"purpose": "profiling", "granted": False, "legal_basis": "consent"},
}


def iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def record(
    topic: str,
    offset: int,
    value: bytes | None,
    key: bytes | None = b"c1",
    timestamp_ms: int = DELIVERED_MS,
    partition: int = 0,
) -> "ConsumerRecord[bytes | None, bytes | None]":
    """A Kafka record as the consumer delivers it."""
    size = len(value or b"")
    return ConsumerRecord(
        topic, partition, offset, timestamp_ms, 0, key, value, None, len(key or b""), size, ()
    )


def records(topic: str, events: Iterable[Event], first: int = 0) -> Records:
    """Kafka records of events, at offsets from `first`."""
    return [
        record(topic, offset, json.dumps(made).encode(), made["customer_id"].encode())
        for offset, made in enumerate(events, first)
    ]
