"""A portfolio of customers of their own rhythms, and backtests of it."""

import numpy as np
from cases import MODEL, event, log

from modelling.backtest import Backtester, Period
from scoring.arrays import DAY
from scoring.facts.kinds import Kind
from scoring.step.replay import EventLog

START, SPAN, N = 10_000.0, 500.0, 60.0


def portfolio(customers=40, seed=3):
    """Customers of their own rhythms; half of them stop one day, some complain, one closes."""
    rng = np.random.default_rng(seed)
    rows, events = [], []
    for row in range(customers):
        end = rng.uniform(50, SPAN) if row % 2 else SPAN
        days = np.cumsum(rng.exponential(rng.choice([4.0, 9.0, 20.0]), 400))
        events += [event(Kind.PURCHASE, START + round(day, 3)) for day in days[days < end]]
        if row % 5 == 0:
            events.append(event(Kind.COMPLAINT, START + rng.uniform(0, end), sentiment=-1.0))
        rows += [row] * (len(events) - len(rows))
    events.append(event(Kind.ACCOUNT_CLOSED, START + 300.0))
    rows.append(2)
    whole = log(*events)
    order = np.argsort(whole["time"], kind="stable")
    names = [b"c%03d" % row for row in range(customers)]
    return EventLog(names, np.array(rows)[order], whole[order])


LOG = portfolio()
PERIOD = Period((START + 100) * DAY, (START + SPAN) * DAY)


def run(of=LOG, period=PERIOD, model=MODEL, asked=(), **named):
    return Backtester(of, model, period, N).run(tuple(asked), **named)
