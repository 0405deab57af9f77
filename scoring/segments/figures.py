"""Numbers told of a customer beside features and classes: one literal registry.

A figure's name is that of its field in `schemas.CustomerScore` or in its `Segments`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from scoring.arrays import Floats
from scoring.facts.categories import Category
from scoring.facts.state import States
from scoring.feature import Feature
from scoring.segments.basis import Basis
from scoring.warning.classes import NOW, THEN

SUBJECTIVE: Final = 0.5  # weight of what a customer says of their satisfaction, beside what they do


@dataclass(frozen=True)
class Figure:
    """One row of the registry.

    Attributes:
        name: as in score messages.
        of: tells each customer's, shape (n,), in any batch the same bytes.
    """

    name: str
    of: Callable[[Basis], Floats]


def satisfaction(basis: Basis) -> Floats:
    """How satisfied customers are, 0 to 1, half by what they say and half by what they do.

    They say it in their last survey and NPS answer; they do it by complaining and by using app,
    site and card less. Who never answered is judged by what they do alone.
    """
    matrix, states = basis.matrix, basis.states
    asked = (
        np.isfinite(states["survey_at"]).astype(float),
        np.isfinite(states["nps_at"]).astype(float),
    )
    answers = asked[0] + asked[1]
    bad = matrix[Feature.BAD_SURVEY] + matrix[Feature.BAD_NPS]
    decline = np.maximum(matrix[Feature.VISITS_DECLINE], matrix[Feature.USE_DECLINE])
    return blended(bad, answers, decline, matrix[Feature.COMPLAINTS])


def blended(bad: Floats, answers: Floats, decline: Floats, complaints: Floats) -> Floats:
    """What customers say and what they do, as one index, 0 to 1, shapes (n,).

    said = 1 - bad / answers; done = (1 - decline) (1 - min(complaints, 1)); and of both
    `SUBJECTIVE` said + (1 - `SUBJECTIVE`) done, or done alone where nobody answered.

    Args:
        bad: sum of how bad the answers were, 0 to 1 each.
        answers: how many there are.
        decline: of use, 0 to 1.
        complaints: decayed.

    >>> one = np.ones(1)
    >>> blended(0.25 * one, one, 0.2 * one, 0.5 * one).round(6).tolist()  # 0.5 (0.75 + 0.8 0.5)
    [0.575]
    """
    said = 1.0 - bad / np.maximum(answers, 1.0)
    done = (1.0 - decline) * (1.0 - np.minimum(complaints, 1.0))
    blend: Floats = np.where(answers > 0, SUBJECTIVE * said + (1.0 - SUBJECTIVE) * done, done)
    return blend


def category_shift(basis: Basis) -> Floats:
    """Share of spend that moved between categories, 0 to 1: their total variation distance."""
    now, then = _shares(basis.states, NOW), _shares(basis.states, THEN)
    moved = np.zeros(len(basis.states))
    for category in Category:  # one by one: a sum over columns may round by the batch's size
        moved += np.abs(now[:, category] - then[:, category])
    return 0.5 * moved


def _shares(states: States, which: int) -> Floats:
    spend = np.maximum(states["categories"][:, which], 0.0)
    total = np.zeros(len(states))
    for category in Category:
        total += spend[:, category]
    shares: Floats = spend / np.where(total > 0, total, 1.0)[:, None]
    return shares


FIGURES: Final[tuple[Figure, ...]] = (
    Figure("satisfaction", satisfaction),
    Figure("category_shift", category_shift),
)


def figures(basis: Basis) -> Floats:
    """Every figure, shape (n, len(FIGURES))."""
    table = np.empty((len(basis.states), len(FIGURES)))
    for column, figure in enumerate(FIGURES):
        table[:, column] = figure.of(basis)
    return table
