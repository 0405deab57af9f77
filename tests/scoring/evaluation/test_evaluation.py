import numpy as np
import pytest
from scipy.stats import pearsonr
from sklearn import metrics
from sklearn.calibration import calibration_curve as sklearn_curve

from scoring import evaluation
from scoring.evaluation import EvaluationError


def drawn(seed=0, n=500, digits=2):
    """Risks with ties, and outcomes that follow them."""
    random = np.random.default_rng(seed)
    risks = random.beta(1.0, 2.0, n).round(digits)
    return risks, (random.random(n) < risks).astype(int)


@pytest.mark.parametrize("seed", range(5))
def test_the_area_is_that_of_scikit_learn_with_ties(seed):
    risks, happened = drawn(seed, digits=1)
    area = evaluation.area_under_curve(risks, happened)
    assert area.value == pytest.approx(metrics.roc_auc_score(happened, risks), abs=1e-12)
    assert area.low < area.value < area.high


def delong_by_definition(scores, happened):
    """Variance of DeLong et al. 1988 from the full matrix of pairs."""
    yes, no = scores[happened == 1], scores[happened == 0]
    wins = (yes[:, None] > no) + 0.5 * (yes[:, None] == no)
    return wins.mean(1).var(ddof=1) / len(yes) + wins.mean(0).var(ddof=1) / len(no)


@pytest.mark.parametrize("seed", range(3))
def test_the_error_of_the_area_is_delongs(seed):
    risks, happened = drawn(seed, n=120, digits=1)
    area = evaluation.area_under_curve(risks, happened)
    assert area.error**2 == pytest.approx(delong_by_definition(risks, happened), rel=1e-10)


def test_the_interval_of_the_area_covers_the_truth_about_as_often_as_it_says():
    random, truth, hits = np.random.default_rng(1), 0.760_25, 0  # P(N(1, 1) > N(0, 1))
    for _ in range(400):
        scores = np.concatenate((random.normal(1, 1, 60), random.normal(0, 1, 90)))
        area = evaluation.area_under_curve(scores, np.repeat([1, 0], [60, 90]))
        hits += area.low <= truth <= area.high
    assert 0.92 <= hits / 400 <= 0.98


def test_rows_of_different_customers_give_delongs_error_and_repeated_ones_a_wider_one():
    risks, happened = drawn(n=200)
    alone = evaluation.area_under_curve(risks, happened)
    apart = evaluation.area_under_curve(risks, happened, np.arange(200))
    assert apart.error == pytest.approx(alone.error, rel=1e-12)
    twice = evaluation.area_under_curve(
        np.tile(risks, 2), np.tile(happened, 2), np.tile(np.arange(200), 2)
    )
    assert twice.value == pytest.approx(alone.value)
    assert twice.error == pytest.approx(alone.error, rel=0.02)


def test_a_gain_is_paired_and_its_error_the_bootstraps():
    risks, happened = drawn(n=400, digits=8)
    random = np.random.default_rng(3)
    worse = risks + random.normal(0, 0.1, 400)
    gain = evaluation.area_gained(risks, worse, happened)
    areas = [evaluation.area_under_curve(s, happened) for s in (risks, worse)]
    assert gain.value == pytest.approx(areas[0].value - areas[1].value)
    assert gain.error < 0.5 * areas[0].error
    draws = random.integers(0, 400, (400, 400))
    gains = [evaluation.area_gained(risks[d], worse[d], happened[d]).value for d in draws]
    assert gain.error == pytest.approx(np.std(gains), rel=0.15)


def test_a_gain_over_oneself_is_nothing():
    risks, happened = drawn()
    assert evaluation.area_gained(risks, 3 * risks, happened) == (0, 0, 0, 0)


def test_a_perfect_ranking_keeps_its_interval_within_bounds():
    assert evaluation.area_under_curve([1, 2, 3], [0, 0, 1]) == (1.0, 0.0, 1.0, 1.0)


def test_brier_score_and_log_loss_are_those_of_scikit_learn():
    risks, happened = drawn()
    brier, loss = evaluation.brier_score(risks, happened), evaluation.log_loss(risks, happened)
    assert brier == pytest.approx(metrics.brier_score_loss(happened, risks))
    assert loss == pytest.approx(metrics.log_loss(happened, risks))
    assert np.isfinite(evaluation.log_loss([0.0, 1.0], [1, 0]))


def test_the_calibration_curve_is_that_of_scikit_learn():
    risks, happened = drawn(digits=12)
    curve = evaluation.calibration_curve(risks, happened)
    theirs, foretold = sklearn_curve(happened, risks, n_bins=10, strategy="quantile")
    assert [one.happened for one in curve] == pytest.approx(theirs)
    assert [one.foretold for one in curve] == pytest.approx(foretold)
    assert [one.rows for one in curve] == [50] * 10


def test_there_are_no_more_bins_than_rows():
    assert len(evaluation.calibration_curve([0.1, 0.2, 0.3], [0, 1, 0])) == 3
    assert len(evaluation.deciles([0.1, 0.2, 0.3], [0, 1, 0])) == 3


