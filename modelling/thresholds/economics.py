"""What a warning that is acted on brings and costs."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from scoring import ScoringError
from scoring.arrays import Bools, Floats, Ints
from scoring.model import ScoringModel

TIERS: Final = ("low", "middle", "high")  # of value at stake, cut where the segment value_tier is
KEEP_CHANCE: Final = 0.1  # that an offer keeps who would leave, where nothing else is known
Tiered = tuple[float, float, float]


class Ended(NamedTuple):
    """Warnings of which the end is known.

    Attributes:
        value: at stake, minor units, shape (n,).
        tier: place in `TIERS`, shape (n,).
        is_right: whether the customer left after it, shape (n,).
        is_first: whether it is the first right one about its lapse, shape (n,).
    """

    value: Floats
    tier: Ints
    is_right: Bools
    is_first: Bools


@dataclass(frozen=True)
class Economics:
    """What acting on warnings brings and costs; each by tier of value: low, middle, high.

    Attributes:
        contact_cost: of contacting a customer, minor units.
        offer_cost: of the offer to one who would have stayed, minor units.
        keep_chance: that the offer keeps one who would leave, 0 to 1.
        value: at stake, minor units; None takes the customer's CLV before the silence.

    Raises:
        ScoringError: a figure is negative or not finite, a chance above 1, or nothing costs
            anything, so that to warn of everybody would be best.
    """

    contact_cost: Tiered
    offer_cost: Tiered = (0.0, 0.0, 0.0)
    keep_chance: Tiered = (KEEP_CHANCE, KEEP_CHANCE, KEEP_CHANCE)
    value: Tiered | None = None

    def __post_init__(self) -> None:
        for name in ("contact_cost", "offer_cost", "keep_chance", "value"):
            _check(name, getattr(self, name) or (), 1.0 if name == "keep_chance" else math.inf)
        if not any((*self.contact_cost, *self.offer_cost)):
            expected = "a cost of a contact or of an offer, without which to warn of all is best"
            raise ScoringError(where="profit", expected=expected, got="none")

    def profit(self, ended: Ended) -> float:
        """What warnings bring less what they cost, minor units.

        A right warning brings its chance to keep the value at stake and costs a contact; of
        several about one lapse only the first brings anything. Every other costs a contact and the
        offer.

        >>> costs = Economics(tiered(100.0), tiered(50.0), tiered(0.5), tiered(1000.0))
        >>> right = np.array([True, True, False])
        >>> costs.profit(Ended(np.zeros(3), np.zeros(3, int), right, np.array([1, 0, 0]) > 0))
        150.0
        """
        chance, contact, offer = (
            np.array(each)[ended.tier]
            for each in (self.keep_chance, self.contact_cost, self.offer_cost)
        )
        value = ended.value if self.value is None else np.array(self.value)[ended.tier]
        brought = np.where(ended.is_first, chance * np.maximum(value, 0.0), 0.0)
        cost = contact + np.where(ended.is_right, 0.0, offer)
        return float((brought - cost).sum())


def tiered(given: float | Mapping[str, float]) -> Tiered:
    """One figure for all tiers, or one for each.

    Raises:
        ScoringError: a tier is missing or unknown.

    >>> tiered(2.0), tiered({"low": 0.0, "middle": 1.0, "high": 5.0})
    ((2.0, 2.0, 2.0), (0.0, 1.0, 5.0))
    """
    if isinstance(given, (int, float)):
        return (float(given),) * 3
    if set(given) != set(TIERS):
        expected = f"a figure for each of {', '.join(TIERS)}"
        raise ScoringError(where="tiers", expected=expected, got=", ".join(given))
    low, middle, high = (float(given[name]) for name in TIERS)
    return low, middle, high


def tiers_of(value: Floats, model: ScoringModel) -> Ints:
    """Place in `TIERS` of values at stake, shape (n,); all low where a file has no cut points."""
    segments = model.parameters.segments
    cuts = np.array(segments.clv if segments else (np.inf, np.inf))
    place: Ints = np.searchsorted(cuts, value, side="right")
    return place


def _check(name: str, figures: tuple[float, ...], most: float) -> None:
    for figure in figures:
        if not (math.isfinite(figure) and 0.0 <= figure <= most):
            expected = "from 0 on, finite" if most > 1.0 else "from 0 to 1"
            raise ScoringError(where=name.replace("_", "-"), expected=expected, got=figure)
