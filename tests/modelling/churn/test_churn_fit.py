import numpy as np
import pytest

from modelling.churn.fit import ScorecardPlan
from modelling.churn.regression.folds import grouped_folds
from modelling.churn.regression.labelled import Earlier, Labelled
from modelling.churn.regression.logistic import ChurnFitError
from modelling.churn.validation import cross_validated_risks, fit_scorecard, validate
from scoring.churn import INPUTS, Isotonic, Platt
from scoring.churn.inputs import BY_NAME
from scoring.evaluation import (
    area_under_curve,
    calibrated_limit,
    expected_calibration_error,
    log_loss,
)

STRAIGHT = [one for one in INPUTS if not one.bends]
NAMES = ("no_purchase", "gone", "silence_in_gaps")
THREE = tuple(BY_NAME[name] for name in NAMES)  # each of which should raise the risk


def labelled(n=1_500, seed=0, repeats=1, steep=1.0):
    """The first input foretells churn, the second against its meaning, the third is constant."""
    random = np.random.default_rng(seed)
    inputs = np.column_stack((random.normal(size=(n, 2)), np.full(n, 7.0)))
    odds = steep * (inputs[:, 0] + inputs[:, 0] ** 3 / 5.0 - inputs[:, 1]) - 1.0
    churned = random.random(n) < 1.0 / (1.0 + np.exp(-odds))
    parts = (inputs, churned, np.arange(n))
    return Labelled(*(np.repeat(part, repeats, axis=0) for part in parts))


def test_folds_keep_customers_whole_and_alike():
    random = np.random.default_rng(0)
    customers = random.integers(0, 200, 1_000)
    churned = customers % 10 == 0
    folds = grouped_folds(customers, churned, 5)
    assert all(np.unique(folds[customers == one]).size == 1 for one in np.unique(customers))
    lost = [np.unique(customers[(folds == fold) & churned]).size for fold in range(5)]
    assert lost == [4] * 5
    assert (folds == grouped_folds(customers, churned, 5)).all()
    assert (folds != grouped_folds(customers, churned, 5, seed=1)).any()


def test_inputs_that_say_nothing_or_the_contrary_are_left_out_and_named():
    fitted = fit_scorecard(labelled(), ScorecardPlan(inputs=THREE))
    assert [term.input for term in fitted.terms] == [THREE[0]]
    assert fitted.left_out == {"gone": "sign", "silence_in_gaps": "constant"}
    free = fit_scorecard(labelled(), ScorecardPlan(inputs=THREE, monotone=False))
    assert [term.weight > 0 for term in free.terms] == [True, False]
    assert free.left_out == {"silence_in_gaps": "constant"}


def test_the_terms_say_what_the_regression_says():
    fitted, inputs = (
        fit_scorecard(labelled(), ScorecardPlan(inputs=THREE)),
        labelled(50, seed=9).inputs,
    )
    odds = fitted.intercept + sum(
        t.weight * (inputs[:, THREE.index(t.input)] - t.centre) for t in fitted.terms
    )
    assert fitted.risks(inputs) == pytest.approx(fitted.calibration.risk(odds))


@pytest.mark.parametrize(
    ("choice", "kind"), [("platt", Platt), ("isotonic", Isotonic), ("none", Platt)]
)
def test_the_calibration_asked_for_is_fitted(choice, kind):
    fitted = fit_scorecard(labelled(), ScorecardPlan(inputs=THREE, calibration=choice))
    assert isinstance(fitted.calibration, kind)
    assert (fitted.calibration == Platt()) == (choice == "none")


def test_the_best_calibration_is_the_plain_one_unless_the_curve_bends():
    straight = labelled(4_000)
    odds = 1.2 * straight.inputs[:, 0] - 1.0
    random = np.random.default_rng(5)
    straight = straight._replace(churned=random.random(4_000) < 1.0 / (1.0 + np.exp(-odds)))
    assert isinstance(fit_scorecard(straight, ScorecardPlan(inputs=THREE)).calibration, Platt)
    stepped = np.where(straight.inputs[:, 0] > 0.7, 0.9, 0.2)
    bent = straight._replace(churned=random.random(4_000) < stepped)
    assert isinstance(fit_scorecard(bent, ScorecardPlan(inputs=THREE)).calibration, Isotonic)


def test_a_hard_penalty_is_taken_where_there_is_nothing_to_learn():
    noise = labelled()
    shuffled = noise._replace(churned=np.random.default_rng(1).permutation(noise.churned))
    plan = ScorecardPlan(inputs=THREE, monotone=False, strengths=(0.1, 1e4))
    assert fit_scorecard(shuffled, plan).strength == 1e4
    assert fit_scorecard(noise, plan).strength == 0.1


