"""The contracts of Ebbwatch: events in; early warnings, scores and dead letters out."""

from schemas.bulk import MAX_EVENT_BYTES, BatchAdapter, validate_batch
from schemas.cards import contains_card_number, is_card_number, mask
from schemas.cloudevents import cloud_event_headers
from schemas.currencies import CURRENCIES, MINOR_UNITS
from schemas.examples import EXAMPLES, INTERACTION_EXAMPLES, TRANSACTION_EXAMPLES
from schemas.interactions import Interaction
from schemas.outputs import (
    ADVISORY,
    INTERVENTIONS,
    Band,
    Confidence,
    CustomerScore,
    DeadLetter,
    EarlyWarning,
    Intervention,
    Lifecycle,
    Reason,
    Route,
)
from schemas.rejections import REASONS, Rejection, rejection, shown
from schemas.segments import Segments
from schemas.transactions import Transaction

__all__ = [
    "ADVISORY",
    "CURRENCIES",
    "EXAMPLES",
    "INTERACTION_EXAMPLES",
    "INTERVENTIONS",
    "MAX_EVENT_BYTES",
    "MINOR_UNITS",
    "REASONS",
    "TRANSACTION_EXAMPLES",
    "Band",
    "BatchAdapter",
    "Confidence",
    "CustomerScore",
    "DeadLetter",
    "EarlyWarning",
    "Interaction",
    "Intervention",
    "Lifecycle",
    "Reason",
    "Rejection",
    "Route",
    "Segments",
    "Transaction",
    "cloud_event_headers",
    "contains_card_number",
    "is_card_number",
    "mask",
    "rejection",
    "shown",
    "validate_batch",
]
