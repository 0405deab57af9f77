"""From a step's cases to the messages that leave."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from schemas import INTERVENTIONS, Intervention, Route
from schemas.events.outcomes import LOSS_REASONS, LossReason
from schemas.ids import case_id, warning_id
from schemas.outputs.cases import (
    CaseBefore,
    CaseClosedBy,
    CaseStatus,
    CaseWarning,
    CustomerCase,
    Progress,
)
from schemas.outputs.messages import Band, ClosedBy
from scoring.arrays import NEVER
from scoring.facts.kinds import Kind
from scoring.model import ScoringModel
from scoring.rules import VALUE_TIERS, CalledFor, Rule, RuleSet
from scoring.warning.case_row import Mark, Status
from scoring.warning.lifecycle import LOW
from streams.outbox.needs import needs
from streams.outbox.parts import BANDS, Row, allowed, consent_withdrawn, instant, tier_told
from streams.outbox.phrases import Phrases, action_text

STATUSES: Final[dict[int, CaseStatus]] = {
    Status.OPEN: "open",
    Status.SNOOZED: "snoozed",
    Status.CLOSED: "closed",
}
PROGRESS: Final[dict[int, Progress]] = {
    Mark.NEW: "new",
    Mark.ACKNOWLEDGED: "acknowledged",
    Mark.CONTACTED: "contacted",
    Mark.OFFER_MADE: "offer_made",
    Mark.ACCEPTED: "accepted",
}
ENDS: Final[dict[int, CaseClosedBy]] = {
    Mark.CLEARED: "cleared",
    Mark.RETAINED: "retained",
    Mark.FALSE_ALARM: "false_alarm",
    Mark.LOST: "lost",
    Mark.RETURNED: "returned",
}
CLOSED_BY: Final[dict[int, ClosedBy]] = {
    Kind.RETAINED: "retained",
    Kind.FALSE_ALARM: "false_alarm",
    Kind.LOST: "lost",
}
"""The answer that closed a warning, by its kind."""
WIN_BACK: Final = {  # next best action by the reason of loss
    "price": "win_back_offer",
    "competitor": "win_back_offer",
    "service": "service_recovery_by_manager",
    "deceased": "condolence_and_settlement",
}
WON_BY: Final = "win_back_call"  # for every other reason
DONE: Final = "keep_in_touch"


def case_message(
    row: Row, customer: bytes, model: ScoringModel, say: Phrases, origin: dict[str, Any]
) -> CustomerCase:
    """One customer's case as a message.

    Args:
        row: as `rows` makes it of dtype `CASE`.
        customer: the customer's id.
        model: whose rules are in force.
        say: words of the language it is told in.
        origin: currency, arm and version, as every message carries them.
    """
    rules, tier = model.rules, tier_told(row["value_at_stake"], row["flags"], model)
    warnings, called = tuple(_warnings(row, customer, rules)), _called_for(row, rules, tier)
    at_stake, is_open = row["value_at_stake"], row["status"] != Status.CLOSED
    is_won = row["is_win_back"] and is_open
    action = allowed(_action(row, called), row["flags"])
    at_risk = at_stake * (1.0 if is_won else row["churn_risk"])
    band: Band = "high" if is_won else warnings[0].band if warnings else "low"
    return CustomerCase(
        case_id=case_id(customer, row["number"]),
        sequence=row["sequence"],
        previous=_before(row, customer, rules),
        customer_id=customer.decode(),
        kind="win_back" if row["is_win_back"] else "retention",
        status=STATUSES[row["status"]],
        progress=PROGRESS[row["mark"]],
        closed_by=ENDS.get(row["closed_by"]),
        reason=_reason(row),
        opened_at=instant(row["opened_at"]),
        event_time=instant(row["now"]),
        snoozed_until=_until(row),
        warnings=warnings,
        leading=warnings[0].warning_id if warnings else None,
        band=band,
        intervention=_intervention(row, called),
        route=_route(row, rules) if called is None else called.route,
        severity=round(at_risk) if is_won else warnings[0].severity if warnings else 0.0,
        value_at_risk=at_risk,
        value_at_stake=at_stake,
        tier=None if tier is None else VALUE_TIERS[tier],
        churn_risk=row["churn_risk"],
        action=action,
        action_text=action_text(action, say.language, rules.texts),
        needs=needs(row, say, rules) if is_open else None,
        consent_withdrawn=consent_withdrawn(row["flags"]),
        **origin,
    )


def _warnings(row: Row, customer: bytes, rules: RuleSet) -> Iterator[CaseWarning]:
    """The open warnings, the leading one first: by severity, band and rule."""
    slots = [slot for slot, level in enumerate(row["levels"]) if level > LOW]
    slots.sort(key=lambda slot: (-row["severities"][slot], -row["levels"][slot], slot))
    for slot in slots:
        name = rules[slot].name
        yield CaseWarning(
            warning_id=warning_id(customer, name, row["episodes"][slot]),
            rule=name,
            band=BANDS[row["levels"][slot]],
            severity=row["severities"][slot],
            raised_at=instant(row["since"][slot]),
        )


def _before(row: Row, customer: bytes, rules: RuleSet) -> CaseBefore | None:
    if row["before"] == Status.NONE:
        return None
    rule = _rule(row["leading_before"], rules)
    leading = None if rule is None else warning_id(customer, rule.name, row["episode_before"])
    return CaseBefore(status=STATUSES[row["before"]], leading=leading)


def _rule(place: int, rules: RuleSet) -> Rule | None:
    """The rule of a slot and one; None for no slot, or one whose rule was removed since."""
    return rules[place - 1] if place - 1 in rules.slots.values() else None


def _reason(row: Row) -> LossReason | None:
    place: int = row["reason"]
    return LOSS_REASONS[min(place, len(LOSS_REASONS)) - 1] if place else None


def _until(row: Row) -> datetime | None:
    is_snoozed = row["status"] == Status.SNOOZED and row["snoozed_until"] < NEVER
    return instant(row["snoozed_until"]) if is_snoozed else None


def _called_for(row: Row, rules: RuleSet, tier: int | None) -> CalledFor | None:
    """What the leading warning calls for; None without one, and to win somebody back."""
    rule = None if row["is_win_back"] else _rule(row["leading"], rules)
    return None if rule is None else rules.calls_for(rule.slot, row["levels"][rule.slot], tier)


def _route(row: Row, rules: RuleSet) -> Route:
    """Whose a case is without a leading warning."""
    rule = _rule(row["leading_before"], rules)
    return "relationship" if rule is None or row["is_win_back"] else rule.route


def _intervention(row: Row, called: CalledFor | None) -> Intervention:
    if row["status"] == Status.CLOSED:
        return INTERVENTIONS["low"]
    return INTERVENTIONS["high"] if called is None else called.intervention


def _action(row: Row, called: CalledFor | None) -> str:
    if row["status"] == Status.CLOSED:
        return DONE
    if row["is_win_back"]:
        return WIN_BACK.get(_reason(row) or "", WON_BY)
    return DONE if called is None else called.action
