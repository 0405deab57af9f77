"""Scores at regular dates, held against what happened in the days after."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, NamedTuple

import numpy as np

from modelling.backtest.measures.placed import Period
from modelling.leaving import Stretches, outcomes
from scoring.arrays import DAY, Bools, Floats, Ints
from scoring.evaluation import (
    CalibrationBin,
    Decile,
    Estimate,
    area_under_curve,
    calibration_curve,
    deciles,
    expected_calibration_error,
)
from scoring.feature import Feature
from scoring.features import features
from scoring.model import ScoringModel
from scoring.rules import BUILT_IN, SILENCE, shipped
from scoring.step.replay import EventLog, Replayed
from scoring.warning import lifecycle
from scoring.warning.lifecycle import is_present
from scoring.warning.risk import churn_risk

EVERY: Final = 30.0  # days between snapshots, at least
MOST: Final = 6  # snapshots
RISK: Final = "churn_risk"
# What else is judged, higher being riskier: the other built-in rules' values, and silence bare.
SCORES: Final[Mapping[str, Feature]] = MappingProxyType(
    {
        **{rule.name: rule.value for rule in shipped().rules if rule.value != Feature.CHURN_RISK},
        "days_since_last": Feature.DAYS_SINCE_LAST,
    }
)
NAMES: Final = (RISK, *SCORES)
PROBABILITIES: Final = (RISK, BUILT_IN[SILENCE])


class DatedScores(NamedTuple):
    """Customers as scored at snapshots, a row for each customer and date.

    Attributes:
        row: the customer's, shape (n,).
        time: of the snapshot, epoch seconds, shape (n,).
        scores: one row a score, `RISK` first, then as in `SCORES`, shape (scores, n).
    """

    row: Ints
    time: Floats
    scores: Floats


class ScoresAnswered(NamedTuple):
    """Scores, and what became of whom they are of; n customers and dates.

    Attributes:
        row: the customer's, shape (n,).
        time: of the snapshot, epoch seconds, shape (n,).
        scores: as `DatedScores` has them, shape (scores, n).
        lost: 1 who was lost within the model's horizon, else 0, shape (n,).
        left: 1 who left as the bank defines it, 0 who stayed, nan where that is not known or not
            asked; the same as `lost` without a scorecard. Shape (n,).
    """

    row: Ints
    time: Floats
    scores: Floats
    lost: Floats
    left: Floats


NO_SCORES: Final = ScoresAnswered(
    np.empty(0, np.int64), np.empty(0), np.empty((len(NAMES), 0)), np.empty(0), np.empty(0)
)


@dataclass(frozen=True)
class ScorePerformance:
    """How one score ranked, and how well it was calibrated where it is a probability.

    Attributes:
        score: its name: `churn_risk`, `days_since_last`, or the rule whose value it is.
        days: H of the model; for a churn scorecard's risk, days in which leaving shows at the
            latest.
        customers: of whom it is known what came, once for each date.
        lost: how many of them were lost.
        auc: area under the ROC curve with its error by customer; None where all were lost, or
            none, or all scores are the same.
        deciles: lift and gain of tenths, the riskiest first; empty likewise.
        calibration: foretold and happened in bins of equal counts; empty for no probability.
        calibration_error: expected calibration error over those bins, None likewise.
    """

    score: str
    days: float
    customers: int
    lost: int
    auc: Estimate | None
    deciles: tuple[Decile, ...]
    calibration: tuple[CalibrationBin, ...]
    calibration_error: float | None


@dataclass(frozen=True)
class SnapshotPerformance:
    """All snapshots together.

    A customer counts at a date if known by a purchase and not closed, and was lost if there was no
    purchase in the H days from it, or the account was closed in them. A churn scorecard's risk is
    of leaving as the bank defines it, and is held against that: who had left already, or of whom
    the history does not tell, counts for the other scores only.

    Attributes:
        dates: of the snapshots, epoch seconds.
        customers: counted, once for each date.
        scores: one entry a score.
    """

    dates: tuple[float, ...]
    customers: int
    scores: tuple[ScorePerformance, ...]


def snapshot_dates(period: Period, days: float) -> tuple[float, ...]:
    """At most `MOST` dates of the period, ascending, the last one H (`days`) before its end.

    >>> [date / DAY for date in snapshot_dates(Period(0.0, 150.0 * DAY), days=60.0)]
    [0.0, 30.0, 60.0, 90.0]
    """
    last = period.end - days * DAY
    span = last - period.start
    if span < 0:
        return ()
    every = max(EVERY * DAY, span / (MOST - 1))
    back = np.arange(int(span / every + 1e-9) + 1)[::-1] * every
    return tuple((last - back).tolist())


def score_present(replayed: Replayed, model: ScoringModel) -> DatedScores:
    """Score a block's customers who count at the instant it was replayed to."""
    states = replayed.outcome.states
    at = np.flatnonzero(is_present(states))
    time = np.full(len(at), replayed.clock)
    matrix = features(states.take(at), time, model)
    risk = churn_risk(matrix, lifecycle.values(matrix, model), model)
    picked = [matrix[feature] for feature in SCORES.values()]
    return DatedScores(replayed.customers[at], time, np.stack([risk, *picked]))


