"""The gate's step: what came is counted, and at every look and hour of the clock judged.

Pure, and independent of how the log was cut: a look is judged once the clock has passed its end,
when all of its events have been counted.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from scoring.arrays import NEVER
from scoring.warning.gate.arrivals import HOUR, LOOK, LOOKS, Arrivals
from scoring.warning.gate.holds import Holds, Hours
from scoring.warning.gate.sketch import Sketches
from scoring.warning.gate.state import BLANK, WEEK, Gate
from scoring.warning.gate.streams import Stream
from scoring.warning.gate.usual import Usual, hour_of_week
from scoring.warning.gate.watch import FIELDS, Watch

AT_ONCE: Final = 4  # empty hours, from which on they are closed together
MUTE: Final = 8 * WEEK  # hours without any event, from which on no more is learnt of it
TOPICS: Final = (Stream.TRANSACTIONS, Stream.INTERACTIONS)


class Passed(NamedTuple):
    """The gate after a stretch of the clock, and what it held meanwhile."""

    gate: Gate
    holds: Holds


def advance(gate: Gate, came: Arrivals, until: float) -> Passed:
    """Take a gate forward.

    Args:
        gate: left unchanged.
        came: what came since.
        until: the clock, epoch seconds, not before anything that came.
    """
    walk = _Walk(gate)
    sketches = dict(zip(came.hours.tolist(), came.sketches, strict=True))
    counts = (came.looks, came.prompt, came.late, came.spoke)
    for look, prompt, late, spoke in zip(*(each.tolist() for each in counts), strict=True):
        walk.to(look)
        walk.count(prompt, late, spoke, sketches[look // LOOKS])
    if walk.look != BLANK:
        walk.to(int(until // LOOK))
    return walk.passed()


def given_up(gate: Gate, stream: Stream) -> Gate:
    """The gate with a stream learnt anew, of which nothing is held any more."""
    present, learnt = gate.present.copy(), gate.learnt.copy()
    for name in FIELDS:
        present[name][stream] = 0
    learnt["mean"][stream] = learnt["weeks"][stream] = 0
    return Gate(present, learnt)


class _Walk:
    """A gate under way: its fields as plain numbers, which are quickest one by one."""

    def __init__(self, gate: Gate) -> None:
        self.present, self.learnt = gate.present.copy(), gate.learnt
        self.look, self.mute = int(self.present["look"]), int(self.present["mute"])
        columns = (self.present[name].tolist() for name in FIELDS)
        self.watches = [Watch(*values) for values in zip(*columns, strict=True)]
        self.usual, self.sketch = Usual(gate.learnt), self.present["sketch"].copy()
        self.hours = Hours(gate.learnt)
        self.expected: list[float] | None = None
        self.instants, self.masks = [-NEVER], [self._mask()]

    def count(self, prompt: Sequence[int], late: Sequence[int], spoke: float, by: Sketches) -> None:
        """Count what came in the look under way."""
        for watch, some, others in zip(self.watches, prompt, late, strict=True):
            watch.prompt += some
            watch.late += others
        self.present["spoke"], self.mute = spoke, 0
        np.maximum(self.sketch, by, out=self.sketch)

    def to(self, look: int) -> None:
        """Judge all looks before one."""
        if self.look == BLANK:
            self.look = look
        while self.look < look and self.mute < MUTE:
            if (empty := self._empty_hours(look)) >= AT_ONCE:
                self._pass_empty_hours(empty)
                continue
            if self.expected is None:
                self.expected = self._expected()
            if self._is_calm():
                self._pass(look)
            else:
                self._judge()
        if self.look < look:
            self.look, self.expected = look, None

    def _pass_empty_hours(self, count: int) -> None:
        """Close empty hours, as closing them one by one does, to the bit."""
        first = self.look // LOOKS
        numbers = np.arange(first, first + count)
        weeks = numbers % WEEK
        known = [stream for stream in TOPICS if self.watches[stream].age]
        usual = self.usual.means_of(known, weeks)
        self.hours.add_empty(numbers, usual, float(self.present["spoke"]))
        for stream, watch in enumerate(self.watches):
            if watch.age:
                self.usual.learn_nothing(stream, weeks)
                watch.age += count
            if (weeks == 0).any():
                watch.forget_some()
        self.mute += count
        self.look, self.expected = self.look + count * LOOKS, None

    def _empty_hours(self, look: int) -> int:
        """Whole hours before a look in which nothing came or is expected, a week at most.

        Nor may it come to be: what is usual only falls in them.
        """
        hours = min(look // LOOKS - self.look // LOOKS, MUTE - self.mute, WEEK)
        if hours < AT_ONCE or self.look % LOOKS or self.sketch.any():  # somebody was heard in it
            return 0
        if any(w.excess or w.since for w in self.watches):
            return 0
        known = [stream for stream, watch in enumerate(self.watches) if watch.age]
        return self.usual.unexpected(known, hour_of_week(self.look // LOOKS), hours)

    def _is_calm(self) -> bool:
        """Whether the looks of the hour can be no evidence of anything."""
        return not (any(self.expected or ()) or any(w.excess or w.since for w in self.watches))

    def _pass(self, look: int) -> None:
        """Pass looks of a calm hour up to one, or to the hour's end."""
        self.look = min(look, self.look - self.look % LOOKS + LOOKS)
        for watch in self.watches:
            watch.add_up()
        if not self.look % LOOKS:
            self._close_hour()

    def _judge(self) -> None:
        begin, end = self.look * LOOK, (self.look + 1) * LOOK
        for watch, expects in zip(self.watches, self.expected or (), strict=True):
            watch.judge(begin, end, expects)
        self.look += 1
        if not self.look % LOOKS:
            self._close_hour()
        mask = self._mask()
        if mask != self.masks[-1]:
            self.instants.append(end)
            self.masks.append(mask)

    def _close_hour(self) -> None:
        end = self.look * LOOK
        hour = end // HOUR - 1
        week = hour_of_week(hour)
        self._keep(hour, week)
        for stream, watch in enumerate(self.watches):
            if watch.age and not watch.since:
                self.usual.learn(stream, week, watch.hour)
            watch.close_hour(end)
            if week == 0:
                watch.forget_some()
            if watch.is_given_up(end) and self.hours.is_anything_heard:
                self.usual.forget(stream)
                watch.let_go()
                watch.age = 0
        self.expected = None

    def _keep(self, hour: int, week: int) -> None:
        """Keep an hour among the last 24, which a warning tells of."""
        came = sum(watch.hour + watch.late for watch in self.watches[: len(TOPICS)])
        known = [stream for stream in TOPICS if self.watches[stream].age]
        usual = self.usual.mean_of(known, week)
        self.hours.add(hour, came, usual, float(self.present["spoke"]), self.sketch)
        self.sketch = np.zeros_like(self.sketch)
        self.mute = 0 if came else self.mute + 1

    def _expected(self) -> list[float]:
        """At the least in a look, of each stream."""
        week = hour_of_week(self.look // LOOKS)
        return [
            self.usual.expected(stream, week) / LOOKS if watch.age else 0.0
            for stream, watch in enumerate(self.watches)
        ]

    def _mask(self) -> int:
        mask = 0
        for stream, watch in enumerate(self.watches):
            mask |= watch.is_held << stream
        return mask

    def passed(self) -> Passed:
        """The gate as it is now, and what was held since the beginning."""
        self.present["look"], self.present["mute"] = self.look, self.mute
        self.present["sketch"] = self.sketch
        for name in FIELDS:
            self.present[name] = [getattr(watch, name) for watch in self.watches]
        learnt = self.learnt
        if self.hours.are_more:
            learnt = learnt.copy()
            self.usual.keep(learnt)
            self.hours.keep(learnt)
        holds = Holds(np.array(self.instants), np.array(self.masks, np.uint8), self.hours.kept())
        return Passed(Gate(self.present, learnt), holds)
