"""Cases that go from one officer to another: by a person's word, and no old or foreign one."""

from datetime import timedelta

import pytest
from desk_cases import MONDAY, a_case, closed

from schemas.outputs.desk import DeskAssignment
from scoring.facts.calendar import BookCalendar
from scoring.warning.desk import CaseDesk, Move, desk_rules

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
RULES = b"""
quiet = false
minor.below = 0
[route.risk]
officer = { o9 = { capacity = 9 } }
[route.relationship]
closed = []
officer.o1.capacity = 1
officer.o2.capacity = 0
officer.o3 = { capacity = 0, absent = [2026-03-02] }
"""


def a_desk(*told):
    desk = CaseDesk(desk_rules(RULES), BookCalendar("UTC"))
    for assignment in told:
        desk.recall(assignment)
    return desk


def heard(desk, *cases, at=MONDAY):
    for case in cases:
        desk.hear(case)
    return desk.decide(at)


def moved(desk, officer, at=MONDAY + HOUR, case=None, decided=None):
    case = case or a_case("a")
    desk.move(Move(case.customer_id, case.case_id, officer, at))
    return desk.decide(decided or at)


def test_a_move_is_what_the_event_says():
    event = {"type": "reassigned", "customer_id": "a", "case_id": "a.1", "officer": "o2"}
    move = Move.of({**event, "event_time": MONDAY, "answered_by": "o1"})
    assert move == Move(customer="a", case_id="a.1", officer="o2", at=MONDAY)


def test_a_case_goes_to_another_officer_whose_capacity_it_then_takes():
    desk = a_desk()
    first = heard(desk, a_case("a"))[-1]
    (told,) = moved(desk, "o2")
    assert (first.handed_out.officer, told.handed_out.officer) == ("o1", "o2")
    assert (told.sequence, told.status) == (first.sequence + 1, "handed_out")
    assert (told.handed_out.moved_at, told.event_time) == (MONDAY + HOUR, MONDAY + HOUR)
    assert (told.handed_out.rank, told.handed_out.day) == (1, MONDAY.date())
    assert told.lately == (told.handed_out,)
    assert DeskAssignment.model_validate_json(told.model_dump_json()) == told
    room = desk.room("relationship", MONDAY.date())
    assert (room.taken, room.officers) == (1, {"o1": 1, "o2": 0})
    changed = heard(desk, a_case("a", 9.0), at=MONDAY + 2 * HOUR)[-1]
    assert changed.handed_out == told.handed_out


def test_the_customer_s_next_case_goes_to_who_took_the_last_one_over():
    text = RULES.replace(b"o2.capacity = 0", b"o2.capacity = 1")
    desk = CaseDesk(desk_rules(text + b"[contact]\ndays = 1"), BookCalendar("UTC"))
    heard(desk, a_case("a"))
    moved(desk, "o2")
    later = MONDAY + DAY
    told = heard(desk, closed(a_case("a")), at=later) + heard(desk, a_case("a", number=2), at=later)
    assert told[-1].status == "handed_out"


@pytest.mark.parametrize("officer", ["o1", "o3", "o9", "nobody", "O2", "o2 ", "<script>", ""])
def test_only_an_officer_of_the_route_who_is_there_and_does_not_have_it_takes_it(officer):
    desk = a_desk()
    heard(desk, a_case("a"))
    assert moved(desk, officer) == []
    assert [move.officer for move in desk.refused] == ([] if officer == "o1" else [officer])


def test_who_is_absent_on_the_day_of_the_word_does_not_take_it_the_day_after():
    desk = a_desk()
    heard(desk, a_case("a"))
    assert moved(desk, "o3", decided=MONDAY + DAY) == []
    (told,) = moved(desk, "o3", at=MONDAY + DAY)
    assert told.handed_out.officer == "o3"


def test_only_what_is_handed_out_goes_to_somebody_and_only_the_case_that_is_meant():
    desk = a_desk()
    heard(desk, a_case("a", 2.0), a_case("waits", 1.0))
    assert moved(desk, "o2", case=a_case("waits")) == []
    assert moved(desk, "o2", case=a_case("unknown")) == []
    assert moved(desk, "o2", case=a_case("a", number=2)) == []
    assert (
        moved(desk, "o2", at=MONDAY - DAY, decided=MONDAY + HOUR) == []
    )  # before it was handed out
    heard(desk, closed(a_case("a")), at=MONDAY + HOUR)
    assert moved(desk, "o2") == []
    assert desk.refused == []


def test_a_desk_that_reads_all_again_decides_nothing_twice():
    desk = a_desk()
    heard(desk, a_case("a"))
    words = [("o2", MONDAY + HOUR), ("o1", MONDAY + 2 * HOUR), ("o2", MONDAY + 3 * HOUR)]
    last = [moved(desk, officer, at)[-1] for officer, at in words][-1]
    for upto in range(1, 4):
        again = a_desk(last)
        again.hear(a_case("a"))
        for officer, at in words[:upto]:
            again.move(Move("a", last.case_id, officer, at))
        assert again.decide(MONDAY + 4 * HOUR) == [], upto


def test_who_is_erased_is_moved_nowhere():
    desk = a_desk()
    heard(desk, a_case("a"))
    desk.move(Move("a", a_case("a").case_id, "o2", MONDAY + HOUR))
    assert desk.forget("a")
    assert desk.decide(MONDAY + HOUR) == []
