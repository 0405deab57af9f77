"""What answers say of thresholds: each kind of rule, reasons, and the file that is proposed."""

import tomllib
from math import isinf
from typing import Any

import pytest
from cases import MODEL

from modelling.thresholds.answers import (
    APART,
    LEAST,
    TOO_EARLY,
    Change,
    ProposalFileError,
    ThresholdProposal,
    changed,
    needed,
    propose,
)
from modelling.thresholds.answers.told import told
from schemas.events.outcomes import DISMISSAL_REASONS
from scoring.model import ScoringModel
from scoring.rules import read_rules
from streams.tools.desk import AnsweredWarning

OWN = """
[rule.drained]
slot = 10
value = "net_value"
unit = "USD"
direction = "below"
middle = -1.5
high = -3
actions = { middle = "a", high = "b" }

[rule.few_days]
slot = 11
value = "days_lately"
direction = "below"
middle = 5
high = 2
actions = { middle = "a", high = "b" }
"""


def model(text: str = "") -> ScoringModel:
    return ScoringModel(MODEL.parameters, read_rules(text.encode()))


def answer(number: int, rule: str, *values: float, **more: Any) -> AnsweredWarning:
    given: dict[str, Any] = {
        "customer": f"{number:024x}", "rule": rule, "is_right": True, "reason": None,
        "threshold": 0.3, "values": values, "was_high": False, "ended_by_itself": False,
        "days": 3.0, "versions": (MODEL.parameters.version, "own"), **more,
    }  # fmt: skip
    return AnsweredWarning(**given)


def wrong(number: int, rule: str, *values: float, **more: Any) -> AnsweredWarning:
    return answer(number, rule, *values, **{"is_right": False, "reason": "still_active", **more})


def declines(right: int = 40, early: int = 40) -> list[AnsweredWarning]:
    """Of spend: whom it was right about had gone further than who is still active."""
    found = [answer(n, "spend_decline", 0.3, 0.4 + n / 1000) for n in range(right)]
    return found + [wrong(100 + n, "spend_decline", 0.3 + n / 1000) for n in range(early)]


def of(found: list[ThresholdProposal], rule: str, edge: str = "middle") -> ThresholdProposal:
    return next(each for each in found if (each.rule, each.edge) == (rule, edge))


def test_every_reason_speaks_about_thresholds_or_is_set_apart() -> None:
    assert sorted((*TOO_EARLY, *APART)) == sorted((*DISMISSAL_REASONS, "untold"))


def test_a_threshold_is_proposed_where_the_values_reached_tell_them_apart() -> None:
    found = of(propose(declines(), model(), 0.9), "spend_decline")
    assert (found.now, found.then, found.finding) == (0.3, 0.4, "proposed")
    assert (found.separation.spared, found.separation.wrong) == (40, 40)
    assert (found.unknown, found.left_out, found.days) == (0, 0, (3.0, 3.0))
    high = of(propose(declines(), model(), 0.9), "spend_decline", "high")
    assert (high.now, high.finding, high.separation.right) == (0.5, "too_few", 0)


def test_band_middle_never_begins_beyond_band_high() -> None:
    far = [answer(n, "spend_decline", 0.9) for n in range(40)]
    near = [wrong(100 + n, "spend_decline", 0.3 + n / 150) for n in range(40)]
    found = of(propose(far + near, model(), 0.9), "spend_decline")
    assert found.then is not None
    assert 0.3 < found.then <= 0.5


def test_reasons_that_do_not_speak_about_thresholds_have_no_say() -> None:
    away = [
        wrong(200 + n, "spend_decline", 0.31 if n % 2 else 0.8, reason=APART[n % len(APART)])
        for n in range(50)
    ]
    found = of(propose(declines() + away, model(), 0.9), "spend_decline")
    assert found.separation == of(propose(declines(), model(), 0.9), "spend_decline").separation
    assert (found.apart, found.apart_spared) == (50, 25)
    assert found.reasons == {"still_active": 40, **dict.fromkeys(APART, 10)}


def test_what_rises_in_silence_is_learnt_from_what_ended_by_itself_alone() -> None:
    rules = model()
    known = (MODEL.parameters.version, rules.rules.version)
    right = [
        answer(n, "silence", 0.95, 0.98, threshold=0.95, was_high=True, days=20.0)
        for n in range(40)
    ]
    quick = [wrong(100 + n, "silence", 0.95, 0.951, threshold=0.95) for n in range(40)]
    found = of(propose(right + quick, rules, 0.9), "silence")
    assert (found.finding, found.then, found.unknown) == ("none_apart", None, 40)
    ended = {"threshold": 0.95, "ended_by_itself": True, "versions": known}
    back = [wrong(200 + n, "silence", 0.95, 0.2, **ended) for n in range(40)]
    found = of(propose(right + quick + back, rules, 0.9), "silence")
    assert (found.then, found.unknown, found.separation.spared) == (0.98, 40, 40)
    others: tuple[dict[str, Any], ...] = (
        {"versions": ("other", known[1])}, {"was_high": True, "values": (0.95, 0.98, 0.2)},
    )  # fmt: skip
    for other in others:
        turned = [each._replace(**other) for each in back]
        assert of(propose(right + turned, rules, 0.9), "silence").finding == "none_apart"
    at_once = [each._replace(values=(0.95,)) for each in right]
    assert of(propose(at_once + back, rules, 0.9), "silence").finding == "none_apart"


