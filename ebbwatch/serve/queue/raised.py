"""How many warnings were raised on a day, by route and band."""

from collections import Counter
from datetime import date
from typing import Final

import numpy as np

from ebbwatch.serve.queue.lines import number_of
from schemas import EarlyWarning, Route
from schemas.outputs.messages import Band
from scoring.facts.calendar import BookCalendar

QUARTER: Final = 900.0  # seconds, of which the days of every time zone are made
KEPT: Final = 2 * 96  # quarters before the day that was last asked for


class RaisedWarnings:
    """Counts them by quarters of an hour, since the desk's time zone may change."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[int, Route, Band]] = Counter()

    def warn(self, warning: EarlyWarning) -> None:
        """Take a warning's message; one that tells of an older warning raises none."""
        if warning.lifecycle == "raised":
            quarter = int(warning.event_time.timestamp() // QUARTER)
            self._counts[quarter, warning.route, warning.band] += 1

    def on(self, day: date, calendar: BookCalendar) -> Counter[tuple[Route, Band]]:
        """How many were raised on a day; what was long before it, is let go of."""
        days = np.array([number_of(day), number_of(day) + 1])
        begins, ends = (calendar.midnight(days) // QUARTER).tolist()
        kept = {key: n for key, n in self._counts.items() if key[0] >= begins - KEPT}
        self._counts = Counter(kept)
        found: Counter[tuple[Route, Band]] = Counter()
        for (quarter, route, band), count in kept.items():
            if begins <= quarter < ends:
                found[route, band] += count
        return found
