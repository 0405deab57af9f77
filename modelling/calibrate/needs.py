"""What a history would have to hold, and what it holds."""

from typing import Final, NamedTuple

import numpy as np

from modelling.backtest import stretches
from modelling.churn.fit import LEAST_OF_A_KIND
from scoring.arrays import DAY
from scoring.facts.kinds import Kind
from scoring.step.replay import EventLog

HORIZONS: Final = 2.0  # of N days that a scorecard's fit takes: one behind a date, one before it


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


def needs(log: EventLog, days: float) -> tuple[Need, ...]:
    """What a churn scorecard takes, at the least.

    Args:
        log: the history, of at least one event.
        days: N: who buys nothing for so long is lost.
    """
    first, last = float(log.times[0]), float(log.times[-1])
    lives = stretches(log, days, last)
    lost = np.unique(lives.row[lives.lost]).size
    buyers = np.unique(log.rows[log.events["kind"] == Kind.PURCHASE]).size
    return (
        Need("days of history", np.floor((last - first) / DAY), np.ceil(HORIZONS * days)),
        Need("customers who bought", buyers, 2 * LEAST_OF_A_KIND),
        Need("customers who were lost", lost, LEAST_OF_A_KIND),
    )
