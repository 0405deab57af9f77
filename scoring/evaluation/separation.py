"""A stricter threshold, learnt from warnings that were right or wrong, and what it can promise.

Nothing is known of what lay below today's threshold, so that no lower one is ever chosen. The
threshold is an order statistic of the right ones, by which a further one is kept at least as often
as was asked whatever their distribution (Vovk, Gammerman and Shafer 2005, conformal prediction);
how many it keeps and spares is counted on folds that had no say in it.
"""

import math
from decimal import ROUND_FLOOR, Decimal
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from scoring.arrays import Bools, Floats, Ints
from scoring.evaluation._checks import EvaluationError, outcomes
from scoring.evaluation.proportions import Bounded, newcombe, wilson

FOLDS: Final = 10
_DIGITS: Final = range(-15, 18)  # behind the decimal point
_EXACT: Final = 1e-9  # 0.1 is none of a float


class Wanted(NamedTuple):
    """What is asked of a threshold.

    Attributes:
        now: today's; only a stricter one is chosen.
        keep: share of the right ones that it must keep, above 0 and below 1.
        most: that it may be.
        scale: what one of the unit that a threshold is stated in counts in values.
    """

    now: float
    keep: float
    most: float = math.inf
    scale: float = 1.0


class Separation(NamedTuple):
    """What was chosen, and what that does to warnings which had no say in it.

    Attributes:
        threshold: the roundest number that does it, in the unit that thresholds are stated in; None
            where none keeps as many as are wanted and spares any.
        right: how many there were.
        wrong: likewise.
        kept: of the right ones, by thresholds chosen without them.
        spared: of the wrong ones, likewise.
    """

    threshold: float | None
    right: int
    wrong: int
    kept: int
    spared: int

    @property
    def kept_share(self) -> Bounded:
        """Of the right ones, with Wilson's interval."""
        return wilson(self.kept, self.right)

    @property
    def precision_now(self) -> Bounded:
        """Share of right ones today, with Wilson's interval."""
        return wilson(self.right, self.right + self.wrong)

    @property
    def precision_then(self) -> Bounded:
        """Share of right ones among those that are left, with Wilson's interval."""
        return wilson(self.kept, self.kept + self.wrong - self.spared)

    @property
    def gain(self) -> Bounded:
        """Share spared of the wrong less share lost of the right, with Newcombe's interval."""
        return newcombe((self.spared, self.wrong), (self.right - self.kept, self.right))

    @property
    def is_apart(self) -> bool:
        """Whether it tells wrong from right, and does not merely warn less."""
        return self.threshold is not None and self.gain.lower > 0.0


def least_right(keep: float) -> int:
    """The fewest right ones of whom a share can be kept for sure.

    >>> least_right(0.9), least_right(0.99)
    (9, 99)
    """
    return math.ceil(keep / (1.0 - keep) - _EXACT)


def separate(
    values: npt.ArrayLike, right: npt.ArrayLike, groups: npt.ArrayLike, wanted: Wanted
) -> Separation:
    """Choose the threshold that spares most of the wrong ones.

    Args:
        values: of a right one what it surely reached, of a wrong one what it surely did not pass,
            inf where nothing is sure; the higher the worse, at least `wanted.now`, shape (n,).
        right: which are, shape (n,).
        groups: customers, who stay together in a fold, shape (n,).
        wanted: of the threshold.

    Raises:
        EvaluationError: lengths differ, a value is nan or below today's threshold, or `keep` is no
            share.
    """
    reached = _checked(values, wanted)
    is_right = outcomes("right", right, reached.size)
    folds = _folds(groups, reached.size)
    counts = np.zeros(2, np.int64)
    for fold in range(FOLDS):
        own = folds == fold
        found = _chosen(reached[~own], is_right[~own], wanted)
        over = reached[own] >= (wanted.now if found is None else wanted.scale * found)
        counts += (np.sum(over & is_right[own]), np.sum(~over & ~is_right[own]))
    kept, spared = counts.tolist()
    many = int(is_right.sum())
    chosen = _chosen(reached, is_right, wanted)
    return Separation(chosen, many, reached.size - many, kept, spared)


def _checked(values: npt.ArrayLike, wanted: Wanted) -> Floats:
    if not 0.0 < wanted.keep < 1.0:
        raise EvaluationError(where="keep", expected="above 0 and below 1", got=wanted.keep)
    reached = np.asarray(values, np.float64)
    if reached.ndim != 1:
        raise EvaluationError(where="values", expected="a vector", got=reached.shape)
    bad = reached[~(reached >= wanted.now)]
    if bad.size:
        expected = f"today's threshold, {wanted.now:g}, or more"
        raise EvaluationError(where="values", expected=expected, got=str(bad[0]))
    return reached


def _folds(groups: npt.ArrayLike, count: int) -> Ints:
    own = np.asarray(groups)
    if own.shape != (count,):
        raise EvaluationError(where="groups", expected=f"{count} of them", got=own.shape)
    folds: Ints = np.unique(own, return_inverse=True)[1] % FOLDS
    return folds


def _chosen(values: Floats, right: Bools, wanted: Wanted) -> float | None:
    mine = np.sort(values[right])
    place = math.floor((1.0 - wanted.keep) * (mine.size + 1) + _EXACT)
    if not place:
        return None
    most = min(float(mine[place - 1]), wanted.most)
    spared = values[~right & (values < most)]
    if most <= wanted.now or not spared.size:
        return None
    return roundest(float(spared.max()), most, wanted.scale)


def roundest(above: float, upto: float, scale: float = 1.0) -> float:
    """The number of the fewest decimals within an interval, the lowest of these.

    Args:
        above: it is higher, as `scale` counts.
        upto: it is no higher, likewise.
        scale: what one of it counts.

    >>> roundest(0.312, 0.349), roundest(0.312, 0.315), roundest(1_234, 1_300, scale=100.0)
    (0.32, 0.313, 13.0)
    """
    for digits in _DIGITS:
        step = Decimal(1).scaleb(-digits)
        first = (Decimal(above / scale) / step).to_integral_value(ROUND_FLOOR)
        for number in (float((first + more) * step) for more in range(3)):
            if above < scale * number <= upto:
                return number
    return upto / scale
