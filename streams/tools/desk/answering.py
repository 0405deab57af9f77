"""Answering a warning or a case: what it is about, looked up; the event, checked; written once."""

import hashlib
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from schemas import BatchAdapter, EarlyWarning, validate_batch
from schemas.events.outcomes import CustomerOutcome
from schemas.ids import CaseId, WarningId, customer_hash, names
from schemas.outputs.cases import CustomerCase
from streams.broker.clients import ClientOptions
from streams.broker.message import Message
from streams.broker.partitioner import partitioner
from streams.broker.partitions import partitions_at
from streams.config import Settings
from streams.tools.desk.topics import DeskError, Record, gather, read

_IDS: Final = TypeAdapter[str](WarningId | CaseId)
_CONTRACT: Final = BatchAdapter[Any](CustomerOutcome)


@dataclass(frozen=True)
class About:
    """What an answer is about.

    Attributes:
        name: id of the warning or case.
        customer: whose it is.
        raised_at: when it was raised or opened; None where it was not looked up.
        newest: the last of its kind, if it was raised anew since; else `name`.
        is_open: whether it still is, so far as is known.
    """

    name: str
    customer: str
    raised_at: datetime | None
    newest: str
    is_open: bool

    @property
    def field(self) -> str:
        """The event's field that names it."""
        return "warning_id" if names(self.name).rule else "case_id"


@dataclass(frozen=True)
class Given:
    """An answer as it was given.

    Attributes:
        kind: type of the event.
        by: opaque id of who answers.
        at: when it happened.
        is_dated: whether that was said, and is not merely the present.
        details: what else its type takes: reason, offer, until, touchpoint, note.
        form: by which it was given; "" from a shell.
    """

    kind: str
    by: str
    at: datetime
    is_dated: bool
    details: Mapping[str, str]
    form: str = ""


async def look_up(settings: Settings, name: str, customer: str | None = None) -> About:
    """Find out whose a warning or case is, and whether it is still open.

    Args:
        settings: name and reach the topics.
        name: id of a warning or a case.
        customer: whose it is, if that is known: then no topic is read.

    Raises:
        DeskError: it is no such id, or none was published, or it is another customer's.
        aiokafka.errors.KafkaError: Kafka cannot be reached.
    """
    try:
        of = names(_IDS.validate_python(name))
    except ValidationError:
        shape = "a warning's id (24 hex digits, rule, episode) or a case's (24 hex digits, number)"
        raise DeskError(f"{name}: expected {shape}, as published") from None
    if customer is not None:
        if customer_hash(customer.encode()) != of.customer:
            raise DeskError(f"{name}: expected one of customer {customer}'s, got another one's")
        return About(name, customer, None, name, is_open=True)
    cases, warnings = settings.case_topic, (settings.risk_topic, settings.relationship_topic)
    topics = warnings if of.rule else (cases,)
    told = [each async for each in _told(settings, topics, f"{of.customer}.")]
    own = [each for each in told if names(each.name)[:2] == of[:2]]
    exact = [each for each in own if each.name == name]
    if not exact and not (own and not of.rule):  # a case topic keeps a customer's last alone
        help_ = "--customer ID answers one that the topic has forgotten"
        raise DeskError(f"{name}: expected one published to {' or '.join(topics)}; {help_}")
    last = max(own, key=lambda each: (names(each.name).number, each.sequence))
    mine = max(exact, key=lambda each: each.sequence) if exact else last
    raised = mine.raised_at if exact else None
    return About(name, mine.customer, raised, last.name, is_open=bool(exact) and mine.is_open)


@dataclass(frozen=True)
class _Told:
    """A message of a warning or a case, as far as an answer asks."""

    name: str
    sequence: int
    customer: str
    raised_at: datetime
    is_open: bool


async def _told(settings: Settings, topics: tuple[str, ...], whose: str) -> AsyncIterator[_Told]:
    begins = whose.encode()
    async for records in gather(settings, *topics):
        for record in records:
            if dict(record.headers).get("ce_id", b"").startswith(begins):
                yield _of_case(record) if topics == (settings.case_topic,) else _of_warning(record)


def _of_warning(record: Record) -> _Told:
    w = read(EarlyWarning, record)
    is_open = w.lifecycle != "cleared"
    return _Told(w.warning_id, w.sequence, w.customer_id, w.raised_at, is_open)


def _of_case(record: Record) -> _Told:
    c = read(CustomerCase, record)
    return _Told(c.case_id, c.sequence, c.customer_id, c.opened_at, c.status != "closed")


def answer_of(about: About, given: Given) -> dict[str, Any]:
    """The event of an answer, kept to its contract.

    The same answer given twice has one id, and counts once; one that is dated is another one for
    each date, and one by a form for each form.

    Raises:
        DeskError: the answer breaks the contract, or is from before the raise.
    """
    if about.raised_at is not None and given.at < about.raised_at:
        raised = about.raised_at.isoformat()
        raise DeskError(f"--at: expected from the raise on, {raised}, got {given.at.isoformat()}")
    said = {
        "customer_id": about.customer,
        "type": given.kind,
        about.field: about.name,
        "answered_by": given.by,
        **given.details,
    }
    time = given.at.isoformat()
    apart = {"event_time": time} if given.is_dated else {"form": given.form} if given.form else {}
    named = json.dumps({**said, **apart}, sort_keys=True)
    digest = hashlib.blake2b(named.encode("utf-8", "replace"), digest_size=12).hexdigest()
    source = "page" if given.form else "shell"
    event = {"event_id": f"{source}-{digest}", "event_time": time, **said}
    _, refused = validate_batch(_CONTRACT, [json.dumps(event).encode()])
    for bad in refused:
        of = f" of {given.kind}" if bad.expected == "no such field" else ""
        raise DeskError(f"{bad.where}: expected {bad.expected}{of}, got {bad.got}")
    return event


async def send(settings: Settings, event: Mapping[str, Any]) -> None:
    """Write an answer to the outcome topic, where its customer's partition is.

    Raises:
        DeskError: the topic does not exist, or has another number of partitions.
        kafka.errors.KafkaError: Kafka cannot be reached.
        aiokafka.errors.KafkaError: likewise.
    """
    options, topic = ClientOptions(settings), settings.outcome_topic
    place, message = message_of(settings, event)
    async with options.producer() as producer:
        got = len(await partitions_at(producer, topic))
        if got != settings.partitions:
            raise DeskError(f"{topic}: expected {settings.partitions} partitions, got {got}")
        await producer.send_and_wait(topic, message.value, message.key, partition=place)


def message_of(settings: Settings, event: Mapping[str, Any]) -> tuple[int, Message]:
    """An answer as it is written, and to which partition."""
    message = Message(event["customer_id"].encode(), json.dumps(event).encode())
    return partitioner(settings.partitioner).one(message.key, settings.partitions), message
