"""What happened to customers lately: warnings and answers, some of each, as the topics tell it."""

import time
from collections import deque
from functools import partial
from math import inf
from typing import Any, Final, NamedTuple

from ebbwatch.serve.queue.feed import again_and_again, read_on
from ebbwatch.serve.queue.lines import CaseLine
from ebbwatch.serve.queue.raised import RaisedWarnings
from schemas import BatchAdapter, EarlyWarning, validate_batch
from schemas.events.outcomes import CustomerOutcome
from scoring.arrays import DAY
from streams.config import Settings
from streams.tools.desk.topics import Record, read

EACH: Final = 12  # entries of a customer
DAYS: Final = 90  # that are read back
_CONTRACT: Final = BatchAdapter[Any](CustomerOutcome)
ALL: Final = 200_000  # entries of all, of which the oldest go first


MOVE: Final = "reassigned"
PROGRESS: Final = {"acknowledged", "contacted", "offer_made", "accepted"}


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
    """

    at: float
    kind: str
    rule: str = ""
    band: str = ""
    who: str = ""
    detail: str = ""
    note: str = ""
    id: str = ""


class CustomerHistory:
    """Keeps the last entries of customers, bounded for each and for all."""

    def __init__(self) -> None:
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
        )
        self._add(event["customer_id"], entry)

    def pending(self, line: CaseLine) -> str:
        """The answer to a case that no worker or desk has taken yet, "" for none."""
        answers = [each for each in self.of(line.customer) if each.who and each.at >= line.opened]
        move = next((each for each in answers if each.kind == MOVE), None)
        if move is not None and move.detail != line.officer and line.day is not None:
            return MOVE
        last = next((each for each in answers if each.kind != MOVE), None)
        if last is None or last.at < line.since or last.kind in {line.progress, line.state}:
            return ""
        return last.kind if last.at > line.since or last.kind in PROGRESS else ""

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
        await again_and_again("history not read", self._read)

    async def _read(self) -> None:
        settings, self.history, raised = self._settings, CustomerHistory(), RaisedWarnings()
        topics = (settings.outcome_topic, settings.risk_topic, settings.relationship_topic)
        since = -inf if settings.mode == "replay" else time.time() - DAYS * DAY
        async for is_all, _ in read_on(settings, topics, partial(self._take, raised), since):
            if is_all:
                self.raised = raised

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
