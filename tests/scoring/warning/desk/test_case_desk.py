"""Cases rationed: by value at risk, within capacity, contacts, quiet hours and absences."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from desk_cases import MONDAY, a_case, closed

from schemas.outputs.desk import DeskAssignment
from scoring.facts.calendar import BookCalendar
from scoring.warning.desk import CaseDesk, desk_rules, listed

DAY = timedelta(days=1)
PLAIN = """
quiet = false
minor.below = 0
[route.risk]
capacity = {risk}
closed = []
[route.relationship]
capacity = {relationship}
closed = []
"""


def a_desk(text="", zone="UTC", risk=1, relationship=1):
    return CaseDesk(
        desk_rules((text or PLAIN.format(risk=risk, relationship=relationship)).encode()),
        BookCalendar(zone),
    )


def heard(desk, *cases, at=MONDAY):
    for case in cases:
        desk.hear(case)
    return desk.decide(at)


def out(told):
    """Whom messages hand out, in order."""
    return [each.customer_id for each in told if each.status == "handed_out"]


def test_the_most_value_at_risk_goes_first_then_who_waits_longest_then_the_id():
    early = MONDAY - DAY
    cases = [
        a_case("least", 1.0),
        a_case("late", 5.0),
        a_case("early", 5.0, opened_at=early),
        a_case("most", 9.0),
    ]
    twins = sorted((a_case("twin-a", 7.0), a_case("twin-b", 7.0)), key=lambda case: case.case_id)
    desk = a_desk(relationship=3)
    assert out(heard(desk, *cases, *reversed(twins))) == ["most", *(c.customer_id for c in twins)]
    assert out(heard(desk, at=MONDAY + DAY)) == ["early", "late", "least"]


def test_what_is_told_counts_from_one_for_each_case_and_is_kept_to_its_contract():
    desk = a_desk()
    told = heard(desk, a_case("a", 2.0), a_case("b", 1.0))
    assert [(m.customer_id, m.sequence, m.status) for m in told] == [
        ("a", 1, "queued"),
        ("b", 1, "queued"),
        ("a", 2, "handed_out"),
    ]
    told += heard(desk, closed(a_case("a")), a_case("a", number=2), at=MONDAY + DAY)
    for message in told:
        assert DeskAssignment.model_validate_json(message.model_dump_json()) == message


def test_each_route_has_its_own_capacity_and_ranks():
    cases = [
        a_case(f"{route}{i}", 9.0 - i, route=route)
        for route in ("risk", "relationship")
        for i in range(4)
    ]
    told = heard(a_desk(risk=1, relationship=2), *cases)
    ranks = [(m.handed_out.route, m.handed_out.rank) for m in told if m.handed_out]
    assert ranks == [("risk", 1), ("relationship", 1), ("relationship", 2)]
    assert out(told) == ["risk0", "relationship0", "relationship1"]


def test_room_that_is_left_goes_to_who_comes_later_that_day():
    desk = a_desk(relationship=2)
    assert out(heard(desk, a_case("a", 1.0))) == ["a"]
    assert out(heard(desk, a_case("b", 9.0), at=MONDAY + timedelta(hours=3))) == ["b"]
    assert out(heard(desk, a_case("c", 99.0), at=MONDAY + timedelta(hours=4))) == []


def test_a_day_is_one_of_the_desk_s_time_zone():
    desk = a_desk(zone="Asia/Shanghai")
    just_before = datetime(2026, 3, 2, 15, 59, tzinfo=UTC)  # 23:59 there
    told = heard(desk, a_case("a", 2.0), a_case("b", 1.0), at=just_before)
    assert [m.handed_out.day for m in told if m.handed_out] == [date(2026, 3, 2)]
    told = heard(desk, at=just_before + timedelta(minutes=1))
    assert [m.handed_out.day for m in told] == [date(2026, 3, 3)]


def test_nothing_goes_out_in_quiet_hours_and_all_of_it_by_value_once_they_end():
    text = PLAIN.format(risk=1, relationship=1).replace(
        "quiet = false", 'quiet.hours = "18:00-08:00"'
    )
    desk = a_desk(text, zone="Europe/Berlin")
    night = datetime(2026, 3, 2, 5, tzinfo=UTC)  # 6 o'clock there
    assert out(heard(desk, a_case("small", 1.0), at=night)) == []
    assert out(heard(desk, a_case("great", 9.0), at=night + timedelta(minutes=119))) == []
    assert out(heard(desk, at=night + timedelta(hours=2))) == ["great"]


def test_shipped_hours_are_those_of_business_days():
    desk = a_desk("# shipped\n")
    saturday, monday = datetime(2026, 3, 7, 12, tzinfo=UTC), datetime(2026, 3, 9, 12, tzinfo=UTC)
    assert out(heard(desk, a_case("a"), at=saturday)) == []
    assert out(heard(desk, at=monday)) == ["a"]


def test_at_the_shipped_defaults_a_storm_of_a_whole_portfolio_is_two_hundred_cases_a_day():
    desk = a_desk("# shipped\n")
    for number in range(20_000):
        route = "risk" if number % 3 else "relationship"
        desk.hear(a_case(f"c{number}", 2_500.0 + number, route=route))
    days = [out(desk.decide(MONDAY + k * DAY)) for k in range(8)]
    assert [len(day) for day in days] == [200] * 5 + [0, 0, 200]
    risk = [int(name[1:]) for day in days for name in day if int(name[1:]) % 3]
    assert risk == [n for n in range(19_999, 0, -1) if n % 3][: len(risk)]


def test_a_customer_is_handed_out_at_most_so_often_in_so_many_days_and_others_go_first():
    text = PLAIN.format(risk=1, relationship=1) + "[contact]\nhand_outs = 2\ndays = 7\n"
    desk, days = a_desk(text), []
    for k in range(9):
        at, rich = MONDAY + k * DAY, a_case("rich", 99.0, number=k + 1, opened_at=MONDAY + k * DAY)
        days += [out(heard(desk, rich, a_case(f"poor{k}", 1.0), at=at))]
        desk.hear(closed(rich))
    assert [day == ["rich"] for day in days] == [True, True] + [False] * 5 + [True, True]
    assert all(day for day in days)


def test_no_customer_is_handed_out_twice_on_one_day():
    text = PLAIN.format(risk=9, relationship=9) + "[contact]\nhand_outs = 5\ndays = 7\n"
    desk, first = a_desk(text), a_case("a")
    assert out(heard(desk, first)) == ["a"]
    assert out(heard(desk, closed(first), a_case("a", number=2))) == []
    assert out(heard(desk, at=MONDAY + DAY)) == ["a"]


def test_a_case_that_is_handed_out_stays_so_and_is_told_of_as_it_changes():
    desk, case = a_desk(relationship=5), a_case("a", 5.0)
    heard(desk, case)
    other = case.model_copy(update={"value_at_risk": 9.0, "route": "risk", "band": "high"})
    (told,) = heard(desk, other)
    assert (told.status, told.route, told.band, told.value_at_risk) == (
        "handed_out",
        "relationship",
        "high",
        9.0,
    )
    for doing in (
        {"status": "snoozed"},
        {"progress": "contacted"},
        {"arm": "holdout"},
        {"value_at_risk": 9.0},
    ):
        assert heard(desk, other.model_copy(update=doing), at=MONDAY + 40 * DAY) == []


def test_the_same_case_told_again_says_nothing():
    desk = a_desk(relationship=0)
    assert len(heard(desk, a_case("a"))) == 1
    assert heard(desk, a_case("a")) == heard(desk, a_case("a", event_time=MONDAY + DAY)) == []


@pytest.mark.parametrize(
    ("doing", "why"),
    [
        ({"progress": "contacted"}, "answered"),
        ({"status": "snoozed"}, "snoozed"),
        ({"arm": "holdout"}, "holdout"),
        ({"status": "closed", "closed_by": "lost"}, "lost"),
        ({"status": "closed", "closed_by": None}, "cleared"),
    ],
)
def test_a_case_that_waits_is_withdrawn_once_there_is_nothing_left_to_do(doing, why):
    desk, case = a_desk(relationship=0), a_case("a")
    heard(desk, case)
    (told,) = heard(desk, case.model_copy(update=doing))
    assert (told.status, told.withdrawn_by, told.handed_out) == ("withdrawn", why, None)
    assert desk.waiting("relationship") == []
    assert heard(desk, case.model_copy(update=doing)) == []


def test_a_case_that_was_put_off_comes_back_and_one_that_has_ended_does_not():
    desk, case = a_desk(relationship=0), a_case("a")
    heard(desk, case, at=MONDAY)
    heard(desk, case.model_copy(update={"status": "snoozed"}))
    assert [m.status for m in heard(desk, case)] == ["queued"]
    heard(desk, case.model_copy(update={"status": "snoozed"}))
    assert [m.withdrawn_by for m in heard(desk, closed(case))] == ["cleared"]
    assert heard(desk, case) == []


def test_a_case_that_ends_at_somebody_s_is_withdrawn_and_says_whose_it_was():
    desk, case = a_desk(), a_case("a")
    heard(desk, case)
    (told,) = heard(desk, closed(case, "retained"))
    assert (told.status, told.withdrawn_by) == ("withdrawn", "retained")
    assert told.handed_out.day == MONDAY.date()


def test_nothing_is_said_of_cases_that_never_were_the_desk_s():
    desk = a_desk()
    cases = (
        closed(a_case("a")),
        a_case("b", arm="holdout"),
        a_case("c", status="snoozed"),
        a_case("d", progress="acknowledged"),
    )
    assert heard(desk, *cases) == []


def test_a_later_case_takes_the_place_of_one_whose_end_was_never_read_and_none_goes_back():
    desk = a_desk(relationship=0)
    heard(desk, a_case("a"), a_case("b"))
    told = heard(desk, a_case("a", number=2), closed(a_case("b", number=2)))
    assert [(m.case_id[-2:], m.sequence, m.status, m.withdrawn_by) for m in told] == [
        (".1", 2, "withdrawn", "replaced"),
        (".2", 1, "queued", None),
        (".1", 2, "withdrawn", "replaced"),
    ]
    assert heard(desk, a_case("a")) == []


def test_minor_leads_are_handed_out_to_nobody_until_they_are_worth_it():
    desk = a_desk(PLAIN.format(risk=9, relationship=9).replace("below = 0", "below = 25"))
    assert [m.status for m in heard(desk, a_case("a", 2_499.0))] == ["minor"]
    assert [m.status for m in heard(desk, a_case("yen", 25.0, currency="JPY"))] == [
        "queued",
        "handed_out",
    ]
    assert [m.status for m in heard(desk, a_case("a", 2_500.0))] == ["queued", "handed_out"]


@pytest.mark.parametrize(
    ("case", "why"),
    [
        (a_case("a", rules=("overdue",)), ("hardship",)),
        (a_case("a", rules=("silence", "dissatisfaction", "overdue")), ("hardship", "complaint")),
        (a_case("a", kind="win_back", reason="deceased", rules=()), ("deceased",)),
        (a_case("a"), ()),
    ],
)
def test_offers_are_held_back_and_cases_never(case, why):
    told = heard(a_desk(), case)[-1]
    assert (told.status, told.no_offers, told.offers_allowed) == ("handed_out", why, not why)


def test_offers_are_held_back_from_a_case_that_is_handed_out_once_there_is_reason_to():
    desk = a_desk()
    heard(desk, a_case("a"))
    (told,) = heard(desk, a_case("a", rules=("silence", "dissatisfaction")))
    assert (told.status, told.no_offers) == ("handed_out", ("complaint",))
    assert heard(desk, a_case("a"))[-1].offers_allowed


OFFICERS = (
    PLAIN.format(risk=0, relationship=5)
    + """
