"""Some customers for all, where a history has more of them than a fit can use."""

from typing import Final

from modelling.bulk.apart import HistoryApart
from scoring.step.replay import EventLog

MOST_EVENTS: Final = 3_000_000  # about, beyond which more customers make a scorecard no better


def some_customers(log: EventLog, most: int = MOST_EVENTS, seed: int = 0) -> tuple[EventLog, float]:
    """Draw customers, each with all of their events, so that about `most` events are left.

    Every customer is as likely as any other: a scorecard of some is one of all, with larger errors.

    Args:
        log: the history.
        most: events, above 0.
        seed: of the drawing; the same seed gives the same customers.

    Returns:
        Their log, and the share of the customers that they are; the log itself and 1 where it is
        small enough.

    >>> import numpy as np
    >>> from scoring.facts.events import EVENT
    >>> log = EventLog([b"a", b"b"], np.array([0, 1, 1, 0]), np.zeros(4, EVENT))
    >>> small, share = some_customers(log, most=2)
    >>> len(small.customers), len(small.events), share
    (1, 2, 0.5)
    """
    if len(log.events) <= most:
        return log, 1.0
    some = HistoryApart.of(log).sampled(most / len(log.events), seed)
    return some, len(some.customers) / len(log.customers)
