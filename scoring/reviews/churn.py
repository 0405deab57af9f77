"""When the scorecard's risk could cross a threshold in silence.

Some of its terms rise in silence and some fall, so the risk has no unique root. It is bounded:
rising terms as they will be and falling ones as they are give a risk that only rises, whose root is
no later than the risk's own first crossing. The review there finds how far the falling terms have
come and bounds anew. The other way round bounds when a level may ease.
"""

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from scoring.features import features
from scoring.lifecycle import HIGH, LOW, known_from, rhythm_known
from scoring.reviews.crossing import first_crossing
from scoring.reviews.silence import cooled, later, start
from scoring.rules import CHURN
from scoring.state import DAY, NEVER, Bools, Floats, Ints, States

if TYPE_CHECKING:
    from scoring.churn.scorecard import ChurnScorecard
    from scoring.model import Model

LONGEST: Final = 365.25 * 30 * DAY  # seconds ahead beyond which a risk is not timed
HOUR: Final = 3_600.0  # least time between two reviews: terms may balance each other for long


def crossed(matrix: Floats, reached: Floats, thresholds: Floats, model: "Model") -> Bools:
    """Whether the bound of the risk crosses its threshold before the instant of `reached`."""
    card = _card(model)
    over = card.risk_of(card.highest(*_points(matrix, reached, model))) > thresholds
    crossed_by: Bools = over & rhythm_known(reached, model)
    return crossed_by


def due(states: States, matrix: Floats, now: Floats, model: "Model") -> Floats:
    """When the bound crosses, epoch seconds, shape (n,); not before a cooldown ends."""
    card, low = _card(model), states["level"][:, CHURN] == LOW
    target = np.where(low, _log_odds(card.middle), _log_odds(card.high))
    begun = start(states, model)
    first = np.maximum(now, begun + known_from(matrix, model) * DAY)
    rising, rest = card.part(card.rising), card.part(~card.rising).score_of(matrix, model)

    def gap(instants: Floats, rows: Ints) -> Floats:
        reached = later(begun[rows], matrix[:, rows], instants, model)
        score = rest[rows] + rising.score_of(reached, model) - rising.base_points
        return card.log_odds_at(score) - target[rows]

    root = first_crossing(gap, first, LONGEST)
    return cooled(states, CHURN, np.maximum(root, now + HOUR), model)


def easing_due(states: States, matrix: Floats, now: Floats, model: "Model") -> Floats:
    """When a level could ease first, epoch seconds, shape (n,)."""
    earliest = np.full(len(states), NEVER)
    rows = np.flatnonzero(states["level"][:, CHURN] > LOW)
    if model.churn is None or not model.churn.falling.any() or not rows.size:
        return earliest
    root = _easing_root(states.take(rows), matrix[:, rows], now[rows], model)
    earliest[rows] = np.maximum(root, now[rows] + HOUR)
    return earliest


def _easing_root(states: States, matrix: Floats, now: Floats, model: "Model") -> Floats:
    card, high = _card(model), states["level"][:, CHURN] == HIGH
    levels = [_log_odds(risk - card.hysteresis) for risk in (card.middle, card.high)]
    kept = np.where(high, levels[1], levels[0])
    falling, rest = card.part(card.falling), card.part(~card.falling).score_of(matrix, model)

    def gap(instants: Floats, rows: Ints) -> Floats:
        faded = features(states.take(rows), instants, model)
        score = rest[rows] + falling.score_of(faded, model) - falling.base_points
        return kept[rows] - card.log_odds_at(score)

    return first_crossing(gap, now, LONGEST)


def _log_odds(risk: float) -> float:
    return math.log(risk / (1.0 - risk))


def _points(present: Floats, future: Floats, model: "Model") -> tuple[Floats, Floats]:
    card = _card(model)
    return card.contributions(present, model), card.contributions(future, model)


def _card(model: "Model") -> "ChurnScorecard":
    assert model.churn is not None  # noqa: S101 - only reviewed where there is one
    return model.churn
