"""What acting on the riskiest customers would catch."""

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from scoring.evaluation._checks import both_classes, numbers, outcomes

TENTHS: Final = 10


class Decile(NamedTuple):
    """A tenth of the customers, the riskiest first.

    Attributes:
        rows: customers in it.
        churned: how many of them churned.
        lift: their share churned over that of all.
        gain: of all who churned, the share in this tenth and those before.
    """

    rows: int
    churned: int
    lift: float
    gain: float


class Flagged(NamedTuple):
    """What a threshold would flag.

    Attributes:
        rows: customers at or above it.
        churned: how many of them churned.
        precision: their share; 0 where none is flagged.
        recall: of all who churned, the share flagged.
    """

    rows: int
    churned: int
    precision: float
    recall: float


def deciles(scores: npt.ArrayLike, happened: npt.ArrayLike, parts: int = TENTHS) -> list[Decile]:
    """Return lift and cumulative gain of equal parts of the rows, the highest scores first.

    Ties keep the order in which they came. There are no more parts than rows.

    Args:
        scores: shape (n,), in any unit.
        happened: 0 or 1, shape (n,).
        parts: how many, >= 1.

    Raises:
        EvaluationError: not finite numbers, other lengths, or one outcome only.
    """
    vector = numbers("scores", scores)
    truth = outcomes("happened", happened, vector.size)
    yes, _ = both_classes("happened", truth)
    ordered = truth[np.argsort(-vector, kind="stable")].astype(np.int64)
    pieces = np.array_split(ordered, min(parts, vector.size))
    share, caught, found = yes / vector.size, 0, []
    for piece in pieces:
        churned = int(piece.sum())
        caught += churned
        found.append(Decile(piece.size, churned, churned / piece.size / share, caught / yes))
    return found


def flagged(scores: npt.ArrayLike, happened: npt.ArrayLike, threshold: float) -> Flagged:
    """Return precision and recall of flagging every score at or above `threshold`.

    Args:
        scores: shape (n,).
        happened: 0 or 1, shape (n,).
        threshold: in the scores' unit.

    Raises:
        EvaluationError: not finite numbers, other lengths, or one outcome only.

    >>> flagged([0.9, 0.6, 0.2], [1, 0, 1], 0.5)
    Flagged(rows=2, churned=1, precision=0.5, recall=0.5)
    """
    vector = numbers("scores", scores)
    truth = outcomes("happened", happened, vector.size)
    yes, _ = both_classes("happened", truth)
    chosen = vector >= threshold
    count, churned = int(chosen.sum()), int((chosen & truth).sum())
    return Flagged(count, churned, churned / max(count, 1), churned / yes)
