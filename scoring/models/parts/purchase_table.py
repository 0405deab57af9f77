# ruff: noqa: N803, N806 - T is the field's own name for the time since the first purchase.
import math
from functools import cached_property
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt

from scoring.arrays import Floats
from scoring.models._checks import column, require_above

LARGEST_X: Final = 2048
_ERROR: Final = 1e-15


class Growing(Protocol):
    """A purchase process whose customers, while alive, depend on x and T only."""

    @property
    def r(self) -> float:
        """Shape of the purchase rates."""

    @property
    def alpha(self) -> float:
        """Their scale."""

    def growth(self, x: Floats, T: Floats, horizon: Floats, discount_rate: float) -> Floats:
        """Return `purchases_if_alive` divided by r + x."""

    def purchases_if_alive(
        self,
        x: npt.ArrayLike,
        T: npt.ArrayLike,
        horizon: npt.ArrayLike,
        discount_rate: float = 0.0,
    ) -> Floats:
        """Return the discounted expected purchases in (T, T + horizon] of who is alive."""


class PurchaseTable:
    """Expected purchases of living customers over one horizon, interpolated.

    `purchases_if_alive` of BG/NBD and MBG/NBD depends on x and T only. Per integer x its smooth
    part is a function of log1p(horizon / (alpha + T)), which maps every T >= 0 to one finite
    interval, and analytic in a strip of half-width pi around it; so a Chebyshev series of a dozen
    or two terms, whose number follows from alpha and the horizon, is exact to 1e-13. All series
    are computed on first use, each by the same operations whatever ``largest_x``; then the table
    never changes.

    Args:
        model: The purchase process.
        horizon: Time ahead, > 0, in the model's unit.
        discount_rate: Continuous, per that unit, >= 0; used by `discounted`.
        largest_x: Customers beyond are computed by quadrature, ten times as slowly.

    Raises:
        ParameterError: The horizon is not a finite number above 0.
    """

    def __init__(
        self,
        model: Growing,
        horizon: float,
        discount_rate: float = 0.0,
        *,
        largest_x: int = LARGEST_X,
    ) -> None:
        require_above(0.0, "purchase_table", horizon=horizon)
        self.model = model
        self.horizon = horizon
        self.discount_rate = discount_rate
        self.largest_x = largest_x
        self._longest = math.log1p(horizon / model.alpha)

    def expected(self, x: npt.ArrayLike, T: npt.ArrayLike) -> Floats:
        """Return `purchases_if_alive` without discount.

        Args:
            x: Frequency, whole numbers >= 0.
            T: Tenure, >= 0, of a shape that broadcasts with it.
        """
        return self._evaluate(self._expected, 0.0, column(x), column(T))

    def discounted(self, x: npt.ArrayLike, T: npt.ArrayLike) -> Floats:
        """Return `purchases_if_alive` at the table's discount rate; arguments as above."""
        return self._evaluate(self._discounted, self.discount_rate, column(x), column(T))

    @cached_property
    def _expected(self) -> Floats:
        return self._series(0.0)

    @cached_property
    def _discounted(self) -> Floats:
        return self._series(self.discount_rate)

    def _series(self, rate: float) -> Floats:
        """Return Chebyshev coefficients, shape (terms, largest_x + 1)."""
        angles = _chebyshev_angles(_terms(self._longest))
        lengths = self._longest * 0.5 * (1.0 + np.cos(angles))
        # At length 0, which no node is, T would be infinite.
        T = self.horizon / np.expm1(lengths) - self.model.alpha
        x = np.arange(self.largest_x + 1, dtype=np.float64)
        grown = self.model.growth(x, T[:, None], column(self.horizon), rate)
        return _chebyshev_coefficients(grown / lengths[:, None], angles)

    def _evaluate(self, series: Floats, rate: float, x: Floats, T: Floats) -> Floats:
        x, T = np.broadcast_arrays(x, T)
        length = np.log1p(self.horizon / (self.model.alpha + T))
        rows = np.minimum(x, self.largest_x).astype(np.intp)
        mean = _clenshaw(series, rows, length * (2.0 / self._longest) - 1.0)
        ahead: Floats = np.asarray((self.model.r + x) * length * mean, np.float64)
        beyond = x > self.largest_x
        if beyond.any():
            ahead[beyond] = self.model.purchases_if_alive(x[beyond], T[beyond], self.horizon, rate)
        return ahead


def _terms(longest: float) -> int:
    ratio = 2.0 * math.pi / longest
    return math.ceil(-math.log(_ERROR) / math.asinh(ratio)) + 2


def _chebyshev_angles(terms: int) -> Floats:
    angles: Floats = (np.arange(terms, dtype=np.float64) + 0.5) * (math.pi / terms)
    return angles


def _chebyshev_coefficients(values: Floats, angles: Floats) -> Floats:
    """Return the discrete cosine transform over the first axis, summed node by node.

    Not a matrix product: BLAS rounds by the shape of its operands.
    """
    order = np.arange(len(angles))
    series = np.zeros_like(values)
    for angle, row in zip(angles.tolist(), values, strict=True):
        series += np.cos(order * angle)[:, None] * row
    series *= 2.0 / len(angles)
    series[0] *= 0.5
    return series


def _clenshaw(series: Floats, rows: npt.NDArray[np.intp], at: Floats) -> Floats:
    """Return sum_k series[k, rows] T_k(at), elementwise."""
    twice = 2.0 * at
    newer, older = np.zeros(at.shape), np.zeros(at.shape)
    for coefficients in series[:0:-1]:
        newer, older = coefficients.take(rows) + twice * newer - older, newer
    value: Floats = series[0].take(rows) + at * newer - older
    return value
