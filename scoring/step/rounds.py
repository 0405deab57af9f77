"""A batch in rounds: the k-th event of every customer at once, few customers' rounds together."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from scoring.arrays import Ints

NARROW: Final = 128  # events; rounds of fewer are taken together, measured
FEW: Final = 4  # rounds; fewer narrow ones are quicker alone
TOGETHER: Final = 4_096  # events taken together at most, which bounds the memory for them


def rounds(rows: Ints) -> Iterator[Ints]:
    """Yield, for k = 0, 1, ..., the indices of every customer's k-th event.

    >>> [turn.tolist() for turn in rounds(np.array([7, 8, 7, 7]))]
    [[0, 1], [2], [3]]
    """
    order = np.argsort(rows, kind="stable")
    starts = np.flatnonzero(np.diff(rows[order], prepend=-1))
    counts = np.diff(starts, append=len(rows))
    rank = np.arange(len(rows)) - np.repeat(starts, counts)
    by_rank = order[np.argsort(rank, kind="stable")]
    ends = np.cumsum(np.bincount(rank)) if len(rows) else np.zeros(0, np.intp)
    start = 0
    for end in ends:
        yield by_rank[start:end]
        start = end


def together(rows: Ints) -> Iterator[list[Ints]]:
    """Yield the rounds, wide ones alone and narrow ones many at a time.

    Each round is of some of the customers of the one before, so the narrow ones are the last.
    """
    narrow: list[Ints] = []
    events = 0
    for turn in rounds(rows):
        if turn.size >= NARROW:
            yield [turn]
            continue
        narrow.append(turn)
        events += turn.size
        if events >= TOGETHER:
            yield narrow
            narrow, events = [], 0
    if len(narrow) >= FEW:
        yield narrow
    else:
        yield from ([turn] for turn in narrow)
