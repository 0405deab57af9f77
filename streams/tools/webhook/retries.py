"""When what could not be delivered is tried again."""

import random
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

FIRST: Final = 1.0  # seconds
LONGEST: Final = 300.0

Place = TypeVar("Place")


@dataclass
class _Trying:
    offset: int
    since: float
    tries: int = 0
    due: float = 0.0


@dataclass
class Retries(Generic[Place]):
    """Partitions whose next event waits for another try.

    Attributes:
        give_up: seconds after the first try of an event until it is set aside.
        chance: of [0, 1), for the jitter.
    """

    give_up: float
    chance: Callable[[], float] = random.random
    _trying: dict[Place, _Trying] = field(default_factory=dict)

    def failed(self, place: Place, offset: int, now: float, after: float = 0.0) -> bool:
        """Note a try in vain; tell whether there is to be another.

        The pause doubles from try to try, and is any part of that, so that what failed together
        does not come back together ("full jitter").

        Args:
            place: the partition.
            offset: of the event.
            now: seconds of a clock that never goes back.
            after: seconds that the receiver asked to be left alone.
        """
        trying = self._trying.get(place)
        if trying is None or trying.offset != offset:
            trying = self._trying[place] = _Trying(offset, now)
        if now - trying.since >= self.give_up:
            del self._trying[place]
            return False
        pause = min(FIRST * 2.0 ** min(trying.tries, 30), LONGEST)
        trying.tries += 1
        trying.due = now + max(pause * self.chance(), after)
        return True

    def done(self, place: Place) -> None:
        """Forget an event that was delivered or set aside."""
        self._trying.pop(place, None)

    def keep(self, own: Collection[Place]) -> None:
        """Forget what others deliver now."""
        self._trying = {place: each for place, each in self._trying.items() if place in own}

    def is_waiting(self, place: Place) -> bool:
        """Whether a partition's next event was tried in vain."""
        return place in self._trying

    def due(self, now: float) -> list[Place]:
        """Partitions to go on with."""
        return [place for place, trying in self._trying.items() if trying.due <= now]

    def longest(self, now: float) -> float:
        """Seconds that the event waits which has waited longest."""
        return max((now - trying.since for trying in self._trying.values()), default=0.0)
