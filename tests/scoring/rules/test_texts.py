"""A bank's own words for its codes: read, refused with their line, and found by language."""

import pytest
from test_rules_file import mistakes, own

from scoring.facts.events import hash_ids, short
from scoring.rules import own_text, read_rules, shipped


def test_what_a_language_lacks_is_told_in_english_else_in_the_first_that_has_it():
    texts = read_rules(
        b'[text.fr]\naction.a = "Appeler."\naction.b = "\xc3\x89crire."\n'
        b'[text.de]\naction.b = "Schreiben."\n[text.en]\naction.a = "Call."\nroute.risk = "Risks"\n'
    ).texts
    told = {(code, of): own_text(texts, "action", code, of) for code in "ab" for of in ("fr", "zh")}
    assert told == {
        ("a", "fr"): "Appeler.",
        ("a", "zh"): "Call.",
        ("b", "fr"): "Écrire.",
        ("b", "zh"): "Schreiben.",
    }
    assert own_text(texts, "offer", "a", "en") is None
    assert own_text(texts, "route", "risk", "zh") == "Risks"
    assert own_text(shipped().texts, "action", "a", "en") is None


def test_words_are_part_of_the_version():
    one, other = (read_rules(f'[text.en]\naction.a = "{said}"'.encode()) for said in "xy")
    assert len({one.digest, other.digest, shipped().digest}) == 3


@pytest.mark.parametrize(
    "said", ["<script>alert(1)</script>", "{code} %s {0.x}", "é" * 200, "💳‍🔥"]
)
def test_markup_and_marks_are_words_like_any(said):
    rules = read_rules(f"[text.en]\naction.a = '{said}'".encode())
    assert own_text(rules.texts, "action", "a", "en") == said


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (r'"a\u0000b"', "without control characters"),
        (r'"a\nb"', "without control characters"),
        (r'"\u001b[31mred"', "without control characters"),
        (r'"\u0085"', "without control characters"),
        (r'"a\u2028b"', "without control characters"),
        (r'"pay \u202Exe.exe"', "without control characters"),
        (r'"\uE000"', "without control characters"),
        ('""', "at least 1 character"),
        ('"   "', "expected words"),
        (f'"{"a" * 201}"', "at most 200 characters"),
        (f'"{"a" * 10_000}"', "at most 200 characters"),
        ('"4111 1111 1111 1111"', "without a card number"),
        ("3", "a valid string"),
        ("[]", "a valid string"),
    ],
)
def test_words_that_cannot_be_shown_are_refused_with_their_line(said, expected):
    told = mistakes(f"[text.en.action]\na = 'x'\nb = {said}\n".encode())
    assert [(line, where) for line, where, _ in told] == [(3, "text.en.action.b")]
    assert expected.removeprefix("expected ") in told[0][2]


@pytest.mark.parametrize(
    ("content", "line", "expected"),
    [
        (b"[text.English]\naction.a = 'x'", 1, "String should match"),
        (b"[text.en]\nactions.a = 'x'", 2, "a key of rules (action?)"),
        (b"[text.en]\naction = 'x'", 2, "a table"),
        (b"[text.en]\naction.'a b' = 'x'", 2, "String should match"),
        (b"[text.en]\nroute.desk = 'x'", 2, "'risk' or 'relationship'"),
        (b"[text.en]\nrule.dormnt = 'x'", 2, "the name of a rule"),
        (b"text = 3", 1, "a table"),
        (b"text.en = 3", 1, "a table"),
    ],
)
def test_a_mistake_of_words_is_told_with_its_line(content, line, expected):
    told = mistakes(content)
    assert any(at == line and expected in said for at, _, said in told), told


def test_rules_of_the_file_and_those_built_in_may_have_words():
    content = (
        own() + b"\n[text.zh]\nrule.dormant = '\xe6\xb2\x89\xe7\x9d\xa1'\nrule.silence = 'x'\n"
    )
    assert own_text(read_rules(content).texts, "rule", "dormant", "zh") == "沉睡"


def test_an_offer_s_code_is_known_that_has_words_or_is_an_action():
    content = b'[text.en]\noffer.fees = "x"\n[[interventions]]\nband="high"\ntier="low"\n'
    offers = read_rules(content + b'action = "own_deal"\n').offers
    assert {"fees", "own_deal", "win_back_offer"} <= set(offers.values())
    assert offers[int(short(hash_ids(["fees"]))[0])] == "fees"
