"""The distributions a model was fitted to, against which drift is told."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np

from scoring.churn.inputs import INPUTS
from scoring.state import Floats

BINS: Final = 10
CHAMPION_SCORE, CHALLENGER_SCORE = "churn_risk", "challenger_risk"
SCORES: Final = (*(one.name for one in INPUTS), CHAMPION_SCORE, CHALLENGER_SCORE)


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


def reference_of(inputs: Floats, names: Sequence[str], risks: Floats) -> dict[str, Any]:
    """Make the section `reference` of a parameter file.

    Args:
        inputs: values of scorecard inputs at fit time, shape (n, k), n >= 1.
        names: of the inputs, k of them.
        risks: the scorecard's, shape (n,).

    Returns:
        The section's JSON value, whole numbers of rows and shares of them a bin.
    """
    columns = {**dict(zip(names, inputs.T, strict=True)), CHAMPION_SCORE: risks}
    return {
        "rows": len(risks),
        "distributions": {name: _section(deciles_of(column)) for name, column in columns.items()},
    }


def _section(deciles: Deciles) -> dict[str, Any]:
    return {"cuts": list(deciles.cuts), "counts": [int(count) for count in deciles.counts]}
