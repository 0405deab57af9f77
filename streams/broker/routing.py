"""Which input topic an event belongs to, and the message it becomes."""

import json
from collections.abc import Mapping
from typing import Any, Final

from schemas import INTERACTION_EXAMPLES, TRANSACTION_EXAMPLES
from schemas.events.examples import OUTCOME_EXAMPLES
from streams.broker.message import Message
from streams.config import Settings

TRANSACTIONS: Final = frozenset(TRANSACTION_EXAMPLES)
INTERACTIONS: Final = frozenset(INTERACTION_EXAMPLES)
OUTCOMES: Final = frozenset(OUTCOME_EXAMPLES)


def topic_of(kind: object, settings: Settings) -> str | None:
    """Input topic of an event type, None for a type that is unknown.

    >>> topic_of("survey", Settings())
    'bank.customer.interaction.v1'
    """
    name = str(kind)
    if name in TRANSACTIONS:
        return settings.transaction_topic
    if name in OUTCOMES:
        return settings.outcome_topic
    return settings.interaction_topic if name in INTERACTIONS else None


def topics_of(settings: Settings) -> dict[str, str]:
    """Input topic of every event type."""
    known = (*TRANSACTION_EXAMPLES, *INTERACTION_EXAMPLES, *OUTCOME_EXAMPLES)
    return {name: topic for name in known if (topic := topic_of(name, settings))}


def message(event: Mapping[str, Any]) -> Message:
    """The record of an event: keyed by its customer, as every topic is."""
    body = json.dumps(event, separators=(",", ":"), ensure_ascii=False)
    return Message(event["customer_id"].encode(), body.encode())
