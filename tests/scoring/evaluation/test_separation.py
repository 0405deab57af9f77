"""A stricter threshold beside plain counting, and what it promises on answers of a known truth."""

from fractions import Fraction
from math import inf, nan, nextafter
from statistics import NormalDist, fmean

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from scoring.evaluation import EvaluationError, Wanted, least_right, separate
from scoring.evaluation.separation import FOLDS, roundest

Row = tuple[float, bool, int]
ROWS = st.lists(
    st.tuples(
        st.one_of(st.integers(0, 12).map(float), st.floats(0.0, 12.0), st.just(inf)),
        st.booleans(),
        st.integers(0, 15),
    ),
    max_size=60,
)
KEEPS = st.sampled_from([Fraction(n, 100) for n in (50, 75, 80, 90, 95)])


def most_spared(rows: list[Row], keep: Fraction, most: float) -> int:
    """By trying every threshold that tells any two apart, as often as one more is to be lost."""
    right = [value for value, is_right, _ in rows if is_right]
    tried = {value for value, _, _ in rows} | {nextafter(value, inf) for value, _, _ in rows}
    found = [0]
    for threshold in (each for each in {*tried, most} if 0.0 < each <= most and each < inf):
        lost = sum(value < threshold for value in right)
        if Fraction(lost + 1, len(right) + 1) <= 1 - keep:
            found.append(sum(value < threshold for value, is_right, _ in rows if not is_right))
    return max(found)


def spared(rows: list[Row], threshold: float) -> int:
    return sum(not is_right and value < threshold for value, is_right, _ in rows)


def separated(rows: list[Row], keep: float, most: float = inf, scale: float = 1.0):
    values, right, groups = zip(*rows, strict=True) if rows else ((), (), ())
    return separate(values, right, groups, Wanted(0.0, keep, most, scale))


@given(ROWS, KEEPS, st.sampled_from([inf, 9.0, 3.5]), st.sampled_from([1.0, 100.0]))
@example([(inf, True, 0)] * 9 + [(1.0, False, 1)], Fraction(9, 10), inf, 1.0)
def test_it_spares_as_many_as_any_threshold_that_keeps_enough(rows, keep, most, scale) -> None:
    rows = [row for row in rows if not row[1] or row[0] < inf]
    found = separated(rows, float(keep), most, scale)
    expected = most_spared(rows, keep, most)
    assert (found.threshold is None) == (expected == 0)
    if found.threshold is not None:
        held = scale * found.threshold
        right = [value for value, is_right, _ in rows if is_right]
        assert 0.0 < held <= most
        assert spared(rows, held) == expected
        assert Fraction(sum(v < held for v in right) + 1, len(right) + 1) <= 1 - keep


@given(ROWS, KEEPS)
def test_what_it_promises_is_counted_on_customers_that_had_no_say(rows, keep) -> None:
    rows = [row for row in rows if not row[1] or row[0] < inf]
    names = sorted({group for *_, group in rows})
    kept = gone = 0
    for fold in range(FOLDS):
        own = [row for row in rows if names.index(row[2]) % FOLDS == fold]
        threshold = separated([row for row in rows if row not in own], float(keep)).threshold
        limit = 0.0 if threshold is None else threshold
        kept += sum(is_right and value >= limit for value, is_right, _ in own)
        gone += spared(own, limit)
    found = separated(rows, float(keep))
    assert (found.kept, found.spared) == (kept, gone)
    right = sum(is_right for _, is_right, _ in rows)
    assert (found.right, found.wrong) == (right, len(rows) - right)


def test_the_shares_are_those_of_its_counts() -> None:
    rows = [(4.0 + n / 100, True, n) for n in range(50)]
    rows += [(1.0 + n / 100, False, 50 + n) for n in range(50)]
    found = separated(rows, 0.9)
    assert found[:] == (2.0, 50, 50, found.kept, 50)
    assert 45 <= found.kept <= 50
    assert found.kept_share.value == found.kept / 50
    assert found.precision_now.value == 0.5
    assert found.precision_then.value == 1.0
    assert found.gain.value == 1.0 - (50 - found.kept) / 50
    assert found.is_apart


