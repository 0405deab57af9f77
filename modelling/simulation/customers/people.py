"""Who the customers are: what each does in an ordinary month."""

from typing import Final, NamedTuple

import numpy as np

from modelling.simulation.figures import MONTH, YEAR, CardFigures
from scoring.arrays import Bools, Floats, Ints

PAYDAYS: Final = np.array([1, 15, 25, 28])
PLACES: Final = 12  # shops that a customer keeps to
LATEST_DUE: Final = 28


class People(NamedTuple):
    """A block of customers, arrays of shape (n,).

    Attributes:
        joined: day of the simulation on which the card was put to use, negative before it.
        rate: uses a day that the customer decides on, in an ordinary month.
        scale: value of a use by the mean one.
        payday: day of the month.
        due: day of the month on which an instalment is due.
        repaid: share of a statement that is paid, 1 of who carries no balance.
        is_traveller, pauses, returns, has_two_cards: traits.
        on_app, on_web, pays_fee: what else they use, and whether they pay a yearly fee.
    """

    joined: Ints
    rate: Floats
    scale: Floats
    payday: Ints
    due: Ints
    repaid: Floats
    is_traveller: Bools
    pauses: Bools
    returns: Bools
    has_two_cards: Bools
    on_app: Bools
    on_web: Bools
    pays_fee: Bools

    @property
    def size(self) -> int:
        """How many."""
        return len(self.joined)

    def present(self, origin: int) -> Ints:
        """The instant from which each may act, epoch seconds."""
        return origin + np.maximum(self.joined, 0) * 86_400


def drawn(rng: np.random.Generator, count: int, days: int, figures: CardFigures) -> People:
    """Draw a block of customers; in the mean they are what the figures say."""
    spread = figures.scale_spread
    mean = figures.chosen_a_month / MONTH

    def share(of: float) -> Bools:
        return rng.random(count) < of

    return People(
        joined=_joined(rng, count, days, figures),
        rate=rng.gamma(figures.use_shape, mean / figures.use_shape, count),
        scale=np.exp(rng.normal(-(spread**2) / 2.0, spread, count)),
        payday=rng.choice(PAYDAYS, count),
        due=rng.integers(1, LATEST_DUE + 1, count),
        repaid=np.where(share(figures.revolving), rng.uniform(0.1, 0.3, count), 1.0),
        is_traveller=share(figures.travelling),
        pauses=share(figures.pausing),
        returns=share(figures.returning),
        has_two_cards=share(figures.two_cards),
        on_app=share(figures.on_app),
        on_web=share(figures.on_web),
        pays_fee=share(figures.paying_fee),
    )


def _joined(rng: np.random.Generator, count: int, days: int, figures: CardFigures) -> Ints:
    grown = figures.joining * days / YEAR
    is_new = rng.random(count) < grown / (1.0 + grown)
    before = -1 - (rng.exponential(5.0 * YEAR, count)).astype(np.int64)
    return np.where(is_new, rng.integers(0, days, count), before)
