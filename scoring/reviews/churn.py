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
from scoring.state import DAY, NEVER, Bools, Floats, States

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
    first = np.maximum(now, start(states, model) + known_from(matrix, model) * DAY)

    def gap(instants: Floats) -> Floats:
        points = _points(matrix, later(states, matrix, instants, model), model)
        return card.log_odds_of(card.highest(*points)) - target

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
    kept = np.where(
        high, _log_odds(card.high - card.hysteresis), _log_odds(card.middle - card.hysteresis)
    )

    def gap(instants: Floats) -> Floats:
        points = _points(matrix, features(states, instants, model), model)
        return kept - card.log_odds_of(card.lowest(*points))

    return first_crossing(gap, now, LONGEST)


def _log_odds(risk: float) -> float:
    return math.log(risk / (1.0 - risk))


def _points(present: Floats, future: Floats, model: "Model") -> tuple[Floats, Floats]:
    card = _card(model)
    return card.contributions(present, model), card.contributions(future, model)


def _card(model: "Model") -> "ChurnScorecard":
    assert model.churn is not None  # noqa: S101 - only reviewed where there is one
    return model.churn
