"""What is kept of cases and assignments, in whatever order they come, and how it is ranked."""

import random
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

import pytest
from desk_cases import MONDAY, a_case, closed
from queue_cases import TODAY, assigned, handed_to

from ebbwatch.serve.queue import CaseBoard, CaseLine, CaseRanking, ChosenCases, columns, ranking
from schemas.ids import case_id
from schemas.outputs.cases import CustomerCase
from schemas.outputs.desk import DeskAssignment
from scoring.facts.calendar import BookCalendar
from scoring.warning.desk import CaseDesk, desk_rules

RULES = """
quiet = false
minor.below = 1
contact = { hand_outs = 1, days = 14 }
[route.risk]
capacity = 0
[route.relationship]
capacity = 2
closed = []
"""
Message = CustomerCase | DeskAssignment


def board_of(*messages: Message, rules: str = RULES, zone: str = "Europe/Berlin") -> CaseRanking:
    desk = CaseDesk(desk_rules(rules.encode()), BookCalendar(zone))
    board = CaseBoard(desk, is_replay=True)
    for each in messages:
        board.hear(each) if isinstance(each, CustomerCase) else board.recall(each)
    return CaseRanking(board)


async def lines(of: CaseRanking, **chosen: Any) -> list[CaseLine]:
    return list((await of.page(ChosenCases(**chosen))).lines)


def told(all_: Iterable[CaseLine]) -> list[tuple[str, str]]:
    return [(each.customer, each.state) for each in all_]


async def test_cases_come_by_value_and_of_equal_ones_the_older_first() -> None:
    old = a_case("old", 500.0, opened_at=MONDAY - timedelta(days=9))
    found = await lines(
        board_of(a_case("new", 500.0), a_case("most", 900.0), old, a_case("b", 1.0))
    )
    assert [(each.rank, each.customer) for each in found] == [
        (1, "most"), (2, "old"), (3, "new"), (4, "b"),
    ]  # fmt: skip
    assert (found[0].value, found[0].currency, found[0].rule) == (900.0, "EUR", "silence")
    assert found[0].case_id == case_id(b"most", 1)


def every_state() -> tuple[list[Message], dict[str, str]]:
    """A case in each state, with what the desk says."""
    cases = {
        "today": a_case("today"),
        "earlier": a_case("earlier"),
        "queued": a_case("queued"),
        "minor": a_case("minor"),
        "undecided": a_case("undecided"),
        "answered": a_case("answered", progress="contacted"),
        "snoozed": a_case("snoozed", status="snoozed", snoozed_until=MONDAY + timedelta(days=3)),
        "holdout": a_case("holdout", arm="holdout"),
    }
    out = handed_to(cases["today"], "officer-3")
    before = handed_to(cases["earlier"], "officer-4", TODAY - timedelta(days=1))
    desk = [
        assigned(cases["today"], "handed_out", handed_out=out, lately=(out,)),
        assigned(cases["earlier"], "handed_out", handed_out=before, lately=(before,)),
        assigned(cases["queued"]),
        assigned(cases["minor"], "minor"),
        assigned(cases["answered"], "withdrawn", withdrawn_by="answered"),
        assigned(cases["holdout"], "withdrawn", withdrawn_by="holdout"),
    ]
    return [*cases.values(), *desk], {name: name for name in cases}


@pytest.mark.parametrize("seed", range(5))
async def test_where_a_case_stands_does_not_depend_on_the_order_of_the_topics(seed: int) -> None:
    messages, states = every_state()
    mixed = random.Random(seed).sample(messages, len(messages))
    of = board_of(*mixed)
    assert dict(told(await lines(of))) == states
    found = {name: of.find(name) for name in states}
    assert {name: each.state for name, each in found.items() if each} == states
    assert sorted(await lines(of), key=lambda each: each.customer) == sorted(
        (each for each in found.values() if each), key=lambda each: each.customer
    )


