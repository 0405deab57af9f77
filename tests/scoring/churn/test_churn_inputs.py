import numpy as np
import pytest
from cases import MODEL, changed, event, run
from churn_cases import END, STATES, card, matrix_at

from scoring.arrays import DAY
from scoring.churn._values import log_odds
from scoring.churn.inputs import BY_NAME, INPUTS, values
from scoring.facts.kinds import Kind
from scoring.facts.state import new_states
from scoring.feature import InSilence
from scoring.features import features

LATER = (0.0, 0.01, 1.0, 7.5, 40.0, 200.0, 1_000.0, 20_000.0)
OTHER_MODELS = [
    changed(
        purchase_model={"r": 1.4, "alpha": 1.4, "a": 0.007, "b": 1.2}, horizon_days=horizon_days
    )
    for horizon_days in (7, 365)
]


def test_every_input_has_a_name_of_its_own():
    assert len(BY_NAME) == len(INPUTS)


@pytest.mark.parametrize("model", [MODEL, *OTHER_MODELS])
@pytest.mark.parametrize("one", INPUTS, ids=lambda one: one.name)
def test_an_input_moves_in_silence_as_it_says(one, model):
    over_time = np.array(
        [one.value(matrix_at(days, model=model), model.purchases) for days in LATER]
    )
    moves = np.diff(over_time, axis=0)
    slack = 1e-9 * np.maximum(np.abs(over_time).max(), 1.0)  # rounding near probability 1
    if one.in_silence is InSilence.RISES:
        assert moves.min() >= -slack
        assert moves.max() > 0.0
    elif one.in_silence is InSilence.FALLS:
        assert moves.max() <= slack
        assert moves.min() < 0.0
    else:
        assert (moves == 0.0).all()


@pytest.mark.parametrize("one", INPUTS, ids=lambda one: one.name)
def test_an_input_is_finite_for_everyone_and_leaves_the_features_alone(one):
    for states in (STATES, new_states(3)):
        matrix = features(states, np.full(len(states), (END + 5) * DAY), MODEL)
        before = matrix.copy()
        assert np.isfinite(one.value(matrix, MODEL.purchases)).all()
        assert matrix.tobytes() == before.tobytes()


def test_inputs_risks_and_points_are_the_same_bytes_in_any_batch():
    matrix, weighing = matrix_at(30.0), card()
    together = values(matrix, MODEL.purchases)
    points, risks = (
        weighing.contributions(matrix, MODEL.purchases),
        weighing.risk(matrix, MODEL.purchases),
    )
    for cut in (slice(0, 1), slice(3, 10), slice(59, 60), slice(None, None, 7)):
        part = matrix[:, cut]
        assert values(part, MODEL.purchases).tobytes() == together[:, cut].tobytes()
        assert weighing.contributions(part, MODEL.purchases).tobytes() == points[:, cut].tobytes()
        assert weighing.risk(part, MODEL.purchases).tobytes() == risks[cut].tobytes()


def test_silence_counts_in_the_customers_own_gaps():
    often = run(np.concatenate([event(Kind.PURCHASE, 100 + 2 * n, id=n + 1) for n in range(50)]))
    seldom = run(np.concatenate([event(Kind.PURCHASE, 100 + 49 * n, id=n + 1) for n in range(3)]))
    both = [
        BY_NAME["silence_in_gaps"].value(
            features(s.states, np.array([228.0 * DAY]), MODEL), MODEL.purchases
        )
        for s in (often, seldom)
    ]
    r, alpha = MODEL.purchases.r, MODEL.purchases.alpha
    gaps = [30 * (r + 49) / (alpha + 98), 30 * (r + 2) / (alpha + 98)]
    assert np.concatenate(both) == pytest.approx(np.log1p(gaps))


def test_activity_is_told_against_the_usual_and_nothing_where_there_was_none():
    steady = BY_NAME["use_against_usual"].value(matrix_at(0.0), MODEL.purchases)
    never = BY_NAME["use_against_usual"].value(matrix_at(0.0, new_states(2)), MODEL.purchases)
    assert steady.min() < 0.0 < steady.max()
    assert never.tolist() == [0.0, 0.0]


def test_log_odds_stop_where_probabilities_are_too_sure():
    bounds = log_odds(np.array([0.0, 0.5, 1.0]))
    assert bounds == pytest.approx([-13.8155, 0.0, 13.8155], abs=1e-3)
