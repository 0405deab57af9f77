"""Merge a partition's input topics as life dealt them: by event time, topic, offset.

Within a topic order is by offset, always. Between topics the one whose head is earlier goes first,
which equals sorting by each topic's running maximum of event time; so the merge needs no memory
and comes out the same from any point it is resumed at.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np

from scoring.arrays import Floats, Ints


class Merged(NamedTuple):
    """A stretch of the merged log.

    Attributes:
        order: positions in the topics' taken events put behind each other, in merged order.
        taken: how many events were taken of each topic.
    """

    order: Ints
    taken: list[int]


def merge(times: Sequence[Floats], behind: Sequence[bool], limit: int) -> Merged:
    """Order what can be ordered yet.

    Args:
        times: per topic, the event times waiting, in offset order, epoch seconds.
        behind: per topic, whether more of it exists than waits here; what comes after its last
            waiting event cannot be ordered before that more is known.
        limit: take at most so many events.

    Returns:
        The merged order and how many events of each topic it took.

    >>> transactions, interactions = np.array([1.0, 4.0]), np.array([2.0, 9.0])
    >>> merge([transactions, interactions], [False, False], limit=10).order.tolist()
    [0, 2, 1, 3]
    >>> merge([transactions, interactions], [True, False], limit=10).taken  # 9.0 has to wait
    [2, 1]
    """
    keys = [np.maximum.accumulate(waiting) for waiting in times]
    usable = [_usable(topic, keys, behind) for topic in range(len(keys))]
    key = np.concatenate([keys[topic][:count] for topic, count in enumerate(usable)])
    topics = np.repeat(np.arange(len(keys)), usable)
    chosen = np.lexsort((topics, key))[:limit]
    taken = np.bincount(topics[chosen], minlength=len(keys)).tolist()
    return Merged(_renumbered(chosen, usable, taken), taken)


def _usable(topic: int, keys: Sequence[Floats], behind: Sequence[bool]) -> int:
    """How many events of a topic come before anything unknown of the topics that are behind."""
    count = len(keys[topic])
    for other, key in enumerate(keys):
        if other == topic or not behind[other]:
            continue
        if not len(key):
            return 0
        side: Literal["left", "right"] = "right" if topic < other else "left"
        count = min(count, int(np.searchsorted(keys[topic], float(key[-1]), side=side)))
    return count


def _renumbered(chosen: Ints, usable: Sequence[int], taken: Sequence[int]) -> Ints:
    """Positions once the untaken tails are left out: what was taken of a topic is a prefix."""
    starts, new_starts = np.cumsum([0, *usable[:-1]]), np.cumsum([0, *taken[:-1]])
    # Of several equal starts the last is the topic that is not empty: where `searchsorted` lands.
    topic = np.searchsorted(starts, chosen, side="right") - 1
    moved: Ints = chosen + (new_starts - starts)[topic]
    return moved


def before_round(customers: Sequence[bytes], order: Ints, rounds: int) -> int:
    """How many events come before the first that is its customer's `rounds + 1`-th.

    A step takes as many rounds as one customer has events in its batch, however few take part in
    each; so this bounds how long it takes, and any cut gives the same result.

    Args:
        customers: of the events.
        order: of the events, as places in `customers`.
        rounds: most events of one customer.

    >>> before_round([b"a", b"b", b"a", b"a"], np.array([0, 2, 1, 3]), rounds=2)
    3
    """
    hot = {customer for customer, count in Counter(customers).items() if count > rounds}
    seen = Counter[bytes]()
    if hot:
        for place, index in enumerate(order.tolist()):
            customer = customers[index]
            seen[customer] += customer in hot
            if seen[customer] > rounds:
                return place
    return len(order)
