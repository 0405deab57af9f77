"""A case that goes from one officer to another, by somebody's word."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from schemas.outputs.desk import DeskAssignment
from scoring.warning.desk.sections import RouteTable


class Move(NamedTuple):
    """Somebody's word that a case goes to another officer.

    Attributes:
        customer: whose case.
        case_id: which.
        officer: to whom.
        at: when.
    """

    customer: str
    case_id: str
    officer: str
    at: datetime

    @classmethod
    def of(cls, event: Mapping[str, Any]) -> "Move":
        """That of an outcome event, by its contract, of the type `reassigned`."""
        return cls(event["customer_id"], event["case_id"], event["officer"], event["event_time"])


def is_there(table: RouteTable, officer: str, day: date) -> bool:
    """Whether somebody is one of a route's officers, and not absent on a day."""
    own = table.officer.get(officer)
    return own is not None and not any(days.hold(day) for days in own.absent)


def may_move(before: DeskAssignment | None, move: Move, day: date) -> bool:
    """Whether a case is somebody's, and a move of it is news.

    An older word than the last one, or from before the case was handed out, is none: topics are
    read again from their beginning.

    Args:
        before: the customer's last assignment.
        move: the word.
        day: the desk's calendar day of it.
    """
    out = None if before is None else before.handed_out
    if before is None or out is None or before.status != "handed_out":
        return False
    is_new = day >= out.day and (out.moved_at is None or move.at >= out.moved_at)
    return before.case_id == move.case_id and is_new and out.officer != move.officer


def moved(before: DeskAssignment, move: Move, at: datetime) -> DeskAssignment:
    """The assignment in other hands: its place in the day stays, and counts for the new officer.

    Args:
        before: of a case that may move.
        move: the word.
        at: now.
    """
    assert before.handed_out is not None  # noqa: S101 - it may move
    whose = {"officer": move.officer, "moved_at": move.at}
    out = before.handed_out.model_copy(update=whose)
    lately = tuple(out if each == before.handed_out else each for each in before.lately)
    told = {"sequence": before.sequence + 1, "event_time": at}
    return before.model_copy(update={**told, "handed_out": out, "lately": lately})
