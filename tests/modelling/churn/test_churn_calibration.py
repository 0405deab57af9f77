import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from modelling.churn.regression.calibration import fit_isotonic, fit_platt
from scoring.churn.calibration import FURTHEST, Isotonic
from scoring.evaluation import calibrated_limit, expected_calibration_error


def drawn(n, seed=0):
    """Log odds that are twice too timid and shifted, and what came of the true ones."""
    random = np.random.default_rng(seed)
    score = random.normal(0.0, 1.0, n)
    return score, random.random(n) < expit(2.0 * score - 1.0)


def test_platts_line_is_that_of_scikit_learn():
    score, churned = drawn(4_000)
    fit = LogisticRegression(C=1e6, tol=1e-12).fit(score[:, None], churned)
    line = fit_platt(score, churned)
    assert line.slope == pytest.approx(fit.coef_[0, 0], rel=1e-3)
    assert line.shift == pytest.approx(fit.intercept_[0], rel=1e-3)


def test_a_score_that_ranks_the_wrong_way_round_is_flattened_not_turned():
    score, churned = drawn(500)
    share = churned.mean()
    for fit in (fit_platt, fit_isotonic):
        flat = fit(-score, churned)
        assert flat.risk(np.array([-3.0, 3.0])) == pytest.approx([share, share], abs=1e-6)


@pytest.mark.parametrize("fit", [fit_platt, fit_isotonic])
def test_calibrated_risks_are_as_good_as_perfect_ones_on_rows_not_seen(fit):
    fitted = fit(*drawn(20_000))
    score, churned = drawn(5_000, seed=1)
    raw, risk = expit(score), fitted.risk(score)
    limit = calibrated_limit(risk, simulations=200)
    assert expected_calibration_error(risk, churned) < 1.3 * limit
    assert expected_calibration_error(raw, churned) > 5.0 * limit


def test_isotonic_knots_are_the_pooled_blocks_of_scikit_learn():
    score, churned = drawn(3_000)
    score = score.round(2)
    steps = IsotonicRegression().fit(score, churned).predict(score)
    fitted = fit_isotonic(score, churned)
    blocks = np.unique(steps)
    centres = [score[steps == block].mean() for block in blocks]
    assert fitted.scores == pytest.approx(centres)
    sizes = np.array([np.sum(steps == block) for block in blocks])
    pulled = (blocks * sizes + churned.mean()) / (sizes + 1)
    assert fitted.risks == pytest.approx(np.maximum.accumulate(pulled))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 1_000), st.integers(0, 2))
def test_a_calibration_never_falls_and_stays_strictly_within_bounds(seed, digits):
    random = np.random.default_rng(seed)
    score = random.normal(0.0, 2.0, 60).round(digits)
    churned = random.random(60) < 0.4
    churned[:2] = True, False
    line = np.concatenate((np.linspace(-60.0, 60.0, 2_000), score))
    for fit in (fit_platt, fit_isotonic):
        risk = fit(score, churned).risk(np.sort(line))
        assert (np.diff(risk) >= 0.0).all()
        assert 0.0 < risk[0] <= risk[-1] < 1.0


def test_the_curve_goes_through_its_knots_and_on_as_the_odds_do():
    curve = Isotonic((-1.0, 0.0, 2.0), (0.2, 0.5, 0.5))
    assert curve.risk(np.array([-1.0, 0.0, 1.0, 2.0])) == pytest.approx([0.2, 0.5, 0.5, 0.5])
    beyond = curve.log_odds(np.array([-2.0, 3.0]))
    assert beyond == pytest.approx([np.log(0.25) - 1.0, 1.0])
    assert curve.risk(np.array([1e9]))[0] == expit(FURTHEST)


def test_one_score_for_all_gives_the_share_of_all():
    flat = fit_isotonic(np.zeros(10), np.arange(10) < 3)
    assert flat.risk(np.array([-1.0, 5.0])) == pytest.approx([0.3, 0.3])
