"""Whether a ranking finds those whom acting helps: Qini's curve, its coefficient and interval."""

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from scoring.arrays import Bools, Floats, Ints
from scoring.evaluation._checks import both_classes, numbers, outcomes
from scoring.evaluation.proportions import CONFIDENCE, Bounded

DRAWS: Final = 1_000


class QiniCurve(NamedTuple):
    """What acting on the first of a ranking gained.

    Attributes:
        share: of all customers acted on, rising from 0 to 1, shape (k + 1,).
        gained: who returned for it, of each treated customer of all, shape (k + 1,): the last is
            the uplift.
    """

    share: Floats
    gained: Floats

    @property
    def coefficient(self) -> float:
        """Area between the curve and the straight line of a ranking by chance."""
        middle = 0.5 * (self.gained[1:] + self.gained[:-1])
        area = float(np.sum(np.diff(self.share) * middle))
        return area - 0.5 * float(self.gained[-1])


def qini_curve(scores: npt.ArrayLike, treated: npt.ArrayLike, returned: npt.ArrayLike) -> QiniCurve:
    """Curve of Radcliffe (2007), "Using control groups to target on predicted lift", section 6.

    Among the first of the ranking the gain is R_t - R_c * N_t / N_c: who returned of the treated,
    less as many as would have anyway. Who has the same score is taken together.

    Args:
        scores: by which customers are ranked, the highest first, shape (n,).
        treated: who was, at random, shape (n,).
        returned: who did, shape (n,).

    Raises:
        EvaluationError: lengths differ, a score is not finite, or an arm is empty.

    >>> curve = qini_curve([3, 3, 1, 1], [1, 0, 1, 0], [1, 0, 0, 0])
    >>> curve.share.tolist(), curve.gained.tolist(), curve.coefficient
    ([0.0, 0.5, 1.0], [0.0, 0.5, 0.5], 0.125)
    """
    ranked = _Ranked.of(scores, treated, returned)
    return ranked.curve(np.ones(len(ranked.treated)))


def qini(
    scores: npt.ArrayLike,
    treated: npt.ArrayLike,
    returned: npt.ArrayLike,
    rng: np.random.Generator,
    draws: int = DRAWS,
) -> Bounded:
    """Qini's coefficient with its percentile interval, by drawing customers of each arm again.

    Args:
        scores: by which customers are ranked, shape (n,).
        treated: who was, at random, shape (n,).
        returned: who did, shape (n,).
        rng: draws.
        draws: how often (Efron 1979).

    Raises:
        EvaluationError: as `qini_curve` does.
    """
    ranked = _Ranked.of(scores, treated, returned)
    found = ranked.curve(np.ones(len(ranked.treated))).coefficient
    tail = 0.5 * (1.0 - CONFIDENCE)
    drawn = [ranked.curve(ranked.drawn(rng)).coefficient for _ in range(draws)]
    lower, upper = np.quantile(drawn, (tail, 1.0 - tail)).tolist()
    return Bounded(found, lower, upper)


class _Ranked(NamedTuple):
    """Customers in the order of a ranking, and where scores end."""

    treated: Bools
    returned: Floats
    ends: Ints

    @classmethod
    def of(
        cls, scores: npt.ArrayLike, treated: npt.ArrayLike, returned: npt.ArrayLike
    ) -> "_Ranked":
        ranks = numbers("scores", scores)
        arms = outcomes("treated", treated, ranks.size)
        both_classes("treated", arms)
        happened = outcomes("returned", returned, ranks.size).astype(np.float64)
        order = np.argsort(-ranks, kind="stable")
        ends = np.flatnonzero(np.diff(ranks[order], append=np.nan) != 0.0)
        return cls(arms[order], happened[order], ends)

    def drawn(self, rng: np.random.Generator) -> Floats:
        """How often each customer is drawn, as many of each arm as there are."""
        counts = np.empty(len(self.treated))
        for arm in (self.treated, ~self.treated):
            size = int(arm.sum())
            counts[arm] = np.bincount(rng.integers(0, size, size), minlength=size)
        return counts

    def curve(self, counts: Floats) -> QiniCurve:
        """The curve where each customer counts so often."""
        shown = np.stack([counts * self.treated, counts * ~self.treated])
        many = np.cumsum(shown, axis=1)[:, self.ends]
        back = np.cumsum(shown * self.returned, axis=1)[:, self.ends]
        matched = np.divide(many[0], many[1], out=np.zeros(self.ends.size), where=many[1] > 0.0)
        gained = (back[0] - back[1] * matched) / many[0, -1]
        share = many.sum(axis=0) / many[:, -1].sum()
        return QiniCurve(np.concatenate(([0.0], share)), np.concatenate(([0.0], gained)))
