"""Newton's method for a maximum over log parameters in a box, with differenced Hessians."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from scoring.arrays import Floats

# Log parameters beyond e^+-16, in units of the data's own scale, are on their way to 0 or infinity.
BOX: Final = 16.0
STEPS: Final = 120
_STILL: Final = 1e-7  # Newton's step, in log parameters, that ends the search
_RADIUS: Final = 1.0
_IDLE: Final = (
    3  # steps that gain next to nothing far out, where interior maxima are reached in one
)
_GAIN: Final = 1e-9  # per customer
_STRIDE: Final = 0.05  # away from a summit steps stay long
OUTSIDE: Final = 0.6 * BOX
_INSIDE: Final = 0.95 * BOX
_FLAT: Final = 1e-6  # of a gradient per customer
_FORWARD: Final = 1e-6
_CENTRAL: Final = 2e-4
_NOISE: Final = 1e-13  # of a log-likelihood per customer
_KEEPS: Final = 0.1  # a Hessian is kept while a step leaves no more of the gradient than this

Objective = Callable[[Floats], tuple[float, Floats]]


@dataclass(frozen=True, slots=True)
class Summit:
    """Where a search ended.

    Attributes:
        theta: Log parameters.
        value: Objective there.
        gradient: Its gradient.
        curvature: Negative Hessian; positive definite at a maximum.
        still: Newton's step has become negligible.
        iterations: Steps tried.
    """

    theta: Floats
    value: float
    gradient: Floats
    curvature: Floats
    still: bool
    iterations: int

    @property
    def eigenvalues(self) -> Floats:
        """Of the curvature, ascending."""
        values: Floats = np.linalg.eigvalsh(self.curvature).astype(np.float64)
        return values

    @property
    def is_interior(self) -> bool:
        """Whether this is a maximum, and not one that only the sides of the box make."""
        inside = bool((np.abs(self.theta) < _INSIDE).all())
        flat = float(np.abs(self.gradient).max()) < _FLAT
        return self.still and inside and flat and float(self.eigenvalues[0]) > 0.0


def climb(objective: Objective, start: Floats, curvature: Floats | None = None) -> Summit:
    """Go from ``start`` to a maximum, or to the side of the box behind which there is more.

    Steps are Newton's with the curvature's eigenvalues taken as absolute, so that they go uphill
    away from a saddle too, cut to a radius that grows while the quadratic model holds.

    Args:
        objective: Value and gradient at log parameters; per customer, so that 1e-13 is noise.
        start: Log parameters.
        curvature: A guess of the negative Hessian there, such as a sample's.
    """
    search = _Search(objective, start, curvature)
    while search.goes_on:
        search.step()
    return search.summit()


def polished(objective: Objective, summit: Summit) -> Summit:
    """Take the last of the gradient away by Newton steps with central differences."""
    curvature = _central(objective, summit.theta)
    theta, value, gradient = summit.theta, summit.value, summit.gradient
    for _ in range(2 if summit.is_interior else 0):
        following = np.clip(theta + _uphill(curvature, gradient), -2.0 * BOX, 2.0 * BOX)
        raised, left = objective(following)
        if np.abs(left).max() >= np.abs(gradient).max():
            break
        theta, value, gradient = following, raised, left
    return Summit(theta, value, gradient, curvature, summit.still, summit.iterations)


class _Search:
    def __init__(self, objective: Objective, start: Floats, curvature: Floats | None) -> None:
        self._objective = objective
        self._theta = np.clip(start, -BOX, BOX)
        self._value, self._gradient = objective(self._theta)
        self._curvature, self._is_fresh = curvature, False
        self._radius = _RADIUS
        self.still, self.iterations, self._idle = False, 0, 0

    @property
    def goes_on(self) -> bool:
        return not self.still and self._idle < _IDLE and self.iterations < STEPS

    def step(self) -> None:
        self.iterations += 1
        curvature = self._current()
        move = self._move(curvature)
        following = np.clip(self._theta + move, -BOX, BOX)
        length = float(np.abs(following - self._theta).max())
        self.still = length < _STILL
        value, gradient = self._objective(following)
        noise = _NOISE * (1.0 + abs(self._value))
        if value < self._value - noise:
            self._reject(length)
        else:
            self._accept(following, value, gradient, length)

    def summit(self) -> Summit:
        return Summit(
            self._theta,
            self._value,
            self._gradient,
            self._current(),
            self.still,
            self.iterations,
        )

    def _current(self) -> Floats:
        if self._curvature is None:
            self._curvature = _forward(self._objective, self._theta, self._gradient)
            self._is_fresh = True
        return self._curvature

    def _move(self, curvature: Floats) -> Floats:
        """Newton's step among the parameters that no side of the box holds."""
        held = (np.abs(self._theta) >= BOX) & (self._gradient * self._theta > 0.0)
        free = np.flatnonzero(~held)
        move = np.zeros_like(self._theta)
        move[free] = _uphill(curvature[np.ix_(free, free)], self._gradient[free])
        longest = float(np.abs(move).max())
        return move * min(1.0, self._radius / longest) if longest > 0.0 else move

    def _reject(self, length: float) -> None:
        self.still = self.still and self._is_fresh
        if self._is_fresh:
            self._radius = 0.25 * length
        else:
            self._curvature = None

    def _accept(self, theta: Floats, value: float, gradient: Floats, length: float) -> None:
        if length >= 0.99 * self._radius:
            self._radius = min(2.0 * self._radius, 4.0)
        left = float(np.abs(gradient).max())
        if left > _KEEPS * float(np.abs(self._gradient).max()) and not self.still:
            self._curvature = None
        is_outside = float(np.abs(theta).max()) > OUTSIDE and length > _STRIDE
        is_idle = is_outside and value - self._value < _GAIN
        self._idle = self._idle + 1 if is_idle else 0
        self._theta, self._value, self._gradient = theta, value, gradient
        self._is_fresh = False


def _uphill(curvature: Floats, gradient: Floats) -> Floats:
    values, vectors = np.linalg.eigh(curvature)
    steepness = np.maximum(np.abs(values), 1e-14 * (1.0 + np.abs(values).max(initial=0.0)))
    step: Floats = vectors @ ((vectors.T @ gradient) / steepness)
    return step


def _forward(objective: Objective, theta: Floats, gradient: Floats) -> Floats:
    nudges = _FORWARD * np.eye(len(theta))
    rows = [(gradient - objective(theta + nudge)[1]) / _FORWARD for nudge in nudges]
    return _symmetric(rows)


def _central(objective: Objective, theta: Floats) -> Floats:
    nudges = _CENTRAL * np.eye(len(theta))
    rows = [
        (objective(theta - nudge)[1] - objective(theta + nudge)[1]) / (2.0 * _CENTRAL)
        for nudge in nudges
    ]
    return _symmetric(rows)


def _symmetric(rows: list[Floats]) -> Floats:
    matrix = np.stack(rows)
    both: Floats = 0.5 * (matrix + matrix.T)
    return both
