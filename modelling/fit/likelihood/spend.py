"""Fitting the model of spend."""

from typing import Final

import numpy as np
import numpy.typing as npt

from modelling.fit.likelihood.cells import MOST, require
from modelling.fit.likelihood.fit_error import FitError
from modelling.fit.likelihood.fitted import Fitted, LimitReached
from modelling.fit.likelihood.gammagamma import GammaGammaLikelihood
from modelling.fit.likelihood.prior import Posterior, WeakPrior
from modelling.fit.likelihood.search.highest import highest
from modelling.fit.likelihood.search.starts import spend_starts
from modelling.fit.likelihood.sums import dot
from scoring.arrays import Floats

ONE_MEAN: Final = "one mean for all"
LARGEST: Final = 1e15  # spend, in any unit
_MARKED: Final = 0.2  # a correlation beyond it biases the value of the frequent


def fit_spend(
    x: npt.ArrayLike,
    monetary_value: npt.ArrayLike,
    weight: npt.ArrayLike | None = None,
    *,
    with_prior: bool = False,
) -> Fitted:
    """Fit the Gamma-Gamma model of spend by maximum likelihood.

    Only customers with a repeat purchase and a mean spend above 0 count. Diagnostics hold the
    model's two conditions: frequency and spend are not related, and p and q exceed 1.

    Args:
        x: Frequency of each customer, shape (n,).
        monetary_value: Mean value of a repeat purchase day, shape (n,), any unit.
        weight: Customers of each kind, shape (n,); 1 each unless given.
        with_prior: A weak prior goes in, with which any spends have a maximum.

    Raises:
        FitError: A value cannot be, fewer than two customers count, or the likelihood has no
            interior maximum.

    >>> fitted = fit_spend([1, 2, 1, 3, 5, 2], [12.0, 35.0, 8.0, 22.0, 60.0, 30.0])
    >>> fitted.customers, sorted(fitted.parameters)
    (6, ['p', 'q', 'v'])
    """
    frequency = np.ascontiguousarray(x, np.float64)
    spend = np.ascontiguousarray(monetary_value, np.float64)
    each = np.ones(frequency.shape) if weight is None else np.ascontiguousarray(weight, np.float64)
    _check(frequency, spend, each)
    counts = (frequency >= 1.0) & (spend > 0.0) & (each > 0.0)
    frequency, spend, left_out = frequency[counts], spend[counts], float(each[~counts].sum())
    prior = WeakPrior("gammagamma") if with_prior else None
    return _fit(frequency, spend, each[counts], left_out, prior)


def mean_spend(
    x: npt.ArrayLike, monetary_value: npt.ArrayLike, first_value: npt.ArrayLike, why: str
) -> Fitted:
    """Return the population's mean in the place of a model, where none can be fitted or used.

    It is the mean over customers of their mean spends, as Gamma-Gamma has it; where nobody came
    back with a spend, that of the first purchases.

    Args:
        x: Frequency of each customer, shape (n,).
        monetary_value: Mean value of a repeat purchase day, shape (n,).
        first_value: Value of the first purchase day, shape (n,).
        why: No model fits, or cannot be used; a sentence.

    Raises:
        FitError: Nobody has spent anything.

    >>> mean_spend([0, 2], [0.0, 9.0], [5.0, 7.0], "All spend the same.").parameters
    {'mean': 9.0}
    """
    frequency, spend = np.asarray(x, np.float64), np.asarray(monetary_value, np.float64)
    came_back = spend[(frequency >= 1.0) & (spend > 0.0)]
    first = np.asarray(first_value, np.float64)
    spent = came_back if came_back.size else first[first > 0.0]
    if not spent.size:
        expected = "a purchase of some value"
        raise FitError(where="gammagamma", expected=expected, got="none", advice=why)
    whose = "who came back" if came_back.size else "at their first purchase, as nobody came back"
    mean = float(spent.mean())
    told = f"Spend is put at the mean of {spent.size:,} customers {whose}, {mean:,.2f}. {why}"
    return Fitted(
        model="gammagamma",
        parameters={"mean": mean},
        log_likelihood=float("nan"),
        standard_errors={"mean": float(spent.std() / np.sqrt(spent.size))},
        customers=int(spent.size),
        cells=int(spent.size),
        iterations=0,
        evaluations=0,
        starts=0,
        gradient_norm=0.0,
        smallest_eigenvalue=0.0,
        condition=0.0,
        diagnostics=(told,),
        limit=LimitReached(ONE_MEAN, 0.0, {}, float("nan")),
    )


