"""One stream under watch: when it is held, and when it is let go again."""

from dataclasses import dataclass, fields
from typing import Final

from scoring.warning.gate.quiet import DRIFT, FORGETS, is_slow, risen, threshold
from scoring.warning.gate.state import WEEK

APPRENTICE: Final = 4 * WEEK  # hours: the first half teach means, the others how far excesses rise
AT_MOST: Final = 7.0 * 86_400.0  # seconds that a stream is held after it came back
GONE: Final = 28.0 * 86_400.0  # seconds after which one quiet among others is given up
MADE_UP: Final = 0.5  # of what was missing: what is expected is less than what is usual


@dataclass(slots=True)
class Watch:
    """A stream's fields of `PRESENT`, one by one.

    A stream that is held is let go where it came back, and

    - what was missing came late, and nothing more of it did for an hour; or
    - it has been back for as long as it was away, so that a customer whose events are lost had the
      time to be seen again.
    """

    prompt: int
    hour: int
    late: int
    age: int
    excess: float
    began: float
    top: float
    used_to: float
    since: float
    back: float
    missing: float
    made_up: float

    @property
    def is_held(self) -> bool:
        """Whether silence tells nothing, as far as it lies in this stream."""
        return self.since > 0.0

    def judge(self, begin: float, end: float, expected: float) -> None:
        """End a look, in which so many events were expected at the least."""
        if self.excess or self.since or is_slow(expected, self.prompt):
            self._weigh(begin, end, expected)
        self.add_up()

    def add_up(self) -> None:
        """Add the look's events to the hour's."""
        self.hour += self.prompt
        self.prompt = 0

    def _weigh(self, begin: float, end: float, expected: float) -> None:
        before, limit = self.excess, threshold(self.used_to)
        self.excess = risen(before, expected, self.prompt)
        if self.is_held:
            self.excess = min(self.excess, limit)
            self._follow(end, expected, limit)
            return
        if not before:
            self.began, self.top = begin, 0.0
        self.top = max(self.top, self.excess)
        if not self.excess:
            self.used_to, self.top = max(self.used_to, self.top), 0.0
        elif self.excess >= limit and self.age >= APPRENTICE:
            self.since, self.missing = self.began, self.excess / DRIFT
            self.excess = limit

    def _follow(self, end: float, expected: float, limit: float) -> None:
        """See a stream that is held come back, or fall quiet again."""
        if self.back and self.excess >= limit:
            self.back = 0.0
        elif not self.back and not self.excess:
            self.back = end
        if not self.back:
            self.missing += max(expected - self.prompt, 0.0)

    def close_hour(self, end: float) -> None:
        """End an hour, at whose end what is held may be let go."""
        self.made_up += self.late if self.is_held else 0
        settled = not self.late and self.made_up >= MADE_UP * self.missing
        waited = end - self.back >= min(self.back - self.since, AT_MOST)
        if self.is_held and self.back and (settled or waited):
            self.let_go()
        self.age += 1 if self.age or self.hour or self.late else 0
        self.hour = self.late = 0

    def let_go(self) -> None:
        """Hold it no longer."""
        self.excess = self.top = self.since = self.back = self.missing = self.made_up = 0.0

    def is_given_up(self, end: float) -> bool:
        """Whether it is held for so long, others going on, that nothing of it is to come."""
        return self.is_held and not self.back and end - self.since >= GONE

    def forget_some(self) -> None:
        """Remember less well, once a week, how far it used to rise."""
        self.used_to *= FORGETS


FIELDS: Final = tuple(field.name for field in fields(Watch))
