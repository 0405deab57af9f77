"""A fit: parameters, their errors, and how the search for them ended."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from scipy.special import expit

from modelling.fit.likelihood.fit_error import FitError
from modelling.fit.likelihood.prior import WeakPrior
from modelling.fit.likelihood.search.highest import Found
from modelling.fit.likelihood.search.runaway import described, meaning, runaway
from modelling.fit.likelihood.search.starts import CHANCES
from scoring.arrays import Floats


@dataclass(frozen=True, slots=True)
class LimitReached:
    """The limit that a likelihood rises to.

    Attributes:
        name: What it is called, such as `nobody leaves`.
        likelihood_ratio: Twice the log-likelihood by which it exceeds the nearest interior point.
        interior: Parameters of that point, where the search for a maximum ended, in the units of
            the data given.
        interior_log_likelihood: There.
    """

    name: str
    likelihood_ratio: float
    interior: Mapping[str, float]
    interior_log_likelihood: float


@dataclass(frozen=True, slots=True)
class Fitted:
    """A maximum of a likelihood.

    Attributes:
        model: `bgnbd`, `mbgnbd`, `paretonbd` or `gammagamma`.
        parameters: By name, in the units of the data given.
        log_likelihood: With all constants, of the data in those units.
        standard_errors: Of the parameters, from the observed information, by the delta method
            from log parameters.
        customers: Fitted to.
        cells: Distinct kinds among them that were evaluated.
        iterations: Steps over all data.
        evaluations: Of likelihood and gradient over all data.
        starts: From which searches began.
        gradient_norm: Largest slope, of the log-likelihood per customer in log parameters.
        smallest_eigenvalue: Of the observed information on log parameters.
        condition: Its largest eigenvalue over its smallest.
        diagnostics: What a user should know, plain sentences.
        limit: The limit of the model that this is; None for a maximum inside its bounds.
        prior: Beliefs that went in, so that this is the mode of the posterior, and its curvature
            that of the errors; None where there were none.
    """

    model: str
    parameters: Mapping[str, float]
    log_likelihood: float
    standard_errors: Mapping[str, float]
    customers: int
    cells: int
    iterations: int
    evaluations: int
    starts: int
    gradient_norm: float
    smallest_eigenvalue: float
    condition: float
    diagnostics: tuple[str, ...]
    limit: LimitReached | None = None
    prior: Mapping[str, Mapping[str, Any]] | None = None

    @classmethod
    def made(
        cls,
        model: str,
        found: Found,
        *,
        names: tuple[str, ...],
        units: Mapping[str, float],
        constant: float,
        cells: int,
        diagnostics: tuple[str, ...] = (),
        fixed: Mapping[str, float] | None = None,
        limit: LimitReached | None = None,
        prior: WeakPrior | None = None,
    ) -> Self:
        """Put a search's end into the units given.

        Args:
            model: Its name.
            found: Where the search ended.
            names: Of the parameters.
            units: What one of the search's units is in those given, by parameter; else 1.
            constant: Log-likelihood in the units given less that in the search's.
            cells: Evaluated.
            diagnostics: Sentences on the data.
            fixed: Parameters that were not searched for.
            limit: As of `Fitted`.
            prior: Beliefs beside the likelihood, which is told without them.

        Raises:
            FitError: That is no interior maximum.
        """
        values, slopes = natural(found.summit.theta, names, units)
        parameters = dict(zip(names, values.tolist(), strict=True))
        log_likelihood = found.summit.value * found.customers + constant
        if prior is not None:
            log_likelihood -= prior(found.summit.theta)[0]
        if not found.is_maximum:
            raise no_maximum(model, found, parameters, log_likelihood)
        relative = np.sqrt(np.diag(np.linalg.inv(found.summit.curvature * found.customers)))
        errors = dict(zip(names, (slopes * relative).tolist(), strict=True))
        given = dict(fixed or {})
        eigenvalues = found.summit.eigenvalues * found.customers
        return cls(
            model=model,
            parameters={**parameters, **given},
            log_likelihood=log_likelihood,
            standard_errors={**errors, **dict.fromkeys(given, 0.0)},
            customers=round(found.customers),
            cells=cells,
            iterations=found.iterations,
            evaluations=found.evaluations,
            starts=found.starts,
            gradient_norm=float(np.abs(found.summit.gradient).max()),
            smallest_eigenvalue=float(eigenvalues[0]),
            condition=float(eigenvalues[-1] / eigenvalues[0]),
            diagnostics=(*_loose(parameters, errors), *diagnostics),
            limit=limit,
            prior=None if prior is None else prior.told(),
        )


def _loose(parameters: Mapping[str, float], errors: Mapping[str, float]) -> tuple[str, ...]:
    return tuple(
        f"{name} is hardly determined: its standard error {errors[name]:.3g} exceeds its value "
        f"{value:.3g}."
        for name, value in parameters.items()
        if errors[name] > value
    )


def natural(
    theta: Floats, names: tuple[str, ...], units: Mapping[str, float]
) -> tuple[Floats, Floats]:
    """Parameters in the units given from what was searched over, and their slopes in that.

    >>> natural(np.array([0.0, 0.0]), ("alpha", "leave_share"), {"alpha": 7.0})[0].tolist()
    [7.0, 0.5]
    """
    chance = np.array([name in CHANCES for name in names])
    unit = np.array([units.get(name, 1.0) for name in names])
    share = expit(theta)
    scaled = np.exp(np.where(chance, 0.0, theta)) * unit
    return np.where(chance, share, scaled), np.where(chance, share * (1.0 - share), scaled)


def no_maximum(
    model: str, found: Found, parameters: Mapping[str, float], log_likelihood: float
) -> FitError:
    """The error of a search that ended in no interior maximum."""
    ways = runaway(tuple(parameters), found.summit, found.customers)
    return FitError(
        where=model,
        expected="a likelihood with an interior maximum",
        got=f"one that still rises while {described(ways)} (log-likelihood {log_likelihood:.4f})",
        advice=meaning(model, ways),
        parameters=parameters,
        log_likelihood=log_likelihood,
        runaway=ways,
    )
