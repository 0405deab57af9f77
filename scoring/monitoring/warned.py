"""Who counts as warned, and outcomes of warnings by week: what a promise is held against.

Forecasts of one customer overlap from round to round, so their outcomes repeat each other. A
warning is therefore a flag that goes up: it waits for its own outcome before the next can count, so
that outcomes of a customer are of stretches of time apart. A flag that is up when a model is first
asked is nobody's warning.
"""

from typing import Final

import numpy as np

from scoring.arrays import DAY, Bools, Floats, Ints
from scoring.facts.events import Hashes
from scoring.facts.state import States
from scoring.monitoring.promise import PromiseError

WEEK: Final = 7.0 * DAY
WEEKS_KEPT: Final = 104  # apart from each other; a loss too small to show in two years is none
BEFORE: Final = 0  # the week that stands for all before those
WARNED: Final = np.dtype(
    [
        ("week", "<i8"),  # of the round that warned, since 1970
        ("outcomes", "<i8", (2,)),  # stayed, churned
    ]
)


def newly_flagged(before: States, model: int, customers: Hashes, flagged: Bools) -> Bools:
    """Who is flagged now, and was asked about before but not flagged.

    Args:
        before: Forecasts of all rounds that were open until now, dtype `ENTRY`.
        model: Whose.
        customers: Hashes of their ids, shape (n,).
        flagged: By the same model now, shape (n,).
    """
    asked = before["customer"][np.isfinite(before["risk"][:, model])]
    held = before["customer"][before["flagged"][:, model]]
    fresh: Bools = flagged & np.isin(customers, asked) & ~np.isin(customers, held)
    return fresh


def counted(outcomes: Ints | Bools) -> Ints:
    """Count outcomes, in any order: how many stayed (0) and how many churned (1), shape (2,).

    Raises:
        PromiseError: One is something else.

    >>> counted(np.array([True, False, True])).tolist()
    [1, 2]
    """
    bad = outcomes[(outcomes != 0) & (outcomes != 1)]
    if len(bad):
        raise PromiseError(where="outcomes", expected="0 or 1", got=str(bad[0]))
    return np.bincount(outcomes.astype(np.int64), minlength=2)


def by_week(at: Floats, outcomes: Ints) -> States:
    """Outcomes of rounds as rows of dtype `WARNED`, rounds without any left out.

    Args:
        at: Epoch seconds of the rounds, shape (rounds,).
        outcomes: Of each, shape (rounds, 2).
    """
    told = outcomes.any(axis=1)
    made = np.zeros(int(told.sum()), WARNED)
    made["week"], made["outcomes"] = at[told] // WEEK, outcomes[told]
    return together(made)


def together(*tables: States) -> States:
    """Add outcomes up by week; whatever is too old becomes one.

    Neither the order of the tables nor which were added up before makes a difference, be they of
    rounds or of partitions.

    Args:
        tables: dtype `WARNED`.

    Returns:
        The same by rising week, each once; at most `WEEKS_KEPT` and the one for all before.
    """
    every = np.concatenate(tables)
    if not len(every):
        return every
    kept = every["week"] > every["week"].max() - WEEKS_KEPT
    weeks, place = np.unique(np.where(kept, every["week"], BEFORE), return_inverse=True)
    made = np.zeros(len(weeks), WARNED)
    made["week"] = weeks
    np.add.at(made["outcomes"], place, every["outcomes"])
    return made
