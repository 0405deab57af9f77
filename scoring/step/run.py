"""The state step: merged events, and the timers due among them, applied to customers' states.

Pure, and independent of how the log was cut into batches.
Customers do not see each other, so the batch is applied in rounds: the k-th round applies the k-th
event of every customer at once, each after the timers due by its instant.
"""

from collections.abc import Iterator

import numpy as np

from scoring.arrays import DAY, NEVER, Bools, Floats, Ints
from scoring.facts.apply import Applied, apply, count_duplicates, outcomes
from scoring.facts.events import Events
from scoring.facts.state import States, raw
from scoring.feature import Feature
from scoring.features import Known, known
from scoring.model import ScoringModel
from scoring.rules import CHURN, SILENCE
from scoring.step.outcome import SCORE, WARNING, Evaluated, Outcome, scores
from scoring.warning import lifecycle, severity, timers
from scoring.warning.lifecycle import COUNT
from scoring.warning.risk import risks


def step(
    states: States,
    events: Events,
    rows: Ints,
    clocks: Floats,
    until: float,
    model: ScoringModel,
    activated: float = -NEVER,
) -> Outcome:
    """Apply events and due timers.

    Args:
        states: distinct customers' states, shape (n,), left unchanged.
        events: in the partition's merged order, shape (m,), dtype `EVENT`.
        rows: index into `states` of each event's customer, shape (m,).
        clocks: the partition's clock (epoch seconds) at each event, non-decreasing, shape (m,).
        until: the clock at the batch's end; timers due by then fire.
        model: models, thresholds and calendar.
        activated: the clock when these parameters came into force; timers due by then judge every
            rule, also those that are otherwise judged at the customer's own events only.

    Returns:
        The outcome; the same, byte for byte, for any cut of the same log into batches.

    >>> import json
    >>> from importlib.resources import files
    >>> from scoring.facts.events import EVENT
    >>> from scoring.facts.state import new_states
    >>> from scoring.parameters import parse
    >>> packaged = files("scoring.models").joinpath("cdnow.json").read_text()
    >>> model = ScoringModel(parse(json.loads(packaged)))
    >>> weekly = np.zeros(10, EVENT)  # ten purchases, a week apart, then silence
    >>> weekly["time"] = weekly["reversed_time"] = 7 * DAY * np.arange(10)
    >>> weekly["id"], weekly["amount"] = np.arange(1, 11), 1_000
    >>> rows, year = np.zeros(10, np.int64), 365 * DAY
    >>> outcome = step(new_states(1), weekly, rows, weekly["time"], year, model)
    >>> int(outcome.states["purchase_days"][0]), outcome.warnings["after"].tolist()
    (10, [1, 2])
    """
    run = _Run(copied(states), events, clocks, model, activated)
    for turn in rounds(rows):
        run.fire(rows[turn], clocks[turn])
        run.apply(rows[turn], turn)
    run.fire(np.arange(len(states)), np.full(len(states), until))
    return run.outcome()


