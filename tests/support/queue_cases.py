"""Cases and assignments of a queue, as its topics hold them."""

from datetime import UTC, date, datetime
from typing import Any

from desk_cases import MONDAY, a_case
from served import FIRST, NAMES, UNTIL

from schemas.outputs.cases import CustomerCase
from schemas.outputs.desk import DeskAssignment, HandOut
from scoring.arrays import DAY

TODAY = date(2026, 3, 2)
NOW = datetime.fromtimestamp(UNTIL * DAY, UTC)
__all__ = ["FIRST", "MONDAY", "NAMES", "NOW", "TODAY", "a_case", "assigned", "handed_to"]


def handed_to(case: CustomerCase, officer: str | None, day: date = TODAY, **of: Any) -> HandOut:
    """A hand-out of a case."""
    told = {"case_id": case.case_id, "at": MONDAY, "day": day, "route": case.route, "rank": 1}
    return HandOut(**{**told, "officer": officer, **of})


def assigned(case: CustomerCase, status: str = "queued", **changes: Any) -> DeskAssignment:
    """What became of a case at the desk."""
    fields = {
        "case_id": case.case_id,
        "sequence": 1,
        "customer_id": case.customer_id,
        "status": status,
        "event_time": MONDAY,
        "opened_at": case.opened_at,
        "route": case.route,
        "band": case.band,
        "action": case.action,
        "value_at_risk": case.value_at_risk,
        "currency": case.currency,
        "handed_out": None,
        "offers_allowed": not changes.get("no_offers", ()),
        "no_offers": (),
        "lately": (),
    }
    return DeskAssignment(**{**fields, **changes})