def _fit(
    x: Floats, spend: Floats, weight: Floats, left_out: float, prior: WeakPrior | None
) -> Fitted:
    _require_two_kinds(spend, weight, alone=prior is not None)
    customers = float(weight.sum())
    # Not the mean, which a heavy tail takes far from where v is sought.
    unit = float(np.exp(np.average(np.log(spend), weights=weight)))
    likelihood = GammaGammaLikelihood(x, spend / unit, weight)
    sought = likelihood if prior is None else Posterior(likelihood, prior)
    found = highest(sought, spend_starts())
    parameters = np.exp(found.summit.theta)
    diagnostics = (
        *_left_out(left_out),
        *_shapes(float(parameters[0]), float(parameters[1])),
        _relation(x, spend, weight),
    )
    return Fitted.made(
        "gammagamma",
        found,
        names=likelihood.names,
        units={"v": unit},
        constant=-customers * float(np.log(unit)),
        cells=len(x),
        diagnostics=diagnostics,
        prior=prior,
    )


def _check(x: Floats, spend: Floats, weight: Floats) -> None:
    if x.ndim != 1 or not x.shape == spend.shape == weight.shape:
        shapes = f"{x.shape}, {spend.shape}, {weight.shape}"
        where, expected = "x, monetary_value, weight", "columns of one length"
        raise FitError(where=where, expected=expected, got=shapes)
    require(x <= MOST, "x", f"{MOST} at most", x)
    require((weight >= 0.0) & (weight <= LARGEST), "weight", f"from 0 to {LARGEST:g}", weight)
    nothing = (x < 1.0) | (spend <= 0.0)
    known = (spend >= 1.0 / LARGEST) & (spend <= LARGEST)
    expected = f"from {1.0 / LARGEST:g} to {LARGEST:g}, or none"
    require(nothing | known, "monetary_value", expected, spend)


def _require_two_kinds(spend: Floats, weight: Floats, *, alone: bool) -> None:
    customers = round(float(weight.sum()))
    if customers < 1 + (not alone):
        expected = "2 customers or more with a repeat purchase and a mean spend above 0"
        raise FitError(where="gammagamma", expected=expected, got=customers)
    if np.ptp(spend) == 0.0 and not alone:
        raise FitError(
            where="gammagamma",
            expected="mean spends that differ",
            got=f"{float(spend[0])} throughout",
            advice="Nothing is left to tell: p and q run to infinity. Use that value.",
            runaway={"p": "infinity", "q": "infinity"},
        )


def _left_out(customers: float) -> tuple[str, ...]:
    if not customers:
        return ()
    return (f"{customers:,.0f} customers without a repeat purchase or a spend are left out.",)


def _shapes(p: float, q: float) -> tuple[str, ...]:
    spread = "the value of one purchase has no mode above 0, small ones are the most common"
    mean = "the mean spend over all customers does not exist; expect spend only of who has bought"
    found = []
    if p <= 1.0:
        found.append(f"p is {p:.3f}, at most 1: {spread}.")
    if q <= 1.0:
        found.append(f"q is {q:.3f}, at most 1: {mean}.")
    return tuple(found)


def _relation(x: Floats, spend: Floats, weight: Floats) -> str:
    found = _correlation(x, spend, weight)
    start = f"Frequency and mean spend correlate by {found:+.3f}; the model has them apart"
    if abs(found) < _MARKED:
        return f"{start}, which does little harm here."
    side = "below" if found > 0.0 else "above"
    return f"{start}, so it puts the value of frequent customers {side} what they will spend."


def _correlation(x: Floats, spend: Floats, weight: Floats) -> float:
    """Pearson's, 0 where one of both does not vary."""
    if np.ptp(x) == 0.0 or np.ptp(spend) == 0.0:
        return 0.0
    total = float(weight.sum())
    one, other = x - dot(weight, x) / total, spend - dot(weight, spend) / total
    scale = np.sqrt(dot(weight, one * one)) * np.sqrt(dot(weight, other * other))
    return dot(weight, one * other) / float(scale)