[route.relationship.officer.o1]
capacity = 2
[route.relationship.officer.o2]
capacity = 1
absent = [2026-03-03, "wednesday"]
[route.relationship.officer.o3]
capacity = 1
[contact]
hand_outs = 9
days = 30
"""
)


def test_cases_go_to_officers_who_are_there_and_have_room():
    desk = a_desk(OFFICERS)
    cases = [a_case(f"c{i}", 9.0 - i) for i in range(9)]
    told = [m for m in heard(desk, *cases) if m.handed_out]
    assert [m.handed_out.officer for m in told] == ["o1", "o1", "o2", "o3"]  # 4 of a capacity of 5
    told = heard(desk, at=MONDAY + DAY)
    assert [m.handed_out.officer for m in told] == ["o1", "o1", "o3"]


def test_a_customer_s_next_case_goes_to_who_had_the_last_if_there_is_room():
    desk = a_desk(OFFICERS)
    known = [a_case("k", 9.0 - i, number=i + 1) for i in range(3)]
    others = [a_case(f"c{i}", 2.0 - i / 9) for i in range(3)]
    heard(desk, *others, at=MONDAY - 30 * DAY)
    (first,) = [m for m in heard(desk, known[0], at=MONDAY - 20 * DAY) if m.handed_out]
    assert first.handed_out.officer == "o1"
    o2 = first.model_copy(
        update={"lately": (first.handed_out.model_copy(update={"officer": "o2"}),)}
    )
    desk.recall(o2)
    second = heard(desk, closed(known[0]), known[1], at=MONDAY)[-1]
    assert second.handed_out.officer == "o2"
    third = heard(desk, closed(known[1]), known[2], at=MONDAY + DAY)[-1]  # o2 is absent
    assert third.handed_out.officer == "o1"


def test_an_erased_customer_is_forgotten():
    desk = a_desk(relationship=0)
    heard(desk, a_case("a"))
    desk.hear(a_case("a", 5.0))
    assert desk.forget("a")
    assert not desk.forget("a")
    assert desk.decide(MONDAY) == []
    assert desk.customers == frozenset()


def test_what_has_ended_is_let_go_of_once_no_limit_counts_it():
    desk = a_desk()
    heard(desk, a_case("a"))
    heard(desk, closed(a_case("a")))
    heard(desk, at=MONDAY + 13 * DAY)
    assert desk.customers == {"a"}
    heard(desk, at=MONDAY + 14 * DAY)
    assert desk.customers == frozenset()


def test_a_clock_that_was_ahead_leaves_a_day_s_capacity_and_the_limit_of_contacts_as_they_are():
    desk = a_desk(relationship=1)
    heard(desk, a_case("a", 9.0))
    heard(desk, a_case("b", 8.0), at=MONDAY + DAY)
    assert out(heard(desk, closed(a_case("b")), a_case("b", number=2), a_case("c"))) == []
    assert out(heard(desk, at=MONDAY + 2 * DAY)) == ["c"]


def test_who_is_handed_out_is_told_without_what_the_limit_no_longer_counts():
    desk = a_desk(PLAIN.format(risk=0, relationship=1) + "[contact]\nhand_outs = 2\ndays = 10\n")
    told = []
    for k in range(4):
        at = MONDAY + 6 * k * DAY
        told += heard(desk, a_case("a", number=k + 1, opened_at=at), at=at)
    seen = [[each.day for each in m.lately] for m in told if m.status == "handed_out"]
    assert [len(days) for days in seen] == [1, 2, 2, 2]
    assert all(later - earlier == 6 * DAY for days in seen for earlier, later in pairwise(days))


def test_whom_the_bank_s_own_list_names_is_offered_nothing_and_handed_out_all_the_same():
    desk = a_desk(relationship=9)
    desk.no_offers = listed(b"a\nb, hardship\nb,deceased\n")
    told = heard(desk, *(a_case(name, rules=("overdue",)) for name in "abc"))
    assert {m.customer_id: m.no_offers for m in told if m.handed_out} == {
        "a": ("hardship", "no_consent"),
        "b": ("hardship", "deceased"),
        "c": ("hardship",),
    }


def test_who_refused_marketing_is_offered_nothing_from_their_case_s_next_word_on():
    desk = a_desk(relationship=9)
    heard(desk, a_case("a"))
    refused = a_case("a", sequence=2, consent_withdrawn=("marketing",), action="advisor_contact")
    (told,) = heard(desk, refused)
    assert (told.status, told.no_offers, told.offers_allowed) == (
        "handed_out",
        ("no_consent",),
        False,
    )
    assert told.action == "advisor_contact"
    (told,) = heard(desk, a_case("a", sequence=3))
    assert told.offers_allowed
    desk.no_offers = listed(b"a")
    (told,) = heard(desk, a_case("a", sequence=4, consent_withdrawn=("marketing",)))
    assert told.no_offers == ("no_consent",)


def test_a_list_that_has_changed_changes_what_is_told_of_who_was_handed_out():
    desk = a_desk()
    heard(desk, a_case("a"))
    desk.no_offers = listed(b"a")
    (told,) = heard(desk, a_case("a"))
    assert (told.status, told.no_offers) == ("handed_out", ("no_consent",))
