"""Qini's curve beside a count by hand; its interval where ranking helps and where it cannot."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.evaluation import EvaluationError, qini, qini_curve

CUSTOMERS = st.lists(
    st.tuples(st.integers(0, 5), st.booleans(), st.booleans()), min_size=2, max_size=40
).filter(lambda rows: {treated for _, treated, _ in rows} == {True, False})


def counted(rows: list[tuple[int, bool, bool]]) -> list[tuple[float, float]]:
    """The curve, by counting anew for every score who is at or above it."""
    treated = sum(row[1] for row in rows)
    points = [(0.0, 0.0)]
    for score in sorted({row[0] for row in rows}, reverse=True):
        first = [row for row in rows if row[0] >= score]
        many = [sum(row[1] is arm for row in first) for arm in (True, False)]
        back = [sum(row[1] is arm and row[2] for row in first) for arm in (True, False)]
        anyway = back[1] * many[0] / many[1] if many[1] else 0.0
        points.append((len(first) / len(rows), (back[0] - anyway) / treated))
    return points


@given(CUSTOMERS, st.randoms(use_true_random=False))
def test_the_curve_is_what_counting_gives_in_any_order(rows, shuffled) -> None:
    expected = counted(rows)
    for _ in range(2):
        curve = qini_curve(*zip(*rows, strict=True))
        assert curve.share == pytest.approx([share for share, _ in expected])
        assert curve.gained == pytest.approx([gained for _, gained in expected])
        shuffled.shuffle(rows)


def test_the_last_of_the_curve_is_the_uplift() -> None:
    curve = qini_curve(range(8), [1, 1, 1, 1, 0, 0, 0, 0], [1, 1, 1, 0, 1, 0, 0, 0])
    assert curve.gained[-1] == pytest.approx(3 / 4 - 1 / 4)


def made(rng: np.random.Generator, n: int, *, helps: bool) -> tuple[np.ndarray, ...]:
    """Customers whom acting helps by half where their trait is above the middle, or all alike."""
    trait, treated = rng.uniform(size=n), rng.uniform(size=n) < 0.7
    chance = 0.2 + treated * (0.5 * (trait > 0.5) if helps else 0.25)
    return trait, treated, rng.uniform(size=n) < chance


def test_a_ranking_that_finds_whom_acting_helps_is_told_from_chance() -> None:
    rng = np.random.default_rng(3)
    trait, treated, returned = made(rng, 4_000, helps=True)
    found = qini(trait, treated, returned, rng)
    # Half the customers hold all of the uplift of 1/4: a curve of two straight lines.
    assert found.value == pytest.approx(0.25 / 4, abs=0.012)
    assert 0.0 < found.lower < found.value < found.upper
    backwards = qini(-trait, treated, returned, rng)
    assert backwards.upper < 0.0


def test_where_all_are_helped_alike_the_interval_holds_zero_as_often_as_it_says() -> None:
    rng, missed = np.random.default_rng(5), 0
    for _ in range(120):
        bounded = qini(*made(rng, 600, helps=False), rng, draws=200)
        missed += not bounded.lower <= 0.0 <= bounded.upper
    assert missed <= 14  # of 120 at 95%: 6 are expected, more than 14 once in 900 times


@pytest.mark.parametrize(
    ("scores", "treated", "returned", "told"),
    [
        ([1.0, 2.0], [1, 1], [0, 1], "treated"),
        ([1.0, np.nan], [0, 1], [0, 1], "scores"),
        ([1.0, 2.0], [0, 1], [0, 1, 1], "returned"),
        ([1.0, 2.0], [0, 2], [0, 1], "treated"),
        ([], [], [], "scores"),
    ],
)
def test_what_cannot_be_judged_is_told(scores, treated, returned, told) -> None:
    with pytest.raises(EvaluationError, match=told):
        qini_curve(scores, treated, returned)
