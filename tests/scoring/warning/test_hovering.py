"""Who hovers at a threshold is warned about once: as often as an automaton in plain words moves."""

import json
from importlib import resources
from itertools import cycle, islice

import numpy as np
import pytest
from cases import event, log, run
from clearings import hasty
from plain_rules import Limits, moves

from scoring.arrays import DAY
from scoring.facts.apply import apply
from scoring.facts.kinds import Kind
from scoring.facts.state import new_states
from scoring.feature import Feature
from scoring.features import features
from scoring.model import ScoringModel
from scoring.parameters import parse
from scoring.rules import shipped

SIZE, START, LOOKS = 1_000, 20_000.25, 8
EASING = 1.01 / 24.0  # days by which a risk that eases in silence may be looked at later
CARDS = json.loads(resources.files("scoring.parameters").joinpath("cards.json").read_text())
VALUES = {"dissatisfaction": Feature.DISSATISFACTION, "churn": Feature.CHURN_RISK}
HIGH = {"dissatisfaction": 1.8, "churn": 0.99}  # out of reach of who hovers at the lower one

# A chat in bad words is worth 0.03 complaints, of which half is left after 56 days: by turns with
# one in good words the sum swings between 0.883 and 0.913 in the end, about the threshold of 0.9.
FADING = 28.0 * np.log2(0.913 / 0.883)


def swinging(bad, every, before, *good):
    """A thousand events after some others: a bad thing and good ones by turns, a while apart."""
    turns = islice(cycle([bad, *good]), SIZE)
    return log(*before, *(event(k, START + every * n, **own) for n, (k, own) in enumerate(turns)))


def chat(sentiment):
    return Kind.CHAT, {"sentiment": sentiment}


BUYS = Kind.PURCHASE, {}
LIVES = {
    "dissatisfaction": swinging(
        chat(-0.1), FADING, [event(Kind.SURVEY, START - 1.0, score=2)], chat(0.5)
    ),
    "churn": swinging(
        chat(-0.25),
        0.5,
        [
            *(event(Kind.PURCHASE, START - 30.0 + day) for day in range(20)),
            *(event(Kind.COMPLAINT, START - 3.0 + day) for day in range(3)),
        ],
        *(BUYS, chat(0.5), BUYS),
    ),
}


def strolling(seed):
    """A thousand events of all sorts, some good and some bad, at odd times."""
    random = np.random.default_rng(seed)
    kinds = [*(Kind.PURCHASE, Kind.APP_SESSION, Kind.REPAYMENT, Kind.CHAT) * 6, Kind.SURVEY]
    days = START + np.cumsum(random.gamma(2.0, 0.4, SIZE))
    own = zip(random.choice(kinds, SIZE), days, strict=True)
    return log(
        *(
            event(kind, day, score=random.integers(1, 6), sentiment=random.uniform(-1.0, 0.6))
            for kind, day in own
        )
    )


def model_of(rule, cooldown=None, **limits):
    """The preset for cards, with other limits of a rule and without patience."""
    document = json.loads(json.dumps(CARDS))
    if cooldown is not None:
        document["scorecard"]["cooldown_days"] = cooldown
    of_rule = document["churn"]["thresholds"] if rule == "churn" else document["rules"][rule]
    of_rule |= limits
    return hasty(ScoringModel(parse(document)))


def looked_at(events, rule):
    """Days and a rule's values, by states alone: at each event and until just before the next."""
    model, states, after = ScoringModel(parse(CARDS)), new_states(1), []
    for at in range(len(events)):
        one = events[at : at + 1]
        apply(states, one, model.calendar.day(one["time"]), model.calendar, model.memory)
        after.append(states.copy())
    ends = np.append(events["time"][1:], events["time"][-1] + 2.0) - 1.0
    instants = np.linspace(events["time"], ends, LOOKS, axis=1).ravel()
    found = features(np.concatenate(after).repeat(LOOKS), instants, model)
    known = found[Feature.FREQUENCY] >= 2.0
    value = np.where(known | (rule != "churn"), found[VALUES[rule]], 0.0)
    return list(zip((instants / DAY).tolist(), value.tolist(), strict=True))


def told(events, rule, model):
    """The rule's messages in order: when, from which level, to which."""
    warnings = run(events, model=model).warnings
    own = warnings[warnings["rule"] == shipped().slots[rule]]
    return list(zip(own["now"] / DAY, own["before"].tolist(), own["after"].tolist(), strict=True))


def assert_alike(found, expected):
    """They are the same changes, each found at the first look behind it."""
    assert [change[1:] for change in found] == [tuple(move[1:]) for move in expected]
    late = [move.day - day for (day, *_), move in zip(found, expected, strict=True)]
    assert all(-EASING <= days <= 1.0 for days in late), late


@pytest.fixture(scope="module", params=LIVES)
def hovering(request):
    """A rule, the life of who hovers at its threshold, its values, and that threshold."""
    events = LIVES[request.param]
    points = looked_at(events, request.param)
    late = [value for _, value in points[len(points) // 2 :]]
    middle = 0.9 if request.param == "dissatisfaction" else float(np.median(late))
    return request.param, events, points, middle


def test_who_hovers_for_a_thousand_events_is_warned_about_once(hovering):
    rule, events, points, middle = hovering
    hysteresis = {"dissatisfaction": 0.25, "churn": 0.06}[rule]
    sides = np.array([value >= middle for _, value in points])
    assert np.diff(sides).sum() > 200, "the value itself crosses to and fro"
    high = HIGH[rule]
    limits = {"middle": middle, "high": high, "hysteresis": hysteresis}
    found = told(events, rule, model_of(rule, **limits))
    assert_alike(found, moves(points, Limits(**limits)))
    assert [after for _, _, after in found] == [1]


@pytest.mark.by_lot(1)
@pytest.mark.slow
@pytest.mark.parametrize("cooldown", [0.0, 7.0])
def test_without_hysteresis_the_cooldown_alone_spares_what_it_should(hovering, cooldown):
    rule, events, points, middle = hovering
    limits = {"middle": middle, "high": HIGH[rule]}
    limits |= {"hysteresis": 0.0, "cooldown": cooldown}
    found = told(events, rule, model_of(rule, **limits))
    assert_alike(found, moves(points, Limits(**limits)))
    assert len(found) > (200 if cooldown == 0.0 else 20)


@pytest.mark.by_lot(1)
@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_who_strolls_about_thresholds_changes_level_as_often_as_the_automaton(seed):
    events, rule = strolling(seed), "dissatisfaction"
    points = looked_at(events, rule)
    middle, high = np.quantile([value for _, value in points], [0.5, 0.9]).tolist()
    limits = {"middle": middle, "high": high, "hysteresis": (high - middle) / 4.0}
    found = told(events, rule, model_of(rule, **limits))
    assert_alike(found, moves(points, Limits(**limits)))
    assert len(found) > 3
