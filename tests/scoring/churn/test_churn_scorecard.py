import numpy as np
import pytest
from cases import MODEL
from churn_cases import CURVE, card, matrix_at
from scipy.special import expit

from scoring.churn import INPUTS, UNCALIBRATED, ChurnScorecard, Platt, Term
from scoring.churn.inputs import values
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
