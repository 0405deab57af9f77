"""What a history would have to hold, and what it holds."""

from typing import NamedTuple

import numpy as np

from modelling.backtest import stretches
from modelling.churn.validation import LEAST_OF_A_KIND
from modelling.thresholds.fitting import days_to_fit
from scoring.arrays import DAY
from scoring.facts.kinds import Kind
from scoring.parameters import Leaving
from scoring.step.replay import EventLog


class Need(NamedTuple):
    """One thing that a fit of the scorecard takes.

    Attributes:
        what: in words.
        have: how much of it there is.
        need: how much there has to be.
    """

    what: str
    have: float
    need: float

    @property
    def is_met(self) -> bool:
        """Whether there is enough."""
        return self.have >= self.need

    @property
    def words(self) -> str:
        """Have and need.

        >>> Need("days of history", 30.0, 112.0).words
        'days of history: 30 of 112'
        """
        return f"{self.what}: {self.have:,.0f} of {self.need:,.0f}"


def needs(log: EventLog, leaving: Leaving) -> tuple[Need, ...]:
    """What a churn scorecard takes, at the least.

    Args:
        log: the history, of at least one event.
        leaving: what counts as leaving.
    """
    first, last = float(log.times[0]), float(log.times[-1])
    lives = stretches(log, leaving.silence_days or leaving.within, last)
    lost = np.unique(lives.row[lives.lost]).size
    buyers = np.unique(log.rows[log.events["kind"] == Kind.PURCHASE]).size
    return (
        Need("days of history", np.floor((last - first) / DAY), np.ceil(days_to_fit(leaving))),
        Need("customers who bought", buyers, 2 * LEAST_OF_A_KIND),
        Need("customers who were lost", lost, LEAST_OF_A_KIND),
    )
