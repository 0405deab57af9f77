"""The scorecard's risk in silence, against an evaluation hour by hour."""

from dataclasses import replace
from operator import itemgetter

import numpy as np
import pytest
from cases import MODEL, document, event, log, run
from clearings import hasty
from hypothesis import given, settings
from hypothesis import strategies as st
from trying import few

from scoring.arrays import DAY, NEVER
from scoring.churn import ChurnScorecard, Isotonic, Term
from scoring.churn.inputs import BY_NAME, INPUTS
from scoring.churn.reasons import by_rule
from scoring.facts.kinds import Kind
from scoring.feature import Feature, InSilence
from scoring.features import Known, features, known
from scoring.model import ScoringModel
from scoring.parameters import parse
from scoring.rules import CHURN, shipped
from scoring.step.outcome import score
from scoring.warning import lifecycle
from scoring.warning.lifecycle import HIGH, LOW, MIDDLE, known_from
from scoring.warning.timers.scorecard import due
from scoring.warning.timers.seen import Seen

HOUR = 3_600.0
SILENCE_ONLY = {"no_purchase": 0.8, "silence_in_gaps": 0.5}
MIXED = {**SILENCE_ONLY, "dissatisfaction": 1.5, "silence": -0.2, "spend_decline": 1.0}


def model(weights, *, intercept=-3.0, **changes):
    terms = tuple(Term(BY_NAME[name], weight, 0.5) for name, weight in weights.items())
    limits = {"middle": 0.4, "high": 0.7, "hysteresis": 0.05, **changes}
    return ScoringModel(
        replace(MODEL.parameters, churn=ChurnScorecard(terms, intercept, 20.0, **limits))
    )


def regular(*extra, gap=7, count=12):
    days = [20_000 + gap * at for at in range(count)]
    events = [event(Kind.PURCHASE, day) for day in days] + list(extra)
    return log(*sorted(events, key=lambda one: one["time"][0]))


def churn_warnings(ended):
    return ended.warnings[ended.warnings["rule"] == CHURN]


def exact_risk(states, instants, of):
    many = states[np.zeros(len(instants), np.intp)]
    return features(many, instants, of)[Feature.CHURN_RISK]


@pytest.mark.parametrize(
    "calibration", [None, Isotonic((-4.0, -1.0, 0.0, 2.0), (0.1, 0.2, 0.5, 0.8))]
)
def test_a_risk_that_rises_in_silence_warns_within_a_second_of_its_crossing(calibration):
    of = model(SILENCE_ONLY, **({"calibration": calibration} if calibration else {}))
    events = regular()
    before, ended = run(events, model=of), run(events, model=of, until=20_500)
    raised, escalated = churn_warnings(ended)
    for warning, level, threshold in ((raised, MIDDLE, 0.4), (escalated, HIGH, 0.7)):
        assert warning["after"] == level
        seconds = warning["now"] + np.array([-2.0, 0.0])
        early, there = exact_risk(before.states, seconds, of)
        assert early < threshold <= there


def hourly(before, until, of):
    start = before.states["last_event"][0]
    instants = np.arange(start, until * DAY, HOUR)
    return instants, exact_risk(before.states, instants, of)


@pytest.mark.slow
@settings(max_examples=few(12), deadline=None)
@given(
    st.lists(st.integers(20_030, 20_077), min_size=1, max_size=6),
    st.floats(-5.0, -1.0),
    st.sampled_from([3, 7, 20]),
)
def test_a_risk_that_rises_and_falls_is_warned_about_within_an_hour(days, intercept, gap):
    of = hasty(model(MIXED, intercept=intercept))
    events = regular(*(event(Kind.COMPLAINT, day + 0.3) for day in days), gap=gap)
    last = events["time"][-1] / DAY
    before, ended = run(events, model=of), run(events, model=of, until=last + 300)
    level = before.states["level"][0, CHURN]
    instants, risk = hourly(before, last + 300, of)
    later = churn_warnings(ended)[len(churn_warnings(before)) :]
    threshold = {LOW: 0.4, MIDDLE: 0.7, HIGH: NEVER}[level]
    cooled = (
        before.states["since"][0, CHURN] + of.thresholds.cooldown[CHURN] if level == LOW else -NEVER
    )
    over = np.flatnonzero((risk >= threshold) & (instants >= cooled))
    kept = {LOW: -NEVER, MIDDLE: 0.35, HIGH: 0.65}[level]
    under = np.flatnonzero(risk <= kept)
    firsts = [at[0] for at in (over, under) if at.size]
    if not firsts:
        assert len(later) == 0
        return
    first = instants[min(firsts)]
    assert first - HOUR <= later["now"][0] <= first + HOUR


HELD = [one for one in INPUTS if one.in_silence is not InSilence.FALLS]


@st.composite
def held_cards(draw):
    """Scorecards of any inputs but troubles, weights of their signs, curves where they bend."""
    inputs = draw(st.lists(st.sampled_from(HELD), min_size=1, max_size=6, unique=True))
    terms = []
    for one in inputs:
        weight = draw(st.floats(0.0, 3.0)) * (one.churn_sign or draw(st.sampled_from([-1, 1])))
        curve = ()
        if one.bends:
            size = len(one.bends) - 2
            between = draw(st.lists(st.floats(0.0, 1.0), min_size=size, max_size=size))
            curve = tuple(zip(one.bends, [0.0, *sorted(between), 1.0], strict=True))
        terms.append(Term(one, weight, draw(st.floats(-1.0, 1.0)), curve))
    return terms, draw(st.floats(-6.0, 3.0))


