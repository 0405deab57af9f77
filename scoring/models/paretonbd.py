from dataclasses import dataclass, replace
from typing import Self

from scoring.models._checks import require_above
from scoring.models.parts.death_model import DeathModel
from scoring.models.parts.rates import GammaRates


@dataclass(frozen=True, slots=True)
class ParetoNBD(DeathModel):
    """Pareto / NBD model: one may stop at any time, at a rate of one's own.

    Sources: Schmittlein, Morrison and Colombo 1987, "Counting Your Customers: Who Are They and What
    Will They Do Next?", Management Science 33(1); Fader and Hardie 2005, "A Note on Deriving the
    Pareto/NBD Model and Related Expressions". Their differences of 2F1 are one-dimensional
    integrals of positive functions, and are computed as such; see `decay_integral`.

    Args:
        r: Shape of the purchase rates between customers.
        alpha: Their scale, a time.
        s: Shape of the rates of stopping between customers.
        beta: Their scale, a time.

    Raises:
        ParameterError: A parameter is not a finite number above 0.

    Example:
        >>> model = ParetoNBD(0.553, 10.578, 0.606, 11.669)
        >>> model.p_alive([2, 0], [30.43, 0], 38.86).round(4)
        array([0.8692, 0.2953])
        >>> model.expected_purchases([2], [30.43], [38.86], 39.0).round(6)
        array([1.455123])
    """

    r: float
    alpha: float
    s: float
    beta: float

    def __post_init__(self) -> None:
        require_above(0.0, "paretonbd", r=self.r, alpha=self.alpha, s=self.s, beta=self.beta)

    @property
    def buying(self) -> GammaRates:
        """Rates of buying, of shape r and scale alpha."""
        return GammaRates(self.r, self.alpha)

    @property
    def dying(self) -> GammaRates:
        """Rates of stopping, of shape s and scale beta."""
        return GammaRates(self.s, self.beta)

    def rescaled(self, factor: float) -> Self:
        """Return the same model for time in units ``factor`` times shorter (weeks to days: 7)."""
        return replace(self, alpha=self.alpha * factor, beta=self.beta * factor)
