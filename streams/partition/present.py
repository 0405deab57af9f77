"""The present, which silence is judged by: never by one clock's word alone."""

import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Final

import structlog
from prometheus_client import Gauge

from streams.retry import persist

log = structlog.get_logger()

LEAP: Final = 300.0  # seconds by which a clock may be set without another's word
EVERY: Final = 60.0  # seconds between lines about clocks that disagree

Clock = Callable[[], float]


class Present:
    """Follows the wall clock; where it leaps, and at first, only as far as the store's agrees.

    A leap is told by the monotonic clock, which nobody sets. It stands still while a machine is
    suspended, so a leap may well be true.

    Args:
        wall: epoch seconds.
        other: asks another machine for the same; None trusts the wall.
        disputed: 1 while they disagree.
        monotonic: seconds.
    """

    def __init__(
        self,
        wall: Clock,
        other: Callable[[], Awaitable[float]] | None,
        disputed: Gauge,
        monotonic: Clock = time.monotonic,
    ) -> None:
        self._wall, self._other, self._disputed = wall, other, disputed
        self._monotonic, self._agreed, self._told = monotonic, (0.0, 0.0), -EVERY
        self._is_known = False

    async def now(self) -> float | None:
        """The present, epoch seconds; None where clocks never agreed yet."""
        wall, monotonic = self._wall(), self._monotonic()
        agreed, then = self._agreed
        steady = agreed + monotonic - then
        if self._other is None or (self._is_known and abs(wall - steady) <= LEAP):
            self._agreed = wall, monotonic
            return wall
        other = await persist("clock", self._other)
        self._is_known |= (agrees := abs(wall - other) <= LEAP)
        self._disputed.set(not agrees)
        if agrees:
            self._agreed = wall, monotonic
            return wall
        self._tell(wall, other, monotonic)
        return steady if self._is_known else None

    def _tell(self, wall: float, other: float, monotonic: float) -> None:
        if monotonic - self._told < EVERY:
            return
        self._told = monotonic
        shown = {name: _shown(at) for name, at in (("wall", wall), ("store", other))}
        log.error("clocks disagree", **shown, help="set both by NTP; silence waits meanwhile")


def forward_only(wall: Clock, monotonic: Clock = time.monotonic) -> Clock:
    """A wall clock that is never set back: the events of meanwhile would all lie in the future."""
    ahead = wall() - monotonic()
    return lambda: max(wall(), monotonic() + ahead)


def _shown(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat()
