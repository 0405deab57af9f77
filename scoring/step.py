"""The state step: merged events, and the reviews due among them, applied to customers' states.

Pure, and independent of how the log was cut into batches.
Customers do not see each other, so the batch is applied in rounds: the k-th round applies the k-th
event of every customer at once, each after the reviews due by its instant.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from scoring import lifecycle, reviews
from scoring.apply import Applied, apply, outcomes
from scoring.events import Events
from scoring.features import Feature, features
from scoring.lifecycle import COUNT
from scoring.outcome import SCORE, WARNING, Judged, Outcome, scores
from scoring.risk import risks
from scoring.rules import SILENCE
from scoring.state import DAY, NEVER, Bools, Floats, Ints, States, raw

if TYPE_CHECKING:
    from scoring.model import Model


def step(
    states: States,
    events: Events,
    rows: Ints,
    clocks: Floats,
    until: float,
    model: "Model",
    activated: float = -NEVER,
) -> Outcome:
    """Apply events and due reviews.

    Args:
        states: distinct customers' states, shape (n,), left unchanged.
        events: in the partition's merged order, shape (m,), dtype `EVENT`.
        rows: index into `states` of each event's customer, shape (m,).
        clocks: the partition's clock (epoch seconds) at each event, non-decreasing, shape (m,).
        until: the clock at the batch's end; reviews due by then fire.
        model: models, thresholds and calendar.
        activated: the clock when these parameters came into force; reviews due by then judge every
            rule, also those that are otherwise judged at the customer's own events only.

    Returns:
        The outcome; the same, byte for byte, for any cut of the same log into batches.
    """
    run = _Run(copied(states), events, clocks, model, activated)
    for turn in _rounds(rows):
        run.review(rows[turn], clocks[turn])
        run.apply(rows[turn], turn)
    run.review(np.arange(len(states)), np.full(len(states), until))
    return run.outcome()


def _rounds(rows: Ints) -> Iterator[Ints]:
    """Yield, for k = 0, 1, ..., the indices of every customer's k-th event."""
    order = np.argsort(rows, kind="stable")
    starts = np.flatnonzero(np.diff(rows[order], prepend=-1))
    counts = np.diff(starts, append=len(rows))
    rank = np.arange(len(rows)) - np.repeat(starts, counts)
    by_rank = order[np.argsort(rank, kind="stable")]
    ends = np.cumsum(np.bincount(rank)) if len(rows) else np.zeros(0, np.intp)
    start = 0
    for end in ends:
        yield by_rank[start:end]
        start = end


def copied(states: States) -> States:
    """Copy states whole: NumPy would copy records of fields one field at a time."""
    copy: States = raw(states).copy().view(states.dtype)
    return copy


class _Run:
    """One step under way."""

    def __init__(
        self, states: States, events: Events, clocks: Floats, model: "Model", activated: float
    ) -> None:
        self.states, self.events, self.clocks, self.model = states, events, clocks, model
        self.activated = activated
        self.days = model.calendar.day(events["time"])
        self.applied = np.zeros(len(events), np.int64)
        self.warnings: list[States] = [np.empty(0, WARNING)]
        self.told: list[Judged] = []
        self.reviews = 0

    def apply(self, rows: Ints, turn: Ints) -> None:
        states, events, days = self.states.take(rows), self.events.take(turn), self.days[turn]
        codes = outcomes(states, events, days)
        self.applied[turn] = codes
        good = np.flatnonzero(codes == Applied.APPLIED)
        if good.size < rows.size:
            states, events = states.take(good), events.take(good)
            days, rows = days[good], rows[good]
        apply(states, events, days, self.model)
        self._judge(rows, states, self.clocks[turn[good]], np.zeros(len(rows), np.bool_))

    def review(self, rows: Ints, until: Floats) -> None:
        """Fire reviews due by `until`, each at its own instant, until none is due any more."""
        due = self._due(rows, until)
        while due.any():
            rows, until = rows[due], until[due]
            states = self.states.take(rows)
            self.reviews += len(rows)
            now = states["armed_at"].copy()
            self._judge(rows, states, now, now > self.activated)
            due = self._due(rows, until)

    def outcome(self) -> Outcome:
        warnings = np.concatenate(self.warnings)
        ordered = warnings[np.argsort(warnings["row"], kind="stable")]
        return Outcome(self.states, self.applied, ordered, self._last_scores(), self.reviews)

    def _last_scores(self) -> States:
        """Of each row the last score told: only that is worked out."""
        if not self.told:
            return np.empty(0, SCORE)
        rows, states, now, matrix, table = zip(*self.told, strict=True)
        all_rows = np.concatenate(rows)
        last = len(all_rows) - 1 - np.unique(all_rows[::-1], return_index=True)[1]
        told = Judged(
            all_rows[last],
            np.concatenate(states).take(last),
            np.concatenate(now)[last],
            np.concatenate(matrix, axis=1)[:, last],
            np.concatenate(table)[last],
        )
        return scores(told, self.model)

    def _due(self, rows: Ints, until: Floats) -> Bools:
        due: Bools = self.states["armed_at"][rows] <= until
        return due

    def _judge(self, rows: Ints, states: States, now: Floats, in_silence: Bools) -> None:
        matrix = features(states, now, self.model)
        table = lifecycle.values(matrix, self.model)
        moves = lifecycle.settle(states, table, now, self.model, in_silence)
        reviews.arm(states, matrix, table, now, self.model)
        states["clv"] = matrix[Feature.CLV]
        states["clv_peak"] = np.maximum(states["clv_peak"], matrix[Feature.CLV])
        judged = Judged(rows, states, now, matrix, table)
        if moves.rows.size:
            self._warn(judged, moves)
        self._tell_scores(judged, moves)
        raw(self.states)[rows] = raw(states)

    def _warn(self, judged: Judged, moves: lifecycle.Moves) -> None:
        at, slot = moves.rows, moves.rules
        warnings = np.zeros(at.size, WARNING)
        warnings["row"], warnings["now"], warnings["rule"] = judged.rows[at], judged.now[at], slot
        warnings["before"], warnings["after"] = moves.before, moves.after
        warnings["episode"] = judged.states["episode"][at, slot]
        warnings["sequence"] = judged.states["sequence"][at, slot]
        warnings["raised_at"] = moves.raised_at
        warnings["levels"] = judged.states["level"][at, :COUNT]
        matrix = judged.matrix[:, at]
        warnings["points"], warnings["churn_risk"] = risks(matrix, judged.table[at], self.model)
        warnings["features"] = matrix.T
        self.warnings.append(warnings)

    def _tell_scores(self, judged: Judged, moves: lifecycle.Moves) -> None:
        """Tell a score when a level moved, and otherwise now and then once it drifted enough."""
        rows, states, now, matrix, table = judged
        scorecard = self.model.parameters.scorecard
        drift = np.abs(table[:, SILENCE] - states["score_value"]) >= scorecard.score_drift
        worth = drift & (now - states["score_at"] >= scorecard.score_days * DAY)
        worth[moves.rows] = True
        told = np.flatnonzero(worth)
        if not told.size:
            return
        states["score_at"][told], states["score_value"][told] = now[told], table[told, SILENCE]
        kept = Judged(rows[told], states.take(told), now[told], matrix[:, told], table[told])
        self.told.append(kept)
