import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from scoring.evaluation import area_under_curve
from scoring.monitoring import Figures, tally, total
from scoring.monitoring.tallies import TALLY

RISKS = hnp.arrays(np.float64, 40, elements=st.floats(0.0, 1.0))
TRUTHS = hnp.arrays(np.bool_, 40)


@given(RISKS, TRUTHS, TRUTHS)
def test_a_tally_counts_every_row_once(risk, flagged, churned):
    made = tally(risk, flagged, churned)
    assert made.shape == (1,)
    assert made["rows"].sum() == made["flagged"].sum() == 40
    assert made["churned"].sum() == churned.sum() == made["flagged"][0, :, 1].sum()
    assert made["flagged"][0, 1].sum() == flagged.sum()
    assert made["risk"].sum() == pytest.approx(risk.sum())


@given(RISKS, TRUTHS, TRUTHS)
def test_figures_are_ratios_or_nothing(risk, flagged, churned):
    figures = Figures.of(tally(risk, flagged, churned))
    for value in figures[1:]:
        assert value is None or 0.0 <= value <= 1.0
    assert (figures.precision is None) == (not flagged.any())
    assert (figures.recall is None) == (not churned.any())
    if churned.any() and not churned.all():
        assert figures.auc == pytest.approx(area_under_curve(risk, churned).value)
    else:
        assert figures.auc is None


@given(RISKS, TRUTHS, TRUTHS, st.integers(0, 40))
def test_counts_of_parts_add_up_to_those_of_the_whole(risk, flagged, churned, cut):
    parts = [tally(risk[s], flagged[s], churned[s]) for s in (slice(cut), slice(cut, None))]
    whole, added = tally(risk, flagged, churned), total(np.concatenate(parts))
    for name in ("rows", "churned", "flagged"):
        np.testing.assert_array_equal(added[name], whole[name])
    np.testing.assert_allclose(added["risk"], whole["risk"])


def test_risks_of_different_rounds_are_not_ranked_against_each_other():
    early = tally(np.array([0.1, 0.2]), np.zeros(2, bool), np.array([False, True]))
    late = tally(np.array([0.8, 0.9]), np.zeros(2, bool), np.array([False, True]))
    assert Figures.of(total(np.concatenate([early, late]))).auc == 1.0


def test_the_calibration_error_is_the_distance_of_risk_and_share():
    risk = np.array([0.21, 0.21, 0.21, 0.21, 1.0, 0.0])
    churned = np.array([True, False, False, False, True, True])
    figures = Figures.of(tally(risk, risk > 0.5, churned))
    assert figures.calibration_error == pytest.approx((4 * 0.04 + 0 + 1) / 6)


def test_nothing_tallied_tells_nothing():
    empty = total(np.zeros(0, TALLY))
    assert Figures.of(empty) == (((0, 0), (0, 0)), None, None, None, None)
