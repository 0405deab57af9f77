"""Values of what the contract asks of an event and a history does not have."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from modelling.history.contract import required
from schemas import EXAMPLES
from scoring.facts.kinds import Kind
from streams.intake.columns import UNKNOWN

# What a history has of every event that must have it.
OWN: Final = frozenset(
    {
        *("event_id", "customer_id", "event_time", "type"),
        *("amount", "currency", "score", "reverses"),
        *("card_id", "merchant_id", "channel"),
        *("purpose", "granted", "legal_basis"),
    }
)
# In the order they are written. No state depends on them, so that any value does that is valid.
VALUES: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "merchant_category": "0000",
        "duration_seconds": 0,
        "campaign_id": UNKNOWN,
        "points": 1,
        "level": UNKNOWN,
        "instalment_id": UNKNOWN,
        "days_overdue": 1,
        "status": "good",
        "balance": 0,
        "credit_limit": 0,
    }
)


def stand_ins(kind: Kind) -> dict[str, Any]:
    """Fields that an event of a type must have beyond what a history has of it.

    A field without a value in `VALUES` has that of the type's example, so that a new event type is
    valid on the wire without a line here. A history has the merchant category of purchases alone.

    >>> stand_ins(Kind.APP_SESSION)
    {'duration_seconds': 0}
    """
    own = {*OWN, "merchant_category"} if kind == Kind.PURCHASE else OWN
    missing = required()[kind] - own
    named = {name: value for name, value in VALUES.items() if name in missing}
    example = EXAMPLES[kind.name.lower()]
    others = {name: value for name, value in example.items() if name in missing - VALUES.keys()}
    return {**named, **others}
