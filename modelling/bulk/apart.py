"""A history as parts, each whole for its customers, who are numbered over all of them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from scoring.arrays import Bools, Ints
from scoring.step.replay import EventLog, came_of, held_by
from scoring.warning.gate import Arrivals, Holding, merged

HistoryPart = Callable[[], EventLog]  # read anew at each call; whole for its customers


@dataclass(frozen=True)
class HistoryApart:
    """A history of which one part at a time is in memory.

    Attributes:
        parts: each reads one.
        customers: of all parts; by id where there are several.
        rows: number among them of each part's customers, in the order of its log.
        first, last: event, epoch seconds, inf and -inf where there is none.
        events: in all parts.
        came: when events did, of all parts.
    """

    parts: Sequence[HistoryPart]
    customers: Sequence[bytes]
    rows: Sequence[Ints]
    first: float
    last: float
    events: int
    came: Arrivals

    @classmethod
    def of(cls, history: "EventLog | Sequence[HistoryPart]") -> "HistoryApart":
        """Number the customers; a log is one part, whose customers stay as they are.

        >>> from scoring.facts.events import EVENT
        >>> row, event = np.zeros(1, np.int64), np.zeros(1, EVENT)
        >>> one, two = EventLog([b"b"], row, event), EventLog([b"a"], row, event)
        >>> both = HistoryApart.of([lambda: one, lambda: two])
        >>> both.customers, [rows.tolist() for rows, _ in both]
        ([b'a', b'b'], [[1], [0]])
        """
        if isinstance(history, EventLog):
            return cls(
                [lambda: history],
                history.customers,
                [np.arange(len(history.customers))],
                *_span(history),
                len(history.events),
                came_of(history),
            )
        names: list[bytes] = []
        spans, sizes, events, came = [], [0], 0, []
        for part in history:
            log = part()
            names += log.customers
            sizes.append(len(names))
            spans.append(_span(log))
            events += len(log.events)
            came.append(came_of(log))
        order = sorted(range(len(names)), key=names.__getitem__)
        place = np.empty(len(names), np.int64)
        place[order] = np.arange(len(names))
        return cls(
            history,
            [names[at] for at in order],
            np.split(place, sizes[1:-1]) if history else [],
            min((first for first, _ in spans), default=np.inf),
            max((last for _, last in spans), default=-np.inf),
            events,
            merged(came),
        )

    def held(self, until: float) -> Holding:
        """What the gate of a partition with all customers holds up to an instant, epoch seconds."""
        return held_by(self.came.by(until), until)

    def __iter__(self) -> Iterator[tuple[Ints, EventLog]]:
        """Read the parts: numbers of its customers, and its log."""
        for rows, part in zip(self.rows, self.parts, strict=True):
            yield rows, part()

    def sampled(self, share: float, seed: int = 0) -> EventLog:
        """The log of a share of the customers, drawn by lot; at least one.

        Args:
            share: of the customers, above 0.
            seed: of the drawing; the same seed gives the same customers, however the parts are cut.
        """
        count = len(self.customers)
        lots = np.random.default_rng(seed).permutation(count)
        chosen = lots < (count if share >= 1.0 else max(round(share * count), 1))
        drawn = [(rows[chosen[rows]], _only(log, chosen[rows])) for rows, log in self]
        return _together(drawn)


def _span(log: EventLog) -> tuple[float, float]:
    return (float(log.times[0]), float(log.times[-1])) if len(log.events) else (np.inf, -np.inf)


def _only(log: EventLog, chosen: Bools) -> EventLog:
    if chosen.all():
        return log
    (_, some), *_ = log.grouped(np.where(chosen, 0, 1), 2)
    return some


def _together(parts: Sequence[tuple[Ints, EventLog]]) -> EventLog:
    """One log of several, its customers by number and its events by time."""
    if len(parts) == 1:
        return parts[0][1]
    numbers = np.concatenate([rows for rows, _ in parts])
    names = [name for _, log in parts for name in log.customers]
    order = np.argsort(numbers)
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    starts = np.cumsum([0, *(len(rows) for rows, _ in parts)])[:-1].tolist()
    pairs = zip(parts, starts, strict=True)
    rows = np.concatenate([place[log.rows + start] for (_, log), start in pairs])
    events = np.concatenate([log.events for _, log in parts])
    by_time = np.argsort(events["time"], kind="stable")
    return EventLog([names[at] for at in order.tolist()], rows[by_time], events[by_time])