def simulated(right: int, wrong: int, apart: float, seed: int):
    """Answers whose values are normal, the right ones' higher by `apart`."""
    rng = np.random.default_rng(seed)
    logs = np.concatenate((rng.normal(apart, 1.0, right), rng.normal(0.0, 1.0, wrong)))
    is_right = np.arange(right + wrong) < right
    customers = rng.permutation(right + wrong)
    return np.exp(logs), is_right, separate(np.exp(logs), is_right, customers, Wanted(0.0, 0.9))


@pytest.mark.parametrize(("right", "wrong", "apart"), [(40, 80, 1.5), (20, 20, 2.0)])
def test_what_is_promised_holds_of_a_known_truth(right: int, wrong: int, apart: float) -> None:
    unit, within, keeps, naive, promised = NormalDist(), [], [], [], []
    for seed in range(200):
        values, is_right, found = simulated(right, wrong, apart, seed)
        if not found.is_apart:
            continue
        log = float(np.log(found.threshold))
        keep = 1.0 - unit.cdf(log - apart)
        truth = right * keep / (right * keep + wrong * (1.0 - unit.cdf(log)))
        told, over = found.precision_then, values >= found.threshold
        keeps.append(keep)
        within.append(told.lower <= truth <= told.upper)
        promised.append(told.value - truth)
        naive.append(is_right[over].mean() - truth)
    assert len(keeps) > 150
    assert fmean(keeps) > 0.89
    assert fmean(within) >= 0.95
    assert fmean(promised) < 0.005 < fmean(naive)  # counted on the same answers it is too good


def test_where_values_tell_nothing_hardly_anything_is_proposed() -> None:
    found = [simulated(60, 60, 0.0, seed)[2].is_apart for seed in range(300)]
    assert fmean(found) < 0.05


@given(st.floats(-1e12, 1e12), st.floats(0.0, 1e6, exclude_min=True), st.sampled_from([1.0, 100.0]))
@example(1e-300, 1e-300, 1.0)
@example(nextafter(0.98, 0.0), 1e-16, 1.0)
@example(-5e-324, 5e-324, 1.0)
def test_a_round_number_lies_within(above: float, more: float, scale: float) -> None:
    upto = max(above + more, nextafter(above, inf))
    found = roundest(above, upto, scale)
    if scale == 1.0 or abs(above) > 1e-200:
        assert above < scale * found <= upto or found == upto / scale
    assert len(repr(found)) <= len(repr(upto / scale)) + 4


def test_where_no_round_number_lies_between_it_is_the_upper_end() -> None:
    assert roundest(-5e-324, 0.0) == 0.0
    assert roundest(nextafter(0.98, 0.0), 0.98) == 0.98
    assert roundest(1e-300, 2e-300) == 2e-300


def test_the_fewest_that_a_share_can_be_kept_of() -> None:
    for keep in (0.5, 0.9, 0.95, 0.99):
        few = least_right(keep)
        rows = [(5.0 + n, True, n) for n in range(few)] + [(1.0, False, 99)]
        assert separated(rows, keep).threshold is not None
        assert separated(rows[1:], keep).threshold is None


@pytest.mark.parametrize(
    ("values", "right", "groups", "keep", "told"),
    [
        ([1.0, nan], [1, 0], [1, 2], 0.9, "today's threshold, 0, or more"),
        ([1.0, -1.0], [1, 0], [1, 2], 0.9, "-1"),
        ([[1.0]], [1], [1], 0.9, "a vector"),
        ([1.0], [1, 0], [1], 0.9, "1 of them"),
        ([1.0], [1], [1, 2], 0.9, "groups"),
        ([1.0], [1], [1], 1.0, "above 0 and below 1"),
        ([1.0], [1], [1], nan, "above 0 and below 1"),
    ],
)
def test_what_cannot_be_judged_is_refused(values, right, groups, keep, told) -> None:
    with pytest.raises(EvaluationError, match=told):
        separate(values, right, groups, Wanted(0.0, keep))
