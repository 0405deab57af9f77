import numpy as np
import pytest

from modelling.fit.likelihood import FitError, cells, fit_purchases
from modelling.fit.likelihood.search.highest import highest
from modelling.fit.likelihood.search.newton import BOX, Summit, climb, polished
from modelling.fit.likelihood.search.runaway import described, meaning, runaway

START = {"r": 0.3, "alpha": 5.0, "a": 1.0, "b": 3.0}


class TwoHills:
    """A lower hill at -3 and a higher one at +3 in each of two directions."""

    names = ("one", "other")
    customers = 10.0

    def __init__(self, size=1):
        self._size = size

    def __len__(self):
        return self._size

    def thinned(self, customers):
        return TwoHills(customers)

    def __call__(self, theta):
        low, high = (np.exp(-0.5 * ((theta - at) ** 2).sum()) for at in (-3.0, 3.0))
        return low + 2.0 * high, low * (-3.0 - theta) + 2.0 * high * (3.0 - theta)


class Slope:
    """Rises forever, ever more slowly, in its first parameter."""

    names = ("one", "other")
    customers = 10.0

    def __init__(self, size=1):
        self._size = size

    def __len__(self):
        return self._size

    def thinned(self, customers):
        return Slope(customers)

    def __call__(self, theta):
        value = -np.exp(-theta[0]) - theta[1] ** 2
        return value, np.array([np.exp(-theta[0]), -2.0 * theta[1]])


@pytest.mark.parametrize("size", [1, 100_000])
def test_the_highest_of_several_hills_is_found(size):
    starts = [np.array([-2.5, -2.5]), np.array([2.0, 3.5]), np.array([-3.5, -2.0])]
    found = highest(TwoHills(size), starts)
    assert found.summit.theta == pytest.approx([3.0, 3.0], abs=1e-9)
    assert found.is_maximum
    assert found.starts == 3


@pytest.mark.parametrize("size", [1, 100_000])
def test_a_slope_without_end_is_no_maximum(size):
    found = highest(Slope(size), [np.array([0.0, 1.0]), np.array([1.0, -1.0])])
    assert not found.is_maximum
    assert runaway(Slope.names, found.summit, 10.0) == {"one": "infinity"}


def test_a_search_goes_uphill_from_beside_a_saddle():
    def saddle(theta):
        return theta[0] ** 2 - theta[0] ** 4 - theta[1] ** 2, np.array(
            [2 * theta[0] - 4 * theta[0] ** 3, -2 * theta[1]]
        )

    summit = climb(saddle, np.array([1e-3, 1.0]))
    assert summit.theta == pytest.approx([0.5**0.5, 0.0], abs=1e-6)
    assert summit.is_interior


def test_the_side_of_the_box_holds_what_runs_away():
    def plane(theta):
        return theta[0] - (theta[1] - 1.0) ** 2, np.array([1.0, -2.0 * (theta[1] - 1.0)])

    summit = polished(plane, climb(plane, np.zeros(2)))
    assert summit.theta == pytest.approx([BOX, 1.0])
    assert not summit.is_interior


def test_a_misleading_curvature_is_measured_anew():
    def hill(theta):
        return -float(theta @ theta), -2.0 * theta

    summit = climb(hill, np.array([3.0, -2.0]), curvature=np.diag([1e-6, 0.05]))
    assert summit.theta == pytest.approx([0.0, 0.0], abs=1e-7)


def test_a_flat_direction_without_runaways_is_told_by_its_slope():
    summit = Summit(np.zeros(2), 0.0, np.array([0.0, -1.0]), np.diag([1.0, 1e-20]), False, 1)
    assert runaway(("one", "other"), summit, 1.0) == {"other": "0"}
    assert runaway(("other", "one"), summit, 1.0) == {"one": "0"}
    rising = Summit(np.zeros(2), 0.0, np.array([0.0, 1.0]), np.diag([1.0, 1e-20]), False, 1)
    assert runaway(("one", "other"), rising, 1.0) == {"other": "infinity"}


def test_runaways_are_told_in_words():
    assert described({"r": "infinity", "alpha": "infinity", "a": "0"}) == (
        "r and alpha run to infinity, a runs to 0"
    )
    assert "stop at once" in meaning("bgnbd", {"a": "0", "b": "0"})
    assert "simpler model" in meaning("paretonbd", {})


def test_a_given_start_is_searched_from_too(sample):
    plain = fit_purchases("bgnbd", cells(*sample[:3]))
    given = fit_purchases("bgnbd", cells(*sample[:3]), starts=[START])
    assert given.starts == plain.starts + 1
    assert given.parameters == pytest.approx(plain.parameters, rel=1e-9)


@pytest.mark.parametrize("change", [{"r": 0.0}, {"b": float("nan")}, {"alpha": float("inf")}])
def test_a_start_that_cannot_be_is_refused(change, sample):
    with pytest.raises(FitError, match=r"parameters\[1\]: expected r, alpha, a, b, finite"):
        fit_purchases("bgnbd", cells(*sample[:3]), starts=[START, {**START, **change}])


def test_parameters_beyond_their_error_are_said_to_be_hardly_determined(sample):
    fitted = fit_purchases("paretonbd", cells(*sample[:3, :100]))
    assert fitted.standard_errors["beta"] > fitted.parameters["beta"]
    (sentence,) = fitted.diagnostics
    assert sentence.startswith("beta is hardly determined: its standard error 7.34 exceeds")
