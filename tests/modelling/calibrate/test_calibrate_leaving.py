import numpy as np
import pytest
from cases import event, log
from churn_cases import bought_log

from modelling.calibrate import parse_leaving, proposed
from modelling.calibrate.leaving import longest_silences, read_leaving
from modelling.calibrate.needs import needs
from scoring import ScoringError
from scoring.facts.kinds import Kind
from scoring.parameters import Closure, FirstOf, Partial, Silence
from scoring.step.replay import EventLog


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("silence:56", Silence(days=56.0)),
        ("closure:28", Closure(type="closure", within_days=28.0)),
        ("partial:90:0.25", Partial(type="partial", within_days=90.0, share=0.25)),
    ],
)
def test_leaving_is_typed_as_it_is_called(text, expected):
    assert read_leaving(parse_leaving(text)) == expected


def test_the_first_of_several_is_typed_with_commas():
    found = read_leaving(parse_leaving("silence:56, closure:28"))
    assert isinstance(found, FirstOf)
    assert found.silence_days == 56.0


@pytest.mark.parametrize(
    "text",
    ["", "silence", "silence:x", "silence:0", "silence:1:2", "partial:9:1.5", "gone:3",
     "silence:5,silence:6", "silence:inf", "silence:nan"],
)  # fmt: skip
def test_what_is_no_leaving_is_refused(text):
    with pytest.raises(ScoringError, match="--leaving: expected silence:DAYS"):
        parse_leaving(text)


def test_few_customers_ever_came_back_after_a_silence_as_long_as_proposed():
    rows = bought_log(np.full(200, 400.0))
    found = proposed(rows)
    assert found is not None
    longest = longest_silences(rows)
    assert (longest > found.days).mean() <= 0.1
    assert (longest > found.days - 14.0).mean() > 0.1
    assert found.days % 7 == 0
    assert found.section == {"type": "silence", "days": found.days}
    assert f"more than {found.days:g} days" in found.words


def test_nothing_is_proposed_of_few_or_of_one_day():
    assert proposed(bought_log(np.full(5, 400.0))) is None
    same_day = log(*(event(Kind.PURCHASE, 10_000.0 + n / 100) for n in range(40)))
    names = [b"c%d" % n for n in range(20)]
    assert proposed(EventLog(names, np.repeat(np.arange(20), 2), same_day)) is None


def test_what_a_history_lacks_is_told_by_have_and_need():
    found = needs(bought_log(np.full(30, 50.0), days=50), Silence(days=56.0))
    told = {need.what: (need.have, need.need, need.is_met) for need in found}
    assert told["days of history"][1:] == (84.0, False)
    assert told["customers who bought"] == (30, 40, False)
    assert told["customers who were lost"] == (0, 20, False)
