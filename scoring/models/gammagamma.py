import math
from dataclasses import dataclass
from typing import Final, Protocol, Self

import numpy as np
import numpy.typing as npt

from scoring.arrays import Floats
from scoring.models._checks import column, require_above

_FEWEST: Final = 2


class SpendModel(Protocol):
    """A model of the mean value of a customer's purchases: `GammaGamma`, or a limit."""

    def scaled(self, factor: float) -> Self:
        """Return the same model for money counted in units ``factor`` times smaller."""

    def expected_spend(self, x: npt.ArrayLike, monetary_value: npt.ArrayLike) -> Floats:
        """Return the expected mean value of a purchase.

        Args:
            x: Number of repeat purchases, >= 0; any shape.
            monetary_value: Their mean value; ignored where ``x`` is 0.
        """


@dataclass(frozen=True, slots=True)
class GammaGamma:
    """Gamma-Gamma model of the mean value of a customer's purchases.

    Source: Fader and Hardie 2013, "The Gamma-Gamma Model of Monetary Value". It supposes that how
    much one spends does not hang on how often one buys; see `spend_correlation`.

    Args:
        p: Shape of the spread of one customer's purchases around their mean.
        q: Shape of the spread of means between customers; above 1, or the population has no mean.
        v: Scale, in the unit of money of ``monetary_value``.

    Raises:
        ParameterError: A parameter is out of range.
    """

    p: float
    q: float
    v: float

    def __post_init__(self) -> None:
        require_above(0.0, "gammagamma", p=self.p, v=self.v)
        require_above(1.0, "gammagamma", q=self.q)

    @property
    def peaks_at_zero(self) -> bool:
        """Whether p <= 1: each customer's purchases then crowd at zero.

        Such a fit speaks of zero or tiny amounts in the history rather than of buying.
        """
        return self.p <= 1.0

    def scaled(self, factor: float) -> Self:
        """Return the same model for money counted in units ``factor`` times smaller.

        ``GammaGamma(...).scaled(100)`` turns dollars into cents.
        """
        return type(self)(self.p, self.q, self.v * factor)

    def expected_spend(self, x: npt.ArrayLike, monetary_value: npt.ArrayLike) -> Floats:
        """Return the expected mean value of a purchase; equation (5).

        Args:
            x: Number of repeat purchases, >= 0; any shape.
            monetary_value: Their mean value, unit of ``v``; ignored where ``x`` is 0.

        Returns:
            Unit of ``v``, broadcast shape; the population mean p v / (q - 1) where ``x`` is 0.

        Example:
            >>> GammaGamma(6.25, 3.74, 15.44).expected_spend([0, 2], [0.0, 22.35]).round(4)
            array([35.219 , 24.6637])
        """
        x = column(x)
        total = x * column(monetary_value)
        mean: Floats = self.p * (self.v + total) / (self.p * x + (self.q - 1.0))
        return mean


@dataclass(frozen=True, slots=True)
class OneMean:
    """Everybody spends the population's mean: `GammaGamma` as q and v run to infinity together.

    Args:
        mean: Mean value of a purchase, money.

    Raises:
        ParameterError: It is not a finite number above 0.

    Example:
        >>> OneMean(9.99).expected_spend([0, 2], [0.0, 22.35])
        array([9.99, 9.99])
    """

    mean: float

    def __post_init__(self) -> None:
        require_above(0.0, "one_mean", mean=self.mean)

    def scaled(self, factor: float) -> Self:
        """Return the same for money counted in units ``factor`` times smaller."""
        return type(self)(self.mean * factor)

    def expected_spend(self, x: npt.ArrayLike, monetary_value: npt.ArrayLike) -> Floats:
        """Return the mean, of the arguments' broadcast shape."""
        shape = np.broadcast_shapes(column(x).shape, column(monetary_value).shape)
        return np.full(shape, self.mean)


@dataclass(frozen=True, slots=True)
class OwnMean:
    """Everybody goes on spending their own mean so far; nothing is known of who never came back.

    What is left where no history of amounts was there to fit a model to.

    Example:
        >>> OwnMean().expected_spend([0, 2], [0.0, 22.35])
        array([ 0.  , 22.35])
    """

    def scaled(self, factor: float) -> Self:  # noqa: ARG002 - as of the other models
        """Return the same."""
        return self

    def expected_spend(self, x: npt.ArrayLike, monetary_value: npt.ArrayLike) -> Floats:
        """Return ``monetary_value``, 0 where ``x`` is 0."""
        return np.where(column(x) > 0.0, column(monetary_value), 0.0)


def spend_correlation(x: npt.ArrayLike, monetary_value: npt.ArrayLike) -> float:
    """Return Pearson's correlation of frequency and mean spend among who came back.

    The Gamma-Gamma model takes it to be near 0. CDNOW's is about 0.1; where it is much larger,
    `expected_spend` is too low for the frequent and too high for the rare.

    Args:
        x: Number of repeat purchases, >= 0, shape (n,).
        monetary_value: Their mean value, shape (n,); ignored where ``x`` is 0.

    Returns:
        -1 to 1, or nan where fewer than two came back, or all of them alike.
    """
    x, spend = column(x), column(monetary_value)
    repeated = x > 0
    if np.count_nonzero(repeated) < _FEWEST:
        return math.nan
    often, much = x[repeated] - x[repeated].mean(), spend[repeated] - spend[repeated].mean()
    spread = math.sqrt((often * often).sum()) * math.sqrt((much * much).sum())
    return float((often * much).sum() / spread) if spread > 0.0 else math.nan
