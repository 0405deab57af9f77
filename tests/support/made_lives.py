"""Hand-made logs of customers who buy, complain and close, and their stretches."""

import numpy as np
from cases import event, log

from modelling.leaving import stretches
from scoring.arrays import DAY
from scoring.facts.events import EVENT
from scoring.facts.kinds import Kind
from scoring.step.replay import EventLog

N = 30.0
START = 10_000.0
BUY, CLOSE, COMPLAIN = Kind.PURCHASE, Kind.ACCOUNT_CLOSED, Kind.COMPLAINT


def lives(*of_customers, until=400.0):
    """Stretches of customers given as (kind, day) pairs, days counted from `START`."""
    return stretches(history(*of_customers), N, (START + until) * DAY)


def history(*of_customers):
    parts = [(day, row, kind) for row, own in enumerate(of_customers) for kind, day in own]
    parts.sort(key=lambda part: part[0])
    events = log(*(event(kind, START + day) for day, _, kind in parts)) if parts else None
    rows = np.array([row for _, row, _ in parts], np.int64)
    names = [b"c%d" % row for row in range(len(of_customers))]
    return EventLog(names, rows, np.empty(0, EVENT) if events is None else events)
