"""How far a population has moved from the one a model was made on."""

from typing import Final

import numpy as np
import numpy.typing as npt

from scoring.arrays import Floats
from scoring.evaluation._checks import EvaluationError, not_negative, numbers

BINS: Final = 10
HALF: Final = 0.5  # added to every bin, so that an empty one is rare rather than impossible


def population_stability(expected: npt.ArrayLike, actual: npt.ArrayLike, bins: int = BINS) -> float:
    """Return the population stability index of a feature or score.

    Bins are cut at quantiles of `expected`, so each had an equal share of it; values that repeat
    often make fewer and unequal bins. By custom below 0.1 is stable, above 0.25 is shifted.

    Args:
        expected: values when the model was made, shape (n,).
        actual: values now, shape (m,).
        bins: how many, >= 2.

    Raises:
        EvaluationError: not finite numbers, or fewer than two bins asked for.

    >>> population_stability([1.0, 2.0, 3.0, 4.0], [1.0, 2.0, 3.0, 4.0])
    0.0
    """
    if bins < 2:  # noqa: PLR2004 - fewer tell nothing apart
        raise EvaluationError(where="bins", expected="2 or more", got=bins)
    before, after = numbers("expected", expected), numbers("actual", actual)
    cuts = np.unique(np.quantile(before, np.arange(1, bins) / bins))
    return population_stability_of(_counts(before, cuts), _counts(after, cuts))


def population_stability_of(expected: npt.ArrayLike, actual: npt.ArrayLike) -> float:
    """Return the index of two histograms over the same bins: sum of (q - p) ln(q / p).

    Shares are those of counts raised by one half, which keeps the index finite.

    Args:
        expected: counts a bin, shape (bins,).
        actual: counts a bin, shape (bins,).

    Raises:
        EvaluationError: counts below 0, or of different numbers of bins.
    """
    before, after = not_negative("expected", expected), not_negative("actual", actual)
    if before.shape != after.shape:
        raise EvaluationError(where="actual", expected=f"{before.size} bins", got=after.size)
    p, q = _shares(before), _shares(after)
    return float(np.sum((q - p) * np.log(q / p)))


def _counts(values: Floats, cuts: Floats) -> Floats:
    bins = np.searchsorted(cuts, values, side="left")
    counts: Floats = np.bincount(bins, minlength=cuts.size + 1).astype(np.float64)
    return counts


def _shares(counts: Floats) -> Floats:
    shares: Floats = (counts + HALF) / (counts + HALF).sum()
    return shares
