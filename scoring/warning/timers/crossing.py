"""The first instant at which a gap that only closes has closed."""

from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np

from scoring.arrays import DAY, NEVER, Bools, Floats, Ints

LONGEST: Final = 365.25 * 30 * DAY  # seconds ahead beyond which a rule's value is not timed
CLOSE: Final = 0.5  # seconds within which it is found, on its late side
SCALE: Final = 3_600.0  # seconds; beyond it time is searched in its logarithm
# Seconds ahead looked at all at once, to begin with: most of what is timed lies among them.
LOOKS: Final = DAY * np.array([0.0, 0.5, 2.0, 5.0, 10.0, 20.0, 40.0, 80.0, 200.0, 1_000.0])
# Parts of a bracket by which to look before and behind where the crossing should be.
AROUND: Final = np.array([-3e-2, -1e-3, 1e-3, 3e-2])[:, None]

Gap = Callable[[Floats, Ints], Floats]


class _Search(NamedTuple):
    """Elements still searched for: the bracket of each crossing, and a point beside it.

    Attributes:
        rows: their places in the caller's arrays.
        open, closed, third: logarithms of the time ahead, the crossing lies between the first two.
        f_open, f_closed, f_third: the gap there.
    """

    rows: Ints
    open: Floats
    closed: Floats
    third: Floats
    f_open: Floats
    f_closed: Floats
    f_third: Floats

    @classmethod
    def among(cls, rows: Ints, points: Floats, gaps: Floats) -> "_Search":
        """The brackets among rising points, shape (points, n), of which the last is closed."""
        end, each = (gaps >= 0.0).argmax(axis=0), np.arange(rows.size)
        beside = np.where(end + 1 < len(points), end + 1, end - 2)
        places = [(place, each) for place in (end - 1, end, beside)]
        return cls(rows, *(points[at] for at in places), *(gaps[at] for at in places))

    def kept(self, which: Bools) -> "_Search":
        """Some of the elements."""
        return _Search._make(column[which] for column in self)

    @property
    def width(self) -> Floats:
        """Seconds between the bracket's ends."""
        return _ahead(self.closed) - _ahead(self.open)


def first_crossing(gap: Gap, low: Floats, reach: float) -> Floats:
    """Find where a rising function of time becomes 0 or more.

    In the logarithm of the time ahead, by inverse quadratic interpolation (Brent 1973, "Algorithms
    for minimization without derivatives", 4.2), a few points at once: what costs is the asking,
    hardly how many are asked for. One of them halves the bracket. What is found leaves the search;
    every element goes its own way, whatever its neighbours.

    Args:
        gap: of instants (epoch seconds, shape (k,)) and whose they are (places in `low`).
        low: where to begin, epoch seconds, shape (n,); returned where the gap is closed there.
        reach: seconds ahead beyond which it is never.

    Returns:
        Epoch seconds, late by `CLOSE` at most; inf for never.

    >>> found = first_crossing(lambda at, rows: at - 86_400.0, np.zeros(1), reach=1e9)
    >>> bool(0.0 <= found[0] - 86_400.0 <= CLOSE)
    True
    """
    found = np.full(len(low), NEVER)
    if not len(low):
        return found
    looks = np.log1p(np.append(LOOKS[reach > LOOKS], reach) / SCALE)
    points = np.repeat(looks[:, None], len(low), axis=1)
    gaps = _asked(gap, low, np.arange(len(low)), points)
    is_closed = gaps[0] >= 0.0
    found[is_closed] = low[is_closed]
    rows = np.flatnonzero(~is_closed & (gaps[-1] >= 0.0))
    search = _Search.among(rows, points[:, rows], gaps[:, rows])
    while search.rows.size:
        width = search.width
        done = width <= CLOSE
        found[search.rows[done]] = low[search.rows[done]] + _ahead(search.closed[done])
        search = _narrowed(search.kept(~done), width[~done], gap, low)
    return found


def _asked(gap: Gap, low: Floats, rows: Ints, points: Floats) -> Floats:
    """The gaps of rows at points of their own, shape (points, n)."""
    instants = low[rows] + _ahead(points)
    return gap(instants.ravel(), np.tile(rows, len(points))).reshape(points.shape)


def _ahead(u: Floats) -> Floats:
    """Seconds ahead."""
    return SCALE * np.expm1(u)


def _narrowed(search: _Search, width: Floats, gap: Gap, low: Floats) -> _Search:
    if not search.rows.size:
        return search
    least = 0.25 * CLOSE / width
    apart = np.sign(AROUND) * np.maximum(np.abs(AROUND), least)
    shares = np.concatenate([_share(search) + apart, np.full((1, least.size), 0.5)])
    shares = np.sort(np.clip(shares, least, 1.0 - least), axis=0)
    inner = search.open + shares * (search.closed - search.open)
    points = np.concatenate([search.open[None], inner, search.closed[None]])
    gaps = _asked(gap, low, search.rows, inner)
    gaps = np.concatenate([search.f_open[None], gaps, search.f_closed[None]])
    return _Search.among(search.rows, points, gaps)


def _share(search: _Search) -> Floats:
    """How far from open to closed the crossing should be: on a parabola, else on a line."""
    _, a, b, c, fa, fb, fc = search
    with np.errstate(all="ignore"):  # where points coincide nothing can be interpolated
        line = fa / (fa - fb)
        parabola = line * fc / (fc - fb) + (c - a) / (b - a) * (fa / (fc - fa)) * (fb / (fc - fb))
        share = np.where((parabola > 0.0) & (parabola < 1.0), parabola, line)
    return np.where(np.isfinite(share), share, 0.5)  # a gap may be without bound
