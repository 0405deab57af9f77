"""What a band calls for by value tier: read, refused with its line, and found."""

import re
from dataclasses import replace

import pytest
from cases import MODEL
from test_rules_file import mistakes, own

from scoring.model import ScoringModel
from scoring.models import ParameterError
from scoring.rules import BUILT_IN, CalledFor, read_rules, shipped, shipped_text
from scoring.rules.document import key_lines

CALL = '[[interventions]]\nband = "high"\ntier = "low"\n'
LOW, HIGH = 0, 2


def of(content):
    return ScoringModel(MODEL.parameters, read_rules(content.encode()))


def test_of_a_tier_a_rule_s_own_table_wins_then_that_of_all_rules_then_the_rule():
    rules = read_rules(
        (
            f'{CALL}intervention = "maintain"\naction = "letter"\n'
            f'{CALL}rule = "silence"\naction = "nothing"\n'
            '[[interventions]]\nband = "middle"\ntier = "high"\nroute = "risk"\n'
        ).encode()
    )
    silence, overdue = (BUILT_IN.index(name) for name in ("silence", "overdue"))
    usual = CalledFor("win_back", "win_back_call", "relationship")
    assert rules.calls_for(silence, 2, LOW) == CalledFor("maintain", "nothing", "relationship")
    assert rules.calls_for(overdue, 2, LOW) == CalledFor("maintain", "letter", "risk")
    assert rules.calls_for(silence, 1, HIGH) == CalledFor(
        "incentivise", "reactivation_offer", "risk"
    )
    assert rules.calls_for(silence, 2, HIGH) == rules.calls_for(silence, 2, None) == usual
    assert shipped().calls_for(silence, 2, LOW) == usual


def test_the_version_tells_tiers_and_interventions():
    files = ("", f'{CALL}action = "a"\n', f'{CALL}action = "b"\n', f'{CALL}route = "risk"\n')
    amounts = [f'tiers = {{ unit = "USD", middle = 5, high = {high} }}\n' for high in (5, 6)]
    assert len({read_rules(text.encode()).digest for text in (*files, *amounts)}) == 6
    assert read_rules(b"interventions = []").digest == shipped().digest


def test_amounts_are_of_the_book_s_currency_in_its_major_unit():
    model = of('tiers = { unit = "USD", middle = 0.5, high = 5_000 }')
    assert model.thresholds.tiers == (50.0, 500_000.0)
    yen = replace(MODEL.parameters, book_currency="JPY", currency_exponent=0)
    said = b'tiers = { unit = "JPY", middle = 5, high = 5 }'
    assert ScoringModel(yen, read_rules(said)).thresholds.tiers == (5.0, 5.0)
    with pytest.raises(ParameterError, match=r"tiers\.unit: expected JPY, the book's currency"):
        ScoringModel(yen, model.rules).thresholds  # noqa: B018 - worked out when asked for


def test_without_amounts_the_parameter_file_s_cut_points_hold_and_without_both_none():
    assert MODEL.parameters.segments is not None
    assert MODEL.thresholds.tiers == MODEL.parameters.segments.clv
    uncut = replace(MODEL.parameters, segments=None)
    assert ScoringModel(uncut).thresholds.tiers is None
    rules = read_rules(f'{CALL}action = "a"'.encode())
    with pytest.raises(ParameterError, match="tiers: expected them, or cut points"):
        ScoringModel(uncut, rules).thresholds  # noqa: B018 - worked out when asked for


@pytest.mark.parametrize(
    ("content", "line", "expected"),
    [
        (f'{CALL}action = "a"\n{CALL}action = "b"\n', 5, "that no other table has"),
        (CALL, 1, "an `intervention`, an `action` or a `route`"),
        (f'{CALL}action = "a b"\n', 4, "String should match"),
        (f'{CALL}action = "{"a" * 65}"\n', 4, "at most 64"),
        (f'{CALL}rule = "silense"\naction = "a"\n', 4, "a rule (silence?)"),
        (f'{CALL}rule = "xyz"\naction = "a"\n', 4, "a rule (silence, spend_decline"),
        (f'{CALL}route = "desk"\n', 4, "'risk' or 'relationship'"),
        (f'{CALL}interventoin = "maintain"\n', 4, "a key of rules (intervention?)"),
        ('[[interventions]]\nband = "low"\ntier = "low"\nroute = "risk"', 2, "'middle' or 'high'"),
        ('[[interventions]]\nband = "high"\nroute = "risk"', 1, "it to be stated"),
        ('[[interventions]]\nband = "high"\ntier = 3\nroute = "risk"', 3, "'low', 'middle' or"),
        ("interventions = 3", 1, "a valid list"),
        ("interventions = [3]", 1, "a table"),
        ('[interventions]\nband = "high"', 1, "a valid list"),
        ("tiers = 3", 1, "a table"),
        ('[tiers]\nunit = "dollars"\nmiddle = 1\nhigh = 2', 2, "the book's currency, such as USD"),
        ('[tiers]\nunit = "USD"\nmiddle = 3\nhigh = 2', 4, "at least `middle`, 3"),
        ('[tiers]\nunit = "USD"\nmiddle = 0\nhigh = 2', 3, "greater than 0"),
        ('[tiers]\nunit = "USD"\nmiddle = -1\nhigh = -1', 3, "greater than 0"),
        ('[tiers]\nunit = "USD"\nmiddle = nan\nhigh = inf', 3, "a finite number"),
        ('[tiers]\nunit = "USD"\nmiddle = "1"\nhigh = true', 4, "a valid number"),
        ("[tiers]\nmiddle = 1\nhigh = 2", 1, "it to be stated"),
    ],
)  # fmt: skip
def test_a_mistake_of_tiers_is_told_with_its_line(content, line, expected):
    told = mistakes(content.encode())
    assert any(at == line and expected in said for at, _, said in told), told


def test_mistakes_of_every_part_are_told_at_once():
    told = mistakes(
        b'tiers = { unit = "USD", middle = 3, high = 2 }\n' + own(slot=9) + b"\n[[interventions]]\n"
        b'rule = "dormant"\nband = "high"\ntier = "lwo"\naction = "a"\n'
    )
    assert [(line, where) for line, where, _ in told] == [
        (1, "tiers.high"),
        (3, "rule.dormant.slot"),
        (11, "interventions.1.tier"),
    ]


def test_several_tables_of_one_name_have_each_their_lines():
    lines = key_lines("[[a]]\nb = 1\n[c]\nb = 2\n[[ a ]] # again\nb = 3\n")
    assert [lines[path] for path in (("a", "1", "b"), ("c", "b"), ("a", "2"), ("a", "2", "b"))] == [
        *(2, 4, 5, 6)
    ]


def test_what_the_shipped_file_shows_in_comments_is_a_rules_file():
    block = re.search(r"^# tiers = .*?(?=^# No purchase)", shipped_text(), re.DOTALL | re.MULTILINE)
    assert block is not None
    stated = re.findall(r"^# ((?:tiers|holdout|\w+) = .*|\[\[.*)$", block[0], re.MULTILINE)
    rules = read_rules("\n".join(stated).encode())
    assert rules.tiers == ("USD", 500.0, 5_000.0)
    assert rules.calls_for(0, 1, HIGH) == CalledFor("win_back", "advisor_contact", "relationship")
    assert rules.calls_for(1, 1, LOW).intervention == "maintain"