LIVES = st.lists(
    st.tuples(
        st.floats(0.0, 200.0),
        st.sampled_from([Kind.PURCHASE, Kind.PURCHASE, Kind.APP_SESSION, Kind.COMPLAINT]),
    ),
    min_size=1,
    max_size=15,
)
MODELS = st.sampled_from([28.0, 7.0, 180.0]).map(
    lambda days: parse({**document(), "leaving": {"type": "silence", "days": days}})
)


@pytest.mark.slow
@settings(max_examples=150)
@given(held_cards(), LIVES, MODELS)
def test_a_risk_of_held_signs_never_falls_in_silence_and_is_timed_to_the_second(card, life, base):
    """Whatever the weights and curves are, as long as they have their inputs' meaning."""
    terms, intercept = card
    scorecard = ChurnScorecard(tuple(terms), intercept, 20.0, middle=0.4, high=0.7)
    of = ScoringModel(replace(base, churn=scorecard))
    events = log(
        event(Kind.PURCHASE, 20_000),
        *(event(kind, 20_000 + day, score=3) for day, kind in sorted(life, key=itemgetter(0))),
    )
    states, now = run(events, model=of).states, np.array([20_000.0 + max(life)[0]]) * DAY
    ahead = np.concatenate([[0.0], np.geomspace(1e-5, 9_000.0, 600)]) * DAY
    risk = exact_risk(states, now + ahead, of)
    assert (np.diff(risk) >= -1e-9).all()
    if lifecycle.footing(states, CHURN)[0] == HIGH:
        return
    threshold = 0.4 if lifecycle.footing(states, CHURN)[0] == LOW else 0.7
    armed, earliest = timed(states, now, of)
    if risk[-1] < threshold - 1e-9:
        assert armed > now[0] + ahead[-1]
        return
    before, there = exact_risk(states, armed + np.array([-1.0, 0.0]), of)
    assert there >= threshold - 1e-9
    assert before < threshold or armed == earliest


def timed(states, now, of):
    """When the scorecard's timer rings, and the earliest instant at which it may."""
    matrix, points = known(states, now, of)
    seen = Seen(states, Known(matrix, points), lifecycle.values(matrix, of), now, of)
    first = np.maximum(now, seen.begun + known_from(matrix, of) * DAY)
    earliest = seen.cooled(CHURN, np.maximum(first, now + HOUR))
    return due(seen, CHURN)[0], earliest[0]


def test_a_risk_that_fades_eases_and_clears_in_silence():
    of = hasty(model({"dissatisfaction": 1.5}, intercept=-2.0))
    complaints = [event(Kind.COMPLAINT, 20_078 + 0.1 * at) for at in range(3)]
    ended = run(regular(*complaints), model=of, until=20_600)
    found = churn_warnings(ended)
    assert found["after"].tolist() == [MIDDLE, HIGH, MIDDLE, LOW]
    assert found["sequence"].tolist() == [1, 2, 3, 4]
    eased, cleared = found["churn_risk"][2:]
    assert eased == pytest.approx(0.65, abs=1e-3)
    assert cleared == pytest.approx(0.35, abs=1e-3)


@pytest.mark.slow
@settings(max_examples=few(12), deadline=None)
@given(st.data())
def test_the_scorecards_warnings_do_not_depend_on_batches(data):
    kinds = st.sampled_from([Kind.PURCHASE, Kind.COMPLAINT, Kind.APP_SESSION])
    lives = data.draw(
        st.lists(st.tuples(st.integers(0, 150), kinds, st.integers(0, 2)), min_size=3)
    )
    lives.sort(key=lambda one: one[0])
    events = log(*(event(kind, 20_000 + day + 0.5) for day, kind, _ in lives))
    rows = [row for *_, row in lives]
    cuts = data.draw(st.lists(st.integers(1, len(lives) - 1), max_size=5))
    of = model(MIXED, intercept=-2.0)
    whole = run(events, rows, model=of, until=20_400)
    cut = run(events, rows, model=of, until=20_400, cuts=cuts)
    assert whole.states.tobytes() == cut.states.tobytes()
    assert whole.warnings.tobytes() == cut.warnings.tobytes()


def test_the_scorecard_says_nothing_of_a_newcomer_before_a_rhythm_is_known():
    of = model(SILENCE_ONLY, intercept=5.0)
    ended = run(log(event(Kind.PURCHASE, 20_000)), model=of, until=20_100)
    first = churn_warnings(ended)[0]
    assert first["now"] == pytest.approx((20_000 + of.horizon) * DAY, abs=1.0)


def test_without_a_scorecard_nothing_is_said_of_it():
    ended = run(regular(), until=20_900)
    assert len(churn_warnings(ended)) == 0
    assert len(ended.warnings) > 0


def test_points_by_rule_and_of_the_customer_add_up_to_the_score():
    of = model({**MIXED, "frequency": -0.4})
    states = run(regular(event(Kind.COMPLAINT, 20_050)), model=of).states
    now = states["last_event"] + 30 * DAY
    card, matrix = of.churn, features(states, now, of)
    terms = card.contributions(matrix, of.purchases)
    told = by_rule(card, terms, shipped())
    of_nobody = sum(
        points for term, points in zip(card.terms, terms, strict=True) if term.input.rule is None
    )
    assert told.sum() + of_nobody[0] + card.base_points == pytest.approx(card.score(terms)[0])
    row = score(states, now, of)[0]
    assert row["churn_risk"] == card.risk_of(terms)[0]


def test_every_input_that_is_somebodys_reason_names_a_rule():
    assert {row.rule for row in INPUTS if row.rule} <= {rule.name for rule in shipped().rules}
    assert {row.name for row in INPUTS if row.rule is None} >= {"frequency", "recency"}
