"""By when cases are to be answered, as the queue tells it, and which are overdue."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from desk_cases import MONDAY, a_case
from queue_cases import TODAY, assigned, handed_to

from ebbwatch.serve.queue import CaseBoard, CaseLine, CaseRanking, ChosenCases
from schemas.outputs.cases import CustomerCase
from schemas.outputs.desk import DeskAssignment
from scoring.facts.calendar import BookCalendar
from scoring.warning.desk import CaseDesk, desk_rules

RULES = """
due = { high = 1, middle = 2 }
[route.risk]
closed = ["saturday", "sunday"]
[route.relationship]
closed = ["tuesday"]
"""
LAST_FRIDAY = MONDAY - timedelta(days=3)
Message = CustomerCase | DeskAssignment


def ranking_of(*messages: Message, rules: str = RULES, zone: str = "Europe/Berlin") -> CaseRanking:
    board = CaseBoard(CaseDesk(desk_rules(rules.encode()), BookCalendar(zone)), is_replay=True)
    for each in messages:
        board.hear(each) if isinstance(each, CustomerCase) else board.recall(each)
    return CaseRanking(board)


async def the_line(of: CaseRanking) -> CaseLine:
    """The only one, which must be the same however it is asked for."""
    (line,) = (await of.page(ChosenCases())).lines
    assert of.find(line.customer) == line
    overdue = (await of.page(ChosenCases(due="overdue"))).lines
    assert overdue == ((line,) if line.is_overdue else ())
    return line


def out(case: CustomerCase, day: date) -> DeskAssignment:
    place = handed_to(case, "officer-3", day)
    return assigned(case, "handed_out", handed_out=place, lately=(place,))


@pytest.mark.parametrize(
    ("band", "route", "day", "due", "is_overdue"),
    [
        ("high", "risk", date(2026, 2, 26), date(2026, 2, 27), True),
        ("high", "risk", date(2026, 2, 27), date(2026, 3, 2), False),  # today, and not over
        ("middle", "risk", date(2026, 2, 27), date(2026, 3, 3), False),
        ("middle", "risk", date(2026, 2, 25), date(2026, 2, 27), True),
        ("high", "relationship", date(2026, 2, 27), date(2026, 2, 28), True),
        ("high", "relationship", TODAY, date(2026, 3, 4), False),
    ],
)
async def test_days_count_from_the_hand_out(
    band: Any, route: Any, day: date, due: date, *, is_overdue: bool
) -> None:
    long_ago = MONDAY - timedelta(days=90)
    case = a_case("c", band=band, route=route, opened_at=long_ago)
    line = await the_line(ranking_of(case, out(case, day)))
    assert (line.due, line.is_overdue) == (due, is_overdue)


@pytest.mark.parametrize("status", ["queued", None])
async def test_while_nobody_has_it_they_count_from_its_opening(status: str | None) -> None:
    case = a_case("c", band="high", route="risk", opened_at=LAST_FRIDAY - timedelta(days=1))
    told = [] if status is None else [assigned(case, status)]
    line = await the_line(ranking_of(case, *told))
    assert (line.due, line.is_overdue) == (LAST_FRIDAY.date(), True)


async def test_the_hand_out_of_a_case_before_says_nothing_of_this_one() -> None:
    before = a_case("c")
    case = a_case("c", number=2, band="high", route="risk", opened_at=LAST_FRIDAY)
    line = await the_line(ranking_of(case, out(before, TODAY - timedelta(days=30))))
    assert (line.due, line.is_overdue) == (TODAY, False)


async def test_what_nobody_is_to_answer_or_somebody_has_is_not_due() -> None:
    long_ago = MONDAY - timedelta(days=90)
    until = MONDAY + timedelta(days=3)
    cases: dict[str, dict[str, Any]] = {
        "answered": {"progress": "contacted"},
        "snoozed": {"status": "snoozed", "snoozed_until": until},
        "holdout": {"arm": "holdout"},
    }
    for changes in cases.values():
        case = a_case("c", opened_at=long_ago, **changes)
        line = await the_line(ranking_of(case, out(case, long_ago.date())))
        assert (line.due, line.is_overdue) == (None, False), changes
    minor = a_case("c", opened_at=long_ago)
    assert (await the_line(ranking_of(minor, assigned(minor, "minor")))).due is None


async def test_a_graver_band_is_due_sooner() -> None:
    case = a_case("c", route="risk")
    graver = case.model_copy(update={"band": "high", "sequence": 2})
    day = date(2026, 2, 26)
    assert (await the_line(ranking_of(case, out(case, day)))).due == date(2026, 3, 2)
    assert (await the_line(ranking_of(case, out(case, day), graver))).due == date(2026, 2, 27)


@pytest.mark.parametrize(
    ("zone", "due"), [("Europe/Berlin", date(2026, 3, 3)), ("America/New_York", date(2026, 3, 2))]
)
async def test_the_day_of_opening_is_the_desk_s_own(zone: str, due: date) -> None:
    """23:30 UTC of Sunday is Monday in Berlin."""
    night = datetime.fromisoformat("2026-03-01T23:30:00Z")
    case = a_case("c", band="high", route="risk", opened_at=night)
    assert (await the_line(ranking_of(case, zone=zone))).due == due


async def test_a_desk_that_is_closed_for_years_names_no_day() -> None:
    never = RULES.replace('["saturday", "sunday"]', '["2026-01-01/2099-12-31"]')
    line = await the_line(ranking_of(a_case("c", route="risk"), rules=never))
    assert (line.due, line.is_overdue) == (None, False)


async def test_overdue_ones_are_chosen_by_value_and_with_what_else_is_asked() -> None:
    old = [
        a_case(name, value, route="risk", opened_at=MONDAY - timedelta(days=90))
        for name, value in (("a", 5.0), ("b", 9.0), ("c", 7.0))
    ]
    of = ranking_of(*old, a_case("new", 8.0, route="risk"), out(old[0], date(2026, 2, 20)))
    found = await of.page(ChosenCases(due="overdue"))
    assert [(each.rank, each.customer) for each in found.lines] == [(1, "b"), (3, "c"), (4, "a")]
    assert (found.found, found.all) == (3, 4)
    mine = await of.page(ChosenCases(due="overdue", owner="officer-3"))
    assert [each.customer for each in mine.lines] == ["a"]
