"""Warnings posted to an address: at least once, in each partition's order."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import structlog
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import CommitFailedError, IllegalStateError
from aiokafka.structs import TopicPartition
from prometheus_client import CollectorRegistry, Counter, Gauge

from schemas.outputs.dead_letters import error_headers
from streams.broker.clients import ClientOptions
from streams.broker.partitions import NoTopicError
from streams.broker.topics import TopicSpec, create_topics, find_topics, retention
from streams.config import Settings, dead_letter_topic
from streams.retry import persist
from streams.tools.webhook.http_event import NotAnEventError, Style, http_event
from streams.tools.webhook.receiver import Delivery, Receiver, Reply
from streams.tools.webhook.retries import Retries

log = structlog.get_logger()

WAIT_MS: Final = 500
AT_ONCE: Final = 500  # events fetched at once
TURN: Final = 60.0  # seconds on one partition, well below what Kafka lets pass between fetches
ASIDE: Final = frozenset({Delivery.REFUSED, Delivery.GIVEN_UP, Delivery.NOT_AN_EVENT})


@dataclass(frozen=True)
class Webhook:
    """What is forwarded, where to, and how.

    Attributes:
        url: where to.
        topics: read, in no order among them.
        group: notes how far it is.
        style: of the requests.
        keys: that sign them; none signs nothing.
        timeout: seconds until a try is given up.
        give_up: seconds of tries until an event is set aside.
        is_private_allowed: whether the address may be inside.
        is_from_beginning: whether a group that is new begins with what the topics hold.
    """

    url: str
    topics: tuple[str, ...]
    group: str
    style: Style = Style.BINARY
    keys: tuple[bytes, ...] = ()
    timeout: float = 10.0
    give_up: float = 86_400.0
    is_private_allowed: bool = False
    is_from_beginning: bool = False


class _Figures:
    """What is told of it: `ebbwatch_webhook_...`."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.events = Counter(
            "ebbwatch_webhook_events", "Events done with.", ["outcome"], registry=registry
        )
        for delivery in set(Delivery) - {Delivery.LATER}:
            self.events.labels(delivery.value)
        self.tries = Counter("ebbwatch_webhook_tries_in_vain", "Requests.", registry=registry)
        self.waiting = Gauge(
            "ebbwatch_webhook_waiting_seconds",
            "Since the first try of the event that has waited longest.",
            registry=registry,
        )


async def forward(
    settings: Settings, webhook: Webhook, stop: asyncio.Event, registry: CollectorRegistry
) -> None:
    """Forward until asked to stop.

    Args:
        settings: how to reach Kafka.
        webhook: what, where to and how.
        stop: set by whoever wants it to end; a request under way is awaited.
        registry: takes the metrics.

    Raises:
        PrivateAddressError: the address is inside, and that was not allowed.
        NoTopicError: Kafka does not know a topic.
        kafka.errors.KafkaError: it is away, or the topics of dead letters cannot be made.
    """
    options = ClientOptions(settings)
    receiver = Receiver(
        webhook.url,
        webhook.keys,
        webhook.timeout,
        is_private_allowed=webhook.is_private_allowed,
    )
    async with receiver:
        await asyncio.to_thread(_see_to_topics, settings, webhook.topics)
        consumer = options.consumer(
            *webhook.topics,
            group_id=webhook.group,
            isolation_level="read_committed",
            auto_offset_reset="earliest" if webhook.is_from_beginning else "latest",
        )
        producer = options.producer()
        try:
            await persist("Kafka", consumer.start)
            await persist("Kafka", producer.start)
            await _Forwarding(webhook, receiver, consumer, producer, _Figures(registry)).run(stop)
        finally:
            await consumer.stop()
            await producer.stop()


def _see_to_topics(settings: Settings, topics: Sequence[str]) -> None:
    """Find the topics, and make those of their dead letters."""
    security = ClientOptions(settings).kafka_python()
    found = find_topics(settings.kafka_bootstrap, topics, **security)
    for missing in set(topics) - set(found):
        raise NoTopicError(missing)
    kept = retention(settings.dead_letter_days)
    specs = [
        TopicSpec(dead_letter_topic(name), each.partitions, settings.replication, kept)
        for name, each in found.items()
    ]
    create_topics(settings.kafka_bootstrap, specs, **security)


