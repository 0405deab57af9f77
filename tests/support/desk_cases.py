"""Cases as the case topic tells them, for tests of the desk."""

from datetime import UTC, datetime, timedelta
from typing import Any

from schemas.ids import case_id, warning_id
from schemas.outputs.cases import CaseWarning, CustomerCase

MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)


def warned_by(customer: str, rule: str, severity: float = 1.0) -> CaseWarning:
    return CaseWarning(
        warning_id=warning_id(customer.encode(), rule, 1),
        rule=rule,
        band="middle",
        severity=severity,
        raised_at=MONDAY,
    )


def a_case(
    customer: str,
    value: float = 10_000.0,
    *,
    number: int = 1,
    rules: Any = ("silence",),
    **changes: Any,
) -> CustomerCase:
    """An open case of some value at risk, minor units, about which nobody has done anything."""
    warnings = tuple(warned_by(customer, rule) for rule in rules)
    fields: dict[str, Any] = {
        "case_id": case_id(customer.encode(), number),
        "sequence": 1,
        "previous": None,
        "customer_id": customer,
        "kind": "retention",
        "status": "open",
        "progress": "new",
        "opened_at": MONDAY - timedelta(hours=1),
        "event_time": MONDAY,
        "warnings": warnings,
        "leading": warnings[0].warning_id if warnings else None,
        "band": "middle",
        "intervention": "incentivise",
        "route": "relationship",
        "severity": value,
        "value_at_risk": value,
        "value_at_stake": value * 2,
        "churn_risk": 0.5,
        "currency": "EUR",
        "action": "reactivation_offer",
        "arm": "treated",
        "model_version": "m-1",
    }
    return CustomerCase(**{**fields, **changes})


def closed(case: CustomerCase, why: str = "cleared") -> CustomerCase:
    """The case, closed."""
    told = {"status": "closed", "closed_by": why, "warnings": (), "leading": None}
    return case.model_copy(update={**told, "sequence": case.sequence + 1})
