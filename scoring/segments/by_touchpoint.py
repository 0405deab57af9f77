"""How satisfied customers are at each family of touchpoints: the index of a customer, told apart.

The weakest of them is where a remedy belongs.
"""

from typing import Final

import numpy as np

from scoring.arrays import DAY, Floats, Horizon, Ints
from scoring.feature import Feature
from scoring.features import NPS_SCALE, SURVEY_SCALE, badness, visits_decline
from scoring.model import ScoringModel
from scoring.segments.basis import Basis
from scoring.segments.figures import blended

NONE: Final = -1  # the weakest of who was met nowhere
_SCALES: Final = (SURVEY_SCALE, NPS_SCALE)


def satisfaction_at(basis: Basis) -> Floats:
    """How satisfied customers are at each family of touchpoints, 0 to 1; NaN where never met.

    As `satisfaction`, of what was said and done there: half the last survey and NPS answer about
    it, half the complaints about it and the decline of visits to it, beyond what chance explains
    (`proven_decline`: Campbell's theorem). Use of the card, which has no touchpoint, counts alike
    in all. So who met the bank in one family alone has the customer's own index there, but for the
    32 bits and the whole seconds that contacts are kept in.

    Returns:
        Shape (len(Family), n), in the order of `Family`.
    """
    states, model, contacts = basis.states, basis.model, basis.states["contacts"].T
    last, sums = contacts["last"].astype(np.float64), np.moveaxis(contacts["sums"], -1, 0)
    kept = left_of(states["last_event"] - last, model)
    visits = [sums[each] * kept[each] for each in (Horizon.SHORT, Horizon.LONG)]
    complaints = sums[Horizon.MIDDLE] * left_of(basis.now - last, model)[Horizon.MIDDLE]
    asked = [contacts["answers"][..., which] > 0 for which in range(len(_SCALES))]
    bad = [
        badness(contacts["answers"][..., which].astype(np.int64) - 1, asked[which], scale)
        for which, scale in enumerate(_SCALES)
    ]
    decline = visits_decline(visits[0], visits[1], states, model)
    decline = np.maximum(decline, basis.matrix[Feature.USE_DECLINE])
    answers = asked[0].astype(np.float64) + asked[1]
    found = blended(bad[0] + bad[1], answers, decline, complaints)
    return np.where(last > 0.0, found, np.nan)


def left_of(seconds: Floats, model: ScoringModel) -> Floats:
    """Shares left of decayed sums after seconds, shape (families, n), by horizon in front."""
    ages = np.maximum(seconds / DAY, 0.0)
    return model.memory.decay(ages.ravel()).reshape(len(Horizon), *ages.shape)


def weakest(found: Floats) -> Ints:
    """The family of the least of such indices, the first of several; `NONE` without any.

    >>> weakest(np.array([[0.5, np.nan], [0.4, np.nan]])).tolist()
    [1, -1]
    """
    met = np.isfinite(found)
    least: Ints = np.where(met, found, np.inf).argmin(axis=0)
    return np.where(met.any(axis=0), least, NONE)
