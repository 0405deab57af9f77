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
from scoring.features import decayed, troubles
from scoring.model import ScoringModel
from scoring.warning.lifecycle import (
    HIGH,
    LOW,
    footing,
    is_out,
    known_from,
    rhythm_known,
)
from scoring.warning.timers.crossing import LONGEST, first_crossing
from scoring.warning.timers.seen import Later, Seen

HOUR: Final = 3_600.0  # least time between two timers: terms may balance each other for long


def watched(seen: Seen, slot: int) -> Bools:
    """Whom it is watched for, shape (n,); nobody where there is no scorecard."""
    if seen.model.churn is None:
        return np.zeros(len(seen.states), np.bool_)
    return seen.buyers_below_high(slot)


def crossed(seen: Seen, slot: int, later: Later) -> Bools:
    """Whether the bound of the risk has crossed by the instants of `later`, shape (n,)."""
    card = _card(seen.model)
    rising = card.rising_part.contributions(later.matrix, seen.model.purchases)
    bound = card.risk_of(card.highest(seen.known.contributions, rising))
    crossed_by: Bools = (bound > seen.threshold(slot)) & rhythm_known(later.matrix, seen.model)
    return crossed_by


def due(seen: Seen, slot: int) -> Floats:
    """When the bound crosses, epoch seconds, shape (n,); not before a cooldown ends."""
    card, low, own = _card(seen.model), footing(seen.states, slot) == LOW, seen.bands.of(slot)
    target = np.where(low, _log_odds(own.middle), _log_odds(own.high))
    first = np.maximum(seen.now, seen.begun + known_from(seen.matrix, seen.model) * DAY)
    rising, rest = card.rising_part, card.score(seen.known.contributions[~card.rising])
    silence, purchases = seen.silence(seen.model.rising_reads), seen.model.purchases

    def gap(instants: Floats, rows: Ints) -> Floats:
        reached = silence.at(instants, rows)
        score = rest[rows] + rising.score_of(reached, purchases) - rising.base_points
        return card.log_odds_at(score) - target[rows]

    root = first_crossing(gap, first, LONGEST)
    return seen.cooled(slot, np.maximum(root, seen.now + HOUR))


def easing_due(seen: Seen, slot: int) -> Floats:
    """When a level could ease first, epoch seconds, shape (n,)."""
    earliest, card = np.full(len(seen.states), NEVER), seen.model.churn
    is_open = seen.states["level"][:, slot] > LOW
    rows = np.flatnonzero(is_open & ~is_out(seen.states, slot))
    if card is None or not card.falling.any() or not rows.size:
        return earliest
    raised = seen.rows(rows)
    earliest[rows] = np.maximum(_easing_root(raised, slot), raised.now + HOUR)
    return earliest


def _easing_root(seen: Seen, slot: int) -> Floats:
    card, high, own = _card(seen.model), seen.states["level"][:, slot] == HIGH, seen.bands.of(slot)
    middle, upper = (_log_odds(risk - own.hysteresis) for risk in (own.middle, own.high))
    kept = np.where(high, upper, middle)
    falling, rest = card.falling_part, card.score(seen.known.contributions[~card.falling])
    silence, model = seen.silence(seen.model.falling_reads), seen.model
    sums, since = seen.states["sums"].T.copy(), seen.states["last_event"]

    def gap(instants: Floats, rows: Ints) -> Floats:
        faded = silence.at(instants, rows)
        troubles(faded, decayed(sums[:, rows], since[rows], instants, model))
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
