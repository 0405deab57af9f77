"""Logs of a partition to watch, hour by hour as busy as a bank's."""

from itertools import pairwise

import numpy as np

from scoring.facts.events import EVENT, hash_ids
from scoring.facts.kinds import Kind
from scoring.warning.gate import advance, arrivals, new_gate

HOUR = 3_600.0
WEEK = 7 * 86_400.0
START = np.ceil(20_000 * 86_400.0 / WEEK) * WEEK  # 0:00 of a Thursday
OF_DAY = [.15, .1, .08, .06, .06, .1, .3, .7, 1.2, 1.4, 1.5, 1.7,
          1.9, 1.7, 1.5, 1.5, 1.6, 1.8, 1.9, 1.6, 1.2, .9, .6, .3]  # fmt: skip
SHARES = {1: 0.6, 2: 0.3, 4: 0.1}  # of the channels, by code


class Made:
    """Events, whose they are, and clocks that go with their own time."""

    def __init__(self, times, kinds, channels, who):
        order = np.argsort(times, kind="stable")
        self.events = np.zeros(len(times), EVENT)
        self.events["time"] = np.asarray(times)[order]
        self.events["kind"] = np.asarray(kinds)[order]
        self.events["channel"] = np.asarray(channels)[order]
        self.who = np.asarray(who)[order]
        self.clocks = self.events["time"].copy()

    def only(self, kept):
        made = Made.__new__(Made)
        made.events, made.who, made.clocks = self.events[kept], self.who[kept], self.clocks[kept]
        return made

    def without(self, start, end, *, of=None):
        """Less what is of a stretch, of all or of some of the events."""
        inside = (self.events["time"] >= start) & (self.events["time"] < end)
        return self.only(~(inside if of is None else inside & of(self.events)))

    def passed(self, until=None, gate=None, cuts=()):
        """The gate after it, cut into batches; the holds of each."""
        edges = [0, *sorted(cuts), len(self.events)]
        gate, holds = gate or new_gate(), []
        for start, end in pairwise(edges):
            part = slice(start, end)
            last = end == len(self.events)
            clock = until if last and until else float(self.clocks[end - 1]) if end else 0.0
            came = arrivals(self.clocks[part], self.events[part], self.who[part])
            gate, held = advance(gate, came, clock)
            holds.append(held)
        return gate, holds

    def held(self, until=None):
        """From when to when which streams were held: instants and masks, the first left out."""
        _, (holds,) = self.passed(until)
        return list(zip(holds.instants[1:].tolist(), holds.masks[1:].tolist(), strict=True))


def log(per_hour, weeks, seed=0, customers=500, of_day=OF_DAY):
    """Purchases by three channels, and an app session for every two of them."""
    rng = np.random.default_rng(seed)
    shape = np.tile(np.array(of_day) / np.mean(of_day), 7 * weeks)
    counts = rng.poisson(per_hour * shape)
    times = START + np.repeat(np.arange(len(shape)), counts) * HOUR
    times = times + rng.uniform(0, HOUR, len(times))
    bought = rng.random(len(times)) < 2 / 3
    channels = rng.choice(list(SHARES), len(times), p=list(SHARES.values()))
    names = hash_ids([b"c%d" % number for number in range(customers)])
    return Made(
        times,
        np.where(bought, Kind.PURCHASE, Kind.APP_SESSION),
        np.where(bought, channels, 0),
        names[rng.integers(0, customers, len(times))],
    )
