# ruff: noqa: N806 - T is the field's own name for the time since the first purchase.
"""Customers to fit to: simulated ones, a card's, and CDNOW's."""

from importlib import resources
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


class Customers(NamedTuple):
    """What a purchase model sees of some customers, in days."""

    x: Floats
    t_x: Floats
    T: Floats

    def in_weeks(self) -> "Customers":
        """The same, in weeks."""
        return Customers(self.x, self.t_x / 7.0, self.T / 7.0)


def simulated(customers: int, seed: int = 1) -> Customers:
    """Buyers of the BG/NBD with CDNOW's parameters, observed for up to a year; distinct days."""
    rng = np.random.default_rng(seed)
    rates = rng.gamma(0.243, 1.0 / (7 * 4.414), customers)
    T = rng.integers(1, 366, customers).astype(np.float64)
    leaving = rng.beta(0.793, 2.426, customers)
    x, t_x, now = np.zeros(customers), np.zeros(customers), np.zeros(customers)
    active = np.arange(customers)
    while len(active):
        with np.errstate(divide="ignore", over="ignore"):
            now[active] += rng.exponential(size=len(active)) / rates[active]
        active = active[now[active] < T[active]]
        day = np.floor(now[active])
        x[active] += day > t_x[active]
        t_x[active] = day
        active = active[rng.random(len(active)) >= leaving[active]]
    return Customers(x, t_x, T)


def card_holders(customers: int, seed: int = 2) -> Customers:
    """Card holders of up to eight years who buy on up to 2000 days and leave at their own rate."""
    rng = np.random.default_rng(seed)
    T = rng.integers(30, 2900, customers).astype(np.float64)
    rates = np.minimum(rng.gamma(1.2, 0.2, customers), 5.0)
    stays = rng.exponential(1.0 / rng.gamma(0.6, 1.0 / 400.0, customers))
    seen = np.maximum(np.floor(np.minimum(T, stays)), 1.0)
    x = np.minimum(rng.binomial(seen.astype(np.int64), -np.expm1(-rates)), 2000).astype(np.float64)
    gap = rng.geometric(np.clip(-np.expm1(-rates), 1e-6, 1.0)) - 1.0
    t_x = np.where(x > 0, np.clip(seen - gap, x, T), 0.0)
    return Customers(x, t_x, T)


def cdnow() -> Customers:
    """All 23 570 customers of the CDNOW log, to its end on 1998-06-30."""
    text = resources.files("ebbwatch.demo").joinpath("data", "CDNOW_master.txt").read_text("ascii")
    rows = [line.split() for line in text.splitlines()[1:]]
    names = np.array([row[0] for row in rows])
    days = np.array([f"{row[1][:4]}-{row[1][4:6]}-{row[1][6:]}" for row in rows], "datetime64[D]")
    _, number = np.unique(names, return_inverse=True)
    pairs = np.unique(np.stack([number, days.astype(np.int64)], axis=1), axis=0)
    edges = np.flatnonzero(np.diff(pairs[:, 0], prepend=-1))
    first, last = pairs[edges, 1], pairs[np.append(edges[1:], len(pairs)) - 1, 1]
    x = np.diff(edges, append=len(pairs)) - 1.0
    end = np.datetime64("1998-06-30").astype(np.int64)
    return Customers(x, (last - first).astype(np.float64), (end - first).astype(np.float64))
