"""Counts of what was foretold and what came, which add up over rounds, partitions and workers."""

from typing import Final, NamedTuple

import numpy as np

from scoring.arrays import Bools, Floats
from scoring.evaluation.ranking import mid_ranks
from scoring.facts.state import States

BINS: Final = 20  # of the risk, equally wide
STAYED, CHURNED = 0, 1
TALLY: Final = np.dtype(
    [
        ("rows", "<i8", (BINS,)),
        ("risk", "<f8", (BINS,)),  # sum
        ("churned", "<i8", (BINS,)),
        ("flagged", "<i8", (2, 2)),  # flagged or not by churned or not
        ("concordant", "<f8"),  # pairs of one who churned and one who stayed, ranked rightly
        ("pairs", "<f8"),  # all such pairs
    ]
)


def tally(risk: Floats, flagged: Bools, churned: Bools) -> States:
    """Count forecasts by outcome.

    Args:
        risk: probabilities, shape (n,).
        flagged: who was flagged, shape (n,).
        churned: outcomes, shape (n,).

    Returns:
        Structured array of dtype `TALLY`, shape (1,).
    """
    made = np.zeros(1, TALLY)
    place = np.minimum((risk * BINS).astype(np.int64), BINS - 1)
    made["rows"][0] = np.bincount(place, minlength=BINS)
    made["risk"][0] = np.bincount(place, risk, BINS)
    made["churned"][0] = np.bincount(place, churned, BINS)
    np.add.at(made["flagged"][0], (flagged.astype(np.int64), churned.astype(np.int64)), 1)
    lost = int(churned.sum())
    made["pairs"] = lost * (len(churned) - lost)
    # Mann-Whitney's U.
    made["concordant"] = mid_ranks(risk)[churned].sum() - lost * (lost + 1) / 2.0
    return made


def total(tallies: States) -> States:
    """Add tallies of shape (n,) up to one of shape (1,)."""
    added = np.zeros(1, TALLY)
    for name in TALLY.names or ():
        added[name] = tallies[name].sum(axis=0)
    return added


class Figures(NamedTuple):
    """How good a model's forecasts were; None where there was nothing to tell it by.

    Attributes:
        flagged: counts of outcomes, `[flagged][churned]`.
        precision: of the flagged, the share that churned.
        recall: of those who churned, the share flagged.
        auc: probability that of two customers of one round and partition, one who churned and one
            who stayed, the former had the higher risk, ties counting half.
        calibration_error: mean over `BINS` equally wide bins of |mean risk - share churned|, by
            rows.
    """

    flagged: tuple[tuple[int, int], tuple[int, int]]
    precision: float | None
    recall: float | None
    auc: float | None
    calibration_error: float | None

    @classmethod
    def of(cls, tallied: States) -> "Figures":
        """Read a tally of shape (1,)."""
        one = tallied[0]
        unflagged, flagged = ((int(row[STAYED]), int(row[CHURNED])) for row in one["flagged"])
        caught = float(flagged[CHURNED])
        return cls(
            flagged=(unflagged, flagged),
            precision=_ratio(caught, sum(flagged)),
            recall=_ratio(caught, flagged[CHURNED] + unflagged[CHURNED]),
            auc=_ratio(float(one["concordant"]), float(one["pairs"])),
            calibration_error=_ratio(
                float(np.abs(one["risk"] - one["churned"]).sum()), int(one["rows"].sum())
            ),
        )


def _ratio(part: float, whole: float) -> float | None:
    return part / whole if whole else None
