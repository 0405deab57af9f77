"""When the scorecard's risk could cross a threshold in silence.

Some of its terms rise in silence and some fall, so the risk has no unique root. It is bounded:
rising terms as they will be and falling ones as they are give a risk that only rises, whose root is
no later than the risk's own first crossing. The timer there finds how far the falling terms have
come and bounds anew. The other way round bounds when a level may ease.
"""

import math
from typing import Final

import numpy as np

from scoring.arrays import DAY, NEVER, Bools, Floats, Ints
from scoring.churn import ChurnScorecard
from scoring.features import troubles
from scoring.model import ScoringModel
from scoring.warning.lifecycle import HIGH, LOW, known_from, rhythm_known
from scoring.warning.timers.crossing import LONGEST, first_crossing
from scoring.warning.timers.seen import Later, Seen, silent

HOUR: Final = 3_600.0  # least time between two timers: terms may balance each other for long


def watched(seen: Seen, slot: int) -> Bools:
    """Whom it is watched for, shape (n,); nobody where there is no scorecard."""
    if seen.model.churn is None:
        return np.zeros(len(seen.states), np.bool_)
    return seen.buyers_below_high(slot)


def crossed(seen: Seen, slot: int, later: Later) -> Bools:
    """Whether the bound of the risk has crossed by the instants of `later`, shape (n,)."""
    card = _card(seen.model)
    rising = card.part(card.rising).contributions(later.matrix, seen.model.purchases)
    bound = card.risk_of(card.highest(seen.known.contributions, rising))
    crossed_by: Bools = (bound > seen.threshold(slot)) & rhythm_known(later.matrix, seen.model)
    return crossed_by


def due(seen: Seen, slot: int) -> Floats:
    """When the bound crosses, epoch seconds, shape (n,); not before a cooldown ends."""
    card, low, own = _card(seen.model), seen.states["level"][:, slot] == LOW, seen.bands.of(slot)
    target = np.where(low, _log_odds(own.middle), _log_odds(own.high))
    begun, model = seen.begun, seen.model
    first = np.maximum(seen.now, begun + known_from(seen.matrix, model) * DAY)
    rising, rest = card.part(card.rising), card.score(seen.known.contributions[~card.rising])

    def gap(instants: Floats, rows: Ints) -> Floats:
        reached = silent(begun[rows], seen.matrix[:, rows], instants, model)
        score = rest[rows] + rising.score_of(reached, model.purchases) - rising.base_points
        return card.log_odds_at(score) - target[rows]

    root = first_crossing(gap, first, LONGEST)
    return seen.cooled(slot, np.maximum(root, seen.now + HOUR))


def easing_due(seen: Seen, slot: int) -> Floats:
    """When a level could ease first, epoch seconds, shape (n,)."""
    earliest, card = np.full(len(seen.states), NEVER), seen.model.churn
    rows = np.flatnonzero(seen.states["level"][:, slot] > LOW)
    if card is None or not card.falling.any() or not rows.size:
        return earliest
    raised = seen.rows(rows)
    earliest[rows] = np.maximum(_easing_root(raised, slot), raised.now + HOUR)
    return earliest


def _easing_root(seen: Seen, slot: int) -> Floats:
    card, high, own = _card(seen.model), seen.states["level"][:, slot] == HIGH, seen.bands.of(slot)
    middle, upper = (_log_odds(risk - own.hysteresis) for risk in (own.middle, own.high))
    kept = np.where(high, upper, middle)
    falling, rest = card.part(card.falling), card.score(seen.known.contributions[~card.falling])
    begun, model = seen.begun, seen.model

    def gap(instants: Floats, rows: Ints) -> Floats:
        faded = silent(begun[rows], seen.matrix[:, rows], instants, model)
        troubles(faded, seen.states.take(rows), instants, model)
        score = rest[rows] + falling.score_of(faded, model.purchases) - falling.base_points
        return kept[rows] - card.log_odds_at(score)

    return first_crossing(gap, seen.now, LONGEST)


def _log_odds(risks: Floats) -> Floats:
    """One by one: NumPy's logarithm differs from one kind of processor to another."""
    found = [math.log(risk / (1.0 - risk)) for risk in np.ravel(risks).tolist()]
    return np.reshape(np.array(found), np.shape(risks))


def _card(model: ScoringModel) -> ChurnScorecard:
    assert model.churn is not None  # noqa: S101 - only watched where there is one
    return model.churn