def test_perfect_probabilities_stay_below_their_limit_and_shifted_ones_do_not():
    over = 0
    for seed in range(40):
        risks, happened = drawn(seed, n=1_000)
        limit = evaluation.calibrated_limit(risks, simulations=200)
        over += evaluation.expected_calibration_error(risks, happened) > limit
        shifted = np.minimum(risks + 0.1, 1.0)
        error = evaluation.expected_calibration_error(shifted, happened)
        assert error > evaluation.calibrated_limit(shifted, simulations=200)
    assert over <= 6


def test_deciles_tell_lift_and_gain():
    scores, happened = np.arange(100.0), np.arange(100) >= 80
    found = evaluation.deciles(scores, happened)
    assert [part.churned for part in found] == [10, 10, *[0] * 8]
    assert [part.lift for part in found[:3]] == pytest.approx([5.0, 5.0, 0.0])
    assert [part.gain for part in found[:3]] == [0.5, 1.0, 1.0]
    assert sum(part.rows for part in found) == 100


def test_precision_and_recall_are_those_of_scikit_learn():
    risks, happened = drawn()
    found = evaluation.flagged(risks, happened, 0.4)
    assert found.precision == pytest.approx(metrics.precision_score(happened, risks >= 0.4))
    assert found.recall == pytest.approx(metrics.recall_score(happened, risks >= 0.4))
    assert evaluation.flagged(risks, happened, 2.0) == (0, 0, 0.0, 0.0)


def test_stability_rises_with_the_shift_and_not_with_the_unit():
    random = np.random.default_rng(0)
    before, after = random.normal(0, 1, 5_000), random.normal(0, 1, 5_000)
    still = evaluation.population_stability(before, after)
    moved = [evaluation.population_stability(before, after + shift) for shift in (0.3, 1.0)]
    assert 0.0 <= still < 0.01 < moved[0] < 0.25 < moved[1]
    assert evaluation.population_stability(7 * before, 7 * after) == pytest.approx(still)


def test_stability_survives_values_that_repeat_and_values_never_seen():
    same = evaluation.population_stability(np.zeros(50), np.zeros(50))
    gone = evaluation.population_stability(np.zeros(50), np.ones(50))
    assert same == 0.0
    assert 1.0 < gone < np.inf


def test_the_textbook_index_of_two_histograms():
    before, after = np.array([3_000, 4_000, 3_000]), np.array([2_000, 4_000, 4_000])
    p, q = before / 10_000, after / 10_000
    expected = float(((q - p) * np.log(q / p)).sum())
    assert evaluation.population_stability_of(before, after) == pytest.approx(expected, abs=1e-4)


def test_concentration_of_the_few_and_of_equals():
    random = np.random.default_rng(0)
    values = random.pareto(1.16, 5_000)
    assert evaluation.top_share(np.ones(10), 0.2) == pytest.approx(0.2)
    assert 0.6 < evaluation.top_share(values) < 1.0
    by_pairs = np.abs(values[:500, None] - values[:500]).mean() / (2 * values[:500].mean())
    assert evaluation.gini(values[:500]) == pytest.approx(by_pairs)


def test_errors_of_numbers_are_those_of_scipy_and_scikit_learn():
    random = np.random.default_rng(0)
    foretold, actual = random.normal(size=50), random.normal(size=50)
    error = evaluation.mean_absolute_error(foretold, actual)
    assert error == pytest.approx(metrics.mean_absolute_error(actual, foretold))
    assert evaluation.correlation(foretold, actual) == pytest.approx(pearsonr(foretold, actual)[0])
    assert evaluation.correlation(np.full(50, 0.1), actual) == 0.0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: evaluation.area_under_curve([], []), "scores: expected a vector of numbers"),
        (lambda: evaluation.area_under_curve([np.nan, 1], [0, 1]), "expected finite numbers"),
        (lambda: evaluation.area_under_curve([1, 2], [1, 1]), "expected both outcomes, got 2 of 2"),
        (lambda: evaluation.area_under_curve([1, 2], [1]), "happened: expected 2 of them"),
        (lambda: evaluation.area_under_curve([1, 2], [0, 0.5]), "expected 0 or 1, got 0.5"),
        (lambda: evaluation.area_gained([1, 2], [1, 2, 3], [0, 1]), "expected 3 of them"),
        (lambda: evaluation.brier_score([1.2], [1]), "expected numbers from 0 to 1, got 1.2"),
        (lambda: evaluation.lorenz_curve([-1.0, 2.0]), "expected numbers >= 0, got -1.0"),
        (lambda: evaluation.lorenz_curve([0.0, 0.0]), "expected some above 0"),
        (lambda: evaluation.population_stability([1.0], [1.0], 1), "bins: expected 2 or more"),
        (lambda: evaluation.population_stability_of([1], [1, 2]), "expected 1 bins, got 2"),
        (lambda: evaluation.correlation([1, 2], [1]), "actual: expected 2 of them, got 1"),
    ],
)
def test_what_cannot_be_judged_is_refused_by_name(call, message):
    with pytest.raises(EvaluationError, match=message):
        call()
