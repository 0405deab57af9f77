"""Logs to step through, and a driver that cuts them as it is told."""

import json
from importlib import resources
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from scoring.arrays import DAY
from scoring.facts.events import EVENT, hash_ids
from scoring.facts.kinds import Kind
from scoring.facts.state import new_states
from scoring.model import ScoringModel
from scoring.parameters import parse
from scoring.step.outcome import SCORE, WARNING
from scoring.step.run import step
from scoring.warning.answers import ANSWER
from scoring.warning.case_row import CASE
from scoring.warning.gate import ALL_OPEN, Holding, advance, arrivals, new_gate


def document():
    """The packaged parameter file's JSON value."""
    return json.loads(resources.files("scoring.models").joinpath("cdnow.json").read_text())


def churn_section(horizon_days, intercept=0.0, centre=0.0, middle=0.5):
    """A churn scorecard of one term, the silence, as it stands in a parameter file."""
    return {
        "horizon_days": horizon_days,
        "base_rate": 0.5,
        "points_to_double": 20.0,
        "intercept": intercept,
        "terms": [{"input": "silence", "weight": 1.0, "centre": centre}],
        "calibration": {"type": "none"},
        "thresholds": {"middle": middle, "high": 0.8},
    }


MODEL = ScoringModel(parse(document()))


def changed(**sections):
    """The packaged model with some of its sections' entries changed."""
    changed_document = document()
    for name, entries in sections.items():
        if isinstance(entries, dict):
            for key, entry in entries.items():
                old = changed_document.setdefault(name, {}).get(key)
                new = {**old, **entry} if isinstance(old, dict) else entry
                changed_document[name][key] = new
        else:
            changed_document[name] = entries
    return ScoringModel(parse(changed_document))


def event(kind, day, amount=1000, **fields):
    """One event, `day` in days since 1970."""
    row = np.zeros(1, EVENT)
    row["kind"], row["time"], row["amount"] = kind, day * DAY, amount
    row["reversed_time"] = row["time"]
    for name, value in fields.items():
        row[name] = value
    return row


def log(*events):
    """Put events behind each other and number those without an id."""
    rows = np.concatenate(events)
    nameless = np.flatnonzero(rows["id"] == 0)
    rows["id"][nameless] = 1_000 + nameless
    return rows


def answer(kind, day, rule="silence", number=1, **fields):
    """An answer to the `number`-th warning of a rule, or without one to a case."""
    about = hash_ids([rule])[0] if rule else 0
    return event(kind, day, number, reverses=about, **fields)


def purchases(*days, amount=1000):
    return log(*(event(Kind.PURCHASE, day, amount) for day in days))


class Run(NamedTuple):
    states: np.ndarray
    warnings: np.ndarray
    scores: np.ndarray
    applied: np.ndarray
    clock: float
    cases: np.ndarray
    answers: np.ndarray


def run(events, rows=None, *, cuts=(), model=MODEL, until=None, watched=False):
    """Step through a log, cut before the given positions, as a partition would: all customers'
    timers due by a batch's end fire in it; at the end silence goes on `until` a day. Feeds are
    watched only where that is asked for."""
    rows = np.zeros(len(events), np.int64) if rows is None else np.asarray(rows)
    states = new_states(int(rows.max(initial=0)) + 1)
    gate = FeedGate(len(states)) if watched else None
    clocks = np.maximum.accumulate(events["time"])
    edges = [0, *sorted(cuts), len(events)]
    warnings, scores, applied, clock = [np.empty(0, WARNING)], [np.empty(0, SCORE)], [], 0.0
    cases, answers = [np.empty(0, CASE)], [np.empty(0, ANSWER)]
    told = warnings, scores, cases, answers
    for start, end in pairwise(edges):
        part = slice(start, end)
        clock = float(clocks[end - 1]) if end else 0.0
        states = _advance(
            states, events[part], rows[part], clocks[part], clock, model, told, applied, gate
        )
    if until is not None:
        nothing = np.empty(0, EVENT), np.empty(0, np.int64), np.empty(0)
        clock = until * DAY
        states = _advance(states, *nothing, clock, model, told, applied, gate)
    told = np.concatenate(warnings)
    order = np.lexsort((told["rule"], told["sequence"], told["now"], told["row"]))
    cases = np.concatenate(cases)
    return Run(
        states,
        told[order],
        np.concatenate(scores),
        np.concatenate(applied),
        clock,
        cases[np.lexsort((cases["sequence"], cases["number"], cases["row"]))],
        np.concatenate(answers),
    )


class FeedGate:
    """The gate of a partition whose customers are c0, c1 and so on."""

    def __init__(self, customers):
        self.gate = new_gate()
        self.names = hash_ids([b"c%d" % row for row in range(customers)])

    def held(self, events, rows, clocks, until):
        self.gate, holds = advance(self.gate, arrivals(clocks, events, self.names[rows]), until)
        return Holding((holds,))


def _advance(states, events, rows, clocks, until, model, told, applied, gate):
    """Only the customers concerned are loaded, as in life."""
    due = np.flatnonzero(states["armed_at"] <= until)
    concerned = np.union1d(rows, due)
    held = gate.held(events, rows, clocks, until) if gate else ALL_OPEN
    at = np.searchsorted(concerned, rows)
    outcome = step(states[concerned], events, at, clocks, until, model, held=held)
    states = states.copy()
    states[concerned] = outcome.states
    tables = outcome.warnings, outcome.scores, outcome.cases, outcome.answers
    for kept, found in zip(told, tables, strict=True):
        renamed = found.copy()
        renamed["row"] = concerned[found["row"]]
        kept.append(renamed)
    applied.append(outcome.applied)
    return states
