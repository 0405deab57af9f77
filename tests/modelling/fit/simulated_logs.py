# ruff: noqa: N806 - T is the field's own name for the time since the first purchase.
"""Logs of made-up customers that a fit has to come to an end with."""

import math
from collections.abc import Callable, Mapping
from functools import partial

import numpy as np

from scoring.arrays import Floats

YEAR = 365
Columns = tuple[Floats, Floats, Floats]
Draw = Callable[[np.random.Generator], float]


def lives(
    rng: np.random.Generator,
    customers: int,
    rate: Draw,
    *,
    life: Draw = lambda _: math.inf,
    stops: float = 0.0,
    days: int = YEAR,
    arrive: int = 90,
) -> list[Floats]:
    """Purchase times of customers who buy at a rate until they die, or stop after a purchase."""
    found = []
    for _ in range(customers):
        begun = time = rng.random() * arrive
        times, own, end = [begun], rate(rng), begun + life(rng)
        while True:
            time += rng.exponential(1.0 / own)
            if time > min(end, days + 0.999):
                break
            times.append(time)
            if rng.random() < stops:
                break
        found.append(np.array(times))
    return found


def summary(customers: list[Floats], days: int = YEAR) -> Columns:
    """Frequency, recency and tenure, days."""
    bought = [np.unique(np.floor(times)) for times in customers]
    x = np.array([len(each) - 1.0 for each in bought])
    t_x = np.array([each[-1] - each[0] for each in bought])
    return x, t_x, np.array([days - each[0] for each in bought])


def gamma(shape: float, scale: float) -> Draw:
    return lambda rng: rng.gamma(shape, scale)


def steady(rate: float) -> Draw:
    return lambda _: rate


def lasting(mean: float) -> Draw:
    return lambda rng: rng.exponential(mean)


def nobody_leaves(rng: np.random.Generator) -> Columns:
    return summary(lives(rng, 300, gamma(1.5, 0.04)))


def all_alike(rng: np.random.Generator) -> Columns:
    return summary(lives(rng, 100, steady(0.05), stops=0.1))


def one_rate(rng: np.random.Generator) -> Columns:
    return summary(lives(rng, 200, steady(0.1), life=lasting(150.0)))


def near_daily(rng: np.random.Generator) -> Columns:
    return summary(lives(rng, 100, gamma(8.0, 0.2), life=lasting(400.0)))


def monthly(rng: np.random.Generator) -> Columns:
    stayed = np.where(rng.random(200) < 0.88, 1.0, 0.0)
    return 7.0 + 4.0 * stayed, 212.0 + 122.0 * stayed, np.full(200, 334.0)


def two_kinds(rng: np.random.Generator) -> Columns:
    seldom, often = lives(rng, 150, steady(0.01)), lives(rng, 100, steady(0.4), life=lasting(60.0))
    return summary([*seldom, *often])


def once_but_one(rng: np.random.Generator) -> Columns:
    T = rng.integers(30, YEAR, 200).astype(float)
    one = np.arange(200) == 199
    return one * 1.0, np.where(one, 20.0, 0.0), T


def ten(rng: np.random.Generator) -> Columns:
    return summary(lives(rng, 10, gamma(0.6, 0.1), stops=0.1))


def one_customer(rng: np.random.Generator) -> Columns:
    return summary(lives(rng, 1, steady(0.1)))


def thousands(rng: np.random.Generator) -> Columns:
    """Up to 5 000 repeat purchase days."""
    days = 5_200
    return summary(lives(rng, 25, gamma(40.0, 0.1), life=lasting(5e3), days=days), days)


def twenty_years(rng: np.random.Generator) -> Columns:
    days = 20 * YEAR
    return summary(lives(rng, 150, gamma(0.6, 0.02), stops=0.05, days=days, arrive=3_000), days)


def equal_tenures(rng: np.random.Generator) -> Columns:
    """Everybody came on the same day, and nobody but one fifth came again."""
    x = (rng.random(150) < 0.2) * rng.integers(1, 4, 150)
    return (
        x.astype(float),
        np.where(x > 0, rng.integers(5, 90, 150), 0).astype(float),
        np.full(150, 90.0),
    )


def _at_first(rng: np.random.Generator, share: float) -> Columns:
    """Some never come again, the others never leave."""
    leaves = rng.random(300) < share
    bought = lives(rng, 300, gamma(3.0, 0.03))
    return summary([each[:1] if gone else each for each, gone in zip(bought, leaves, strict=True)])


def second_is_last(rng: np.random.Generator) -> Columns:
    """Nobody buys more than twice."""
    return summary([each[:2] for each in lives(rng, 80, gamma(2.0, 0.03))])


def daily(rng: np.random.Generator) -> Columns:
    tenures = rng.integers(20, 200, 60).astype(float)
    return tenures, tenures, tenures


def twins(_: np.random.Generator) -> Columns:
    return np.full(2, 5.0), np.full(2, 20.0), np.full(2, 30.0)


LOGS: Mapping[str, Callable[[np.random.Generator], Columns]] = {
    "nobody leaves": nobody_leaves,
    "all alike": all_alike,
    "one rate": one_rate,
    "near daily": near_daily,
    "monthly": monthly,
    "two kinds of customers": two_kinds,
    "one-time buyers only but one": once_but_one,
    "10 customers": ten,
    "x up to 5 000": thousands,
    "20 years": twenty_years,
    "equal tenures": equal_tenures,
    "some never come again": partial(_at_first, share=0.3),
    "the second purchase is the last": second_is_last,
    "daily": daily,
    "twins": twins,
}
