"""Ridge-regularised logistic regression whose weights may be held to the sign they should have."""

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from scipy.linalg import cholesky, solve_triangular
from scipy.optimize import lsq_linear
from scipy.special import expit, log_expit

from scoring import ScoringError
from scoring.arrays import Bools, Floats

STEPS: Final = 100
CLOSE: Final = 1e-8  # length of the last step, in standard deviations
CONSTANT: Final = 1e-9  # spread, against the values' own size, below which an input says nothing


class ChurnFitError(ScoringError):
    """Labels to which no scorecard can be fitted."""


class Logistic(NamedTuple):
    """A fitted regression: log odds are intercept + sum of weight * (input - centre).

    Attributes:
        weights: per unit of each input, 0 where it is constant or held by its sign, shape (k,).
        centres: means of the inputs, shape (k,).
        intercept: log odds where every input is at its centre.
        constant: which inputs did not vary, shape (k,).
        steps: Newton steps it took.
    """

    weights: Floats
    centres: Floats
    intercept: float
    constant: Bools
    steps: int

    def log_odds(self, inputs: Floats) -> Floats:
        """Return the log odds of rows of inputs (n, k), shape (n,)."""
        odds: Floats = self.intercept + (inputs - self.centres) @ self.weights
        return odds


def fit_logistic(
    inputs: Floats,
    churned: Floats | Bools,
    *,
    strength: float,
    signs: Floats | None = None,
    weights: Floats | None = None,
    start: Logistic | None = None,
) -> Logistic:
    """Fit by penalised maximum likelihood.

    Minimises -log L + strength / 2 * sum(w^2) over weights of standardised inputs, the intercept
    free (Hoerl and Kennard's ridge in Le Cessie and van Houwelingen 1992), by Newton's method with
    step halving. Deterministic. With `signs` the optimum is that among weights of those signs:
    each step solves the quadratic model under the bounds (Lawson and Hanson's active set), so an
    input whose data contradict its meaning, often because it says the same as another one, gets
    weight 0 and the rest what is best without it. The problem is convex: there is one optimum.

    Args:
        inputs: shape (n, k).
        churned: outcomes, or how likely they are where they are not known yet, 0 to 1, shape (n,).
        strength: of the penalty, > 0, in rows: against it a million rows weigh more than a hundred.
        signs: shape (k,): 1 for a weight >= 0, -1 for one <= 0, 0 for any; all any by default.
        weights: of the rows, > 0, shape (n,); 1 by default.
        start: a fit to much the same rows, to begin from.

    Raises:
        ChurnFitError: none churned or none stayed, or it does not converge.

    >>> silence = np.array([[10.0], [20.0], [40.0], [80.0]])
    >>> fitted = fit_logistic(silence, np.array([False, True, False, True]), strength=1.0)
    >>> bool(fitted.weights[0] > 0), fitted.centres
    (True, array([37.5]))
    """
    likely = churned.astype(np.float64)
    require_kinds(int(np.ceil(likely.sum())), int(np.ceil((1.0 - likely).sum())), 1)
    rows = np.ones(len(inputs)) if weights is None else weights
    scaled = _Scaled.of(inputs, rows)
    signs = np.zeros(inputs.shape[1]) if signs is None else signs
    task = _Task(scaled.columns, likely, rows, strength, signs[~scaled.constant])
    point, steps = _newton(task, task.beginning if start is None else scaled.point(start))
    found = np.zeros(inputs.shape[1])
    found[~scaled.constant] = point[1:] / scaled.spreads[~scaled.constant]
    return Logistic(found, scaled.centres, float(point[0]), scaled.constant, steps)


def require_kinds(churned: int, stayed: int, least: int) -> None:
    """Refuse labels of which hardly any are of one kind.

    Raises:
        ChurnFitError: fewer than `least` churned, or fewer stayed.
    """
    for kind, count in (("churned", churned), ("stayed", stayed)):
        if count < least:
            got = f"{count} of {churned + stayed}"
            raise ChurnFitError(where="labels", expected=f"at least {least} who {kind}", got=got)


