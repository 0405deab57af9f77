"""Running histograms of a partition's customers: old bucket -1, new bucket +1 at every commit.

They only propose cut points and describe the portfolio; nothing that is scored depends on them.
Bucket borders are found by exact comparisons, so that every machine counts alike.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from scoring.arrays import Floats, Ints
from scoring.facts.state import Count, States
from scoring.features import frequency, monetary_value
from scoring.warning.classes import PASSIVE, PROMOTER
from scoring.warning.lifecycle import LOW

PER_OCTAVE: Final = 16
EDGES: Final = 0.5 * 2.0 ** (np.arange(1, PER_OCTAVE) / PER_OCTAVE)  # of mantissas in [0.5, 1)
QUINTILES: Final = (0.2, 0.4, 0.6, 0.8)
TIERS: Final = (0.5, 0.8)  # shares of customers below the middle and the high value tier
Histogram = Mapping[int, int]


def logarithmic(values: Floats) -> Ints:
    """Bucket of each value on a scale of `PER_OCTAVE` buckets an octave; 0 for values below one.

    >>> logarithmic(np.array([0.5, 1.0, 2.0])).tolist()
    [0, 1, 17]
    """
    mantissa, exponent = np.frexp(np.maximum(values, 1.0))
    bucket = 1 + (exponent - 1) * PER_OCTAVE + np.searchsorted(EDGES, mantissa, side="right")
    buckets: Ints = np.where(values < 1.0, 0, bucket).astype(np.int64)
    return buckets


def lower_edge(bucket: float) -> float:
    """Least value of a logarithmic bucket.

    >>> lower_edge(0), lower_edge(1), lower_edge(1 + PER_OCTAVE)
    (0.0, 1.0, 2.0)
    """
    return 0.0 if bucket <= 0 else float(2.0 ** ((bucket - 1) / PER_OCTAVE))


class Counted(NamedTuple):
    """One histogram's bucket and weight of each customer, shape (n,) both."""

    bucket: Ints
    weight: Ints


def _counted(states: States) -> dict[str, Counted]:
    bought = (states["purchase_days"] > 0).astype(np.int64)
    clv = logarithmic(states["clv"])
    answered = np.isfinite(states["nps_at"])
    nps: Ints = np.digitize(states["nps"], (PASSIVE, PROMOTER))
    zero = np.zeros(len(states), np.int64)
    warned: Ints = np.any(states["level"] > LOW, axis=1).astype(np.int64)
    return {
        "last_day": Counted(states["last_day"].astype(np.int64), bought),
        "frequency": Counted(logarithmic(frequency(states)), bought),
        "monetary_value": Counted(logarithmic(monetary_value(states)), bought),
        "clv": Counted(clv, bought),
        "clv_total": Counted(clv, bought * np.rint(states["clv"]).astype(np.int64)),
        "nps": Counted(nps, answered.astype(np.int64)),
        "referrals": Counted(zero, states["counts"][:, Count.REFERRALS].astype(np.int64)),
        "warned": Counted(warned, bought),
    }


def changes(before: States, after: States) -> dict[str, int]:
    """What a step changes in the histograms.

    Args:
        before: states before it, shape (n,).
        after: the same customers' states after it.

    Returns:
        Increments by field `histogram:bucket`, none of them 0.
    """
    total: dict[str, int] = {}
    old, new = _counted(before), _counted(after)
    for name in old:
        for bucket, increment in _moved(old[name], new[name]):
            total[f"{name}:{bucket}"] = increment
    return total


def _moved(old: Counted, new: Counted) -> Iterator[tuple[int, int]]:
    """Net increments of one histogram by bucket."""
    changed = np.flatnonzero((old.bucket != new.bucket) | (old.weight != new.weight))
    buckets = np.concatenate([old.bucket[changed], new.bucket[changed]])
    weights = np.concatenate([-old.weight[changed], new.weight[changed]])
    distinct, place = np.unique(buckets, return_inverse=True)
    sums = np.zeros(len(distinct), np.int64)
    np.add.at(sums, place, weights)
    pairs = zip(distinct.tolist(), sums.tolist(), strict=True)
    return ((bucket, increment) for bucket, increment in pairs if increment)


@dataclass(frozen=True)
class Portfolio:
    """All partitions' histograms together."""

    histograms: Mapping[str, Histogram]

    @classmethod
    def of(cls, fields: Mapping[str, int]) -> "Portfolio":
        """Read fields as `changes` names them."""
        histograms: dict[str, dict[int, int]] = {}
        for field, count in fields.items():
            name, bucket = field.split(":")
            histograms.setdefault(name, {})[int(bucket)] = count
        return cls(histograms)

    def histogram(self, name: str) -> Histogram:
        """One histogram, empty where nothing was counted."""
        return self.histograms.get(name, {})

    @property
    def customers(self) -> int:
        """Customers who ever bought."""
        return sum(self.histogram("clv").values())

    @property
    def repeat_rate(self) -> float:
        """Share of them who came back on another day."""
        once = self.histogram("frequency").get(0, 0)
        return 1.0 - once / self.customers if self.customers else 0.0

    def retention_rate(self, today: int, days: float) -> float:
        """Share of them who bought within the last `days` before calendar day `today`."""
        last = self.histogram("last_day")
        recent = sum(count for day, count in last.items() if day > today - days)
        return recent / self.customers if self.customers else 0.0

    @property
    def referral_rate(self) -> float:
        """Referrals made, a customer."""
        return self.histogram("referrals").get(0, 0) / max(self.customers, 1)

    @property
    def net_promoter_score(self) -> float | None:
        """Promoters' less detractors' share of all who answered, -100 to 100."""
        detractors, passives, promoters = (self.histogram("nps").get(k, 0) for k in range(3))
        answered = detractors + passives + promoters
        return 100.0 * (promoters - detractors) / answered if answered else None

    @property
    def total_clv(self) -> int:
        """Lifetime value ahead of all, minor units."""
        return sum(self.histogram("clv_total").values())

    def pareto_share(self, top: float = 0.2) -> float:
        """Part of all value that the most valuable `top` of the customers hold."""
        left, held = top * self.customers, 0.0
        for bucket, count in sorted(self.histogram("clv").items(), reverse=True):
            taken = min(count, left)
            held += self.histogram("clv_total").get(bucket, 0) * (taken / count)
            left -= taken
        return held / self.total_clv if self.total_clv else 0.0

    def cut_points(self, name: str, shares: tuple[float, ...]) -> tuple[float, ...]:
        """Values below which these shares of the customers lie, of a logarithmic histogram."""
        return tuple(lower_edge(bucket) for bucket in self._quantiles(name, shares))

    def recency_cuts(self, today: int) -> tuple[float, ...]:
        """Days since the last purchase day between quintiles, as of calendar day `today`."""
        days = self._quantiles("last_day", QUINTILES)
        return tuple(float(today - day) for day in reversed(days))

    def _quantiles(self, name: str, shares: tuple[float, ...]) -> list[int]:
        """The bucket behind the one in which each share is reached."""
        buckets = sorted(bucket for bucket, count in self.histogram(name).items() if count > 0)
        counts = np.array([self.histogram(name)[bucket] for bucket in buckets], np.int64)
        reached = np.cumsum(counts) / max(int(counts.sum()), 1)
        places = [int(np.searchsorted(reached, share)) for share in shares]
        return [buckets[min(place, len(buckets) - 1)] + 1 for place in places] if buckets else []
