"""What a customer's case is to the desk, before anybody looks at what room there is."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple

from schemas.ids import names
from schemas.outputs.cases import CustomerCase
from schemas.outputs.desk import AssignmentStatus, DeskAssignment, HandOut, NoOffers, WithdrawnBy
from scoring.warning.desk.no_offers import Listed, why_not
from scoring.warning.desk.sections import ContactLimit, DeskRules

PUT_OFF: Final = frozenset({"answered", "snoozed", "holdout"})
"""Why a case was withdrawn that may come back."""

_CHANGING: Final = {"sequence", "event_time", "lately"}  # which alone are no news


class Moment(NamedTuple):
    """When the desk looks.

    Attributes:
        at: the instant.
        day: the desk's calendar day.
    """

    at: datetime
    day: date


def standing(
    case: CustomerCase,
    before: DeskAssignment | None,
    rules: DeskRules,
    now: Moment,
    no_offers: Listed,
) -> Iterator[DeskAssignment]:
    """Yield what is to be told about a case, as if there were no room for any.

    Args:
        case: as last told.
        before: the customer's last assignment, None where there is none.
        rules: the desk's.
        now: when.
        no_offers: the bank's own list.
    """
    own = before if before is not None and before.case_id == case.case_id else None
    if before is not None and _is_over(case, before):
        return
    if before is not None and own is None and before.status != "withdrawn":
        yield _withdrawn(before, "replaced", now)
    status, why = _status(case, own, rules)
    if why is None:
        told = _assignment(case, status, before, rules, now, why_not(case, rules, no_offers))
        if own is None or _said(told) != _said(own):
            yield told
    elif own is not None and own.withdrawn_by != why:
        yield _withdrawn(own, why, now)


def handed(assignment: DeskAssignment, hand_out: HandOut, now: Moment) -> DeskAssignment:
    """An assignment that waited, handed out."""
    told = {"sequence": assignment.sequence + 1, "event_time": now.at, "status": "handed_out"}
    lately = (*assignment.lately, hand_out)
    return assignment.model_copy(update={**told, "handed_out": hand_out, "lately": lately})


def within(lately: tuple[HandOut, ...], limit: ContactLimit, day: date) -> tuple[HandOut, ...]:
    """Of a customer's hand-outs those that the limit of contacts counts on a day.

    One that is dated after it, by a clock that was ahead, counts as well.
    """
    first = day - timedelta(days=limit.days - 1)
    return tuple(each for each in lately if each.day >= first)


def _is_over(case: CustomerCase, before: DeskAssignment) -> bool:
    """Whether a case has ended for good, or is older than the one that was last told of.

    Only a topic that is written anew tells of such ones.
    """
    if case.case_id != before.case_id:
        return names(case.case_id).number < names(before.case_id).number
    return before.status == "withdrawn" and before.withdrawn_by not in PUT_OFF


def _status(
    case: CustomerCase, own: DeskAssignment | None, rules: DeskRules
) -> tuple[AssignmentStatus, WithdrawnBy | None]:
    """Where a case stands, and where it is not the desk's, why."""
    if case.status == "closed":
        return "withdrawn", case.closed_by or "cleared"
    if own is not None and own.status == "handed_out":
        return "handed_out", None
    if case.arm == "holdout":
        return "withdrawn", "holdout"
    if case.status == "snoozed":
        return "withdrawn", "snoozed"
    if case.progress != "new":
        return "withdrawn", "answered"
    return ("minor" if rules.is_minor(case.value_at_risk, case.currency) else "queued"), None


def _assignment(
    case: CustomerCase,
    status: AssignmentStatus,
    before: DeskAssignment | None,
    rules: DeskRules,
    now: Moment,
    no_offers: tuple[NoOffers, ...],
) -> DeskAssignment:
    own = before if before is not None and before.case_id == case.case_id else None
    hand_out = None if own is None else own.handed_out
    return DeskAssignment(
        case_id=case.case_id,
        sequence=1 if own is None else own.sequence + 1,
        customer_id=case.customer_id,
        status=status,
        event_time=now.at,
        opened_at=case.opened_at,
        route=case.route if hand_out is None else hand_out.route,
        band=case.band,
        action=case.action,
        action_text=case.action_text,
        value_at_risk=case.value_at_risk,
        currency=case.currency,
        handed_out=hand_out,
        offers_allowed=not no_offers,
        no_offers=no_offers,
        lately=() if before is None else within(before.lately, rules.contact, now.day),
    )


def _withdrawn(before: DeskAssignment, why: WithdrawnBy, now: Moment) -> DeskAssignment:
    told = {"sequence": before.sequence + 1, "event_time": now.at}
    return before.model_copy(update={**told, "status": "withdrawn", "withdrawn_by": why})


def _said(assignment: DeskAssignment) -> DeskAssignment:
    """What somebody may want to know of it."""
    return assignment.model_copy(update=dict.fromkeys(_CHANGING))
