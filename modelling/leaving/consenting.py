"""Whose buying may be learnt from: who has not withdrawn consent to profiling."""

import numpy as np

from scoring.arrays import Bools
from scoring.facts.consent import NO_PROFILING, PROFILING
from scoring.facts.kinds import Kind
from scoring.step.replay import EventLog


def consenting(log: EventLog) -> EventLog:
    """The log without customers who had withdrawn consent to profiling by its end.

    A worker judges nobody by what they did while it was withdrawn; a fit uses nothing of theirs.
    """
    gone = withdrew(log)
    if not gone.any():
        return log
    (_, rest), _ = log.grouped(gone.astype(np.int64), 2)
    return rest


def told(customers: int) -> tuple[str, ...]:
    """A sentence about those left out, none where nobody is.

    >>> told(2), told(0)
    (('Customers who withdrew consent to profiling, of whom nothing is learnt: 2.',), ())
    """
    said = f"Customers who withdrew consent to profiling, of whom nothing is learnt: {customers:,}."
    return (said,) if customers else ()


def withdrew(log: EventLog) -> Bools:
    """Which customers' latest word about profiling withdraws it, shape (customers,).

    Of two at one instant the withdrawal counts, as in `scoring.facts.consent`.
    """
    said = np.flatnonzero(log.events["kind"] == Kind.CONSENT_CHANGED)
    code, latest = log.events["score"][said], np.full((2, len(log.customers)), -np.inf)
    for of, meant in zip(latest, (NO_PROFILING, PROFILING), strict=True):
        words = said[code == meant]
        np.maximum.at(of, log.rows[words], log.times[words])
    withdrawn, granted = latest
    is_last: Bools = np.isfinite(withdrawn) & (withdrawn >= granted)
    return is_last