class _Forwarding:
    """A consumer of a group at work."""

    def __init__(
        self,
        webhook: Webhook,
        receiver: Receiver,
        consumer: AIOKafkaConsumer,
        producer: AIOKafkaProducer,
        figures: _Figures,
    ) -> None:
        self._webhook, self._receiver = webhook, receiver
        self._consumer, self._producer, self._figures = consumer, producer, figures
        self._retries: Retries[TopicPartition] = Retries(webhook.give_up)
        self._begun: set[TopicPartition] = set()
        self._now = asyncio.get_running_loop().time

    async def run(self, stop: asyncio.Event) -> None:
        """Fetch and deliver, all partitions at a time."""
        while not stop.is_set():
            await self._begin()
            fetched = await self._consumer.getmany(timeout_ms=WAIT_MS, max_records=AT_ONCE)
            await asyncio.gather(*(self._deliver(place, of, stop) for place, of in fetched.items()))
            self._go_on()

    async def _begin(self) -> None:
        """Note where a new group begins: what comes while nobody runs is not to be passed over."""
        own = self._consumer.assignment()
        for place in own - self._begun:
            if await self._consumer.committed(place) is None:
                await self._commit(place, await self._consumer.position(place))
        self._begun = set(own)

    async def _deliver(
        self, place: TopicPartition, records: Sequence[Any], stop: asyncio.Event
    ) -> None:
        """Deliver a partition's next events, up to one that has to wait."""
        until, done = self._now() + TURN, records[0].offset
        for record in records:
            if stop.is_set() or self._now() > until or not await self._is_done(place, record):
                self._back_to(place, record.offset)
                break
            done = record.offset + 1
        if done > records[0].offset:
            await self._commit(place, done)

    async def _is_done(self, place: TopicPartition, record: Any) -> bool:  # noqa: ANN401
        """Try an event; tell whether there is nothing more to do about it."""
        delivery, told, after = await self._tried(record)
        if delivery is Delivery.LATER:
            self._figures.tries.inc()
            if self._retries.failed(place, record.offset, self._now(), after):
                log.info("try in vain", told=told, **_named(record))
                return False
            delivery = Delivery.GIVEN_UP
        if delivery in ASIDE:
            log.error("set aside", reason=delivery.value, told=told, **_named(record))
            letter = _letter(record, delivery, told)
            await persist("dead letters", lambda: self._producer.send_and_wait(**letter))
        self._retries.done(place)
        self._figures.events.labels(delivery.value).inc()
        return True

    async def _tried(self, record: Any) -> Reply:  # noqa: ANN401
        if record.value is None:
            return Reply(Delivery.EMPTY, "")
        try:
            event = http_event(record.headers, record.value, self._webhook.style)
        except NotAnEventError as error:
            return Reply(Delivery.NOT_AN_EVENT, str(error))
        return await self._receiver.post(event)

    def _back_to(self, place: TopicPartition, offset: int) -> None:
        """Fetch from an event again, once it is due where it waits for that."""
        if place in self._consumer.assignment():
            self._consumer.seek(place, offset)
            if self._retries.is_waiting(place):
                self._consumer.pause(place)

    def _go_on(self) -> None:
        own = self._consumer.assignment()
        self._retries.keep(own)
        self._consumer.resume(*(own & set(self._retries.due(self._now()))))
        self._figures.waiting.set(self._retries.longest(self._now()))

    async def _commit(self, place: TopicPartition, offset: int) -> None:
        """Note how far it is; who owns the partition now repeats what was not noted."""
        try:
            await persist("commit", lambda: self._consumer.commit({place: offset}))
        except (CommitFailedError, IllegalStateError) as error:
            log.info(
                "partition moved", topic=place.topic, partition=place.partition, error=str(error)
            )


def _named(record: Any) -> dict[str, Any]:  # noqa: ANN401
    return {"topic": record.topic, "partition": record.partition, "offset": record.offset}


def _letter(record: Any, delivery: Delivery, told: str) -> dict[str, Any]:  # noqa: ANN401
    """As it came, so that another webhook over the dead letters delivers it."""
    headers = error_headers(delivery.value, told, **_named(record))
    return {
        "topic": dead_letter_topic(record.topic),
        "partition": record.partition,
        "key": record.key,
        "value": record.value,
        "headers": [*record.headers, *headers],
    }
