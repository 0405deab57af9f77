"""The contracts of Ebbwatch: events in; early warnings, scores and dead letters out.

Here belongs what others rely on: shapes, limits, words and the JSON Schemas made of them. What an
event does to a customer, and when something is warned about, is `scoring`'s.
"""

from schemas.bulk import MAX_EVENT_BYTES, BatchAdapter, validate_batch
from schemas.cards import contains_card_number, is_card_number, mask
from schemas.cloudevents import cloud_event_headers
from schemas.currencies import CURRENCIES, MINOR_UNITS
from schemas.events.examples import EXAMPLES, INTERACTION_EXAMPLES, TRANSACTION_EXAMPLES
from schemas.events.interactions import Interaction
from schemas.events.transactions import Transaction
from schemas.outputs.dead_letters import DeadLetter
from schemas.outputs.messages import (
    ADVISORY,
    INTERVENTIONS,
    Band,
    Confidence,
    CustomerScore,
    EarlyWarning,
    Intervention,
    Lifecycle,
    Route,
)
from schemas.outputs.reasons import MOST_REASONS, Feed, Reason, WouldClear
from schemas.rejections import REASONS, Rejection, rejection, shown
from schemas.segments import Segments

__all__ = [
    "ADVISORY",
    "CURRENCIES",
    "EXAMPLES",
    "INTERACTION_EXAMPLES",
    "INTERVENTIONS",
    "MAX_EVENT_BYTES",
    "MINOR_UNITS",
    "MOST_REASONS",
    "REASONS",
    "TRANSACTION_EXAMPLES",
    "Band",
    "BatchAdapter",
    "Confidence",
    "CustomerScore",
    "DeadLetter",
    "EarlyWarning",
    "Feed",
    "Interaction",
    "Intervention",
    "Lifecycle",
    "Reason",
    "Rejection",
    "Route",
    "Segments",
    "Transaction",
    "WouldClear",
    "cloud_event_headers",
    "contains_card_number",
    "is_card_number",
    "mask",
    "rejection",
    "shown",
    "validate_batch",
]
