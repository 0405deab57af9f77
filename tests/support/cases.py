"""Logs to step through, and a driver that cuts them as it is told."""

import json
from importlib import resources
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from scoring.arrays import DAY
from scoring.facts.events import EVENT
from scoring.facts.kinds import Kind
from scoring.facts.state import new_states
from scoring.model import ScoringModel
from scoring.parameters import parse
from scoring.step.outcome import SCORE, WARNING
from scoring.step.run import step


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
                old = changed_document[name].get(key)
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


def purchases(*days, amount=1000):
    return log(*(event(Kind.PURCHASE, day, amount) for day in days))


class Run(NamedTuple):
    states: np.ndarray
    warnings: np.ndarray
    scores: np.ndarray
    applied: np.ndarray
    clock: float


def run(events, rows=None, *, cuts=(), model=MODEL, until=None):
    """Step through a log, cut before the given positions, as a partition would: all customers'
    timers due by a batch's end fire in it; at the end silence goes on `until` a day."""
    rows = np.zeros(len(events), np.int64) if rows is None else np.asarray(rows)
    states = new_states(int(rows.max(initial=0)) + 1)
    clocks = np.maximum.accumulate(events["time"])
    edges = [0, *sorted(cuts), len(events)]
    warnings, scores, applied, clock = [np.empty(0, WARNING)], [np.empty(0, SCORE)], [], 0.0
    for start, end in pairwise(edges):
        part = slice(start, end)
        clock = float(clocks[end - 1]) if end else 0.0
        states = _advance(
            states, events[part], rows[part], clocks[part], clock, model, warnings, scores, applied
        )
    if until is not None:
        nothing = np.empty(0, EVENT), np.empty(0, np.int64), np.empty(0)
        clock = until * DAY
        states = _advance(states, *nothing, clock, model, warnings, scores, applied)
    told = np.concatenate(warnings)
    order = np.lexsort((told["rule"], told["sequence"], told["now"], told["row"]))
    return Run(states, told[order], np.concatenate(scores), np.concatenate(applied), clock)


def _advance(states, events, rows, clocks, until, model, warnings, scores, applied):
    """Only the customers concerned are loaded, as in life."""
    due = np.flatnonzero(states["armed_at"] <= until)
    concerned = np.union1d(rows, due)
    outcome = step(
        states[concerned], events, np.searchsorted(concerned, rows), clocks, until, model
    )
    states = states.copy()
    states[concerned] = outcome.states
    for told, found in ((warnings, outcome.warnings), (scores, outcome.scores)):
        renamed = found.copy()
        renamed["row"] = concerned[found["row"]]
        told.append(renamed)
    applied.append(outcome.applied)
    return states
