"""A book of customers who buy at random, and the rounds of a panel over it."""

import numpy as np
from cases import MODEL, changed

from scoring.arrays import DAY
from scoring.facts.events import EVENT, hash_ids
from scoring.facts.kinds import Kind
from scoring.facts.state import new_states
from scoring.features import features
from scoring.monitoring import Forecast, Members, Panel, advance, champion
from scoring.step.replay import EventLog, replay

START = 10_000  # days since 1970


def bought_log(customers=50, days=400, seed=0):
    """Purchases of customers who buy every one to eighty days, some until they leave."""
    random = np.random.default_rng(seed)
    rows, times = [], []
    for customer in range(customers):
        gaps = random.exponential(random.uniform(1.0, 80.0), 500)
        own = random.uniform(0.0, 30.0) + np.cumsum(gaps)
        own = own[own < random.uniform(0.3, 1.5) * days]
        own = own[own < days]
        rows += [customer] * len(own)
        times += own.tolist()
    order = np.argsort(times, kind="stable")
    made = np.zeros(len(order), EVENT)
    made["kind"], made["id"] = Kind.PURCHASE, np.arange(1, len(order) + 1)
    made["time"] = made["reversed_time"] = (np.array(times)[order] + START) * DAY
    made["amount"] = 1_000
    ids = [f"c{number}".encode() for number in range(customers)]
    return EventLog(ids, np.array(rows, np.int64)[order], made)


def churned_of(log_, round_at, days, calendar=MODEL.calendar):
    """Who made no purchase on a new day, told from the log alone; by customer's row."""
    last_day = round((round_at + days * DAY) / DAY) - 1  # of UTC days
    found, day_of, is_before = {}, calendar.day(log_.times), log_.times <= round_at
    for row in range(len(log_.customers)):
        own = log_.rows == row
        before = set(day_of[own & is_before].tolist())
        after = set(day_of[own & ~is_before].tolist())
        if before:
            found[row] = not any(day <= last_day for day in after - before)
    return found


def seen_at(log, clock, model=MODEL):
    """All customers of a log as members, as of a clock at which nothing happens."""
    return all_seen(log, [clock], model)[0]


def all_seen(log, clocks, model=MODEL):
    """The same, at rising clocks."""
    *stops, last = clocks
    hashes = hash_ids(log.customers)
    order = np.argsort(hashes)
    found = []
    for customers, clock, is_stop, outcome in replay(
        log.before(last), model, until=last, stops=stops
    ):
        assert is_stop
        states = new_states(len(order))
        states[customers] = outcome.states
        found.append(Members(hashes[order], states[order], clock))
    return found


def advanced(panel, seen, model=MODEL, told=None):
    """A round; by default the challenger foretells the champion's risk squared."""
    here = seen.here(model)
    matrix = features(here.states, here.now, model)
    risk = np.square(champion(matrix, model).risk)
    challenger = Forecast(risk, risk > 0.5) if told is None else told(risk)
    return advance(panel, seen, here, matrix, challenger, model)


def rounds(log, days, model=MODEL, panel=None):
    """Rounds at the given days of the history; the last panel."""
    panel = panel or Panel.new((model.parameters.version, "other"))
    for seen in all_seen(log, [(START + day) * DAY for day in days], model):
        panel = advanced(panel, seen, model)
    return panel


def with_horizon(days):
    return changed(horizon_days=days)
