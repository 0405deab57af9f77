"""Loading years of history from files into the store, as if they had been streamed.

Customers are replayed in memory by the live step, many together whatever their partitions, and
committed partition by partition. Every commit says how many are left, so a run that was killed goes
on where it stopped, and no worker applies an event to a partition that is half loaded. Afterwards
the store remembers the cut: what the topics still hold from before it is skipped by the workers, so
nothing counts twice.
"""

from streams.tools.backfill.lived import Loaded
from streams.tools.backfill.load import Backfiller, load
from streams.tools.backfill.plan import BackfillError, HistoryPart

__all__ = ["BackfillError", "Backfiller", "HistoryPart", "Loaded", "load"]
