"""Fitting a model of buying."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import numpy as np

from modelling.fit.likelihood.bgnbd import BGNBDLikelihood, MBGNBDLikelihood
from modelling.fit.likelihood.cells import Cells
from modelling.fit.likelihood.fit_error import FitError
from modelling.fit.likelihood.fitted import Fitted
from modelling.fit.likelihood.paretonbd import ParetoNBDLikelihood
from modelling.fit.likelihood.search.highest import Likelihood, highest
from modelling.fit.likelihood.search.starts import PurchaseModelName, given_starts, purchase_starts

_LIKELIHOODS: Final[dict[PurchaseModelName, Callable[[Cells], Likelihood]]] = {
    "bgnbd": BGNBDLikelihood,
    "mbgnbd": MBGNBDLikelihood,
    "paretonbd": ParetoNBDLikelihood,
}


def fit_purchases(
    model: PurchaseModelName, cells: Cells, *, starts: Sequence[Mapping[str, float]] = ()
) -> Fitted:
    """Fit a model of buying by maximum likelihood.

    Times are divided by the mean tenure for the search, so the optimum does not depend on their
    unit; the log-likelihood is that of the unit given: in days it is that in weeks less log 7 for
    each repeat purchase.

    Args:
        model: Which one.
        cells: The customers.
        starts: Parameters to begin with beside those that are guessed, such as a former fit's.

    Raises:
        FitError: There are fewer than two customers, nobody bought again or tenures are 0, or the
            likelihood has no interior maximum.

    Example:
        >>> from modelling.fit.likelihood.cells import cells
        >>> ladder = cells([0, 0, 0, 0, 1, 1, 2, 5], [0, 0, 0, 0, 3, 20, 15, 28], [30] * 8)
        >>> fit_purchases("mbgnbd", ladder).customers
        8
    """
    _check(model, cells)
    unit = float(np.average(cells.T, weights=cells.weight))
    units = {"alpha": unit, "beta": unit}
    likelihood = _LIKELIHOODS[model](cells.scaled(unit))
    places = [
        *given_starts(starts, likelihood.names, units),
        *purchase_starts(model, cells),
    ]
    constant = -float(cells.weight @ cells.x) * float(np.log(unit))
    return Fitted.made(
        model,
        highest(likelihood, places),
        names=likelihood.names,
        units=units,
        constant=constant,
        cells=len(cells),
    )


def log_likelihood(
    model: PurchaseModelName, cells: Cells, parameters: Mapping[str, float]
) -> float:
    """Return the log-likelihood of given parameters, with all constants, in the units given.

    Args:
        model: Which one.
        cells: The customers, times in the unit of ``parameters``.
        parameters: By name, each a finite number above 0.

    Raises:
        FitError: A parameter is missing or cannot be.

    >>> from modelling.fit.likelihood.cells import cells
    >>> parameters = {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}
    >>> round(log_likelihood("bgnbd", cells([2], [30.43], [38.86]), parameters), 2)
    -9.46
    """
    likelihood = _LIKELIHOODS[model](cells)
    (theta,) = given_starts([parameters], likelihood.names, {})
    return likelihood(theta)[0] * likelihood.customers


def _check(model: PurchaseModelName, cells: Cells) -> None:
    if cells.customers < 2:  # noqa: PLR2004 - one alone does not differ from others
        raise FitError(where=model, expected="2 customers or more", got=cells.customers)
    if not cells.x.any():
        raise FitError(
            where=model,
            expected="a customer who bought again",
            got=f"{cells.customers} with x = 0",
            advice="Without a repeat purchase r runs to 0. Observe for longer.",
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
