"""Sending a week's digest at most once, whoever is killed or starts again.

That it is begun is noted in Kafka before the server is given it, under a transactional id that
fences another digest; what was surely not sent is noted as well, and may be tried again.
"""

import asyncio
import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from enum import Enum

from aiokafka import AIOKafkaProducer
from aiokafka.structs import TopicPartition

from schemas.outputs.desk import DeskAssignment
from schemas.outputs.words import Language
from streams.broker.clients import ClientOptions
from streams.broker.message import Message, partition_of
from streams.broker.read import onward, reading, tail
from streams.broker.write import write_batches
from streams.config import Settings
from streams.parameters.file import rules_of
from streams.tools.desk.digest.letter import Digest, letter
from streams.tools.desk.digest.post import DigestError, Post
from streams.tools.desk.rationing import new_desk
from streams.tools.desk.topics import read


class Sent(Enum):
    """What became of a week's digest."""

    NOW = "sent"
    BEFORE = "sent before"
    BEGUN = "begun before: it may have been sent or not"
    EMPTY = "no leads: nothing to send"


async def send_digest(
    settings: Settings,
    post: Post,
    sender: str,
    to: Sequence[str],
    at: datetime,
    *,
    language: Language = "en",
    again: bool = False,
) -> tuple[Sent, list[str]]:
    """Send the digest of the week that an instant is in, unless it was.

    Args:
        settings: name and reach the topics.
        post: the mail server.
        sender: address that it is from.
        to: addresses that it goes to.
        at: aware.
        language: of its words.
        again: whether to send it also if it was.

    Returns:
        What became of it, and whom the server did not take it for.

    Raises:
        DigestError: it was not sent, or nobody knows.
        DeskError: an assignment is none.
        RulesError: the rules file cannot be used.
        aiokafka.errors.KafkaError: Kafka cannot be reached.
    """
    year, week, _ = new_desk(settings).moment(at).day.isocalendar()
    digest = Digest(f"{year}-W{week:02}")
    options, key = ClientOptions(settings), _key(to)
    # Of two at once the earlier is fenced, so what is noted now is all there is.
    async with options.producer(transactional_id=f"{settings.group}-digest") as producer:
        noted = await _noted(options, settings, key)
        if noted.get("week") == digest.week and not again:
            return {"sent": Sent.BEFORE, "begun": Sent.BEGUN}[noted["state"]], []
        await _read(options, settings, digest)
        if digest.is_empty:
            return Sent.EMPTY, []
        mail = letter(digest, language, sender, to, rules_of(settings).texts)
        await asyncio.to_thread(post.connect)
        try:
            await _note(producer, settings, key, {"week": digest.week, "state": "begun"})
            try:
                refused = await asyncio.to_thread(post.send, mail)
            except DigestError as error:
                if error.is_unsent:
                    await _note(producer, settings, key, noted)
                raise
            await _note(producer, settings, key, {"week": digest.week, "state": "sent"})
        finally:
            await asyncio.to_thread(post.part)
    return Sent.NOW, refused


def _key(to: Sequence[str]) -> bytes:
    """Whom a digest goes to, without their addresses."""
    return b"digest:" + hashlib.sha256("\n".join(sorted(to)).encode()).hexdigest()[:32].encode()


async def _noted(options: ClientOptions, settings: Settings, key: bytes) -> dict[str, str]:
    found: dict[str, str] = {}
    place = TopicPartition(settings.progress_topic, partition_of(key, settings.partitions))
    async with reading(options) as consumer:
        async for record in tail(consumer, place):
            if record.key == key:
                found = json.loads(record.value or b"{}")
    return found


async def _note(
    producer: AIOKafkaProducer, settings: Settings, key: bytes, note: dict[str, str]
) -> None:
    message = Message(key, json.dumps(note).encode())
    place = partition_of(key, settings.partitions)
    async with producer.transaction():
        await write_batches(producer, settings.progress_topic, place, [message])


async def _read(options: ClientOptions, settings: Settings, digest: Digest) -> None:
    places = [
        TopicPartition(settings.assignment_topic, number) for number in range(settings.partitions)
    ]
    async with reading(options) as consumer:
        async for records, is_all in onward(consumer, places):
            for record in records:
                if record.value is None:
                    digest.forget((record.key or b"").decode(errors="replace"))
                else:
                    digest.take(read(DeskAssignment, record))
            if is_all:
                return
