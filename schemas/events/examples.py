"""One valid event of every type, as it stands in JSON: for the docs, the demo and the tests."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, get_args

from schemas.events.interactions import Interaction
from schemas.events.outcomes import CustomerOutcome
from schemas.events.transactions import Transaction
from schemas.ids import case_id, warning_id

_Fields = Mapping[str, Any]

_MONEY: _Fields = {"amount": 4_250, "currency": "EUR"}
_FOREIGN: _Fields = {"amount": 4_000, "currency": "GBP", "book_amount": 4_680}
_CARD: _Fields = {"card_id": "card-7f3a"}
_CARD_USE: _Fields = {
    "merchant_category": "5411",
    "merchant_id": "m-1001",
    **_CARD,
    "channel": "pos",
}
_REVERSAL: _Fields = {
    "reverses": "example-purchase",
    "reversed_time": "2026-02-20T09:15:00+01:00",
}

_TRANSACTIONS: Mapping[str, _Fields] = {
    "purchase": {**_FOREIGN, **_CARD_USE},
    "declined": {**_MONEY, **_CARD_USE, "channel": "online"},
    "cash_advance": {**_MONEY, **_CARD_USE, "merchant_category": "6011", "channel": "atm"},
    "refund": {**_FOREIGN, **_CARD_USE, **_REVERSAL},
    "chargeback": {**_MONEY, **_CARD, **_REVERSAL},
    "repayment": {**_MONEY, "channel": "app"},
    "fee": {**_MONEY, **_CARD},
    "interest": {**_MONEY},
}

_INTERACTIONS: Mapping[str, _Fields] = {
    "app_session": {"duration_seconds": 93.5, "touchpoint": "app:home"},
    "web_visit": {"duration_seconds": 240},
    "browse": {"touchpoint": "web:travel-offers"},
    "click": {"touchpoint": "web:travel-offers"},
    "share": {"touchpoint": "app:referral"},
    "chat": {"touchpoint": "app:chat", "sentiment": -0.4},
    "email": {"sentiment": 0.2},
    "call": {"touchpoint": "hotline", "sentiment": -0.8},
    "branch_visit": {"touchpoint": "branch:042"},
    "atm_visit": {"touchpoint": "atm:0815"},
    "complaint": {"category": "card-declined", "touchpoint": "hotline", "sentiment": -0.9},
    "survey": {"score": 2, "touchpoint": "hotline"},
    "nps": {"score": 9},
    "referral": {"referred_id": "customer-8"},
    "campaign_sent": {"campaign_id": "spring-2026"},
    "campaign_opened": {"campaign_id": "spring-2026"},
    "campaign_converted": {"campaign_id": "spring-2026"},
    "points_earned": {"points": 120},
    "points_spent": {"points": 1_000},
    "membership_changed": {"level": "gold"},
}

_ACCOUNTS: Mapping[str, _Fields] = {
    "card_activated": {**_CARD},
    "card_blocked": {**_CARD, "reason": "lost"},
    "card_closed": {**_CARD},
    "account_closed": {},
    "instalment_overdue": {**_MONEY, "instalment_id": "i-2026-02", "days_overdue": 12},
    "instalment_cured": {"instalment_id": "i-2026-02"},
    "credit_bureau_status": {"status": "watch"},
    "balance_snapshot": {
        "balance": -125_000,
        "credit_limit": 300_000,
        "currency": "GBP",
        "book_balance": -146_250,
        "book_credit_limit": 351_000,
    },
    "deposit_interest": {**_MONEY},
    "loan_interest": {**_MONEY},
    "acquisition_cost": {**_MONEY},
    "service_cost": {**_MONEY},
    "maintenance_cost": {**_MONEY},
    "marketing_cost": {**_MONEY},
    "profile_updated": {
        "birth_year": 1984,
        "income_band": "60-80k",
        "region": "Zürich",
        "occupation": "teacher",
        "customer_kind": "person",
        "card_product": "Platinum",
    },
    "consent_changed": {"purpose": "marketing", "granted": False, "legal_basis": "consent"},
}


_ABOUT: _Fields = {
    "warning_id": warning_id(b"customer-7", "silence", 1),
    "answered_by": "officer-3",
}
_OUTCOMES: Mapping[str, _Fields] = {
    "acknowledged": {**_ABOUT},
    "contacted": {**_ABOUT, "touchpoint": "phone", "note": "Back from a journey in April."},
    "offer_made": {**_ABOUT, "offer": "fee-waiver"},
    "accepted": {**_ABOUT, "offer": "fee-waiver"},
    "retained": {**_ABOUT},
    "lost": {"case_id": case_id(b"customer-7", 1), "answered_by": "officer-3", "reason": "price"},
    "false_alarm": {**_ABOUT, "reason": "travelling"},
    "snoozed": {**_ABOUT, "until": "2026-03-08T08:00:00Z"},
    "reassigned": {
        "case_id": case_id(b"customer-7", 1),
        "answered_by": "officer-3",
        "officer": "officer-4",
    },
}

_SPECIFIC: Mapping[str, _Fields] = {
    **_TRANSACTIONS,
    **_INTERACTIONS,
    **_ACCOUNTS,
    **_OUTCOMES,
}
_COMMON: _Fields = {"customer_id": "customer-7", "event_time": "2026-03-01T12:00:00Z"}
# A type without a row above takes its required fields' values from the types that have them.
_BY_FIELD: _Fields = {name: value for row in _SPECIFIC.values() for name, value in row.items()}


def _example(kind: str, event_type: type) -> dict[str, Any]:
    required = event_type.__required_keys__ - {*_COMMON, "event_id", "type"}  # type: ignore[attr-defined]
    if kind not in _SPECIFIC and not required <= _BY_FIELD.keys():
        unknown = ", ".join(sorted(required - _BY_FIELD.keys()))
        raise ValueError(
            f"examples: expected a row for {kind}, whose fields no other has: {unknown}"
        )
    own = _SPECIFIC.get(kind) or {name: _BY_FIELD[name] for name in sorted(required)}
    return {"event_id": f"example-{kind}", **_COMMON, "type": kind, **own}


def _examples(union: object) -> Mapping[str, dict[str, Any]]:
    """An example of every member of a discriminated union of event types, by type."""
    members, *_ = get_args(union)
    kinds = {get_args(each.__annotations__["type"])[0]: each for each in get_args(members)}
    return MappingProxyType({kind: _example(kind, each) for kind, each in kinds.items()})


TRANSACTION_EXAMPLES: Mapping[str, dict[str, Any]] = _examples(Transaction)
"""Event type -> a valid event of the transaction topic."""

INTERACTION_EXAMPLES: Mapping[str, dict[str, Any]] = _examples(Interaction)
"""Event type -> a valid event of the interaction topic."""

OUTCOME_EXAMPLES: Mapping[str, dict[str, Any]] = _examples(CustomerOutcome)
"""Event type -> a valid event of the outcome topic."""

EXAMPLES: Mapping[str, dict[str, Any]] = MappingProxyType(
    {**TRANSACTION_EXAMPLES, **INTERACTION_EXAMPLES}
)
"""Event type -> a valid event of a customer's, of either topic."""
