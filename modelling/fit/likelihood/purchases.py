"""Fitting a model of buying."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import numpy as np

from modelling.fit.likelihood.bgnbd import BGNBDLikelihood, MBGNBDLikelihood
from modelling.fit.likelihood.cells import Cells
from modelling.fit.likelihood.fit_error import FitError
from modelling.fit.likelihood.fitted import Fitted, LimitReached, natural, no_maximum
from modelling.fit.likelihood.limits.highest_limit import WORTH, highest_limit
from modelling.fit.likelihood.limits.likelihood import limit_likelihoods
from modelling.fit.likelihood.paretonbd import ParetoNBDLikelihood
from modelling.fit.likelihood.prior import Posterior, WeakPrior
from modelling.fit.likelihood.search.highest import Found, Likelihood, highest
from modelling.fit.likelihood.search.starts import PurchaseModelName, given_starts, purchase_starts
from scoring.models import limit_model, limit_of

_LIKELIHOODS: Final[dict[PurchaseModelName, Callable[[Cells], Likelihood]]] = {
    "bgnbd": BGNBDLikelihood,
    "mbgnbd": MBGNBDLikelihood,
    "paretonbd": ParetoNBDLikelihood,
}
NAMES: Final[dict[PurchaseModelName, tuple[str, ...]]] = {
    "bgnbd": BGNBDLikelihood.names,
    "mbgnbd": MBGNBDLikelihood.names,
    "paretonbd": ParetoNBDLikelihood.names,
}

_SOME: Final = ("2 customers or more", "a customer")
_WAY_ON: Final = ("Or fit with a weak prior: --prior.", "")


def fit_purchases(
    model: PurchaseModelName,
    cells: Cells,
    *,
    starts: Sequence[Mapping[str, float]] = (),
    strict: bool = False,
    prior_day: float | None = None,
) -> Fitted:
    """Fit a model of buying by maximum likelihood, or the limit that the likelihood rises to.

    Times are divided by the mean tenure for the search, so the optimum does not depend on their
    unit; the log-likelihood is that of the unit given: in days it is that in weeks less log 7 for
    each repeat purchase.

    Args:
        model: Which one.
        cells: The customers.
        starts: Parameters to begin with beside those that are guessed, such as a former fit's.
        strict: A limit is refused.
        prior_day: A day in the cells' unit of time, for a weak prior, with which any customers have
            a maximum; None for none.

    Raises:
        FitError: There are fewer than two customers or nobody bought again, and there is no prior;
            tenures are 0; or the
            likelihood has no interior maximum, and a limit is refused or is none of those known.

    Example:
        >>> from modelling.fit.likelihood.cells import cells
        >>> ladder = cells([0, 0, 0, 0, 1, 1, 2, 5], [0, 0, 0, 0, 3, 20, 15, 28], [30] * 8)
        >>> fit_purchases("mbgnbd", ladder).customers
        8
    """
    _check(model, cells, alone=prior_day is not None)
    unit = float(np.average(cells.T, weights=cells.weight))
    units = {"alpha": unit, "beta": unit, "rate": 1.0 / unit, "leave_rate": 1.0 / unit}
    scaled = cells.scaled(unit)
    likelihood = _LIKELIHOODS[model](scaled)
    prior = None if prior_day is None else WeakPrior(model, prior_day / unit)
    places = [*given_starts(starts, NAMES[model], units), *purchase_starts(model, cells)]
    found = highest(likelihood if prior is None else Posterior(likelihood, prior), places)
    constant = -float(cells.weight @ cells.x) * float(np.log(unit))
    if strict or prior is not None or found.is_maximum:
        return Fitted.made(
            model,
            found,
            names=NAMES[model],
            units=units,
            constant=constant,
            cells=len(cells),
            prior=prior,
        )
    return _limit(model, scaled, found, units, constant)


def _limit(
    model: PurchaseModelName,
    cells: Cells,
    interior: Found,
    units: Mapping[str, float],
    constant: float,
) -> Fitted:
    """The limit that the search was on its way to.

    Raises:
        FitError: No limit is as high as the search came, so that it was on its way to none of them.
    """
    reached = interior.summit.value * interior.customers + constant
    values, _ = natural(interior.summit.theta, NAMES[model], units)
    point = dict(zip(NAMES[model], values.tolist(), strict=True))
    likelihood, found = highest_limit(model, cells)
    highest_of_all = found.summit.value * found.customers + constant
    if highest_of_all < reached - WORTH:
        raise no_maximum(model, interior, point, reached)
    inside = natural(found.summit.theta, likelihood.names, units)[0].tolist()
    parameters = {**dict(zip(likelihood.names, inside, strict=True)), **likelihood.fixed}
    name = limit_of(limit_model(model, parameters)) or ""
    ratio = 2.0 * (highest_of_all - reached)
    return Fitted.made(
        model,
        found,
        names=likelihood.names,
        units=units,
        constant=constant,
        cells=len(cells),
        fixed=likelihood.fixed,
        limit=LimitReached(name, max(ratio, 0.0), point, reached),
    )


def log_likelihood(
    model: PurchaseModelName, cells: Cells, parameters: Mapping[str, float]
) -> float:
    """Return the log-likelihood of given parameters, with all constants, in the units given.

    Args:
        model: Which one.
        cells: The customers, times in the unit of ``parameters``.
        parameters: By name, each a finite number above 0: the model's, or those of a limit of it.

    Raises:
        FitError: A parameter is missing or cannot be.

    >>> from modelling.fit.likelihood.cells import cells
    >>> parameters = {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}
    >>> round(log_likelihood("bgnbd", cells([2], [30.43], [38.86]), parameters), 2)
    -9.46
    """
    limits = (each for each in limit_likelihoods(model, cells) if each.has(parameters))
    likelihood: Likelihood = next(limits, None) or _LIKELIHOODS[model](cells)
    names = getattr(likelihood, "names", NAMES[model])
    (theta,) = given_starts([parameters], names, {})
    return likelihood(theta)[0] * likelihood.customers


def _check(model: PurchaseModelName, cells: Cells, *, alone: bool) -> None:
    if cells.customers < 1 + (not alone):
        raise FitError(
            where=model, expected=_SOME[alone], got=cells.customers, advice=_WAY_ON[alone]
        )
    if not (cells.x.any() or alone):
        raise FitError(
            where=model,
            expected="a customer who bought again",
            got=f"{cells.customers} with x = 0",
            advice=f"Without a repeat purchase r runs to 0. Observe for longer. {_WAY_ON[alone]}",
            log_likelihood=0.0,
            runaway={"r": "0"},
        )
    if not (cells.T > 0.0).any():
        raise FitError(
            where=model,
            expected="a tenure above 0",
            got="T = 0 throughout",
            advice="Purchases at one instant tell no rate: alpha runs to 0. Check the times.",
            runaway={"alpha": "0"},
        )
