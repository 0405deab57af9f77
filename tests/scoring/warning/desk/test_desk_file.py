"""What a desk's file may say, and that each of its mistakes is told with its line."""

from datetime import date

import pytest

from scoring.rules import RulesError
from scoring.warning.desk import desk_rules, listed, shipped_desk_text


def mistakes(text):
    with pytest.raises(RulesError) as refused:
        desk_rules(text.encode(), "desk.toml")
    return [(m.line, m.where, m.expected) for m in refused.value.mistakes]


def test_a_copy_of_the_shipped_file_says_what_an_empty_one_leaves_as_it_is():
    assert (
        desk_rules(shipped_desk_text().encode())
        == desk_rules()
        == desk_rules(b"\xef\xbb\xbf# none\r\n")
    )


def test_at_the_shipped_defaults_a_day_has_two_hundred_cases_at_most_and_a_weekend_none():
    route = desk_rules().route
    assert route.risk.capacity + route.relationship.capacity == 200
    for table in (route.risk, route.relationship):
        closed = [
            any(days.hold(date(2026, 3, day)) for days in table.closed) for day in range(2, 9)
        ]
        assert closed == [False] * 5 + [True] * 2


def test_what_a_file_does_not_state_keeps_what_the_shipped_one_says():
    rules = desk_rules(b"timezone = 'Asia/Shanghai'\nquiet = false\n[route.risk]\ncapacity = 7\n")
    assert (rules.route.risk.capacity, rules.route.relationship.capacity) == (7, 140)
    assert (rules.timezone, rules.quiet.hours) == ("Asia/Shanghai", None)
    assert len(rules.route.risk.closed) == 2


@pytest.mark.parametrize(
    ("text", "line", "where", "expected"),
    [
        ("[route.risk]\n\ncapacity = -1", 3, "route.risk.capacity", "greater than or equal to 0"),
        ("[route.risk]\ncapacity = 1.5", 2, "route.risk.capacity", "a valid integer"),
        ("[route.riskk]\n", 1, "route.riskk", "a key of rules (risk?)"),
        ("\n[contact]\nhand_out = 2", 3, "contact.hand_out", "a key of rules (hand_outs?)"),
        ("[contact]\nhand_outs = 32", 2, "contact.hand_outs", "less than or equal to 31"),
        ("[contact]\ndays = 0", 2, "contact.days", "greater than or equal to 1"),
        ("[due]\n\nhigh = -1", 3, "due.high", "greater than or equal to 0"),
        ("[due]\nmiddle = 367", 2, "due.middle", "less than or equal to 366"),
        ("[due]\nmiddle = 1.5", 2, "due.middle", "a valid integer"),
        ("due = { high = 1, midle = 5 }", 1, "due.midle", "a key of rules (middle?)"),
        ("[due]\nlow = 9", 2, "due.low", "a key of rules"),
        ("due = 3", 1, "due", "a table"),
        ("minor = 3", 1, "minor", "a table"),
        ("[minor]\nbelow = nan", 2, "minor.below", "a finite number"),
        ('[minor]\nbelow = "3"', 2, "minor.below", "a valid number"),
        ('timezone = "Mars/Base"', 1, "timezone", "an IANA time zone, such as Europe/Berlin"),
        ('timezone = ""', 1, "timezone", "an IANA time zone, such as Europe/Berlin"),
        ('timezone = "../zone"', 1, "timezone", "an IANA time zone, such as Europe/Berlin"),
        ('[quiet]\nhours = "9"', 1, "quiet", "hours such as 21:00-08:00"),
        ('[offers]\nhardship_rules = "overdue"', 2, "offers.hardship_rules", "a valid tuple"),
        ("[route.risk.officer.o1]\n", 1, "route.risk.officer.o1.capacity", "it to be stated"),
        ('[route.risk.officer."Anna B"]\ncapacity = 1', 1, "route.risk.officer.Anna B", "String"),
        ("x", 1, "", "TOML"),
    ],
)
def test_each_mistake_is_named_with_its_line(text, line, where, expected):
    ((at, named, told),) = mistakes(text)
    assert (at, named) == (line, where)
    assert told.startswith(expected)


@pytest.mark.parametrize(
    "given",
    ['"sunnday"', "2026-01-01T00:00:00", "3", '"2026-02-30"', '"2026-02-01/x"', '"1/2/3"'],
)
def test_a_day_that_is_none_is_told_with_what_one_looks_like(given):
    ((line, where, expected),) = mistakes(f"[route.risk]\nclosed = [2026-01-01, {given}]")
    assert (line, where) == (2, "route.risk.closed.1")
    assert '"2026-12-24/2027-01-01"' in expected


def test_days_the_wrong_way_round_are_told():
    ((_, _, expected),) = mistakes('[route.risk]\nclosed = ["2026-02-02/2026-02-01"]')
    assert expected == "dates of which the second is not before the first"


def test_all_mistakes_are_told_by_line_and_the_first_says_which_command_names_the_others():
    with pytest.raises(RulesError) as refused:
        desk_rules(b"[route.risk]\ncapacity = -1\n[contact]\ndays = 0\n", "desk.toml")
    assert [m.line for m in refused.value.mistakes] == [2, 4]
    assert "desk.toml, line 2, route.risk.capacity" in str(refused.value)
    assert "(and 1 more: ebbwatch desk check names them all)" in str(refused.value)


def test_text_in_another_encoding_is_refused_with_its_line():
    with pytest.raises(RulesError, match=r"line 2.*text in UTF-8"):
        desk_rules(b"# a\n# \xe4\n")


def test_a_list_of_whom_nothing_is_offered_names_each_mistake_and_shows_no_name():
    text = b"\xef\xbb\xbf# a list\r\nc-1\r\n\r\nAnna Berg,hardship\r\nc-2,why\r\n,no_consent\r\n"
    with pytest.raises(RulesError) as refused:
        listed(text, "list.csv")
    assert [(m.line, m.where) for m in refused.value.mistakes] == [
        (4, "customer_id"),
        (5, "reason"),
        (6, "customer_id"),
    ]
    assert "Anna" not in str(refused.value)
    assert "ebbwatch desk check --no-offers" in str(refused.value)
    assert listed(b"c-1 , hardship\n") == {"c-1": frozenset({"hardship"})}
    assert listed(b"") == {}
