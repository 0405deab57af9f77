"""Whether probabilities mean what they say."""

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from scoring.arrays import Floats, Ints
from scoring.evaluation._checks import outcomes, probabilities

BINS: Final = 10
SIMULATIONS: Final = 1_000
TINY: Final = 1e-15  # a probability of 0 or 1 that was wrong costs this much, not all


class CalibrationBin(NamedTuple):
    """A bin of the calibration curve: how many rows, what was foretold, what happened."""

    rows: int
    foretold: float
    happened: float


def calibration_curve(
    risks: npt.ArrayLike, happened: npt.ArrayLike, bins: int = BINS
) -> list[CalibrationBin]:
    """Return mean risk and share churned in bins of equal counts, from low risk to high.

    Rows are ordered by risk, ties as they came; bins differ by at most one row, and there are no
    more bins than rows.

    Args:
        risks: probabilities, shape (n,).
        happened: 0 or 1, shape (n,).
        bins: how many, >= 1.

    Raises:
        EvaluationError: not probabilities or outcomes.
    """
    risk = probabilities("risks", risks)
    truth = outcomes("happened", happened, risk.size).astype(np.float64)
    order = np.argsort(risk, kind="stable")
    edges = _edges(risk.size, bins)
    counts, foretold = np.diff(edges), _means(risk[order], edges)
    found = _means(truth[order], edges)
    return [
        CalibrationBin(*row)
        for row in zip(counts.tolist(), foretold.tolist(), found.tolist(), strict=True)
    ]


def expected_calibration_error(
    risks: npt.ArrayLike, happened: npt.ArrayLike, bins: int = BINS
) -> float:
    """Return the mean over bins of equal counts of |mean risk - share churned|, by rows.

    Naeini, Cooper and Hauskrecht 2015, with equal-mass bins. It is above 0 even of perfect
    probabilities: see `calibrated_limit`. Arguments and errors as for `calibration_curve`.

    >>> expected_calibration_error([0.25, 0.25, 0.75, 0.75], [0, 1, 1, 1], bins=2)
    0.25
    """
    curve = calibration_curve(risks, happened, bins)
    total = sum(one.rows for one in curve)
    return sum(one.rows * abs(one.foretold - one.happened) for one in curve) / total


def calibrated_limit(
    risks: npt.ArrayLike,
    bins: int = BINS,
    *,
    level: float = 0.95,
    simulations: int = SIMULATIONS,
    seed: int = 0,
) -> float:
    """Return the expected calibration error that perfect probabilities stay below.

    Outcomes are drawn from `risks` themselves, again and again; what lies above the quantile
    `level` of their errors is not chance.

    Args:
        risks: probabilities, shape (n,).
        bins: as for the error.
        level: the quantile, 0 to 1.
        simulations: how many draws.
        seed: of the draws.

    Raises:
        EvaluationError: not probabilities.
    """
    risk = np.sort(probabilities("risks", risks))
    edges, random = _edges(risk.size, bins), np.random.default_rng(seed)
    counts, foretold = np.diff(edges), _means(risk, edges)
    errors = np.empty(simulations)
    for draw in range(simulations):
        found = _means((random.random(risk.size) < risk).astype(np.float64), edges)
        errors[draw] = np.sum(counts * np.abs(foretold - found)) / risk.size
    return float(np.quantile(errors, level))


def brier_score(risks: npt.ArrayLike, happened: npt.ArrayLike) -> float:
    """Return the mean squared difference of risk and outcome; arguments as above.

    >>> brier_score([0.5, 1.0], [0, 1])
    0.125
    """
    risk = probabilities("risks", risks)
    truth = outcomes("happened", happened, risk.size)
    return float(np.square(risk - truth).mean())


def log_loss(risks: npt.ArrayLike, happened: npt.ArrayLike) -> float:
    """Return minus the mean log-likelihood of the outcomes, in nats; arguments as above."""
    risk = np.clip(probabilities("risks", risks), TINY, 1.0 - TINY)
    truth = outcomes("happened", happened, risk.size)
    return float(-np.log(np.where(truth, risk, 1.0 - risk)).mean())


def _edges(rows: int, bins: int) -> Ints:
    """Return where bins of equal counts begin and end, shape (bins + 1,)."""
    bins = min(bins, rows)
    edges: Ints = np.arange(bins + 1) * rows // bins
    return edges


def _means(values: Floats, edges: Ints) -> Floats:
    means: Floats = np.add.reduceat(values, edges[:-1]) / np.diff(edges)
    return means
