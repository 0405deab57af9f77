"""What became of people's answers, as far as record, case, desk and dead letters tell of it.

A worker says nothing of an answer that it takes but what the case then says, and what the record
remembers; the desk nothing of a move that it refuses, which is worked out by its own rules.
"""

from datetime import UTC, datetime
from typing import Final, Literal, NamedTuple

import numpy as np

from ebbwatch.serve.queue.board import CaseBoard
from ebbwatch.serve.queue.history import CustomerHistory, HistoryEntry
from ebbwatch.serve.queue.lines import CaseLine
from scoring.facts.events import EVENT, hash_ids, within_sources
from scoring.facts.recent import is_remembered
from scoring.facts.state import States
from scoring.warning.desk import is_there

MOVE: Final = "reassigned"
PROGRESS: Final = {"acknowledged", "contacted", "offer_made", "accepted"}


class AnswerFate(NamedTuple):
    """What became of an answer.

    Attributes:
        entry: the answer.
        state: whether it is on its way, was taken, or never will be.
        why: it never will: `absent`, `later`, `over`, or the reason of its dead letter.
    """

    entry: HistoryEntry
    state: Literal["sent", "taken", "refused"]
    why: str = ""


def unsettled(
    known: CustomerHistory, line: CaseLine, board: CaseBoard, state: States | None = None
) -> AnswerFate | None:
    """The last move of an open case, or the last other answer to it, that was not taken.

    Args:
        known: what people answered.
        line: the case.
        board: where it is from, which knows the time and the desk's rules.
        state: the customer's record, shape (1,), where it is at hand.
    """
    own = [each for each in known.of(line.customer) if each.who and each.at >= line.opened]
    for is_move in (True, False):
        last = next((each for each in own if (each.kind == MOVE) == is_move), None)
        fate = None if last is None else fate_of(last, known, line, board, state)
        if fate is not None and fate.state != "taken":
            return fate
    return None


def fate_of(
    entry: HistoryEntry,
    known: CustomerHistory,
    line: CaseLine | None,
    board: CaseBoard | None,
    state: States | None = None,
) -> AnswerFate:
    """What became of an answer to a case; arguments as of `unsettled`, None where none is open."""
    is_move, why = entry.kind == MOVE, known.refused.get(entry.id, "")
    if state is not None and not is_move and remembers(state, entry):
        return AnswerFate(entry, "taken")
    if line is None or board is None:
        return AnswerFate(entry, "refused" if why else "sent", why)
    if is_move:
        is_taken = line.day is None or entry.detail == line.officer  # or nobody can have it
    else:
        is_taken = _is_done(entry, line, is_tie_taken=state is None, is_refused=bool(why))
    if is_taken:
        return AnswerFate(entry, "taken")
    why = why or (_why_not_moved if is_move else _why_not_done)(entry, line, board)
    return AnswerFate(entry, "refused" if why else "sent", why)


def remembers(state: States, entry: HistoryEntry) -> bool:
    """Whether a record, shape (1,), says that a worker has taken an answer; it forgets old ones."""
    event, own = np.zeros(1, EVENT), hash_ids([entry.id[:64].encode("ascii", "replace")])
    event["id"] = within_sources(own, [entry.source]) if entry.source else own
    return bool(is_remembered(state, event)[0])


def _is_done(entry: HistoryEntry, line: CaseLine, *, is_tie_taken: bool, is_refused: bool) -> bool:
    """Whether a case says that an answer was taken, if only by having changed since."""
    if entry.kind in {line.progress, line.state}:
        return True
    is_tie = entry.at == line.since and is_tie_taken and entry.kind not in PROGRESS
    return (entry.at < line.since or is_tie) and not is_refused


def _why_not_done(entry: HistoryEntry, _: CaseLine, board: CaseBoard) -> str:
    is_snoozed = entry.kind == "snoozed" and entry.detail
    return "over" if is_snoozed and datetime.fromisoformat(entry.detail) <= board.clock else ""


def _why_not_moved(entry: HistoryEntry, line: CaseLine, board: CaseBoard) -> str:
    if line.day is None or line.desk_route is None or not entry.detail:
        return ""
    day = board.desk.moment(datetime.fromtimestamp(entry.at, UTC)).day
    if not is_there(board.desk.rules.route.of(line.desk_route), entry.detail, day):
        return "absent"
    return "later" if day < line.day else ""
