"""Which customers are in the panel: told by their id alone, so that every worker chooses alike."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from scoring.facts.events import Hashes, hash_ids

HASHES: Final = 2.0**64


class Sample(NamedTuple):
    """The chosen, by hash.

    Attributes:
        hashes: of their ids, ascending, shape (n,).
        ids: in the same order.
    """

    hashes: Hashes
    ids: list[bytes]


def sample(ids: Sequence[bytes], share: float, most: int) -> Sample:
    """Choose the customers of the lowest hashes.

    Who is chosen depends neither on the order of the ids nor on anything else about the customer,
    and a larger share or number keeps who was chosen already.

    Args:
        ids: of all customers, each once.
        share: of them, 0 to 1.
        most: how many at most.

    >>> few = sample([b"a", b"b", b"c"], share=1.0, most=2).ids
    >>> few == sample([b"c", b"b", b"a"], share=1.0, most=2).ids
    True
    """
    hashes = hash_ids(ids)
    order = np.argsort(hashes, kind="stable")[:most]
    chosen = order[hashes[order].astype(np.float64) <= share * HASHES]
    return Sample(hashes[chosen], [ids[at] for at in chosen.tolist()])
