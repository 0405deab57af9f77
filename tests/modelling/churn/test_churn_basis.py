"""From inputs to a regression's columns and back to terms."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelling.churn.regression import basis
from modelling.churn.regression.logistic import Logistic
from scoring.churn.inputs import BY_NAME, INPUTS
from scoring.feature import InSilence
from scoring.parameters.churn import ChurnTerm

COLUMNS = sum(max(len(one.bends) - 1, 1) for one in INPUTS)
BENT = [one for one in INPUTS if one.bends]
SEEDS = st.integers(0, 2**32 - 1)


def rows_of(random, count=60):
    """Values of all inputs, those that bend beyond their ends too."""
    table = random.normal(0.0, 2.0, (count, len(INPUTS)))
    for at, one in enumerate(INPUTS):
        if one.bends:
            low, high = one.bends[0], one.bends[-1]
            table[:, at] = random.uniform(low - 1.0, high + 1.0, count)
            table[: len(one.bends), at] = one.bends
    return table


def fitted_like(random, hold, zeros=0.3, scale=1.0):
    """A regression whose weights have the signs that are held, some of them 0."""
    signs = basis.signs(INPUTS, hold)
    weights = random.normal(0.0, scale, COLUMNS)
    weights = np.where(signs == 0, weights, np.abs(weights) * signs)
    weights[random.random(COLUMNS) < zeros] = 0.0
    constant = (weights == 0.0) & (random.random(COLUMNS) < 0.5)
    return Logistic(weights, random.normal(0.0, 1.0, COLUMNS), -1.5, constant, 1)


def told(fitted, terms, table):
    """Log odds by the terms."""
    odds = np.full(len(table), fitted.intercept)
    for term in terms:
        odds += term.log_odds(table[:, INPUTS.index(term.input)])
    return odds


@given(SEEDS, st.sampled_from(["all", "silence", "none"]), st.sampled_from([0.0, 0.3, 0.95]))
def test_the_terms_say_what_the_regression_says(seed, hold, zeros):
    random = np.random.default_rng(seed)
    fitted, table = fitted_like(random, hold, zeros), rows_of(random)
    terms, _ = basis.terms(fitted, INPUTS)
    expected = fitted.log_odds(basis.columns(table, INPUTS))
    assert told(fitted, terms, table) == pytest.approx(expected, rel=1e-9, abs=1e-9)


@given(SEEDS, st.sampled_from([1e-300, 1e-12, 1.0, 1e6]))
def test_curves_go_from_nothing_to_all_and_never_fall(seed, scale):
    fitted = fitted_like(np.random.default_rng(seed), "none", 0.5, scale)
    terms, _ = basis.terms(fitted, INPUTS)
    for term in terms:
        assert bool(term.curve) == bool(term.input.bends)
        if term.curve:
            at, share = zip(*term.curve, strict=True)
            assert at == term.input.bends
            assert (share[0], share[-1]) == (0.0, 1.0)
            assert (np.diff(share) >= 0.0).all()
            assert term.weight * term.input.churn_sign > 0.0


@given(SEEDS)
def test_a_term_survives_the_parameter_file(seed):
    terms, _ = basis.terms(fitted_like(np.random.default_rng(seed), "all"), INPUTS)
    for term in terms:
        assert ChurnTerm.model_validate(basis.pieces(term)).term() == term


@given(SEEDS)
def test_an_input_without_weight_is_left_out_with_the_reason(seed):
    fitted = fitted_like(np.random.default_rng(seed), "all", zeros=0.9)
    terms, left_out = basis.terms(fitted, INPUTS)
    kept = {term.input.name for term in terms}
    assert kept | left_out.keys() == BY_NAME.keys()
    assert not kept & left_out.keys()
    start = 0
    for one in INPUTS:
        part = slice(start, start + max(len(one.bends) - 1, 1))
        start = part.stop
        assert (one.name in kept) == bool(fitted.weights[part].any())
        if one.name in left_out:
            said_nothing = bool(fitted.constant[part].all())
            assert left_out[one.name] == ("constant" if said_nothing else "sign")


def test_columns_are_straight_or_ramps_that_add_up_to_the_bends():
    table = rows_of(np.random.default_rng(0))
    columns = basis.columns(table, INPUTS)
    assert columns.shape == (60, COLUMNS)
    start = 0
    for at, one in enumerate(INPUTS):
        part = columns[:, start : start + max(len(one.bends) - 1, 1)]
        start += part.shape[1]
        if not one.bends:
            assert (part[:, 0] == table[:, at]).all()
            continue
        assert ((part >= 0.0) & (part <= 1.0)).all()
        widths = np.diff(one.bends)
        back = one.bends[0] + part @ widths
        assert back == pytest.approx(np.clip(table[:, at], one.bends[0], one.bends[-1]))


def test_of_no_rows_or_no_inputs_there_are_no_columns():
    assert basis.columns(np.empty((0, len(INPUTS))), INPUTS).shape == (0, COLUMNS)
    assert basis.columns(np.empty((5, 0)), ()).shape == (5, 0)
    assert basis.signs((), "all").shape == (0,)


@pytest.mark.parametrize("one", INPUTS, ids=lambda one: one.name)
def test_weights_are_held_as_far_as_is_asked_and_what_bends_always(one):
    signs = {hold: set(basis.signs((one,), hold).tolist()) for hold in ("all", "silence", "none")}
    assert signs["all"] == {one.churn_sign}
    moves = one.in_silence is not InSilence.HELD
    assert signs["silence"] == {one.churn_sign if moves or one.bends else 0}
    assert signs["none"] == {one.churn_sign if one.bends else 0}


def test_what_bends_has_a_meaning_and_rising_bends():
    assert BENT
    for one in BENT:
        assert one.churn_sign != 0
        assert (np.diff(one.bends) > 0.0).all()


def test_the_error_of_a_rise_is_that_of_its_stretches_together():
    inputs = (BY_NAME["lapse"], BY_NAME["usual_gap"], BY_NAME["gone"])
    random = np.random.default_rng(0)
    half = random.normal(size=(11, 11))
    covariance = half @ half.T
    weights = np.array([*[0.2] * 9, 0.0, 1.0])
    fitted = Logistic(weights, np.zeros(11), 0.0, np.zeros(11, bool), 1)
    errors = basis.by_input(fitted, covariance, inputs)
    drawn = random.multivariate_normal(np.zeros(11), covariance, 40_000)
    assert errors["lapse"] == pytest.approx(drawn[:, :9].sum(axis=1).std(), rel=0.02)
    assert errors["gone"] == pytest.approx(np.sqrt(covariance[10, 10]))
    assert "usual_gap" not in errors
