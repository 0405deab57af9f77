"""How far the panel's features and scores lie from those the model was made on."""

from typing import Final, NamedTuple

import numpy as np

from scoring.arrays import Floats
from scoring.evaluation import population_stability_of
from scoring.evaluation.distribution import BINS, Deciles, Reference, counts_of, deciles_of
from scoring.monitoring.scores import SCORES

LEAST: Final = 200  # customers below which chance alone would look like drift


class Drift(NamedTuple):
    """Counts by score, one row each of `SCORES`.

    Attributes:
        cuts: between bins, inf where there are fewer, shape (scores, BINS - 1).
        expected: rows of the reference a bin, shape (scores, BINS); none is known yet where 0.
        actual: customers of the last round a bin, shape (scores, BINS).
    """

    cuts: Floats
    expected: Floats
    actual: Floats

    @classmethod
    def new(cls) -> "Drift":
        """Nothing known."""
        table = (len(SCORES), BINS)
        return cls(np.full((len(SCORES), BINS - 1), np.inf), np.zeros(table), np.zeros(table))

    def without(self, *names: str) -> "Drift":
        """The same with some scores forgotten."""
        kept, fresh = Drift(*(part.copy() for part in self)), Drift.new()
        rows = [SCORES.index(name) for name in names]
        for part, empty in zip(kept, fresh, strict=True):
            part[rows] = empty[rows]
        return kept

    def plus(self, other: "Drift") -> "Drift":
        """Counts of two partitions together.

        Each bin is a tenth of its partition's reference, so bins add up by their place even where
        the cuts differ.
        """
        return Drift(self.cuts, self.expected + other.expected, self.actual + other.actual)

    def stability(self) -> dict[str, float]:
        """Population stability index by name, of the scores with enough customers to tell it.

        With k bins and no drift the index of n customers is about (k - 1) / n by chance alone.
        """
        return {
            name: _index(expected, actual)
            for name, expected, actual in zip(SCORES, self.expected, self.actual, strict=True)
            if min(expected.sum(), actual.sum()) >= LEAST
        }


def observed(drift: Drift, table: Floats, reference: Reference) -> Drift:
    """Count a round.

    Args:
        drift: as it was; not changed.
        table: values in the order of `SCORES`, nan where there is none, shape (scores, n).
        reference: what is expected; where it says nothing the first round that is large enough is.
    """
    after = drift.without()
    for row, (name, column) in enumerate(zip(SCORES, table, strict=True)):
        values = column[np.isfinite(column)]
        deciles = reference.get(name) or _first(after, row, values)
        if deciles is not None:
            _keep(after, row, deciles)
        after.actual[row] = 0.0
        if after.expected[row].any():  # or there are no bins to count in yet
            cuts = after.cuts[row]
            counts = counts_of(values, cuts[np.isfinite(cuts)])
            after.actual[row, : len(counts)] = counts
    return after


def _first(drift: Drift, row: int, values: Floats) -> Deciles | None:
    known = drift.expected[row].any()
    return None if known or len(values) < LEAST else deciles_of(values)


def _keep(drift: Drift, row: int, deciles: Deciles) -> None:
    drift.cuts[row], drift.expected[row] = np.inf, 0.0
    drift.cuts[row, : len(deciles.cuts)] = deciles.cuts
    drift.expected[row, : len(deciles.counts)] = deciles.counts


def _index(expected: Floats, actual: Floats) -> float:
    used = (expected > 0.0) | (actual > 0.0)
    return population_stability_of(expected[used], actual[used])
