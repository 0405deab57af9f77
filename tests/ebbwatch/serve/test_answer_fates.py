"""What became of an answer: on its way, taken, or not, and then why."""

from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from desk_cases import MONDAY, a_case
from jinja2 import Environment, PackageLoader
from queue_cases import TODAY, assigned, handed_to, said

from ebbwatch.serve.pages.wording import Wording
from ebbwatch.serve.queue import (
    MOVE,
    AnswerFate,
    CaseBoard,
    CaseLine,
    CaseRanking,
    CustomerHistory,
    fate_of,
    remembers,
    unsettled,
)
from schemas.events.examples import OUTCOME_EXAMPLES
from schemas.outputs.words import LANGUAGES
from schemas.rejections import REASONS
from scoring.facts.calendar import BookCalendar
from scoring.facts.events import EVENT, hash_ids
from scoring.facts.recent import remember
from scoring.facts.state import STATE
from scoring.warning.desk import CaseDesk, desk_rules

RULES = b"""
quiet = false
[route.relationship]
officer.o1.capacity = 9
officer.o2 = { capacity = 9, absent = ["monday"] }
officer.o3.capacity = 9
"""
LONG = "2026-03-09T00:00:00Z"


def board_of(officer: str = "", day: date = TODAY, **changes: Any) -> CaseBoard:
    """The case of one customer, handed to an officer if one is named."""
    board = CaseBoard(CaseDesk(desk_rules(RULES), BookCalendar("UTC")), is_replay=True)
    case = a_case("c", **changes)
    board.hear(case)
    if officer:
        out = handed_to(case, officer, day)
        board.recall(assigned(case, "handed_out", handed_out=out, lately=(out,)))
    return board


def line_of(board: CaseBoard) -> CaseLine:
    found = CaseRanking(board).find("c")
    assert found is not None
    return found


def became(board: CaseBoard, *answers: dict[str, Any], refused: str = "") -> tuple[str, str, str]:
    """What the page says of the last answer: its kind, state and why; empty where none is left."""
    known = CustomerHistory()
    for each in answers:
        known.answer(each)
        if refused:
            known.refuse(each["event_id"], refused)
    fate = unsettled(known, line_of(board), board)
    return ("", "", "") if fate is None else (fate.entry.kind, fate.state, fate.why)


@pytest.mark.parametrize(
    ("kind", "hours", "changes", "state"),
    [
        ("contacted", 1, {}, "sent"),
        ("contacted", 0, {}, "sent"),  # a replay's clock stands still
        ("contacted", 0, {"progress": "contacted"}, ""),
        ("contacted", -0.5, {}, ""),  # the case has changed since
        ("retained", 1, {}, "sent"),
        ("retained", 0, {}, ""),  # of one of several warnings
        ("snoozed", 1, {}, "sent"),
        ("snoozed", 1, {"status": "snoozed", "snoozed_until": MONDAY}, ""),
    ],
)
def test_an_answer_is_on_its_way_until_the_case_has_changed(
    kind: str, hours: float, changes: Any, state: str
) -> None:
    more = {"until": LONG} if kind == "snoozed" else {}
    answer = said("c", kind, MONDAY + timedelta(hours=hours), **more)
    assert became(board_of(**changes), answer) == (kind if state else "", state, "")


@pytest.mark.parametrize("hours", [1, 0, -0.5])
def test_an_answer_that_a_worker_has_set_aside_is_not_taken(hours: float) -> None:
    answer = said("c", "contacted", MONDAY + timedelta(hours=hours))
    told = became(board_of(), answer, refused="future_time")
    assert told == ("contacted", "refused", "future_time")
    later = said("c", "acknowledged", MONDAY + timedelta(hours=2))
    assert became(board_of(progress="acknowledged"), answer, later) == ("", "", "")
    # Put back from the dead letters, and taken.
    assert became(board_of(progress="contacted"), answer, refused="future_time") == ("", "", "")


