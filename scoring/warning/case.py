"""The one case of a customer: all open warnings together, and what people made of them."""

from types import MappingProxyType
from typing import Final, NamedTuple

import numpy as np

from scoring.arrays import NEVER, Bools, Floats, Ints, joined, raw
from scoring.facts.consent import is_unscored, refuses_offers
from scoring.facts.events import Events
from scoring.facts.kinds import Kind
from scoring.facts.state import OFFER, Flag, States
from scoring.warning.case_row import CASE, Mark, Status
from scoring.warning.lifecycle import LOW, Moves

MARKS: Final = {int(kind): Mark[kind.name] for kind in Kind if kind.name in Mark.__members__}
MARK_OF: Final = np.array([MARKS.get(kind, Mark.NEW) for kind in range(len(Kind))])
SETTLING: Final = np.isin(list(Mark), [Mark.RETAINED, Mark.FALSE_ALARM])  # by mark
ACTED: Final = np.isin(
    list(Mark), [Mark.ACKNOWLEDGED, Mark.CONTACTED, Mark.OFFER_MADE, Mark.ACCEPTED]
)

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
        **{name: name for name in OFFER},
    }
)


class Happened(NamedTuple):
    """What happened to customers, each of shape (n,).

    Attributes:
        now: epoch seconds.
        has_moved: whether any of their warnings did.
        lost_for: why they were lost before it, and one; 0 where they were not.
        has_returned: whether they bought again since.
        answer: what somebody answered, a `Mark`, NEW for nothing.
    """

    now: Floats
    has_moved: Bools
    lost_for: Ints
    has_returned: Bools
    answer: Ints

    def take(self, rows: Ints) -> "Happened":
        """To some of them."""
        return Happened._make(column[rows] for column in self)


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


def _happened(states: States, now: Floats, moved: Ints, beside: Beside | None) -> Happened:
    """What happened to each."""
    has_moved, nothing = np.zeros(len(now), np.bool_), np.zeros(len(now), np.int64)
    has_moved[moved] = True
    if beside is None:
        lost_for = states["case_reason"].astype(np.int64)
        return Happened(now, has_moved, lost_for, nothing > 0, nothing)
    returned = nothing > 0 if beside.returned is None else beside.returned
    answer = nothing if beside.answers is None else MARK_OF[beside.answers["kind"]]
    return Happened(now, has_moved, beside.lost_for, returned, answer)


def _touched(states: States, now: Floats, moved: Ints, beside: Beside | None) -> Ints:
    """Places of those that anything happened to."""
    touched = states["snoozed_until"] <= now
    touched[moved] = touched[_with_news_of_consent(states)] = True
    if beside is not None:
        touched |= True if beside.returned is None else beside.returned
    return np.flatnonzero(touched)


def _with_news_of_consent(states: States) -> Ints:
    """Whose case has not told yet what they said of consent."""
    rows = np.flatnonzero((states["flags"] > Flag.CLOSED) | (states["case_no_offers"] > 0))
    if not rows.size:
        return rows
    own = states.take(rows)
    is_news = (refuses_offers(own) != own["case_no_offers"]) | is_unscored(own)
    news: Ints = rows[_is_there(own) & is_news]
    return news


def settle(states: States, now: Floats, moved: Ints, beside: Beside | None) -> States:
    """Bring every case to where warnings and answers put it, in place.

    Args:
        states: their warnings moved and severities told, shape (n,).
        now: epoch seconds, shape (n,).
        moved: rows whose warnings moved, or what their values put at risk, in any order.
        beside: what happened beside, None for nothing.

    Returns:
        Structured array of dtype `CASE`, a row for each message that is due, by row of the states:
        none where nothing changed that anybody was told of; two where one case ends and another
        begins. What they are worth is left for the caller to fill in.
    """
    rows = _touched(states, now, moved, beside)
    if not rows.size:
        return np.empty(0, CASE)
    own, of = states.take(rows), _happened(states, now, moved, beside).take(rows)
    has_open = np.asarray((own["level"] > LOW).any(axis=1))
    changed, begun = _changed(own, of, has_open), _begun(own, of, has_open)
    raw(states)[rows] = raw(own)
    told = joined([changed, begun]) if changed.size else begun
    told["row"] = rows[told["row"]]
    ordered: States = told[np.argsort(told["row"], kind="stable")]
    return ordered


