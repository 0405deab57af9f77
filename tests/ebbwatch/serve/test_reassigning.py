"""A case that the page gives to another officer: one of its desk, who is there, and not blindly."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from desk_cases import MONDAY, a_case
from queue_cases import assigned, handed_to

from ebbwatch.serve.pages.answering import AnswerError, Filled
from ebbwatch.serve.queue import CaseBoard, CaseLine, CaseRanking
from schemas.ids import case_id, warning_id
from scoring.facts.calendar import BookCalendar
from scoring.warning.desk import CaseDesk, desk_rules
from streams.broker.routing import message
from streams.tools.desk.rationing.moves import moves_in

HOSTILE = '"><script>alert(1)</script>'
RULES = b"""
quiet = false
[route.risk]
officer = { o9 = { capacity = 9 } }
[route.relationship]
officer.o1.capacity = 9
officer.o2.capacity = 0
officer.o3 = { capacity = 9, absent = ["monday"] }
"""
CASE = case_id(b"c", 1)
GIVEN = Filled(
    form="f:1:s", case=CASE, answer="reassigned", officer="o2", owner="o1", note="on leave"
)


def a_board(owner: str = "o1", **changes: Any) -> CaseBoard:
    board, case = (
        CaseBoard(CaseDesk(desk_rules(RULES), BookCalendar("UTC")), is_replay=True),
        a_case("c"),
    )
    board.hear(case)
    out = handed_to(case, owner)
    told = {"status": "handed_out", "handed_out": out, "lately": (out,), **changes}
    board.recall(assigned(case, **told))
    return board


def line_of(board: CaseBoard) -> CaseLine:
    found = CaseRanking(board).find("c")
    assert found is not None
    return found


def test_what_is_sent_is_an_event_that_the_desk_takes() -> None:
    board = a_board()
    event = GIVEN.event(line_of(board), board, "o3")
    told = {name: event[name] for name in ("type", "case_id", "officer", "answered_by", "note")}
    assert told == {
        "type": "reassigned",
        "case_id": CASE,
        "officer": "o2",
        "answered_by": "o3",
        "note": "on leave",
    }
    (move,) = moves_in(record(event), 0.0)
    assert (move.customer, move.case_id, move.officer, move.at) == ("c", CASE, "o2", MONDAY)


def test_one_warning_that_was_chosen_before_does_not_matter() -> None:
    board = a_board()
    chosen = replace(GIVEN, about=warning_id(b"c", "silence", 1))
    assert GIVEN.event(line_of(board), board, "o1")["case_id"] == CASE
    assert "warning_id" not in chosen.event(line_of(board), board, "o1")


@pytest.mark.parametrize(
    "officer", ["", "o1", "o3", "o9", "nobody", HOSTILE, "o2\x00", "4111111111111111"]
)
def test_it_goes_to_nobody_else_than_who_is_offered(officer: str) -> None:
    board = a_board()
    assert board.takers(line_of(board)) == ["o2"]
    with pytest.raises(AnswerError) as refused:
        replace(GIVEN, officer=officer).event(line_of(board), board, "o1")
    assert (refused.value.key, refused.value.status) == ("answer.nobody", 422)


@pytest.mark.parametrize("owner", ["", "o3", HOSTILE])
def test_what_others_have_given_away_meanwhile_is_not_given_away_unseen(owner: str) -> None:
    board = a_board()
    with pytest.raises(AnswerError) as refused:
        replace(GIVEN, owner=owner).event(line_of(board), board, "o1")
    assert (refused.value.key, refused.value.status) == ("answer.moved", 409)


def test_what_nobody_has_goes_to_nobody() -> None:
    board = a_board(status="queued", handed_out=None, lately=())
    assert board.takers(line_of(board)) == []
    with pytest.raises(AnswerError, match=r"answer\.moved"):
        replace(GIVEN, owner="").event(line_of(board), board, "o1")


def record(event: Any, key: bytes = b"c", **changes: Any) -> Any:
    told = {**event, **changes}
    return SimpleNamespace(key=key, value=message(told).value, timestamp=MONDAY.timestamp() * 1e3)


@pytest.mark.parametrize(
    "changes",
    [
        {"key": b"d"},
        {"customer_id": "d"},
        {"case_id": case_id(b"d", 1)},
        {"case_id": warning_id(b"c", "silence", 1)},
        {"type": "acknowledged", "note": "reassigned"},
        {"officer": HOSTILE},
        {"officer": 7},
        {"event_time": "2026-03-02T09:00:01Z"},  # of a time still to come
        {"event_time": "2099-01-01T00:00:00Z"},
    ],
)
def test_the_desk_takes_no_word_that_no_worker_takes(changes: Any) -> None:
    board = a_board()
    event = GIVEN.event(line_of(board), board, "o1")
    assert list(moves_in(record(event, **changes), 0.0)) == []
    torn = SimpleNamespace(key=b"c", value=b'{"type": "reassigned"', timestamp=0)
    gone = SimpleNamespace(key=b"c", value=None, timestamp=0)
    assert [*moves_in(torn, 0.0), *moves_in(gone, 0.0)] == []  # type: ignore[arg-type]
