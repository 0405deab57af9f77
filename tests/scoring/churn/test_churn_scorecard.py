import numpy as np
import pytest
from cases import MODEL
from churn_cases import CURVE, card, matrix_at
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit

from scoring.churn import INPUTS, UNCALIBRATED, ChurnScorecard, Platt, Term
from scoring.churn.inputs import BY_NAME, values
from scoring.feature import InSilence

NEVER_FALLING = [one.churn_sign or 1 for one in INPUTS]
LATER = (0.0, 1.0, 10.0, 60.0, 400.0)


def test_base_points_and_the_terms_points_are_the_score_and_twenty_double_the_odds():
    weighing, matrix = card(calibration=UNCALIBRATED), matrix_at(20.0)
    points = weighing.contributions(matrix, MODEL.purchases)
    score = weighing.score(points)
    assert score == pytest.approx(weighing.base_points + points.sum(axis=0), rel=1e-12)
    risk = weighing.risk_of(points)
    assert risk == pytest.approx(expit(weighing.log_odds_at(weighing.score(points))))
    points[3] += 20.0
    more = weighing.risk_of(points)
    assert more / (1 - more) == pytest.approx(2 * risk / (1 - risk))


def test_the_risk_is_the_regressions_probability():
    weighing, matrix = card(calibration=UNCALIBRATED), matrix_at(20.0)
    weights = np.array([term.weight for term in weighing.terms])
    odds = weighing.intercept + weights @ (values(matrix, MODEL.purchases) - 0.3)
    assert weighing.risk(matrix, MODEL.purchases) == pytest.approx(expit(odds), rel=1e-10)


def test_a_customer_at_every_centre_has_the_base_points():
    weighing = card(calibration=Platt())
    score = weighing.score(np.zeros((len(weighing.terms), 1)))
    assert score.tolist() == [weighing.base_points]
    assert weighing.base_points == pytest.approx(-0.4 * 20.0 / np.log(2.0))


def test_with_weights_held_to_their_signs_only_troubles_fade_in_silence():
    weighing = card()
    falling = {
        t.input.name for t, is_one in zip(weighing.terms, weighing.falling, strict=True) if is_one
    }
    assert falling == {one.name for one in INPUTS if one.in_silence is InSilence.FALLS}
    assert falling >= {"overdue_rate", "complaints", "dissatisfaction"}
    assert not (weighing.rising & weighing.falling).any()


@pytest.mark.parametrize("calibration", [UNCALIBRATED, CURVE, Platt(0.4, 1.0)])
@pytest.mark.parametrize("flip", [False, True])
def test_the_risk_keeps_within_its_bounds_throughout_a_silence(calibration, flip):
    signs = [(-1) ** place if flip else sign for place, sign in enumerate(NEVER_FALLING)]
    weighing = card(signs, calibration)
    points = [weighing.contributions(matrix_at(days), MODEL.purchases) for days in LATER]
    for start, end in ((0, 2), (1, 4), (0, 4)):
        low = weighing.risk_of(np.where(weighing.falling[:, None], points[end], points[start]))
        high = weighing.risk_of(weighing.highest(points[start], points[end][weighing.rising]))
        for between in points[start : end + 1]:
            risk = weighing.risk_of(between)
            assert (risk >= low - 1e-12).all()
            assert (risk <= high + 1e-12).all()


def test_risks_are_strictly_between_nothing_and_certainty_however_many_points_there_are():
    weighing = card(calibration=UNCALIBRATED)
    points = np.zeros((len(weighing.terms), 2))
    points[0] = (-1e6, 1e6)
    risk = weighing.risk_of(points)
    assert 0.0 < risk[0] < 1e-9
    assert 1.0 - 1e-9 < risk[1] < 1.0


def test_a_term_alone_makes_a_scorecard():
    alone = ChurnScorecard((Term(INPUTS[0], 1.0, 0.0),), 0.0, 10.0)
    assert alone.rising.tolist() == [True]
    assert alone.risk(matrix_at(1.0), MODEL.purchases).shape == (60,)


