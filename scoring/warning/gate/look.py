"""The gate's step: what came is counted, and at every look and hour of the clock judged.

Pure, and independent of how the log was cut: a look is judged once the clock has passed its end,
when all of its events have been counted.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from scoring.arrays import NEVER
from scoring.warning.gate.arrivals import HOUR, LOOK, LOOKS, Arrivals
from scoring.warning.gate.holds import Holds
from scoring.warning.gate.sketch import Sketches, estimated
from scoring.warning.gate.state import BLANK, DAY, WEEK, Gate
from scoring.warning.gate.streams import Stream
from scoring.warning.gate.usual import expected, hour_of_week, learn
from scoring.warning.gate.watch import FIELDS, Watch

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


class _Walk:
    """A gate under way: its fields as plain numbers, which are quickest one by one."""

    def __init__(self, gate: Gate) -> None:
        self.present, self.learnt = gate.present.copy(), gate.learnt.copy()
        self.look, self.mute = int(self.present["look"]), int(self.present["mute"])
        columns = (self.present[name].tolist() for name in FIELDS)
        self.watches = [Watch(*values) for values in zip(*columns, strict=True)]
        self.expected = self._expected(self.look)
        self.instants, self.masks = [-NEVER], [self._mask()]
        self.hours, self.feeds = [-NEVER], [self._feed()]

    def count(self, prompt: Sequence[int], late: Sequence[int], spoke: float, by: Sketches) -> None:
        """Count what came in the look under way."""
        for watch, some, others in zip(self.watches, prompt, late, strict=True):
            watch.count(some, others)
        self.present["spoke"] = spoke
        self.present["sketch"] = np.maximum(self.present["sketch"], by)
        self.mute = 0

    def to(self, look: int) -> None:
        """Judge all looks before one."""
        if self.look == BLANK:
            self.look = look
        while self.look < look and self.mute < MUTE:
            self._judge()
        if self.look < look:
            self.look, self.expected = look, self._expected(look)

    def _judge(self) -> None:
        begin, end = self.look * LOOK, (self.look + 1) * LOOK
        for watch, expects in zip(self.watches, self.expected, strict=True):
            watch.judge(begin, end, expects)
        self.look += 1
        if not self.look % LOOKS:
            self._close_hour(end)
        mask = self._mask()
        if mask != self.masks[-1]:
            self.instants.append(end)
            self.masks.append(mask)

    def _close_hour(self, end: int) -> None:
        hour = end // HOUR - 1
        self._keep(hour)
        for stream, watch in enumerate(self.watches):
            if watch.age and not watch.is_held:
                self._learn(stream, hour_of_week(hour), watch.hour)
            watch.close_hour(end)
            if hour_of_week(hour) == 0:
                watch.forget_some()
            if watch.is_given_up(end) and self.learnt["came"].any():
                self._give_up(stream)
        self.expected = self._expected(self.look)
        self.hours.append(end)
        self.feeds.append(self._feed())

    def _keep(self, hour: int) -> None:
        """Keep an hour among the last 24, which a warning tells of."""
        learnt, at, week = self.learnt, hour % DAY, hour_of_week(hour)
        came = sum(watch.hour + watch.late for watch in self.watches[: len(TOPICS)])
        known = [stream for stream in TOPICS if self.watches[stream].age]
        is_learnt = known and all(learnt["weeks"][stream, week] for stream in known)
        usual = learnt["mean"][: len(TOPICS), week].sum() if is_learnt else np.nan
        learnt["came"][at], learnt["usual"][at] = came, usual
        learnt["sketches"][at] = self.present["sketch"]
        learnt["heard"], self.present["sketch"] = self.present["spoke"], 0
        self.mute = 0 if came else self.mute + 1

    def _learn(self, stream: int, week: int, count: int) -> None:
        mean, weeks = self.learnt["mean"], self.learnt["weeks"]
        mean[stream, week], weeks[stream, week] = learn(
            float(mean[stream, week]), int(weeks[stream, week]), count
        )

    def _give_up(self, stream: int) -> None:
        """Learn a stream anew: what it used to bring is over."""
        self.learnt["mean"][stream] = self.learnt["weeks"][stream] = 0
        self.watches[stream].let_go()
        self.watches[stream].age = 0

    def _expected(self, look: int) -> list[float]:
        """At the least in a look, of each stream."""
        week = hour_of_week(look // LOOKS)
        mean, weeks = self.learnt["mean"], self.learnt["weeks"]
        return [
            expected(mean[stream], weeks[stream], week) / LOOKS if watch.age else 0.0
            for stream, watch in enumerate(self.watches)
        ]

    def _mask(self) -> int:
        mask = 0
        for stream, watch in enumerate(self.watches):
            mask |= watch.is_held << stream
        return mask

    def _feed(self) -> tuple[float, ...]:
        """As a row of `Holds.feeds`."""
        heard = float(self.learnt["heard"])
        came, usual = float(self.learnt["came"].sum()), float(self.learnt["usual"].sum())
        return heard, came, usual, estimated(self.learnt["sketches"].max(axis=0))

    def passed(self) -> Passed:
        """The gate as it is now, and what was held since the beginning."""
        self.present["look"], self.present["mute"] = self.look, self.mute
        for name in FIELDS:
            self.present[name] = [getattr(watch, name) for watch in self.watches]
        masks = np.array(self.masks, np.uint8)
        holds = Holds(np.array(self.instants), masks, np.array(self.hours), np.array(self.feeds))
        return Passed(Gate(self.present, self.learnt), holds)