def test_the_penalty_is_as_hard_as_the_days_after_an_earlier_fit_ask():
    early, later = labelled(), labelled(seed=2)
    turned = later._replace(
        churned=np.random.default_rng(3).permutation(later.churned),
        customers=later.customers + len(early.customers),
    )
    rows = (np.concatenate(pair) for pair in zip(early[:3], turned[:3], strict=True))
    today = Labelled(*rows)
    plan = ScorecardPlan(inputs=THREE, monotone=False, strengths=(0.1, 1e4))
    assert fit_scorecard(today, plan).strength == 0.1  # folds of customers see no days
    after = np.arange(len(today.churned)) >= len(early.churned)
    assert fit_scorecard(today._replace(earlier=Earlier(early, after)), plan).strength == 1e4
    steady = Labelled(*(np.concatenate(pair) for pair in zip(early[:3], later[:3], strict=True)))
    assert fit_scorecard(steady._replace(earlier=Earlier(early, after)), plan).strength == 0.1


@pytest.mark.parametrize(("choice", "kind"), [("best", Platt), ("isotonic", Isotonic)])
def test_the_days_after_an_earlier_fit_are_calibrated_as_asked(choice, kind):
    early, later = labelled(), labelled(seed=2)
    later = later._replace(customers=later.customers + len(early.customers))
    rows = (np.concatenate(pair) for pair in zip(early[:3], later[:3], strict=True))
    after = np.arange(2 * len(early.customers)) >= len(early.customers)
    today = Labelled(*rows)._replace(earlier=Earlier(early, after))
    plan = ScorecardPlan(inputs=THREE, calibration=choice)
    validated = validate(today, plan)
    assert isinstance(validated.fitted.calibration, kind)
    risks = validated.risks(later.inputs, later.customers)
    assert expected_calibration_error(risks, later.churned) < 0.08


def test_risks_out_of_fold_rank_and_are_calibrated():
    plan = ScorecardPlan(inputs=THREE, monotone=False)
    whole = labelled(3_000)
    risks = cross_validated_risks(whole, plan)
    assert area_under_curve(risks, whole.churned).value > 0.8
    assert expected_calibration_error(risks, whole.churned) < calibrated_limit(risks)


def test_customers_who_come_often_do_not_let_the_scorecard_learn_them_by_heart():
    random = np.random.default_rng(2)
    noise = Labelled(random.normal(size=(150, 12)), random.random(150) < 0.4, np.arange(150))
    often = Labelled(*(np.repeat(part, 8, axis=0) for part in noise[:3]))
    plan = ScorecardPlan(
        inputs=tuple(STRAIGHT[:12]), monotone=False, strengths=(1e-3,), calibration="none"
    )
    by_heart = cross_validated_risks(often._replace(customers=np.arange(1_200)), plan)
    honest = cross_validated_risks(often, plan)
    assert log_loss(by_heart, often.churned) < 0.66
    assert log_loss(honest, often.churned) > 0.68


def test_the_same_labels_give_the_same_scorecard():
    one, other = (fit_scorecard(labelled(), ScorecardPlan(inputs=THREE)) for _ in range(2))
    assert one.terms == other.terms
    assert one.calibration == other.calibration


def test_too_few_of_a_kind_are_refused_however_often_they_come():
    few = labelled(500)
    few = few._replace(churned=few.customers < 19)
    often = Labelled(*(np.repeat(part, 3, axis=0) for part in few[:3]))
    for rows in (few, often):
        for attempt in (fit_scorecard, cross_validated_risks):
            with pytest.raises(ChurnFitError, match="at least 20 who churned, got 19 of 500"):
                attempt(rows, ScorecardPlan(inputs=THREE))
    with pytest.raises(ChurnFitError, match="at least 20 who stayed"):
        fit_scorecard(few._replace(churned=~few.churned), ScorecardPlan(inputs=THREE))


def test_twenty_of_a_kind_are_enough():
    few = labelled(500)
    few = few._replace(churned=few.inputs[:, 0] >= np.sort(few.inputs[:, 0])[-20])
    assert cross_validated_risks(few, ScorecardPlan(inputs=THREE)).shape == (500,)


def test_inputs_that_foretell_nothing_are_refused():
    nothing = labelled()
    nothing.inputs[:] = 1.0
    with pytest.raises(ChurnFitError, match="an input that foretells churn, got none"):
        fit_scorecard(nothing, ScorecardPlan(inputs=THREE))
    risks = cross_validated_risks(nothing, ScorecardPlan(inputs=THREE))
    assert risks == pytest.approx(np.full(1_500, nothing.churned.mean()), abs=0.01)