def rounds(rows: Ints) -> Iterator[Ints]:
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
        self, states: States, events: Events, clocks: Floats, model: ScoringModel, activated: float
    ) -> None:
        self.states, self.events, self.clocks, self.model = states, events, clocks, model
        self.activated = activated
        self.days = model.calendar.day(events["time"])
        self.applied = np.zeros(len(events), np.int64)
        self.warnings: list[States] = [np.empty(0, WARNING)]
        self.evaluated: list[Evaluated] = []
        self.timers = 0

    def apply(self, rows: Ints, turn: Ints) -> None:
        states, events, days = self.states.take(rows), self.events.take(turn), self.days[turn]
        codes = outcomes(states, events, days)
        self.applied[turn] = codes
        good = np.flatnonzero(codes == Applied.APPLIED)
        if good.size < rows.size:
            count_duplicates(self.states, rows, codes)
            states, events = states.take(good), events.take(good)
            days, rows = days[good], rows[good]
        apply(states, events, days, self.model.calendar, self.model.memory)
        self._judge(rows, states, self.clocks[turn[good]], np.zeros(len(rows), np.bool_))

    def fire(self, rows: Ints, until: Floats) -> None:
        """Fire timers due by `until`, each at its own instant, until none is due any more."""
        due = self._due(rows, until)
        while due.any():
            rows, until = rows[due], until[due]
            states = self.states.take(rows)
            self.timers += len(rows)
            now = states["armed_at"].copy()
            self._judge(rows, states, now, now > self.activated)
            due = self._due(rows, until)

    def outcome(self) -> Outcome:
        warnings = np.concatenate(self.warnings)
        ordered = warnings[np.argsort(warnings["row"], kind="stable")]
        return Outcome(self.states, self.applied, ordered, self._last_scores(), self.timers)

    def _last_scores(self) -> States:
        """Of each row the last score worth telling: only that is worked out."""
        if not self.evaluated:
            return np.empty(0, SCORE)
        rows, states, now, known_then, table = zip(*self.evaluated, strict=True)
        all_rows = np.concatenate(rows)
        last = len(all_rows) - 1 - np.unique(all_rows[::-1], return_index=True)[1]
        parts = (np.concatenate(part, axis=1)[:, last] for part in zip(*known_then, strict=True))
        latest = Evaluated(
            all_rows[last],
            np.concatenate(states).take(last),
            np.concatenate(now)[last],
            Known(*parts),
            np.concatenate(table)[last],
        )
        return scores(latest, self.model)

    def _due(self, rows: Ints, until: Floats) -> Bools:
        due: Bools = self.states["armed_at"][rows] <= until
        return due

    def _judge(self, rows: Ints, states: States, now: Floats, in_silence: Bools) -> None:
        known_now = known(states, now, self.model)
        table = lifecycle.values(known_now.matrix, self.model)
        seen = timers.Seen(states, known_now, table, now, self.model)
        moves = lifecycle.settle(states, table, now, self.model, in_silence, seen.may)
        timers.arm(seen)
        clv = known_now.matrix[Feature.CLV]
        states["clv"], states["clv_peak"] = clv, np.maximum(states["clv_peak"], clv)
        evaluated = Evaluated(rows, states, now, known_now, table)
        if moves.rows.size:
            self._warn(evaluated, moves)
        self._keep_score(evaluated, moves)
        raw(self.states)[rows] = raw(states)

    def _warn(self, evaluated: Evaluated, moves: lifecycle.Moves) -> None:
        at, slot = moves.rows, moves.rules
        warnings = np.zeros(at.size, WARNING)
        warnings["row"], warnings["now"], warnings["rule"] = (
            evaluated.rows[at],
            evaluated.now[at],
            slot,
        )
        warnings["before"], warnings["after"] = moves.before, moves.after
        warnings["episode"] = evaluated.states["episode"][at, slot]
        warnings["sequence"] = evaluated.states["sequence"][at, slot]
        warnings["raised_at"] = moves.raised_at
        warnings["levels"] = evaluated.states["level"][at, :COUNT]
        matrix, contributions = (part[:, at] for part in evaluated.known)
        points, risk = risks(matrix, contributions, evaluated.table[at], self.model)
        warnings["points"], warnings["churn_risk"], warnings["features"] = points, risk, matrix.T
        at_risk = risk * matrix[Feature.VALUE_AT_STAKE]
        warnings["severity"] = severity.tell(evaluated.states, moves, at_risk)
        self.warnings.append(warnings)

    def _keep_score(self, evaluated: Evaluated, moves: lifecycle.Moves) -> None:
        """Keep a score to tell when a level moved, and otherwise once it drifted enough."""
        rows, states, now, known_now, table = evaluated
        scorecard = self.model.parameters.scorecard
        headline = table[:, SILENCE if self.model.churn is None else CHURN]
        drift = np.abs(headline - states["score_value"]) >= scorecard.score_drift
        worth = drift & (now - states["score_at"] >= scorecard.score_days * DAY)
        worth[moves.rows] = True
        kept = np.flatnonzero(worth)
        if not kept.size:
            return
        states["score_at"][kept], states["score_value"][kept] = now[kept], headline[kept]
        part = Known(*(part[:, kept] for part in known_now))
        self.evaluated.append(
            Evaluated(rows[kept], states.take(kept), now[kept], part, table[kept])
        )
