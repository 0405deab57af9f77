"""What comes of a step: warnings and scores as rows."""

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from scoring import lifecycle
from scoring.features import Feature, features
from scoring.lifecycle import COUNT
from scoring.risk import risks
from scoring.segments import DEFINITIONS, Basis, category_shift, satisfaction, segments
from scoring.state import Floats, Ints, States

if TYPE_CHECKING:
    from scoring.model import Model

WARNING: Final = np.dtype(
    [
        ("row", "<i8"),
        ("now", "<f8"),
        ("rule", "u1"),
        ("before", "u1"),
        ("after", "u1"),
        ("episode", "<u4"),
        ("sequence", "<u2"),
        ("raised_at", "<f8"),
        ("levels", "u1", (COUNT,)),
        ("points", "<f8", (COUNT,)),
        ("churn_risk", "<f8"),
        ("features", "<f8", (len(Feature),)),
    ]
)
SCORE: Final = np.dtype(
    [
        ("row", "<i8"),
        ("now", "<f8"),
        ("levels", "u1", (COUNT,)),
        ("churn_risk", "<f8"),
        ("features", "<f8", (len(Feature),)),
        ("segments", "u1", (len(DEFINITIONS),)),
        ("satisfaction", "<f8"),
        ("category_shift", "<f8"),
    ]
)


class Outcome(NamedTuple):
    """What a step made of its batch.

    Attributes:
        states: the new states, shape as given.
        applied: `Applied` code of every event, shape (events,).
        warnings: structured array of dtype `WARNING`, ordered by row, then time.
        scores: structured array of dtype `SCORE`, the last of each row that is worth telling.
        reviews: how many reviews fired.
    """

    states: States
    applied: Ints
    warnings: States
    scores: States
    reviews: int


class Judged(NamedTuple):
    """States after their event or review, and what was made of them at `now`."""

    rows: Ints
    states: States
    now: Floats
    matrix: Floats
    table: Floats


def scores(judged: Judged, model: "Model") -> States:
    """Tell the scores of what was judged, dtype `SCORE`."""
    rows, states, now, matrix, table = judged
    told = np.zeros(len(rows), SCORE)
    told["row"], told["now"] = rows, now
    told["levels"] = states["level"][:, :COUNT]
    told["churn_risk"] = risks(matrix, table, model)[1]
    told["features"] = matrix.T
    basis = Basis(states, matrix, now, model)
    told["segments"], told["satisfaction"] = segments(basis), satisfaction(basis)
    told["category_shift"] = category_shift(states)
    return told


def score(states: States, now: Floats, model: "Model") -> States:
    """Score states as they stand at `now`, changing nothing.

    Returns:
        Structured array of dtype `SCORE`, one a state.
    """
    matrix = features(states, now, model)
    table = lifecycle.values(matrix, model)
    return scores(Judged(np.arange(len(states)), states, now, matrix, table), model)
