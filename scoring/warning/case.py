"""The one case of a customer: all open warnings together, and what people made of them."""

from collections.abc import Iterator
from types import MappingProxyType
from typing import Final, NamedTuple

import numpy as np

from scoring.arrays import NEVER, Bools, Floats, Ints
from scoring.facts.consent import is_unscored, refuses_offers
from scoring.facts.events import Events
from scoring.facts.kinds import Kind
from scoring.facts.state import Flag, States
from scoring.warning.case_row import CASE, Mark, Status
from scoring.warning.lifecycle import LOW, Moves

MARKS: Final = {int(kind): Mark[kind.name] for kind in Kind if kind.name in Mark.__members__}
SETTLING: Final = (Mark.RETAINED, Mark.FALSE_ALARM)
ACTED: Final = (Mark.ACKNOWLEDGED, Mark.CONTACTED, Mark.OFFER_MADE, Mark.ACCEPTED)

REMEMBERED: Final = MappingProxyType(  # of a message's row, by the state's name of it
    {
        "number": "case",
        "sequence": "case_sequence",
        "opened_at": "case_opened",
        "mark": "case_mark",
        "leading": "case_leading",
        "snoozed_until": "snoozed_until",
        "levels": "level",
        "episodes": "episode",
        "since": "since",
        "severities": "severity",
    }
)


class Happened(NamedTuple):
    """What happened to one customer.

    Attributes:
        row: place in the states.
        now: epoch seconds.
        has_moved: whether any of their warnings did.
        lost_for: why they were lost before it, and one; 0 where they were not.
        has_returned: whether they bought again since.
        answer: what somebody answered, NEW for nothing.
    """

    row: int
    now: float
    has_moved: bool
    lost_for: int
    has_returned: bool = False
    answer: Mark = Mark.NEW


class Beside(NamedTuple):
    """What happened to customers beside the time that passed.

    Attributes:
        lost_for: why they were lost before it, and one, shape (n,).
        returned: who of the lost bought, shape (n,); None where nobody may have.
        answers: one about each, shape (n,); None where nobody answered.
        closed: the warnings that the answers closed.
    """

    lost_for: Ints
    returned: Bools | None = None
    answers: Events | None = None
    closed: Moves | None = None


def returning(states: States, kinds: Ints) -> Beside | None:
    """Let who was lost and buys be lost no more, in place; None where nobody does.

    Args:
        states: shape (n,).
        kinds: of the event of each, shape (n,).
    """
    lost_for = states["case_reason"]
    if not lost_for.any():
        return None
    returned = (lost_for > 0) & (kinds == Kind.PURCHASE)
    before = lost_for.astype(np.int64)
    states["case_reason"] = np.where(returned, 0, lost_for)
    return Beside(before, returned)


def _each(states: States, now: Floats, moved: Ints, beside: Beside | None) -> Iterator[Happened]:
    """What happened to each of those that anything happened to."""
    touched = states["snoozed_until"] <= now
    touched[moved] = touched[_with_news_of_consent(states)] = True
    if beside is not None:
        touched |= True if beside.returned is None else beside.returned
    places = np.flatnonzero(touched)
    if not places.size:
        return
    have_moved = set(moved.tolist())
    for row in places.tolist():
        lost_for = states["case_reason"][row] if beside is None else beside.lost_for[row]
        of = Happened(row, float(now[row]), row in have_moved, int(lost_for))
        if beside is not None and beside.returned is not None:
            of = of._replace(has_returned=bool(beside.returned[row]))
        answers = None if beside is None else beside.answers
        yield of if answers is None else _answered(of, answers[row])


def _with_news_of_consent(states: States) -> Ints:
    """Whose case has not told yet what they said of consent."""
    rows = np.flatnonzero((states["flags"] > Flag.CLOSED) | (states["case_no_offers"] > 0))
    if not rows.size:
        return rows
    own = states.take(rows)
    is_there = np.isin(own["case_status"], (Status.OPEN, Status.SNOOZED))
    is_news = (refuses_offers(own) != own["case_no_offers"]) | is_unscored(own)
    news: Ints = rows[is_there & is_news]
    return news


def _answered(of: Happened, answer: np.void) -> Happened:
    return of._replace(answer=MARKS[int(answer["kind"])])


