"""Distributions cut at their deciles, against which drift is told."""

from collections.abc import Mapping
from typing import Final, NamedTuple

import numpy as np

from scoring.arrays import Floats

BINS: Final = 10


class Deciles(NamedTuple):
    """One distribution.

    Attributes:
        cuts: between bins, rising, at most nine; a value at a cut is below it.
        counts: rows in each bin, one more than cuts.
    """

    cuts: tuple[float, ...]
    counts: tuple[float, ...]


Reference = Mapping[str, Deciles]


def deciles_of(values: Floats) -> Deciles:
    """Cut finite values, one at least, at their deciles; those that repeat often make fewer bins.

    >>> deciles_of(np.array([1.0, 1.0, 1.0, 2.0])).counts
    (3.0, 1.0)
    """
    shares = np.arange(1, BINS) / BINS
    cuts = np.unique(np.quantile(values, shares, method="inverted_cdf"))
    cuts = cuts[cuts < values.max()]  # above the largest there is nothing
    return Deciles(tuple(cuts.tolist()), tuple(counts_of(values, cuts).tolist()))


def counts_of(values: Floats, cuts: Floats) -> Floats:
    """How many of the values lie in each bin between rising cuts, shape (len(cuts) + 1,)."""
    bins = np.searchsorted(cuts, values, side="left")
    counts: Floats = np.bincount(bins, minlength=len(cuts) + 1).astype(np.float64)
    return counts