def _changed(states: States, of: Happened, has_open: Bools) -> States:
    """Messages of cases that were there, if there is anything to tell and they are awake."""
    was_there, unscored = _is_there(states), is_unscored(states)
    if not was_there.any():
        return np.empty(0, CASE)
    closed_by = np.where(unscored, Mark.CLEARED, _closed_by(of, has_open))
    is_news = of.has_moved | (refuses_offers(states) != states["case_no_offers"])
    has_acted = was_there & ACTED[of.answer]
    is_news |= has_acted & (states["case_mark"] != of.answer)
    states["case_mark"] = np.where(has_acted, of.answer, states["case_mark"])
    was_snoozed, until = states["case_status"] == Status.SNOOZED, states["snoozed_until"]
    wakes = unscored | (until <= of.now) | (closed_by > Mark.CLEARED)
    sleeps = (until < NEVER) & ~wakes
    states["snoozed_until"] = np.where(was_there & ~sleeps, NEVER, until)
    closes = ~sleeps & (closed_by > Mark.NEW)
    is_told = np.where(sleeps, of.answer == Mark.SNOOZED, closes | is_news | was_snoozed)
    status = np.where(sleeps, Status.SNOOZED, np.where(closes, Status.CLOSED, Status.OPEN))
    closed_by = np.where(closes, closed_by, Mark.NEW)
    return _told(states, of, np.flatnonzero(was_there & is_told), status, closed_by, of.lost_for)


def _is_there(states: States) -> Bools:
    status = states["case_status"]
    there: Bools = (status == Status.OPEN) | (status == Status.SNOOZED)
    return there


def _closed_by(of: Happened, has_open: Bools) -> Ints:
    """What closes a case, NEW for nothing."""
    settled = np.where(SETTLING[of.answer], of.answer, Mark.NEW)
    cleared = np.where(settled > Mark.NEW, settled, Mark.CLEARED)
    open_by = np.where(of.lost_for > 0, settled, np.where(has_open, Mark.NEW, cleared))
    return np.where(
        of.answer == Mark.LOST, Mark.LOST, np.where(of.has_returned, Mark.RETURNED, open_by)
    )


def _begun(states: States, of: Happened, has_open: Bools) -> States:
    """The first messages of cases that begin."""
    is_lost = (of.answer == Mark.LOST) & (of.lost_for == 0)
    begins = (is_lost | (has_open & ~_is_there(states))) & ~is_unscored(states)
    rows = np.flatnonzero(begins)
    states["case"][rows] += 1
    for name in ("case_sequence", "case_mark", "case_leading", "case_leading_episode"):
        states[name][rows] = 0
    states["case_opened"][rows], states["snoozed_until"][rows] = of.now[rows], NEVER
    states["case_status"][rows] = Status.NONE
    status, closed_by = np.full(len(states), Status.OPEN), np.full(len(states), Mark.NEW)
    return _told(states, of, rows, status, closed_by, states["case_reason"].astype(np.int64))


def _told(
    states: States, of: Happened, rows: Ints, status: Ints, closed_by: Ints, lost_for: Ints
) -> States:
    """The messages of some rows, which their states remember."""
    own, told = states.take(rows), np.zeros(rows.size, CASE)
    if not rows.size:
        return told
    status, closed_by, lost_for = status[rows], closed_by[rows], lost_for[rows]
    told["row"], told["now"] = rows, of.now[rows]
    told["before"], told["leading_before"] = own["case_status"], own["case_leading"]
    told["episode_before"] = own["case_leading_episode"]
    told["is_win_back"], told["flags"] = lost_for > 0, own["flags"]
    told["reason"] = np.where(closed_by == Mark.LOST, own["case_reason"], lost_for)
    own["case_sequence"] += 1
    own["case_status"], own["case_no_offers"] = status, refuses_offers(own)
    _lead(own, status != Status.CLOSED)
    told["status"], told["closed_by"] = status, closed_by
    for name, held in REMEMBERED.items():
        told[name] = own[held]
    told["levels"][status == Status.CLOSED] = LOW  # what was raised just then is the next case's
    raw(states)[rows] = raw(own)
    return told


def _lead(states: States, is_open: Bools) -> None:
    """Remember the leading warning: the highest severity, then band, then the earlier rule."""
    severities = np.where(states["level"] > LOW, states["severity"], -1.0)
    highest = severities == severities.max(axis=1, keepdims=True)
    each, slot = np.arange(len(states)), np.where(highest, states["level"], LOW).argmax(axis=1)
    has_one = is_open & (severities[each, slot] >= 0.0)
    states["case_leading"] = np.where(has_one, slot + 1, 0)
    states["case_leading_episode"] = np.where(has_one, states["episode"][each, slot], 0)