async def test_choosing_by_state_owner_route_band_and_text() -> None:
    messages, states = every_state()
    of = board_of(*messages, a_case("of-risk", route="risk", band="high"))
    for state in states:
        assert told(await lines(of, state=state))[0] == (state, state)
    assert told(await lines(of, owner="officer-3")) == [("today", "today")]
    assert told(await lines(of, owner="nobody")) == []
    assert told(await lines(of, route="risk", band="high")) == [("of-risk", "undecided")]
    assert told(await lines(of, customer="-ris")) == [("of-risk", "undecided")]
    assert told(await lines(of, customer="of-risk2")) == []
    assert await lines(of, customer="e", state="queued") == await lines(of, state="queued")


async def test_what_ended_leaves_and_what_came_later_stays() -> None:
    first, second = a_case("c"), a_case("c", 700.0, number=2)
    out = handed_to(first, "officer-3")
    one = assigned(first, "handed_out", handed_out=out, lately=(out,))
    two = assigned(second, lately=(out,))
    gone = one.model_copy(update={"status": "withdrawn", "withdrawn_by": "replaced"})
    for messages in (
        (first, one, closed(first), gone, second, two),
        (first, one, gone, two, closed(first), second),
        (first, closed(first), second, one, gone, two),
        (second, two, closed(first), gone),
    ):
        (line,) = await lines(board_of(*messages))
        assert (line.case_id, line.value, line.state) == (second.case_id, 700.0, "queued")
        assert (line.officer, line.day) == ("", None)
    of = board_of(first, one, closed(first), gone)
    assert (await lines(of), of.find("c"), of.board.table._places) == ([], None, {})


async def test_an_assignment_of_another_case_says_nothing_of_this_one() -> None:
    first, second = a_case("c"), a_case("c", number=2)
    out = handed_to(first, "officer-3")
    (line,) = await lines(board_of(second, assigned(first, "handed_out", handed_out=out)))
    assert (line.state, line.officer, line.desk_route) == ("undecided", "", None)


async def test_a_customer_that_was_erased_is_gone_with_what_they_took_of_the_day() -> None:
    case = a_case("c")
    out = handed_to(case, None)
    of = board_of(case, assigned(case, "handed_out", handed_out=out, lately=(out,)))
    assert of.board.room("relationship").left == 1
    of.board.erase("c")
    of.board.erase("nobody")
    assert await lines(of) == []
    assert of.board.room("relationship").left == 2


def queued(name: str, value: float = 500.0, **changes: Any) -> tuple[Message, Message]:
    case = a_case(name, value)
    return case, assigned(case, **changes)


def out_today(name: str, day: date = TODAY, **of: Any) -> tuple[Message, Message]:
    case = a_case(name, 900.0)
    out = handed_to(case, of.pop("officer", None), day, **of)
    return case, assigned(case, "handed_out", handed_out=out, lately=(out,))


@pytest.mark.parametrize(
    ("extra", "rules", "why"),
    [
        ((), RULES, "soon"),
        ((*out_today("a"), *out_today("b")), RULES, "capacity"),
        ((*out_today("a"), *out_today("b", TODAY - timedelta(days=1))), RULES, "soon"),
        ((), RULES.replace("quiet = false", 'quiet.hours = "17:30-10:30"'), "quiet"),
        ((), RULES.replace("closed = []", 'closed = ["monday"]'), "closed"),
        ((), RULES + '[route.relationship.officer.o]\ncapacity = 1\nabsent = ["monday"]', "absent"),
        (
            out_today("a", officer="o"),
            RULES + "[route.relationship.officer.o]\ncapacity = 1",
            "officers",
        ),
    ],
)
async def test_why_a_case_waits(extra: Any, rules: str, why: str) -> None:
    of = board_of(*queued("q"), *extra, rules=rules)
    (line,) = await lines(of, state="queued")
    assert (line.why, line.place) == (why, 1)
    page = await of.page(ChosenCases())
    assert page.routes[1].why == (None if why == "soon" else why)


