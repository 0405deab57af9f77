"""How long a churn scorecard takes to fit: `python -m benchmarks.churn_fitting`."""

import argparse
import resource
import time

import numpy as np

from modelling.churn.run import ChurnRequest, fit_churn
from scoring.arrays import DAY
from scoring.facts.events import EVENT
from scoring.parameters import Silence
from scoring.step.replay import EventLog
from streams.parameters.file import read_document

DAYS = 365.0
START = 19_000.0


def main() -> None:
    """Make up a history, fit, and tell the time and memory it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--events", type=int, default=100, help="of each customer, in the mean")
    asked = parser.parse_args()
    log = made_up(asked.customers, asked.events)
    request = ChurnRequest(leaving=Silence(days=60.0))
    before, began = _memory(), time.perf_counter()
    found = fit_churn(log, read_document(None), request)
    seconds = time.perf_counter() - began
    fit = found.scorecard["fit"]
    print(
        f"{asked.customers:,} customers, {len(log.events):,} events: {seconds:.1f} s, "
        f"{_memory() - before:,.0f} MB more at the peak; fitted to {fit['share']:.1%} of them, "
        f"AUC {fit['auc']['value']:.4f}"
    )


def made_up(customers: int, each: int, seed: int = 0) -> EventLog:
    """Customers who buy at rates of their own until a third of them stops at some day."""
    random = np.random.default_rng(seed)
    rates = random.gamma(2.0, each / 2.0, customers)
    counts = random.poisson(rates)
    ends = np.where(random.random(customers) < 1 / 3, random.uniform(0.0, DAYS, customers), DAYS)
    rows = np.repeat(np.arange(customers), counts)
    times = random.random(len(rows), np.float32) * ends[rows].astype(np.float32)
    order = np.argsort(times, kind="stable")
    rows = rows[order]
    events = np.zeros(len(rows), EVENT)
    events["time"] = (START + times[order].astype(np.float64)) * DAY
    events["reversed_time"] = events["time"]
    events["id"] = np.arange(1, len(rows) + 1)
    events["amount"] = 1_000
    return EventLog([b"c%d" % row for row in range(customers)], rows, events)


def _memory() -> float:
    """The peak so far, MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0


if __name__ == "__main__":
    main()
