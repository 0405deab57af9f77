"""A ranking by uplift on customers whose uplift is known."""

import numpy as np
import pytest

from modelling.uplift import UpliftError, rank
from modelling.uplift.ranking import _ridge

N = 6_000


def made(seed: int, *, helps: bool, n: int = N) -> tuple[dict[str, np.ndarray], np.ndarray, ...]:
    """Acting helps more the higher `trait` is; `risk` moves returning alone, `noise` nothing."""
    rng = np.random.default_rng(seed)
    columns = {name: rng.uniform(size=n) for name in ("trait", "risk", "noise")}
    columns["same of all"] = np.full(n, 3.0)
    treated = rng.uniform(size=n) < 0.8
    true = 0.4 * columns["trait"] if helps else np.full(n, 0.2)
    chance = 0.15 + 0.3 * columns["risk"] + treated * true
    return columns, treated, rng.uniform(size=n) < chance, true


def test_it_finds_whom_acting_helps_and_how_much() -> None:
    columns, treated, returned, _ = made(1, helps=True)
    found = rank(columns, treated, returned, np.random.default_rng(2))
    assert found.is_worth_it
    spread = columns["trait"].std()
    assert found.weights["trait"] == pytest.approx(0.4 * spread, abs=0.04)
    assert abs(found.weights["risk"]) < 0.04
    assert found.weights["same of all"] == 0.0
    predicted = [fifth.predicted for fifth in found.fifths]
    assert predicted == sorted(predicted, reverse=True)
    for fifth in found.fifths:
        assert fifth.observed.lower - 0.03 < fifth.predicted < fifth.observed.upper + 0.03
    others, _, _, true = made(3, helps=True)
    assert found.predict(others) == pytest.approx(true, abs=0.15)
    assert np.abs(found.predict(others) - true).mean() < 0.05


def test_where_all_are_helped_alike_it_says_that_it_is_no_better_than_chance() -> None:
    worth = 0
    for seed in range(20):
        columns, treated, returned, _ = made(seed, helps=False, n=1_500)
        found = rank(columns, treated, returned, np.random.default_rng(seed))
        worth += found.is_worth_it
    assert worth <= 3  # of 20 at one in 40 each: more than 3 once in 600 times


def test_a_ranking_does_not_judge_itself_by_those_it_saw() -> None:
    """With as many features as that, a fit finds uplift in anything."""
    rng = np.random.default_rng(7)
    columns = {f"noise {k}": rng.normal(size=900) for k in range(120)}
    treated, returned = rng.uniform(size=900) < 0.5, rng.uniform(size=900) < 0.4
    assert rank(columns, treated, returned, rng).qini.lower < 0.0


def test_the_same_customers_and_seed_give_the_same_ranking() -> None:
    columns, treated, returned, _ = made(1, helps=True, n=1_500)
    one, other = (rank(columns, treated, returned, np.random.default_rng(2)) for _ in range(2))
    assert (one.qini, one.fifths, one.weights) == (other.qini, other.fifths, other.weights)


@pytest.mark.parametrize("strength", [1e-2, 1e5])
def test_a_ridge_s_weights_are_those_of_its_normal_equations(
    strength: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("modelling.uplift.ranking._RIDGES", np.array([strength]))
    rng = np.random.default_rng(4)
    rows, happened = rng.normal(size=(80, 3)) + 2.0, rng.uniform(size=80)
    centred = rows - rows.mean(axis=0)
    expected = np.linalg.solve(centred.T @ centred + strength * np.eye(3), centred.T @ happened)
    line = _ridge(rows, happened)
    assert line.weights == pytest.approx(expected, rel=1e-9)
    assert line(rows).mean() == pytest.approx(happened.mean())


@pytest.mark.parametrize(
    ("treated", "returned", "told"),
    [
        ((500, 199), (100, 50), "outcomes of the held out: expected 200 customers"),
        ((199, 500), (50, 100), "outcomes of the treated: .* got 199, of whom 50 returned"),
        ((500, 500), (19, 100), "of the treated: .* got 500, of whom 19 returned"),
        ((500, 500), (100, 481), "of the held out: .* 20 did not, got 500, of whom 481"),
        ((500, 0), (100, 0), "of the held out: .* got 0, of whom 0"),
    ],
)
def test_too_few_outcomes_are_told(
    treated: tuple[int, int], returned: tuple[int, int], told: str
) -> None:
    arms = np.repeat([True, False], treated)
    back = np.concatenate([np.arange(n) < k for n, k in zip(treated, returned, strict=True)])
    with pytest.raises(UpliftError, match=told):
        rank({"trait": np.zeros(len(arms))}, arms, back, np.random.default_rng(0))