def test_where_low_values_warn_a_stricter_threshold_is_a_lower_one_in_its_own_unit() -> None:
    rules = model(OWN)
    book = [answer(n, "drained", -150.0, -260.0 - n, threshold=-150.0) for n in range(40)]
    book += [wrong(100 + n, "drained", -150.0 - n, threshold=-150.0) for n in range(40)]
    lately = [answer(n, "few_days", 4.0, 2.5, threshold=5.0) for n in range(40)]
    lately += [wrong(100 + n, "few_days", 4.5, 4.0, threshold=5.0) for n in range(40)]
    found = propose(book + lately, rules, 0.9)
    drained, few = of(found, "drained"), of(found, "few_days")
    assert (drained.now, drained.then) == (-1.5, -2.0)  # in USD; values are in cents
    assert (few.now, few.then) == (5.0, 3.0)


def test_what_stricter_rules_raised_is_not_compared_with_laxer_ones_of_today() -> None:
    rows = [each._replace(threshold=0.35) for each in declines()]
    found = of(propose(rows, model(), 0.9), "spend_decline")
    assert (found.left_out, found.separation.right, found.finding) == (80, 0, "too_few")
    unknown = [each._replace(threshold=None) for each in rows]
    assert of(propose(unknown, model(), 0.9), "spend_decline").left_out == 80
    laxer = [each._replace(threshold=0.1, values=(0.1, *each.values[1:])) for each in rows]
    found = of(propose(laxer, model(), 0.9), "spend_decline")
    assert (found.left_out, found.separation.right, found.separation.wrong) == (0, 40, 0)


@pytest.mark.parametrize(
    ("text", "rows", "keep", "expected"),
    [
        ("[rule.spend_decline]\nraises = false", declines(), 0.9, "turned_off"),
        (
            "[rule.spend_decline.segment.nps.detractor]\nmiddle = 0.2\nhigh = 0.4",
            declines(), 0.9, "by_segment",
        ),
        ("", declines(LEAST - 1), 0.9, "too_few"),
        ("", declines(early=LEAST - 1), 0.9, "too_few"),
        ("", declines(40), 0.99, "too_few"),
        ("", declines(LEAST, LEAST), 0.9, "proposed"),
    ],
)  # fmt: skip
def test_where_nothing_can_be_learnt_it_is_said_why(text, rows, keep, expected) -> None:
    assert of(propose(rows, model(text), keep), "spend_decline").finding == expected


def test_where_values_do_not_tell_them_apart_nothing_is_proposed() -> None:
    alike = [answer(n, "spend_decline", 0.3 + n % 10 / 100) for n in range(60)]
    alike += [wrong(100 + n, "spend_decline", 0.3 + n % 10 / 100) for n in range(60)]
    found = of(propose(alike, model(), 0.9), "spend_decline")
    assert (found.finding, found.then) in {("no_better", None), ("none_apart", None)}
    assert propose([], model(), 0.9) == []
    assert propose([answer(1, "of_yesterday", 0.4)], model(), 0.9) == []
    assert (needed(0.9), needed(0.99)) == (LEAST, 99)


def test_a_threshold_stays_within_what_a_rules_file_may_state() -> None:
    rules = model()
    sure = [answer(n, "silence", 0.95, 1.0, threshold=0.95, was_high=True) for n in range(40)]
    known = told(sure, rules.rules[0], "high", rules)
    assert (known.now, known.most < 1.0, known.values.tolist()) == (0.98, True, [1.0] * 40)
    rising = told([wrong(1, "silence", 0.99, threshold=0.95)], rules.rules[0], "high", rules)
    assert isinf(rising.values[0])


CHANGES = [
    Change("silence", "middle", 0.96, "answers"),
    Change("silence", "high", 0.99, "answers"),
    Change("drained", "high", -3.25, "answers"),
]


@pytest.mark.parametrize(
    "text",
    [
        OWN,
        OWN + "\n[rule.silence] # ours\nmiddle = 0.9 # said in March\n",
        "\ufeff" + OWN + "\r\n[rule.silence]\r\nhigh=0.97# no room\r\n",
    ],
)
def test_the_file_says_what_it_said_and_the_changes(text: str) -> None:
    made = changed(text, CHANGES)
    expected = tomllib.loads(text.removeprefix("\ufeff"))
    expected["rule"].setdefault("silence", {}).update(middle=0.96, high=0.99)
    expected["rule"]["drained"]["high"] = -3.25
    assert tomllib.loads(made) == expected
    assert made.count("# answers") == 3
    for comment in ("# ours", "# said in March", "# no room"):
        assert (comment in made) == (comment in text)
    assert read_rules(made.encode()).slots["drained"] == 10


def test_nothing_stated_so_far_is_a_file_of_the_changes_alone() -> None:
    made = changed("", CHANGES[:2])
    assert tomllib.loads(made) == {"rule": {"silence": {"middle": 0.96, "high": 0.99}}}
    assert read_rules(made.encode()).rules[0].stated == {"middle": 0.96, "high": 0.99}


@pytest.mark.parametrize(
    "text",
    [
        "rule = { silence = { middle = 0.9 } }",
        "[rule]\nsilence = { middle = 0.9 }",
        "rule.silence.hysteresis = 0.9\n" + OWN,
    ],
)
def test_a_file_written_in_another_way_is_refused_and_not_broken(text: str) -> None:
    with pytest.raises(ProposalFileError, match=r"bank\.toml: expected a table"):
        changed(text, CHANGES[:1], "bank.toml")


def test_what_stands_in_a_text_is_no_key() -> None:
    text = "[rule.silence]\nwords = '''\nmiddle = 0.9\n'''"
    assert tomllib.loads(changed(text, CHANGES[:1]))["rule"]["silence"] == {
        "words": "middle = 0.9\n", "middle": 0.96,
    }  # fmt: skip