def answered(
    scored: Sequence[DatedScores],
    lives: Stretches,
    model: ScoringModel,
    log: EventLog,
    until: float,
) -> ScoresAnswered:
    """Tell what became of the customers after each date; those of a log's, in any order.

    Args:
        scored: of every block and date.
        lives: what became of them.
        model: whose scores they are.
        log: the history.
        until: up to when it runs, epoch seconds.
    """
    row, time, scores = (
        np.concatenate(each, axis=-1) for each in zip(NO_SCORES[:3], *scored, strict=True)
    )
    lost = lost_within(lives, row, time, model.horizon).astype(np.float64)
    left = lost
    if model.churn is not None:
        left = outcomes(log, model.leaving, row, time, until, model.calendar)
    return ScoresAnswered(row, time, scores, lost, left)


def snapshot_performance(
    parts: Sequence[ScoresAnswered], dates: Sequence[float], model: ScoringModel
) -> SnapshotPerformance:
    """Hold the scores of all dates against what became of the customers.

    Args:
        parts: of customers, whose numbers are among all.
        dates: of the snapshots; the history runs on for the longest horizon after each.
        model: whose scores they are.
    """
    row, scores, lost, left = _all(parts)
    answers = {**dict.fromkeys(NAMES, lost), RISK: left}
    each = tuple(
        _performance(name, _days(name, model), values, answers[name], row)
        for name, values in zip(NAMES, scores, strict=True)
    )
    return SnapshotPerformance(tuple(dates), len(row), each)


def longest_horizon(model: ScoringModel) -> float:
    """Days a snapshot must be followed by."""
    return max(_days(RISK, model), model.horizon)


def _days(score: str, model: ScoringModel) -> float:
    return model.leaving.within if score == RISK and model.churn else model.horizon


def _all(parts: Sequence[ScoresAnswered]) -> tuple[Ints, Floats, Floats, Floats]:
    """Customers, scores and answers as one table, in an order that decides between no ties."""
    row, time, scores, lost, left = (
        np.concatenate(each, axis=-1) for each in zip(NO_SCORES, *parts, strict=True)
    )
    order = np.lexsort((row, time))[np.random.default_rng(0).permutation(len(row))]
    return row[order], scores[:, order], lost[order], left[order]


def lost_within(lives: Stretches, row: Ints, time: Floats, days: float) -> Bools:
    """Who buys nothing from `time` on for H days, the last instant left out, or closes in them."""
    at = lives.at(row, np.nextafter(time, -np.inf))  # a purchase at the date itself is not known
    upto = time + days * DAY
    lost: Bools = (lives.next[at] >= upto) | (lives.closing[at] < upto)
    return lost


def _performance(
    name: str, days: float, values: Floats, answers: Floats, row: Ints
) -> ScorePerformance:
    known = ~np.isnan(answers)
    values, lost, row = values[known], answers[known] == 1.0, row[known]
    both = bool(lost.any()) and not lost.all() and np.ptp(values) > 0
    is_probability = name in PROBABILITIES and len(values) > 0
    return ScorePerformance(
        score=name,
        days=days,
        customers=len(row),
        lost=int(lost.sum()),
        auc=area_under_curve(values, lost, row) if both else None,
        deciles=tuple(deciles(values, lost)) if both else (),
        calibration=tuple(calibration_curve(values, lost)) if is_probability else (),
        calibration_error=expected_calibration_error(values, lost) if is_probability else None,
    )