@dataclass(frozen=True)
class _Scaled:
    """Inputs of mean 0 and standard deviation 1, those that vary behind a column of ones."""

    columns: Floats
    centres: Floats
    spreads: Floats
    constant: Bools

    @classmethod
    def of(cls, inputs: Floats, rows: Floats) -> "_Scaled":
        centres = np.average(inputs, axis=0, weights=rows)
        spreads = np.sqrt(np.average(np.square(inputs - centres), axis=0, weights=rows))
        constant = spreads <= CONSTANT * np.maximum(np.abs(inputs).max(axis=0), 1e-300)
        varied = (inputs[:, ~constant] - centres[~constant]) / spreads[~constant]
        columns = np.column_stack((np.ones(len(inputs)), varied))
        return cls(columns, centres, spreads, constant)

    def point(self, fitted: Logistic) -> Floats:
        """Where a fit to other rows lies among these."""
        moved = (self.centres - fitted.centres) @ fitted.weights
        slopes = fitted.weights[~self.constant] * self.spreads[~self.constant]
        return np.concatenate(([fitted.intercept + moved], slopes))


class _Task(NamedTuple):
    columns: Floats
    churned: Floats
    rows: Floats
    strength: float
    signs: Floats

    @property
    def beginning(self) -> Floats:
        """No slopes, and the intercept that they leave."""
        mean = np.average(self.churned, weights=self.rows)
        point = np.zeros(self.columns.shape[1])
        point[0] = np.log(mean / (1.0 - mean))
        return point

    @property
    def penalty(self) -> Floats:
        """Strength of each parameter's penalty; the intercept has none."""
        return np.concatenate(([0.0], np.full(self.columns.shape[1] - 1, self.strength)))

    @property
    def bounds(self) -> tuple[Floats, Floats]:
        """Lowest and highest value of each parameter."""
        low = np.concatenate(([-np.inf], np.where(self.signs > 0, 0.0, -np.inf)))
        high = np.concatenate(([np.inf], np.where(self.signs < 0, 0.0, np.inf)))
        return low, high

    def loss(self, point: Floats) -> float:
        odds = self.columns @ point
        likelihood = log_expit(-odds) + self.churned * odds
        return float(0.5 * np.sum(self.penalty * point**2) - np.sum(self.rows * likelihood))

    def step(self, point: Floats) -> Floats:
        """Return the step to the optimum of the quadratic model within the bounds."""
        risk = expit(self.columns @ point)
        gradient = self.columns.T @ (self.rows * (risk - self.churned)) + self.penalty * point
        curved = self.columns * np.sqrt(self.rows * risk * (1.0 - risk))[:, None]
        root = cholesky(curved.T @ curved + np.diag(self.penalty + 1e-12 * len(self.rows)))
        aim = root @ point - solve_triangular(root, gradient, trans=1)
        step: Floats = _bounded(root, aim, *self.bounds) - point
        return step


def _bounded(root: Floats, aim: Floats, low: Floats, high: Floats) -> Floats:
    """Return the x within the bounds that has the least |root x - aim|."""
    free: Floats = solve_triangular(root, aim)
    if ((free >= low) & (free <= high)).all():
        return free
    found: Floats = lsq_linear(root, aim, (low, high), method="bvls", tol=1e-14).x
    return np.clip(found, low, high)


def _newton(task: _Task, point: Floats) -> tuple[Floats, int]:
    for steps in range(1, STEPS + 1):
        step = _halved(task, point, task.step(point))
        point = point + step
        if np.abs(step).max() < CLOSE:
            return point, steps
    raise ChurnFitError(where="fit", expected=f"an optimum in {STEPS} Newton steps", got=point)


def _halved(task: _Task, point: Floats, step: Floats) -> Floats:
    """Return the step, halved until it does not lead uphill; 0 where rounding leaves no way."""
    before = task.loss(point)
    while task.loss(point + step) > before:
        step = step / 2.0
        if np.abs(step).max() < CLOSE:
            return np.zeros_like(step)
    return step
