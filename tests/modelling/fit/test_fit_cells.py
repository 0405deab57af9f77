# ruff: noqa: N806 - T is the field's own name for the time since the first purchase.
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelling.fit.likelihood import Cells, FitError, cells
from modelling.fit.likelihood.cells import MOST

UNITS = (1.0, 7.0, 3.0, 1e9)


def counted(columns):
    """The same the slow way."""
    return np.unique(np.stack(columns, axis=1), axis=0, return_counts=True)


def bought(rng, customers, unit):
    T = rng.integers(0, 30, customers).astype(float)
    x = rng.integers(0, 4, customers).astype(float)
    t_x = np.where(x > 0, np.floor(rng.random(customers) * (T + 1)), 0.0)
    return x, t_x / unit, T / unit


@pytest.mark.parametrize("unit", UNITS)
def test_cells_count_the_distinct_customers_whatever_the_unit(unit):
    columns = bought(np.random.default_rng(1), 500, unit)
    found = cells(*columns)
    distinct, counts = counted(columns)
    assert np.array_equal(np.stack([found.x, found.t_x, found.T], axis=1), distinct)
    assert np.array_equal(found.weight, counts)
    assert (len(found), found.customers) == (len(distinct), 500)


def test_times_too_long_to_pack_are_ranked():
    found = cells([1.0, 1.0, 2.0], [2.0**40, 2.0**40, 3.0], [2.0**41, 2.0**41, 2.0**40])
    assert found.t_x.tolist() == [2.0**40, 3.0]
    assert found.weight.tolist() == [2.0, 1.0]


@given(st.integers(0, 2**32), st.sampled_from(UNITS))
def test_the_order_of_customers_leaves_no_trace(seed, unit):
    rng = np.random.default_rng(seed)
    columns = bought(rng, 40, unit)
    order = rng.permutation(40)
    one, other = cells(*columns), cells(*(column[order] for column in columns))
    for mine, theirs in zip(one.columns, other.columns, strict=True):
        assert np.array_equal(mine, theirs)


def test_nobody_has_no_cells():
    assert len(cells([], [], [])) == 0


def test_a_sample_takes_customers_in_proportion():
    found = Cells(*np.array([[0, 1, 2], [0, 1, 2], [3, 3, 3], [60, 30, 10]], float)).thinned(10)
    assert found.weight.tolist() == [6.0, 3.0, 1.0]


def test_arguments_stay_as_they_are():
    columns = bought(np.random.default_rng(1), 50, 1.0)
    copies = [column.copy() for column in columns]
    cells(*columns)
    assert all(np.array_equal(a, b) for a, b in zip(columns, copies, strict=True))


@pytest.mark.parametrize(
    ("columns", "where"),
    [
        (([1], [1, 2], [3, 3]), "x, t_x, T"),
        (([[1]], [[1]], [[3]]), "x, t_x, T"),
        (([1, 0.5], [1, 1], [3, 3]), "x[1]"),
        (([-1], [1], [3]), "x[0]"),
        (([MOST + 1], [1], [3]), "x[0]"),
        (([np.nan], [1], [3]), "x[0]"),
        (([1], [np.nan], [3]), "t_x[0]"),
        (([1], [4], [3]), "t_x[0]"),
        (([1], [-1], [3]), "t_x[0]"),
        (([0], [1], [3]), "t_x[0]"),
        (([1], [1], [np.nan]), "T[0]"),
        (([1], [1], [np.inf]), "T[0]"),
        (([1], [1], [1e300]), "T[0]"),
        (([0], [0], [-1]), "T[0]"),
    ],
)
def test_what_cannot_be_is_refused_with_its_place(columns, where):
    with pytest.raises(FitError) as caught:
        cells(*columns)
    assert caught.value.where == where
