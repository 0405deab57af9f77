"""Intervals of shares: against published values, and against what they promise."""

import math

import numpy as np
import pytest

from scoring.evaluation import EvaluationError, newcombe, wilson

# Newcombe (1998a), "Two-sided confidence intervals for the single proportion", table I, method 3.
SINGLE = [
    ((81, 263), (0.2553, 0.3662)),
    ((15, 148), (0.0624, 0.1605)),
    ((0, 20), (0.0, 0.1611)),
    ((1, 29), (0.0061, 0.1718)),
]
# Newcombe (1998b), "Interval estimation for the difference", table II, method 10.
DIFFERENCES = [
    ((56, 70), (48, 80), (0.0524, 0.3339)),
    ((9, 10), (3, 10), (0.1705, 0.8090)),
    ((6, 7), (2, 7), (0.0582, 0.8062)),
    ((5, 56), (0, 29), (-0.0381, 0.1926)),
    ((0, 10), (0, 20), (-0.1611, 0.2775)),
    ((0, 10), (0, 10), (-0.2775, 0.2775)),
    ((10, 10), (0, 20), (0.6791, 1.0)),
    ((10, 10), (0, 10), (0.6075, 1.0)),
]


@pytest.mark.parametrize(("counts", "expected"), SINGLE)
def test_wilson_is_as_published(counts, expected):
    share, *bounds = wilson(*counts)
    assert share == counts[0] / counts[1]
    np.testing.assert_allclose(bounds, expected, atol=5e-5)


@pytest.mark.parametrize(("first", "second", "expected"), DIFFERENCES)
def test_newcombe_is_as_published(first, second, expected):
    difference, *bounds = newcombe(first, second)
    assert difference == first[0] / first[1] - second[0] / second[1]
    np.testing.assert_allclose(bounds, expected, atol=5e-5)
    mirrored = newcombe(second, first)
    np.testing.assert_allclose(mirrored, [-difference, -bounds[1], -bounds[0]], atol=1e-12)


def test_of_nothing_nothing_is_known():
    share = wilson(0, 0)
    assert (math.isnan(share.value), share.lower, share.upper) == (True, 0.0, 1.0)
    for pair in (((0, 0), (1, 2)), ((1, 2), (0, 0))):
        difference = newcombe(*pair)
        assert (math.isnan(difference.value), *difference[1:]) == (True, -1.0, 1.0)


@pytest.mark.parametrize("counts", [(-1, 3), (4, 3)])
def test_what_is_no_count_is_refused(counts):
    with pytest.raises(EvaluationError, match="count: expected 0 to 3"):
        wilson(*counts)


def test_the_interval_of_a_difference_covers_as_often_as_it_says():
    rng = np.random.default_rng(5)
    treated, held = rng.binomial(200, 0.3, 4_000), rng.binomial(40, 0.2, 4_000)
    covered = [
        lower <= 0.1 <= upper
        for _, lower, upper in (
            newcombe((int(one), 200), (int(other), 40))
            for one, other in zip(treated, held, strict=True)
        )
    ]
    assert 0.94 < np.mean(covered) < 0.97
