"""A small case for the scoreboard."""

from functools import cache

import numpy as np

from benchmarks.scoreboard.data import Case, log_of
from scoring.arrays import DAY

N = 30.0
START = 10_000  # days since 1970
END = 400  # days of history


def history(*of_customers):
    """A log of customers given as the days they bought on, counted from `START`."""
    pairs = [(f"c{row}", day) for row, days in enumerate(of_customers) for day in days]
    times = np.array([START + day for _, day in pairs]) * DAY
    return log_of([name for name, _ in pairs], times, np.full(len(pairs), 1000))


@cache
def small_case():
    """Customers who buy at their own rates and leave at their own, known for 200 days."""
    random = np.random.default_rng(5)
    customers = []
    for rate, leave in zip(random.gamma(1.2, 0.08, 300), random.beta(0.9, 6.0, 300), strict=True):
        days = [random.uniform(0, 60)]
        while random.random() > leave and days[-1] < END:
            days.append(days[-1] + random.exponential(1.0 / rate))
        customers.append([day for day in days if day < END])
    return Case("small", history(*customers), (START + 200) * DAY, 150, N, "so")
