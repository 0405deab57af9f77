"""What is said in the log of records set aside: the first of each kind at once, then counts."""

import time
from collections import Counter
from collections.abc import Callable
from typing import Final

import structlog

from schemas import Rejection
from schemas.remedies import remedy

log = structlog.get_logger()

EVERY: Final = 60.0  # seconds between counts
KINDS: Final = 1_000  # told apart; a kind beyond that is counted with its reason


class SetAsideLog:
    """Tells of dead letters without a line for each.

    A kind is a topic, a reason and the field that is wrong; of currencies without a rate, each is
    one of its own.

    Args:
        monotonic: seconds, by which the time between counts is told.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._told: set[tuple[str, ...]] = set()
        self._since: Counter[tuple[str, str]] = Counter()
        self._totals: Counter[tuple[str, str]] = Counter()
        self._last = monotonic()

    def note(self, topic: str, rejection: Rejection) -> None:
        """Count a record set aside, and tell of it where it is the first of its kind."""
        reason, where, got = rejection.reason, rejection.where, rejection.got
        self._since[topic, reason] += 1
        self._totals[topic, reason] += 1
        kind = (topic, reason, where, got if reason == "no_rate" else "")
        if kind in self._told or len(self._told) >= KINDS:
            return
        self._told.add(kind)
        log.warning(
            "record set aside",
            topic=topic,
            reason=reason,
            where=where,
            expected=rejection.expected,
            got=got,
            help=remedy(rejection),
        )

    def tell(self) -> None:
        """Tell how many more came, where the last count is long ago."""
        now = self._monotonic()
        if now - self._last < EVERY:
            return
        self._last = now
        since, self._since = self._since, Counter()
        for (topic, reason), count in since.items():
            total = self._totals[topic, reason]
            log.warning(
                "records set aside", topic=topic, reason=reason, lately=count, since_start=total
            )
