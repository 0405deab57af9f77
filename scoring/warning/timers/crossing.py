"""The first instant at which a gap that only closes has closed."""

from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np

from scoring.arrays import DAY, NEVER, Bools, Floats, Ints

LONGEST: Final = 365.25 * 30 * DAY  # seconds ahead beyond which a rule's value is not timed
CLOSE: Final = 0.5  # seconds within which it is found, on its late side
SCALE: Final = 3_600.0  # seconds; beyond it time is searched in its logarithm
HALVED: Final = 4  # every fourth step halves the bracket, so the search ends

Gap = Callable[[Floats, Ints], Floats]


class _Search(NamedTuple):
    """Elements still searched for: the newest point, the other end of its bracket, the one before.

    Attributes:
        rows: their places in the caller's arrays.
        a, b, c: logarithms of the time ahead; the crossing lies between `a` and `b`.
        fa, fb, fc: the gap there.
    """

    rows: Ints
    a: Floats
    b: Floats
    c: Floats
    fa: Floats
    fb: Floats
    fc: Floats

    def kept(self, which: Bools) -> "_Search":
        """Some of the elements."""
        rows, *points = self
        return _Search(rows[which], *(column[which] for column in points))

    @property
    def late(self) -> Floats:
        """The end of the bracket at which the gap is closed."""
        return np.where(self.fa >= 0.0, self.a, self.b)

    @property
    def width(self) -> Floats:
        """Seconds between the bracket's ends."""
        return np.abs(_ahead(self.a) - _ahead(self.b))


def first_crossing(gap: Gap, low: Floats, reach: float) -> Floats:
    """Find where a rising function of time becomes 0 or more.

    Chandrupatla 1997, "A new hybrid quadratic/bisection algorithm", in the logarithm of the time
    ahead. What is found leaves the search; every element goes its own way, whatever its neighbours.

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
    everyone = np.arange(len(low))
    furthest = np.full(len(low), np.log1p(reach / SCALE))
    at_low, at_end = gap(low, everyone), gap(low + _ahead(furthest), everyone)
    found = np.where(at_low >= 0.0, low, NEVER)
    rows = np.flatnonzero((at_low < 0.0) & (at_end >= 0.0))
    start = np.zeros(rows.size)
    search = _Search(rows, furthest[rows], start, start, at_end[rows], at_low[rows], at_low[rows])
    steps = 0
    while search.rows.size:
        done = search.width <= CLOSE
        found[search.rows[done]] = low[search.rows[done]] + _ahead(search.late[done])
        search = search.kept(~done)
        steps += 1
        share = np.full(search.rows.size, 0.5) if steps % HALVED == 0 else _share(search)
        search = _advanced(search, share, gap, low)
    return found


def _ahead(u: Floats) -> Floats:
    """Seconds ahead."""
    return SCALE * np.expm1(u)


def _advanced(search: _Search, share: Floats, gap: Gap, low: Floats) -> _Search:
    point = search.a + share * (search.b - search.a)
    value = gap(low[search.rows] + _ahead(point), search.rows)
    same = (value >= 0.0) == (search.fa >= 0.0)
    return _Search(
        search.rows,
        point,
        np.where(same, search.b, search.a),
        np.where(same, search.a, search.b),
        value,
        np.where(same, search.fb, search.fa),
        np.where(same, search.fa, search.fb),
    )


def _share(search: _Search) -> Floats:
    """How far from `a` to `b` to look: by inverse quadratic interpolation where that is safe."""
    _, a, b, c, fa, fb, fc = search
    least = np.minimum(0.5, 0.25 * CLOSE / search.width)
    with np.errstate(all="ignore"):  # where points coincide nothing can be interpolated
        xi, phi = (a - b) / (c - b), (fa - fb) / (fc - fb)
        safe = (phi * phi < xi) & ((1.0 - phi) * (1.0 - phi) < 1.0 - xi)
        quadratic = fa / (fb - fa) * (fc / (fb - fc))
        quadratic += (c - a) / (b - a) * (fa / (fc - fa)) * (fb / (fc - fb))
        safe &= np.isfinite(quadratic)
    return np.clip(np.where(safe, quadratic, 0.5), least, 1.0 - least)
