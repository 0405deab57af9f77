"""What happened to customers lately: warnings and answers, some of each, as the topics tell it."""

import asyncio
import json
import time
from collections import deque
from collections.abc import Mapping
from functools import partial
from math import inf
from typing import Any, Final, NamedTuple

from ebbwatch.serve.queue.feed import again_and_again, read_on
from ebbwatch.serve.queue.raised import RaisedWarnings
from schemas import BatchAdapter, DeadLetter, EarlyWarning, validate_batch
from schemas.events.outcomes import CustomerOutcome
from scoring.arrays import DAY
from streams.config import Settings, dead_letter_topic
from streams.tools.desk.topics import Record, read

EACH: Final = 12  # entries of a customer
DAYS: Final = 90  # that are read back
_CONTRACT: Final = BatchAdapter[Any](CustomerOutcome)
ALL: Final = 200_000  # entries of all, of which the oldest go first
REFUSED: Final = 10_000  # answers set aside, likewise
SELDOM: Final = 60.0  # seconds until what may not be read at all is tried again


class HistoryEntry(NamedTuple):
    """One thing that happened.

    Attributes:
        at: when, epoch seconds.
        kind: the lifecycle of a warning, or the type of an answer.
        rule: of the warning, "" for an answer.
        band: likewise.
        who: answered, "" for a warning.
        detail: the reason, offer, touchpoint, day or new officer of an answer.
        note: of an answer.
        id: of the event; an answer that was sent twice is told once.
        source: who numbered it, "" where that is not named.
    """

    at: float
    kind: str
    rule: str = ""
    band: str = ""
    who: str = ""
    detail: str = ""
    note: str = ""
    id: str = ""
    source: str = ""


class CustomerHistory:
    """Keeps the last entries of customers, bounded for each and for all.

    Args:
        refused: as below, where some are known already.

    Attributes:
        refused: why workers have set answers aside, by the event's id.
    """

    def __init__(self, refused: dict[str, str] | None = None) -> None:
        self.refused = {} if refused is None else refused
        self._entries: dict[str, deque[HistoryEntry]] = {}
        self._count = 0

    def of(self, customer: str) -> list[HistoryEntry]:
        """A customer's, the latest first; of those of one instant, the last that was heard of."""
        return sorted(self._entries.get(customer, ()), key=lambda entry: entry.at)[::-1]

    def warn(self, warning: EarlyWarning) -> None:
        """Take a warning's message."""
        at = warning.event_time.timestamp()
        entry = HistoryEntry(
            at, warning.lifecycle, warning.rule, warning.band, id=warning.warning_id
        )
        self._add(warning.customer_id, entry)

    def answer(self, event: dict[str, Any]) -> None:
        """Take an answer, by its contract."""
        until = event.get("until")
        details = (event.get(name) for name in ("reason", "offer", "touchpoint", "officer"))
        detail = until.isoformat() if until else next(filter(None, details), "")
        entry = HistoryEntry(
            event["event_time"].timestamp(),
            event["type"],
            who=event["answered_by"],
            detail=detail,
            note=event.get("note", ""),
            id=event["event_id"],
            source=event.get("source", ""),
        )
        self._add(event["customer_id"], entry)

    def refuse(self, id_: str, why: str) -> None:
        """Take that workers have set an answer aside, and the reason's code."""
        self.refused[id_] = why
        if len(self.refused) > REFUSED:
            del self.refused[next(iter(self.refused))]

    def erase(self, customer: str) -> None:
        """Forget a customer."""
        self._count -= len(self._entries.pop(customer, ()))

    def _add(self, customer: str, entry: HistoryEntry) -> None:
        own = self._entries.pop(customer, None) or deque(maxlen=EACH)
        self._entries[customer] = own  # whoever was last heard of is last
        if entry.who and any(each.id == entry.id for each in own):
            return
        self._count += len(own) < EACH
        own.append(entry)
        while self._count > ALL:
            self.erase(next(iter(self._entries)))


class HistoryFeed:
    """Keeps what happened to customers.

    Args:
        settings: name the topics.

    Attributes:
        history: what was read so far.
        raised: how many warnings were; None before all was read once.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings, self.history = settings, CustomerHistory()
        self.raised: RaisedWarnings | None = None

    async def run(self) -> None:
        """Read until cancelled; whatever fails is told and tried again."""
        refusals = again_and_again("refused answers not read", self._read_refusals, SELDOM)
        await asyncio.gather(again_and_again("history not read", self._read), refusals)

    def sent(self, event: Mapping[str, Any]) -> None:
        """Take an answer that was just written, which is read only a moment later."""
        for told in validate_batch(_CONTRACT, [json.dumps(event).encode()])[0]:
            if told is not None:
                self.history.answer(told)

    async def _read(self) -> None:
        settings, raised = self._settings, RaisedWarnings()
        self.history = CustomerHistory(self.history.refused)
        topics = (settings.outcome_topic, settings.risk_topic, settings.relationship_topic)
        since = -inf if settings.mode == "replay" else time.time() - DAYS * DAY
        async for is_all, _ in read_on(settings, topics, partial(self._take, raised), since):
            if is_all:
                self.raised = raised

    async def _read_refusals(self) -> None:
        """Apart from the rest: who may not read dead letters sees all but these."""
        topic = dead_letter_topic(self._settings.outcome_topic)
        since = -inf if self._settings.mode == "replay" else time.time() - DAYS * DAY
        async for _ in read_on(self._settings, (topic,), self._refuse, since):
            pass

    def _refuse(self, letter: Record) -> None:
        """Take a dead letter; of one that is no answer, or was not kept, nobody waits to hear."""
        why = DeadLetter.told(letter.headers).get("exception", "")
        for event in validate_batch(_CONTRACT, [letter.value or b""])[0]:
            if event is not None:
                self.history.refuse(event["event_id"], why)

    def _take(self, raised: RaisedWarnings, record: Record) -> None:
        if record.value is None:
            return
        if record.topic != self._settings.outcome_topic:
            warning = read(EarlyWarning, record)
            self.history.warn(warning)
            raised.warn(warning)
            return
        for event in validate_batch(_CONTRACT, [record.value])[0]:
            if event is not None:  # what is no answer, workers set aside
                self.history.answer(event)
