"""A partition's brake: what of a step counts toward it, and telling of what it holds."""

from datetime import UTC, datetime
from typing import Final

import numpy as np
import structlog

from scoring.facts.state import States
from streams.store import Brake
from streams.telemetry.metrics import Metrics

log = structlog.get_logger()

HOUR: Final = 3_600  # seconds
HELP: Final = "look at what changed; ebbwatch brake show tells what is held, brake release sends it"


def rises(warnings: States) -> dict[int, int]:
    """Warnings raised or escalated, by the hour of event time.

    Args:
        warnings: dtype `WARNING`, as of `Outcome`.

    Returns:
        How many, by hours since the epoch.
    """
    hours = warnings["now"][warnings["after"] > warnings["before"]] // HOUR
    found, counts = np.unique(hours.astype(np.int64), return_counts=True)
    return dict(zip(found.tolist(), counts.tolist(), strict=True))


class BrakeWatch:
    """What one partition's brake was last seen to hold.

    Args:
        number: of the partition.
        most: messages held from which on the partition rests.
        metrics: where what is held shows.
    """

    def __init__(self, number: int, most: int, metrics: Metrics) -> None:
        self._number, self._most, self._metrics = number, most, metrics
        self._seen = Brake()

    @property
    def is_closed(self) -> bool:
        """Whether anything is held."""
        return self._seen.after is not None

    @property
    def is_full(self) -> bool:
        """Whether so much is held that no more may come of the partition."""
        return self._seen.messages >= self._most

    def see(self, brake: Brake) -> None:
        """Take up how it stands now; tell where that is otherwise than before."""
        was_closed, was_full, self._seen = self.is_closed, self.is_full, brake
        self._metrics.brake_held.labels(str(self._number)).set(brake.rises)
        told = {"partition": self._number, "rises": brake.rises, "messages": brake.messages}
        if self.is_closed and not was_closed:
            hour = datetime.fromtimestamp(brake.hour * HOUR, UTC).isoformat(timespec="minutes")
            log.error("warnings held", **told, hour=hour, help=HELP)
        if was_closed and not self.is_closed:
            log.warning("warnings released", partition=self._number)
        if self.is_full and not was_full:
            log.error("partition rests", **told, most=self._most, help=HELP)
