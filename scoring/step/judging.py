"""What facts call for at an instant: levels and timers moved, warnings and scores told."""

import numpy as np

from scoring.arrays import DAY, Bools, Floats, Ints, joined, raw
from scoring.facts.consent import is_unscored
from scoring.facts.events import Events
from scoring.facts.state import OFFER, STATE, States
from scoring.feature import Feature
from scoring.features import Known, known
from scoring.model import ScoringModel
from scoring.rules import CHURN, SILENCE
from scoring.segments import Basis, Needs, note_needs
from scoring.step.counterfactual import explain
from scoring.step.judged import Judged
from scoring.step.outcome import SCORE, WARNING, Evaluated, scores
from scoring.warning import case as cases
from scoring.warning import lifecycle, severity, timers
from scoring.warning.answers import ANSWER, take
from scoring.warning.case import Beside
from scoring.warning.case_row import CASE
from scoring.warning.gate import Holding
from scoring.warning.held import held_rises
from scoring.warning.risk import churn_risk, risks


class Judging:
    """States under judgement, and what was told of them.

    Args:
        states: distinct customers', changed in place.
        model: models, thresholds and calendar.
        activated: the clock when these parameters came into force.
        held: when which rises are held.
        explained: whether to find what would clear each warning.
    """

    def __init__(
        self,
        states: States,
        model: ScoringModel,
        activated: float,
        held: Holding,
        *,
        explained: bool,
    ) -> None:
        self.states, self.model, self.activated = states, model, activated
        self.held, self._is_any_held = held, held.any
        self.explained = explained
        self.timers = 0
        self._warnings: list[States] = [np.empty(0, WARNING)]
        self._warned: list[States] = [np.empty(0, STATE)]
        self._cases: list[States] = [np.empty(0, CASE)]
        self._answers: list[States] = [np.empty(0, ANSWER)]
        self._evaluated: list[Evaluated] = []

    @property
    def warnings(self) -> States:
        """The warnings told, by row, then in the order told."""
        warnings = joined(self._warnings)
        if self.explained:
            explain(warnings, joined(self._warned), self.model)
        return _by_row(warnings)

    @property
    def cases(self) -> States:
        """The cases told, by row, then in the order told."""
        return _by_row(joined(self._cases))

    @property
    def answers(self) -> States:
        """The answers taken, by row, then in the order taken."""
        return _by_row(joined(self._answers))

    def last_scores(self) -> States:
        """Of each row the last score worth telling: only that is worked out."""
        if not self._evaluated:
            return np.empty(0, SCORE)
        rows, states, now, known_then, table = zip(*self._evaluated, strict=True)
        all_rows = np.concatenate(rows)
        last = len(all_rows) - 1 - np.unique(all_rows[::-1], return_index=True)[1]
        parts = (np.concatenate(part, axis=1)[:, last] for part in zip(*known_then, strict=True))
        latest = Evaluated(
            all_rows[last],
            joined(states).take(last),
            np.concatenate(now)[last],
            Known(*parts),
            np.concatenate(table)[last],
        )
        return scores(latest, self.model)

    def fire(self, rows: Ints, until: Floats) -> None:
        """Fire timers due by `until`, each at its own instant, until none is due any more."""
        due = self._due(rows, until)
        while due.any():
            rows, until = rows[due], until[due]
            states = self.states.take(rows)
            self.timers += len(rows)
            now = states["armed_at"].copy()
            self.judge(rows, states, now, now > self.activated)
            due = self._due(rows, until)

    def _due(self, rows: Ints, until: Floats) -> Bools:
        due: Bools = self.states["armed_at"][rows] <= until
        return due

    def judge(
        self,
        rows: Ints,
        states: States,
        now: Floats,
        in_silence: Bools,
        beside: Beside | None = None,
    ) -> None:
        """Judge customers as `states` has them, at `now`, and keep and tell what comes of it."""
        self.tell(self.settled(self.seen(rows, states, now), in_silence, beside), beside)

    def answer(self, rows: Ints, states: States, events: Events, now: Floats) -> None:
        """Take an answer about each of some customers, and judge them as in silence."""
        lost_for = states["case_reason"].astype(np.int64)
        closed, told = take(states, events, now, self.model)
        told["row"] = rows
        self._answers.append(told)
        beside = Beside(lost_for, answers=events, closed=closed)
        self.judge(rows, states, now, np.ones(len(rows), np.bool_), beside)

    def seen(self, rows: Ints, states: States, now: Floats) -> Evaluated:
        """What is known of customers, which hangs on facts and time alone."""
        known_now = known(states, now, self.model)
        table = lifecycle.values(known_now.matrix, self.model)
        return Evaluated(rows, states, now, known_now, table)

    def settled(
        self, evaluated: Evaluated, in_silence: Bools, beside: Beside | None = None
    ) -> Judged:
        """Move levels and timers of the evaluated, in place; nothing is kept or told yet."""
        rows, states, now, known_now, table = evaluated
        held = None
        if self._is_any_held:
            held = held_rises(self.held.at(rows, now), self.model.rules)
        seen = timers.Seen(states, known_now, table, now, self.model, held)
        was_out = states["below_since"] > 0
        moves = lifecycle.settle(
            states, table, now, self.model, in_silence, seen.may, seen.bands, held
        )
        if beside is not None and beside.closed is not None:
            moves = beside.closed.and_those(moves)
        timers.arm(seen)
        turned = ((states["below_since"] > 0) != was_out).any(axis=1)
        return Judged(evaluated, moves, turned, self._worth(evaluated, moves))

    def tell(self, judged: Judged, beside: Beside | None = None) -> None:
        """Keep and tell what came of it; of several states of a customer the last stays."""
        evaluated, moves, turned, worth = judged
        states, clv = evaluated.states, evaluated.known.matrix[Feature.CLV]
        states["clv"], states["clv_peak"] = clv, np.maximum(states["clv_peak"], clv)
        if moves.rows.size:
            self._warn(evaluated, moves)
        self._tell_cases(evaluated, np.union1d(moves.rows, np.flatnonzero(turned)), beside)
        self._keep_scores(evaluated, np.flatnonzero(worth))
        raw(self.states)[evaluated.rows] = raw(states)

    def _warn(self, evaluated: Evaluated, moves: lifecycle.Moves) -> None:
        at, slot = moves.rows, moves.rules
        warnings = np.zeros(at.size, WARNING)
        warnings["row"], warnings["now"] = evaluated.rows[at], evaluated.now[at]
        warnings["rule"] = slot
        warnings["before"], warnings["after"] = moves.before, moves.after
        warnings["closed_by"] = moves.closed_by
        warnings["episode"] = evaluated.states["episode"][at, slot]
        warnings["sequence"] = evaluated.states["sequence"][at, slot]
        warnings["raised_at"] = moves.raised_at
        warnings["levels"] = evaluated.states["level"][at]
        warnings["flags"] = evaluated.states["flags"][at]
        matrix, contributions = (part[:, at] for part in evaluated.known)
        points, score, risk = risks(matrix, contributions, evaluated.table[at], self.model)
        unscored = is_unscored(warnings)
        for figures in (matrix.T, points, score, risk):
            figures[unscored] = 0.0
        warnings["points"][:, : self.model.rules.width] = points
        warnings["score"], warnings["churn_risk"], warnings["features"] = score, risk, matrix.T
        at_risk = risk * matrix[Feature.VALUE_AT_STAKE]
        warnings["feed"] = self.held.feed_at(warnings["row"], warnings["now"])
        warnings["severity"] = severity.tell(evaluated.states, moves, at_risk)
        self._warnings.append(warnings)
        if self.explained:
            self._warned.append(evaluated.states.take(at))

    def _tell_cases(self, evaluated: Evaluated, moved: Ints, beside: Beside | None) -> None:
        """Bring cases to where warnings and answers put them; whom nothing happened to has none.

        A value that leaves its band, or is back, moves no warning yet, but what is at risk: the
        desk is not to call first who bought yesterday.
        """
        rows, states, now, known_now, table = evaluated
        told = cases.settle(states, now, moved, beside)
        if not told.size:
            return
        at = told["row"]
        matrix = known_now.matrix[:, at]
        told["churn_risk"] = churn_risk(matrix, table[at], self.model)
        told["value_at_stake"] = matrix[Feature.VALUE_AT_STAKE]
        note_needs(told, Basis(states.take(at), matrix, now[at], self.model))
        unscored = is_unscored(told)
        for figure in ("churn_risk", "value_at_stake", *Needs._fields, *OFFER):
            told[figure][unscored] = 0
        told["row"] = rows[at]
        self._cases.append(told)

    def _worth(self, evaluated: Evaluated, moves: lifecycle.Moves) -> Bools:
        """Whose score is to be told: where a level moved, else once it drifted enough."""
        _, states, now, _, table = evaluated
        scorecard = self.model.parameters.scorecard
        drift = np.abs(self._headline(table) - states["score_value"]) >= scorecard.score_drift
        worth: Bools = drift & (now - states["score_at"] >= scorecard.score_days * DAY)
        worth[moves.rows] = True
        worth &= ~is_unscored(states)
        return worth

    def _headline(self, table: Floats) -> Floats:
        return table[:, SILENCE if self.model.churn is None else CHURN]

    def _keep_scores(self, evaluated: Evaluated, kept: Ints) -> None:
        if not kept.size:
            return
        states = evaluated.states
        states["score_at"][kept] = evaluated.now[kept]
        states["score_value"][kept] = self._headline(evaluated.table)[kept]
        self._evaluated.append(evaluated.take(kept))


def _by_row(told: States) -> States:
    ordered: States = told[np.argsort(told["row"], kind="stable")]
    return ordered
