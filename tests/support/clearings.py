"""What a warning says would clear it, done to the customer."""

from dataclasses import replace

import numpy as np
from cases import MODEL, event, log

from scoring.arrays import DAY
from scoring.facts.events import EVENT
from scoring.model import ScoringModel
from scoring.step.counterfactual import WITHIN
from scoring.step.doing import KINDS, Doing
from scoring.step.run import step


def done(warning, before, times):
    """The events that a counterfactual speaks of, or fewer of them."""
    kind = KINDS[Doing(int(warning["doing"]))]
    bought = int(before["counts"][0, 1])
    mean = int(before["total_value"][0]) // max(bought, 1) if bought else 0
    nobody = np.zeros(1)
    amount = mean if mean > 0 else int(np.rint(MODEL.spend.expected_spend(nobody, nobody)[0]))
    start = float(warning["now"]) / DAY
    days = [start + WITHIN * (n + 1) / times for n in range(times)]
    return log(*(event(kind, day, max(amount, 1), id=7_000 + n) for n, day in enumerate(days)))


def after(states, events, until, model):
    return step(states, events, np.zeros(len(events), np.int64), events["time"], until, model)


def hasty(model):
    """The model without patience: what would clear takes values out of their bands."""
    rules = tuple(replace(rule, clear_after_days=0.0) for rule in model.rules.rules)
    return ScoringModel(model.parameters, replace(model.rules, rules=rules))


def level_after(states, warning, times, model):
    """The lowest level that the rule's value comes to once it was done that often, and no more."""
    model = hasty(model)
    events, until = np.empty(0, EVENT), float(warning["now"]) + int(warning["days"]) * DAY
    if warning["doing"] != Doing.QUIET:
        events = done(warning, states, times)
        until = float(events["time"][-1])
    outcome = after(states, events, until, model)
    moves = outcome.warnings[outcome.warnings["rule"] == warning["rule"]]
    return 0 if 0 in moves["after"] else int(outcome.states["level"][0, warning["rule"]])