def test_what_was_to_be_put_off_until_a_day_that_is_over_never_is() -> None:
    until = MONDAY + timedelta(hours=1)
    answer, board = said("c", "snoozed", MONDAY, until=until.isoformat()), board_of()
    answer["event_time"] += timedelta(minutes=1)
    assert became(board, answer) == ("snoozed", "sent", "")
    board.hear(a_case("d", event_time=until))  # which brings the clock there
    assert became(board, answer) == ("snoozed", "refused", "over")


@pytest.mark.parametrize(
    ("officer", "days", "told"),
    [
        ("o3", 0, (MOVE, "sent", "")),
        ("o1", 0, ("", "", "")),  # whose it is
        ("o2", 0, (MOVE, "refused", "absent")),  # on Mondays
        ("o2", 1, (MOVE, "sent", "")),
        ("o9", 0, (MOVE, "refused", "absent")),  # of no desk
    ],
)
def test_a_move_is_on_its_way_until_whose_it_becomes_has_it_or_the_desk_must_refuse_it(
    officer: str, days: int, told: tuple[str, str, str]
) -> None:
    move = said("c", MOVE, MONDAY + timedelta(days=days, minutes=1), officer=officer)
    assert became(board_of("o1"), move) == told
    assert became(board_of("o1"), move, refused="wrong_customer")[1:] == (
        ("refused", "wrong_customer") if told[0] else ("", "")
    )
    assert became(board_of(""), move) == ("", "", "")  # it is nobody's any more


def test_a_move_from_before_the_case_was_handed_out_anew_is_not_taken() -> None:
    tomorrow = board_of("o1", TODAY + timedelta(days=1))
    assert became(tomorrow, said("c", MOVE, officer="o3")) == (MOVE, "refused", "later")


def test_a_move_that_is_not_taken_hides_no_answer_that_is_and_the_other_way_round() -> None:
    move = said("c", MOVE, MONDAY + timedelta(minutes=1), officer="o2")
    contacted = said("c", "contacted", MONDAY + timedelta(hours=1))
    board = board_of("o1", progress="contacted")
    assert became(board, move, contacted) == (MOVE, "refused", "absent")
    assert became(board_of("o2"), move, contacted) == ("contacted", "sent", "")


def test_the_record_knows_what_was_taken() -> None:
    known, kept = CustomerHistory(), said("c", "retained")
    known.answer(kept)
    (entry,) = known.of("c")
    assert fate_of(entry, known, None, None) == AnswerFate(entry, "sent")
    states, event = np.zeros(1, STATE), np.zeros(1, EVENT)
    assert not remembers(states, entry)
    event["id"] = hash_ids([kept["event_id"]])
    remember(states, event)
    assert remembers(states, entry)
    assert not remembers(states, entry._replace(id="é" * 99))
    assert not remembers(states, entry._replace(source="crm"))
    board = board_of()
    for state, is_taken in ((states, True), (np.zeros(1, STATE), False), (None, True)):
        fate = unsettled(known, line_of(board), board, state)  # at the instant of the case's change
        assert (fate is None) == is_taken
    assert fate_of(entry, known, None, None, states).state == "taken"
    known.refuse(entry.id, "unknown_warning")
    assert fate_of(entry, known, None, None) == AnswerFate(entry, "refused", "unknown_warning")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_has_words_and_names_of_officers_stay_text(language: str) -> None:
    loader = PackageLoader("ebbwatch.serve.pages")
    env = Environment(loader=loader, autoescape=True)
    case: Any = env.get_template("cases.html").module
    words = Wording.of(language, "EUR")
    for kind in OUTCOME_EXAMPLES:
        for why in ("absent", "later", "over", *REASONS, ""):
            known = CustomerHistory()
            known.answer(said("c", MOVE, officer="o2"))
            entry = known.of("c")[0]._replace(kind=kind, detail="<b>o2")
            for state in ("sent", "refused"):
                text = str(case.fate(words, AnswerFate(entry, state, why)))  # type: ignore[arg-type]
                assert "<b>" not in text
                assert "{" not in text
