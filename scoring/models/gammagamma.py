from dataclasses import dataclass
from typing import Self

import numpy.typing as npt

from scoring.models._checks import FloatArray, column, require_above


@dataclass(frozen=True, slots=True)
class GammaGamma:
    """Gamma-Gamma model of the mean value of a customer's purchases.

    Source: Fader and Hardie 2013, "The Gamma-Gamma Model of Monetary Value".

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

    def scaled(self, factor: float) -> Self:
        """Return the same model for money counted in units ``factor`` times smaller.

        ``GammaGamma(...).scaled(100)`` turns dollars into cents.
        """
        return type(self)(self.p, self.q, self.v * factor)

    def expected_spend(self, x: npt.ArrayLike, monetary_value: npt.ArrayLike) -> FloatArray:
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
        mean: FloatArray = self.p * (self.v + total) / (self.p * x + (self.q - 1.0))
        return mean
