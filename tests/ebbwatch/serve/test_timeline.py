"""What happened, in one line of time: by the record, the case, warnings and answers."""

from datetime import date

import numpy as np
import pytest
from cases import MODEL, event, log, purchases, run
from desk_cases import MONDAY, a_case
from queue_cases import assigned, handed_to

from ebbwatch.serve.pages.timeline import last_complaint, timeline
from ebbwatch.serve.portfolio import alive_curve
from ebbwatch.serve.queue import CaseBoard, CaseLine, CaseRanking, HistoryEntry
from scoring.arrays import DAY
from scoring.facts.calendar import BookCalendar
from scoring.facts.kinds import Kind
from scoring.facts.state import Count, Sum
from scoring.facts.touchpoints import mark
from scoring.warning.desk import CaseDesk, desk_rules

FIRST = 20_000
APP, PHONE = mark("app"), mark("hotline")


def line_of(officer: str | None) -> CaseLine:
    board, case = (
        CaseBoard(CaseDesk(desk_rules(), BookCalendar("UTC")), is_replay=True),
        a_case("c"),
    )
    out = handed_to(case, officer, day=date(2026, 3, 3))
    board.hear(case)
    board.recall(assigned(case, "handed_out", handed_out=out, lately=(out,)))
    found = CaseRanking(board).find("c")
    assert found is not None
    return found


def told(events: np.ndarray, *entries: HistoryEntry, line: CaseLine | None = None) -> list[str]:
    state = run(events).states
    curve = alive_curve(state, float(state["last_event"][0]), MODEL)
    moments = timeline(state, MODEL.memory, curve, list(entries), line)
    assert [m.at for m in moments] == sorted((m.at for m in moments), reverse=True)
    return [" ".join(filter(None, (m.day, m.kind, m.where, m.what))) for m in moments]


def test_the_last_contact_and_the_last_answers_at_each_touchpoint_are_told() -> None:
    met = log(
        event(Kind.APP_SESSION, FIRST + 1),
        event(Kind.APP_SESSION, FIRST + 3),
        event(Kind.COMPLAINT, FIRST + 5, merchant=PHONE),
        event(Kind.SURVEY, FIRST + 2, merchant=PHONE, score=2),
        event(Kind.NPS, FIRST + 6, merchant=APP, score=0),
        event(Kind.SURVEY, FIRST + 7, score=4),
    )
    assert told(np.sort(met, order="time")) == [
        "2024-10-11 survey 4 / 5",
        "2024-10-10 nps app 0 / 10",
        "2024-10-09 complaint phone",  # and no contact besides
        "2024-10-06 survey phone 2 / 5",
    ]


def test_one_complaint_has_its_day_however_much_came_after_it() -> None:
    visits = [event(Kind.APP_SESSION, FIRST + day) for day in range(1, 700)]
    lived = log(event(Kind.COMPLAINT, FIRST + 5), *visits)
    assert "2024-10-09 complaint" in " ".join(told(np.sort(lived, order="time")))
    late = log(*visits, event(Kind.COMPLAINT, FIRST + 5, merchant=PHONE))  # heard of at last
    assert "2024-10-09 complaint phone" in told(late)


@pytest.mark.parametrize(
    "days", [(3, 40), (3, 3, 3), (1, 2, 90, 300), (300, 299), tuple(range(60))]
)
def test_of_several_complaints_the_last_lies_between_two_days(days: tuple[int, ...]) -> None:
    lived = log(
        *(event(Kind.COMPLAINT, FIRST + day) for day in days), event(Kind.BROWSE, FIRST + 320)
    )
    state = run(np.sort(lived, order="time")).states
    found = last_complaint(state, MODEL.memory)
    assert found is not None
    last, second = float(np.sort(lived, order="time")["time"][-2]), 1.0
    assert found[0] - second <= last <= found[1] + second
    assert not any("complaint" in line for line in told(np.sort(lived, order="time")))


def test_what_a_record_does_not_say_of_complaints_is_not_told() -> None:
    state = run(log(event(Kind.APP_SESSION, FIRST))).states
    assert last_complaint(state, MODEL.memory) is None
    for left in (0.0, -1.0, np.nan, 2.0):  # of one: no such sum
        odd = state.copy()
        odd["counts"][0, Count.COMPLAINTS], odd["sums"][0, Sum.COMPLAINTS] = 1, left
        assert last_complaint(odd, MODEL.memory) is None


def test_purchases_a_case_and_its_hand_out_stand_between_warnings_and_answers() -> None:
    bought = purchases(*(FIRST + day for day in range(9)))
    warned = HistoryEntry(MONDAY.timestamp() - 3 * DAY, "raised", "silence", "middle")
    lines = told(bought, warned, line=line_of("officer-3"))
    assert lines[:3] == [
        "2026-03-03 handed_out officer-3", "2026-03-02 opened", "2026-02-27 told",
    ]  # fmt: skip
    assert [each.split()[1] for each in lines[3:]] == ["purchase"] * 6
    assert told(bought, line=line_of(None))[0] == "2026-03-03 handed_out"


def test_of_whom_nothing_is_known_nothing_is_told() -> None:
    assert told(log(event(Kind.PROFILE_UPDATED, FIRST))) == []