def settle(states: States, now: Floats, moved: Ints, beside: Beside | None) -> States:
    """Bring every case to where warnings and answers put it, in place.

    Args:
        states: their warnings moved and severities told, shape (n,).
        now: epoch seconds, shape (n,).
        moved: rows whose warnings moved, in any order.
        beside: what happened beside, None for nothing.

    Returns:
        Structured array of dtype `CASE`, a row for each message that is due, by row of the states:
        none where nothing changed that anybody was told of; two where one case ends and another
        begins. What they are worth is left for the caller to fill in.
    """
    told = [row for of in _each(states, now, moved, beside) for row in _settled(states[of.row], of)]
    # As bytes: joining rows of fields, NumPy would settle on each field's type for every row.
    return np.frombuffer(b"".join(row.tobytes() for row in told), CASE).copy()


def _settled(state: np.void, of: Happened) -> Iterator[States]:
    """One customer's messages; the state is a view."""
    has_open = bool((state["level"] > LOW).any())
    if state["case_status"] in {Status.OPEN, Status.SNOOZED}:
        yield from _changed(state, of, has_open=has_open)
    is_there = state["case_status"] in {Status.OPEN, Status.SNOOZED}
    begins = (of.answer is Mark.LOST and not of.lost_for) or (has_open and not is_there)
    if begins and not is_unscored(state):
        yield _begun(state, of)


def _changed(state: np.void, of: Happened, *, has_open: bool) -> Iterator[States]:
    """The message of a case that was there, if there is anything to tell and it is awake."""
    is_withdrawn = bool(is_unscored(state))
    closed_by = Mark.CLEARED if is_withdrawn else _closed_by(of, has_open=has_open)
    is_news = of.has_moved or refuses_offers(state) != state["case_no_offers"]
    if of.answer in ACTED:
        is_news |= int(state["case_mark"]) != of.answer
        state["case_mark"] = of.answer
    was_snoozed, sleeps = state["case_status"] == Status.SNOOZED, state["snoozed_until"] < NEVER
    wakes = is_withdrawn or state["snoozed_until"] <= of.now or closed_by > Mark.CLEARED
    if sleeps and not wakes:
        if of.answer is Mark.SNOOZED:
            yield _told(state, of, Status.SNOOZED, lost_for=of.lost_for)
        return
    state["snoozed_until"] = NEVER
    if closed_by:
        yield _told(state, of, Status.CLOSED, closed_by, of.lost_for)
    elif is_news or was_snoozed:
        yield _told(state, of, Status.OPEN, lost_for=of.lost_for)


def _closed_by(of: Happened, *, has_open: bool) -> Mark:
    """What closes a case, NEW for nothing."""
    if of.answer is Mark.LOST:
        return Mark.LOST
    if of.has_returned:
        return Mark.RETURNED
    answer = of.answer if of.answer in SETTLING else Mark.NEW
    if of.lost_for:
        return answer
    return Mark.NEW if has_open else answer or Mark.CLEARED


def _begun(state: np.void, of: Happened) -> States:
    state["case"] += 1
    state["case_sequence"] = state["case_mark"] = state["case_leading"] = 0
    state["case_leading_episode"] = 0
    state["case_opened"], state["snoozed_until"] = of.now, NEVER
    state["case_status"] = Status.NONE
    return _told(state, of, Status.OPEN, lost_for=int(state["case_reason"]))


def _told(
    state: np.void, of: Happened, status: Status, closed_by: Mark = Mark.NEW, lost_for: int = 0
) -> States:
    """A message's row, which the state remembers."""
    row = np.zeros(1, CASE)
    told = row[0]
    told["row"], told["now"] = of.row, of.now
    told["before"], told["leading_before"] = state["case_status"], state["case_leading"]
    told["episode_before"] = state["case_leading_episode"]
    told["is_win_back"], told["flags"] = lost_for > 0, state["flags"]
    told["reason"] = int(state["case_reason"]) if closed_by is Mark.LOST else lost_for
    state["case_sequence"] += 1
    state["case_status"], state["case_no_offers"] = status, refuses_offers(state)
    _lead(state, is_open=status is not Status.CLOSED)
    told["status"], told["closed_by"] = status, closed_by
    for name, held in REMEMBERED.items():
        told[name] = state[held]
    if status is Status.CLOSED:
        told["levels"] = LOW  # what was raised at the same instant is the next case's
    return row


def _lead(state: np.void, *, is_open: bool) -> None:
    """Remember the leading warning: the highest severity, of equal ones the earlier rule."""
    severities = np.where(state["level"] > LOW, state["severity"], -1.0)
    slot = int(severities.argmax())
    has_one = is_open and severities[slot] >= 0.0
    state["case_leading"] = slot + 1 if has_one else 0
    state["case_leading_episode"] = state["episode"][slot] if has_one else 0
