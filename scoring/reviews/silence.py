"""When silence takes P(no purchase) over its threshold."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from scoring.features import Feature
from scoring.lifecycle import HIGH, LOW, cooled_at, known_from, rhythm_known, threshold
from scoring.rules import SILENCE
from scoring.state import DAY, NEVER, Bools, Floats, States

if TYPE_CHECKING:
    from scoring.model import Model

Due = Callable[[States, Floats, Floats, "Model"], Floats]


def rises(states: States, slot: int) -> Bools:
    """Who may still rise by a level of a rule that is about purchases."""
    may: Bools = (states["level"][:, slot] < HIGH) & (states["purchase_days"] > 0)
    return may


def start(states: States, model: "Model") -> Floats:
    """The instant from which tenure counts, epoch seconds."""
    midnight: Floats = model.calendar.midnight(states["first_day"].astype(np.int64))
    return midnight


def later(begun: Floats, matrix: Floats, instants: Floats, model: "Model") -> Floats:
    """Features that move with silence alone, as they are at `instants`; the others as they were.

    Args:
        begun: where tenure counts from, as `start` tells it, shape (n,).
        matrix: the customers' features, shape (features, n), left unchanged.
        instants: epoch seconds, shape (n,).
        model: the models.
    """
    x, t_x = matrix[Feature.FREQUENCY], matrix[Feature.RECENCY]
    age = np.maximum((instants - begun) / DAY, t_x)
    # Without a scorecard nothing but the rows below is looked at.
    reached = matrix.copy() if model.churn is not None else np.empty_like(matrix)
    reached[Feature.FREQUENCY] = x
    reached[Feature.TENURE], reached[Feature.DAYS_SINCE_LAST] = age, age - t_x
    reached[Feature.P_NO_PURCHASE] = model.p_no_purchase(x, t_x, age)
    if model.churn is not None:
        reached[Feature.P_ALIVE] = model.purchases.p_alive(x, t_x, age)
    return reached


def crossed(matrix: Floats, reached: Floats, thresholds: Floats, model: "Model") -> Bools:
    """Whether silence crosses its threshold before the instant of `reached`."""
    del matrix
    over = reached[Feature.P_NO_PURCHASE] > thresholds
    crossed_by: Bools = over & rhythm_known(reached, model)
    return crossed_by


def due(states: States, matrix: Floats, now: Floats, model: "Model") -> Floats:
    """When it crosses, epoch seconds, shape (n,); not before a cooldown ends."""
    del now
    x, t_x = matrix[Feature.FREQUENCY], matrix[Feature.RECENCY]
    low = np.maximum(matrix[Feature.TENURE], known_from(matrix, model))
    age = model.silence_root(x, t_x, threshold(states, SILENCE, model), low)
    return cooled(states, SILENCE, start(states, model) + age * DAY, model)


def cooled(states: States, slot: int, instants: Floats, model: "Model") -> Floats:
    """The instants, or the end of the rule's cooldown where that comes later."""
    waits = np.where(states["level"][:, slot] == LOW, cooled_at(states, model)[:, slot], -NEVER)
    return np.maximum(instants, waits)