async def test_a_case_that_closed_has_still_taken_of_the_day() -> None:
    case, out = out_today("a")
    gone = out.model_copy(update={"status": "withdrawn", "withdrawn_by": "cleared"})
    of = board_of(*queued("q"), case, out, closed(case), gone, *out_today("b"))  # type: ignore[arg-type]
    route = (await of.page(ChosenCases())).routes[1]
    assert (route.taken, route.capacity, route.waiting, route.least) == (2, 2, 1, 900.0)
    assert (await lines(of, state="queued"))[0].why == "capacity"


async def test_the_limit_of_contacts_says_from_when_a_customer_may_go_out() -> None:
    first, case = a_case("c"), a_case("c", number=2)
    day = TODAY - timedelta(days=3)
    lately = (handed_to(first, None, day),)
    for rules, free in (
        (RULES, day + timedelta(days=14)),
        (RULES.replace("hand_outs = 1", "hand_outs = 2"), None),
    ):
        (line,) = await lines(board_of(case, assigned(case, lately=lately), rules=rules))
        assert (line.why, line.free_from) == ("contact" if free else "soon", free)
    today = (handed_to(first, None, TODAY),)  # never two on one day
    twice = RULES.replace("hand_outs = 1", "hand_outs = 9")
    (line,) = await lines(board_of(case, assigned(case, lately=today), rules=twice))
    assert (line.why, line.free_from) == ("contact", TODAY + timedelta(days=1))


async def test_the_day_is_the_desk_s_own() -> None:
    """23:30 UTC of the first is the second in Berlin."""
    night = MONDAY.replace(day=1, hour=23, minute=30)
    case = a_case("c", event_time=night, opened_at=night)
    out = handed_to(case, None, date(2026, 3, 2))
    mine = assigned(case, "handed_out", handed_out=out, event_time=night)
    assert told(await lines(board_of(case, mine))) == [("c", "today")]
    there = board_of(case, mine, zone="America/New_York")
    assert told(await lines(there)) == [("c", "earlier")]


async def test_pages_hold_all_of_them_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranking, "SIZE", 7)
    monkeypatch.setattr(columns, "FIRST_ROOM", 4)
    cases = [a_case(f"c{n:03d}", float(n % 13)) for n in range(60)]
    of = board_of(*cases)
    pages = [await of.page(ChosenCases(page=number)) for number in range(1, 10)]
    assert {(each.page, each.pages, each.found, each.all) for each in pages} == {
        (n, 9, 60, 60) for n in range(1, 10)
    }
    seen = [line for each in pages for line in each.lines]
    assert [each.rank for each in seen] == list(range(1, 61))
    assert {each.customer for each in seen} == {each.customer_id for each in cases}
    for beyond in (0, -4, 10**8):
        page = (await of.page(ChosenCases(page=beyond))).page
        assert page == (9 if beyond > 9 else 1)


async def test_ids_of_any_length_are_found_and_never_across_two() -> None:
    longest = "x" * 63 + "y"
    of = board_of(a_case(longest), a_case("zebra"))
    assert told(await lines(of, customer=longest)) == [(longest, "undecided")]
    assert await lines(of, customer="yz") == []
    assert await lines(of, customer="x.y") == []  # a text, and no pattern


async def test_very_many_are_ranked_again_only_after_a_rest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ranking, "SLOW", -1.0)
    monkeypatch.setattr(ranking, "RESTS", 1e9)
    of = board_of(a_case("a", 5.0), a_case("b", 4.0))
    assert [each.customer for each in await lines(of)] == ["a", "b"]
    of.board.hear(closed(a_case("a", 5.0)))
    of.board.hear(a_case("c", 9.0))
    assert "a" not in [each.customer for each in await lines(of)]  # never what has closed
    assert of.find("c") is not None