BENDS = ((-2.0, 0.0), (-0.5, 0.25), (0.1, 0.25), (3.0, 1.0))
CURVED = Term(BY_NAME["lapse"], 1.7, 0.4, BENDS)


def curves(most=10):
    """Curves as a file may hold them: rising, from no share to all."""
    steps = st.lists(st.floats(1e-6, 10.0), min_size=1, max_size=most)
    shares = st.lists(st.floats(0.0, 1.0), min_size=most - 1, max_size=most - 1)

    def joined(widths, between):
        at = np.cumsum([-3.0, *widths])
        share = [0.0, *sorted(between)[: len(widths) - 1], 1.0]
        return tuple(zip(at.tolist(), share, strict=True))

    return st.builds(joined, steps, shares)


def test_a_curve_is_straight_between_its_points_and_flat_beyond():
    at = np.array([-1e9, -2.0, -1.25, -0.5, -0.2, 0.1, 1.55, 3.0, 3.1, 1e9])
    share = np.array([0.0, 0.0, 0.125, 0.25, 0.25, 0.25, 0.625, 1.0, 1.0, 1.0])
    assert CURVED.log_odds(at) == pytest.approx(1.7 * (share - 0.4), rel=1e-12)


@given(curves(), st.lists(st.floats(-20.0, 120.0), min_size=2), st.floats(-1.0, 1.0))
def test_a_curve_never_falls_and_keeps_within_its_rise(curve, values_, centre):
    term = Term(BY_NAME["lapse"], 1.0, centre, curve)
    ends = np.array([at for at, _ in curve])
    near = np.concatenate([ends, np.nextafter(ends, -np.inf), np.nextafter(ends, np.inf)])
    odds = term.log_odds(np.sort(np.concatenate([near, values_])))
    assert (np.diff(odds) >= 0.0).all()
    assert (odds[0], odds[-1]) == pytest.approx((-centre, 1.0 - centre), abs=1e-12)
    assert ((odds >= -centre) & (odds <= 1.0 - centre)).all()


def test_a_lines_end_is_not_lifted_above_its_point_by_rounding():
    curve = ((-9.0, 0.0), (-2.9, 0.2), (3.2, 0.6), (50.0, 1.0))
    before, there = Term(BY_NAME["lapse"], 1.0, 0.0, curve).log_odds(
        np.array([np.nextafter(3.2, 0.0), 3.2])
    )
    assert before <= there == 0.6
    steep = ((0.0, 0.0), (5e-324, 0.5), (1e-310, 1.0))
    odds = Term(BY_NAME["lapse"], 1.0, 0.0, steep).log_odds(np.array([0.0, 5e-311, 1.0]))
    assert odds.tolist() == sorted(odds.tolist())
    assert odds.max() == 1.0


@given(curves(), st.integers(1, 60))
def test_a_curves_points_are_the_same_bytes_in_any_batch(curve, cut):
    term, at = Term(BY_NAME["lapse"], 0.3, 0.4, curve), np.random.default_rng(0).normal(0, 4, 61)
    together = term.log_odds(at)
    parts_ = [term.log_odds(part) for part in (at[:cut], at[cut:])]
    assert np.concatenate(parts_).tobytes() == together.tobytes()
    alone = [term.log_odds(at[place : place + 1]) for place in range(61)]
    assert np.concatenate(alone).tobytes() == together.tobytes()


def test_a_scorecard_of_curves_is_the_same_bytes_in_any_batch():
    terms = [Term(one, 0.8, 0.3, BENDS if one.bends else ()) for one in INPUTS]
    weighing, matrix = ChurnScorecard(tuple(terms), -0.4, 20.0, CURVE), matrix_at(30.0)
    together = weighing.risk(matrix, MODEL.purchases)
    for cut in (slice(0, 1), slice(3, 10), slice(59, 60), slice(None, None, 7)):
        assert weighing.risk(matrix[:, cut], MODEL.purchases).tobytes() == together[cut].tobytes()
