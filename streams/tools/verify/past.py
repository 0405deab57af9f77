"""What was before the topics' log: a partition's history from files."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from scoring.facts.events import EVENT, Events
from scoring.step.replay import came_of
from scoring.warning.gate import Arrivals, merged
from streams.broker.partitioner import Partitioner
from streams.tools.backfill.plan import HistoryPart, groups


class Past(NamedTuple):
    """Of one customer and their partition.

    Attributes:
        events: of the customer, by time, shape (n,), dtype `EVENT`.
        came: when events of everybody in the partition did.
    """

    events: Events
    came: Arrivals


NO_PAST: Final = Past(np.empty(0, EVENT), merged(()))


class Place(NamedTuple):
    """Whose past it is: a customer's, in a partition."""

    customer: bytes
    number: int
    partitions: int
    partitioner: Partitioner


def past_of(history: Sequence[HistoryPart], until: float, place: Place) -> Past:
    """Go through a history.

    Args:
        history: its parts.
        until: events from then on are left out, epoch seconds.
        place: whose past it is.
    """
    own, came = [NO_PAST.events], []
    for part in history:
        for group in groups(part, until, place.partitions, place.partitioner):
            if place.number not in group.numbers:
                continue
            log = group.of([place.number]).log
            came.append(came_of(log))
            if place.customer in log.customers:
                own.append(log.events[log.rows == log.customers.index(place.customer)])
    return Past(np.concatenate(own), merged(came))
