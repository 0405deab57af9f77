"""A file of events looked at line by line: where each goes, and what cannot be used.

A line that cannot be routed or keyed is refused always; one that breaks its contract, which workers
would set aside, unless asked otherwise. What workers can set aside only when they see it (a time
in the future, a currency without a rate) is counted.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Annotated, Any, Final

import numpy as np
from pydantic import Field

from schemas import BatchAdapter, Interaction, Transaction, shown, validate_batch
from schemas.remedies import remedy
from scoring.facts.events import Hashes, hash_ids, within_sources
from streams.broker.message import Message
from streams.broker.routing import topic_of
from streams.config import Settings
from streams.intake.rates import RateTable
from streams.tools.currencies import has_rate
from streams.tools.producing.produced import FileLines

AT_ONCE: Final = 20_000  # lines looked at together
_CONTRACT: Final[Any] = Annotated[Transaction | Interaction, Field(discriminator="type")]

Routed = tuple[str, Message]


class LineError(ValueError):
    """A line that cannot be used; nothing of its file is written.

    Attributes:
        line: its number, from 1.
        expected: what should stand there.
        got: what does.
    """

    def __init__(self, line: int, expected: str, got: str, more: str = "") -> None:
        super().__init__(f"{line}: expected {expected}, got {got[:64]}{more}; nothing was written")
        self.line, self.expected, self.got = line, expected, got


@dataclass(frozen=True)
class Checked:
    """What a file holds.

    Attributes:
        size: its bytes.
        lines: how many are not blank.
        first: the first of them, empty where there is none.
        topics: lines by topic.
        repeats: numbers, from 0 and blank ones aside, of lines whose customer, source and event id
            an earlier line has.
        without_rate: amounts that workers have no rate for, by currency.
        out_of_order: events before an earlier line's.
    """

    size: int
    lines: int
    first: bytes
    topics: Mapping[str, int]
    repeats: frozenset[int]
    without_rate: Mapping[str, int]
    out_of_order: int


def route_lines(
    settings: Settings, lines: Iterable[bytes], topic: str | None, at_once: int = AT_ONCE
) -> Iterator[list[Routed]]:
    """Tell where lines go, a stretch of them at a time; blank lines are left out.

    Raises:
        LineError: one is no JSON object with a customer, or of no known type.
    """
    for numbered in _stretches(lines, at_once):
        yield [_route(settings, number, line, topic) for number, line in numbered]


def check(
    settings: Settings,
    lines: FileLines,
    topic: str | None,
    *,
    rates: RateTable,
    unchecked: bool = False,
) -> Checked:
    """Look at a whole file; takes 24 bytes of memory a line.

    Args:
        settings: name the topics.
        lines: of the file.
        topic: where all go, whatever they are; None sends each to the topic of its type.
        rates: by which workers are taken to convert amounts.
        unchecked: take also what breaks the contract.

    Raises:
        LineError: a line cannot be used.
    """
    checker = _Checker(settings, topic, rates, unchecked=unchecked or topic is not None)
    for numbered in _stretches(lines, AT_ONCE):
        checker.take(numbered)
    return checker.checked(lines.position.size)


class _Checker:
    def __init__(
        self, settings: Settings, topic: str | None, rates: RateTable, *, unchecked: bool
    ) -> None:
        self._settings, self._topic, self._rates = settings, topic, rates
        self._unchecked = unchecked
        self._adapter: BatchAdapter[dict[str, Any]] = BatchAdapter(_CONTRACT)
        self._lines = self._late = 0
        self._first, self._latest = b"", -np.inf
        self._topics: Counter[str] = Counter()
        self._without: Counter[str] = Counter()
        self._ids: list[Hashes] = []

    def take(self, numbered: Sequence[tuple[int, bytes]]) -> None:
        routed = [_route(self._settings, number, line, self._topic) for number, line in numbered]
        self._first = self._first or routed[0][1].value
        self._lines += len(routed)
        self._topics.update(topic for topic, _ in routed)
        values = [message.value for _, message in routed]
        events, rejections = validate_batch(self._adapter, values)
        if rejections and not self._unchecked:
            bad = rejections[0]
            more = f" ({len(rejections) - 1} more like it or worse)" if rejections[1:] else ""
            place, what = numbered[bad.index][0], f"{bad.where} to be {bad.expected}"
            raise LineError(place, what, f"{bad.got}; {remedy(bad)}", more)
        self._count([event for event in events if event is not None])
        self._ids.append(_identities(numbered, events))

    def _count(self, events: Sequence[Mapping[str, Any]]) -> None:
        times = np.array([event["event_time"].timestamp() for event in events])
        if times.size:
            reached = np.maximum.accumulate(np.append(self._latest, times))
            self._late += int((times < reached[:-1]).sum())
            self._latest = float(reached[-1])
        for event in events:
            if "currency" in event and not has_rate(event, event["event_time"], self._rates):
                self._without[event["currency"]] += 1

    def checked(self, size: int) -> Checked:
        ids = np.concatenate([*self._ids, np.empty(0, np.uint64)])
        _, first = np.unique(ids, return_index=True)
        is_first = np.zeros(len(ids), np.bool_)
        is_first[first] = True
        repeats = frozenset(np.flatnonzero(~is_first).tolist())
        return Checked(
            size,
            self._lines,
            self._first,
            dict(self._topics),
            repeats,
            dict(self._without),
            self._late,
        )


def _identities(
    numbered: Sequence[tuple[int, bytes]], events: Sequence[Mapping[str, Any] | None]
) -> Hashes:
    """What makes an event the same one: customer, source and id; its line where it is no event.

    64 bits of 100 million events are alike by chance with a probability of 3 in 10 000.
    """
    known = [event or {} for event in events]
    ids = hash_ids([event.get("event_id", "") for event in known])
    ids = within_sources(ids, [event.get("source", "") for event in known])
    whose = [
        event.get("customer_id", f"line:{n}") for event, (n, _) in zip(known, numbered, strict=True)
    ]
    return within_sources(ids, whose)


def _stretches(lines: Iterable[bytes], at_once: int) -> Iterator[list[tuple[int, bytes]]]:
    numbered = ((n, line) for n, line in enumerate(lines, start=1) if line.strip())
    while stretch := list(islice(numbered, at_once)):
        yield stretch


def _route(settings: Settings, number: int, line: bytes, topic: str | None) -> Routed:
    event = _object(number, line)
    customer = event.get("customer_id")
    if not isinstance(customer, str) or not customer:
        raise LineError(number, "a customer_id", shown(customer))
    place = topic or topic_of(event.get("type"), settings)
    if place is None:
        raise LineError(number, "a known type, or --topic", shown(event.get("type")))
    return place, Message(customer.encode(), line.strip())


def _object(number: int, line: bytes) -> dict[str, Any]:
    try:
        event = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise LineError(number, "a JSON object", f"no JSON ({error})") from error
    if not isinstance(event, dict):
        raise LineError(number, "a JSON object", type(event).__name__)
    return event
