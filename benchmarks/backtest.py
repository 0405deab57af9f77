"""How fast a history is backtested in one process, replay and judging together.

    python -m benchmarks.backtest [--events 2000000] [--customers 100000] [--rounds 3]

Card-like customers, two years: seven events of ten are purchases, two are app sessions, the others
repayments and surveys. Reading files comes on top.
"""

import argparse

import numpy as np

from modelling.backtest.run import BacktestPlan, backtest
from scoring.arrays import DAY
from scoring.facts.events import EVENT, Events
from scoring.facts.kinds import Kind
from scoring.step.replay import EventLog
from streams.config import Settings
from streams.parameters.file import load_model

FIRST_DAY, DAYS = 19_000, 730
KINDS = (Kind.PURCHASE, Kind.APP_SESSION, Kind.REPAYMENT, Kind.SURVEY)
SHARES = (0.7, 0.2, 0.05, 0.05)


def card_log(events: int, customers: int) -> EventLog:
    random = np.random.default_rng(1)
    ids = [f"c{number}".encode() for number in range(customers)]
    return EventLog(ids, random.integers(0, customers, events), _events(random, events))


def _events(random: np.random.Generator, count: int) -> Events:
    events = np.zeros(count, EVENT)
    when = np.sort(random.uniform(FIRST_DAY * DAY, (FIRST_DAY + DAYS) * DAY, count))
    events["time"] = events["reversed_time"] = when
    events["kind"] = random.choice(np.array(KINDS), count, p=SHARES)
    events["amount"] = random.integers(100, 20_000, count)
    events["id"] = np.arange(1, count + 1)
    surveys = events["kind"] == Kind.SURVEY
    events["score"][surveys] = random.integers(1, 6, int(surveys.sum()))
    return events


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--events", type=int, default=2_000_000)
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    log, model = card_log(asked.events, asked.customers), load_model(Settings())
    for _ in range(asked.rounds):
        run = backtest(log, model, BacktestPlan())
        print(f"{run.events_per_second:,.0f} events/s, {run.result.warnings:,} warnings")


if __name__ == "__main__":
    main()
