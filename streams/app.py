"""The composition root: builds the Faust app and all it works with from one configuration."""

import asyncio
import os
import tempfile
import time
from collections.abc import AsyncIterator, Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import structlog
from aiokafka import AIOKafkaProducer
from faust.types import TP
from prometheus_client import CollectorRegistry

from streams.broker.clients import ClientOptions
from streams.broker.routing import topics_of
from streams.config import Settings
from streams.intake.checks import TopicChecks
from streams.intake.dead_letters import KafkaDeadLetters
from streams.intake.decoders import decoders_of
from streams.intake.faust_app import App
from streams.intake.records import Records
from streams.outbox.published import Published, told
from streams.outbox.relay import Relay
from streams.panel.board import PanelBoard
from streams.panel.wiring import panel_keeper
from streams.parameters.file import load_model
from streams.parameters.in_use import InUse, Using
from streams.parameters.reload import Reloader, tell
from streams.partition.memory_watch import MemoryWatch
from streams.partition.owned import end_process, ended_by
from streams.partition.ownership import Ownership
from streams.partition.present import forward_only
from streams.partition.services import Services
from streams.partition.watchdog import Watchdog
from streams.probes import Probes
from streams.retry import WAITS, persist
from streams.store import Budget, Claim, redis_url
from streams.store.clients import connect
from streams.store.health import fullest, judge
from streams.store.opening import store_of
from streams.telemetry.metrics import Metrics
from streams.telemetry.spans import tracing

log = structlog.get_logger()

Batches = AsyncIterator[Records]
RAW: Final = {"key_serializer": "raw", "value_serializer": "raw"}  # or Faust decodes JSON


DRAIN: Final = 3.0  # seconds that committed warnings may take to be published at the end
HEARTBEAT: Final = 0.5  # seconds between two of a group's member at most


class Worker:
    """One worker process's parts, wired.

    Args:
        settings: the configuration.
        registry: where metrics are registered.
    """

    def __init__(self, settings: Settings, registry: CollectorRegistry) -> None:
        self.settings, self.options = settings, ClientOptions(settings)
        self.in_use = InUse(Using.of(settings, load_model(settings)))
        self.metrics = Metrics(registry)
        self.metrics.live.set(settings.mode == "live")
        self.metrics.start_at_zero(topics_of(settings), told(self.in_use.current.model.rules))
        self.tracing = tracing(settings.traces_endpoint, self.metrics)
        url = settings.redis_url.get_secret_value()
        WAITS.name(kafka=settings.kafka_bootstrap, redis=redis_url.parse(url).shown)
        self.redis = connect(url, settings.redis_timeout)
        self.store = store_of(self.redis, settings)
        model = self.in_use.current.model
        self.panel = panel_keeper(settings, model, self.redis, self.store, PanelBoard(registry))
        self.published = Published(settings, self.metrics)
        self._producer: AIOKafkaProducer | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._taking_over: asyncio.Task[None] | None = None
        self._probes: Probes | None = None
        self.app = self._faust()
        self.app.starting, self.app.leaving, self.app.stopping = self.start, self.leave, self.stop
        self.app.failing, self.has_started = end_process, False

    def _faust(self) -> App:
        settings = self.settings
        app = App(
            settings.group,
            broker=f"ebbwatch://{settings.kafka_bootstrap}",
            broker_credentials=self.options.faust_credentials(),
            broker_session_timeout=settings.session_timeout,
            # By its answer a member hears of a rebalance, for which all others stand still.
            broker_heartbeat_interval=min(settings.session_timeout / 10, HEARTBEAT),
            broker_commit_interval=2.0,
            broker_max_poll_records=settings.inbox_records,
            consumer_max_fetch_size=settings.fetch_bytes,
            consumer_auto_offset_reset="none",  # where to read on is decided here
            stream_wait_empty=False,  # Redis holds the truth; waiting would stall the whole group
            stream_buffer_maxsize=64,
            topic_allow_declare=False,
            topic_disable_leader=True,
            web_enabled=False,
            store="memory://",
            datadir=Path(tempfile.gettempdir())
            / f"ebbwatch-faust-{os.getuid()}",  # made, but never written to
        )
        app.on_partitions_revoked.connect(self._revoked, weak=False)
        app.on_partitions_assigned.connect(self._assigned, weak=False)
        app.on_rebalance_complete.connect(self._rebalanced, weak=False)
        for name in settings.input_topics:
            app.agent(self._topic(app, name), name=name)(self._feed)
        return app

    async def _feed(self, batches: Batches) -> None:
        """An agent's work."""
        async for records in batches:
            self.partitions.feed(records)

    def _topic(self, app: App, name: str) -> Any:  # noqa: ANN401
        return app.topic(name, key_type=bytes, value_type=bytes, **RAW)

    async def start(self) -> None:
        """Connect and wire what needs a running loop; called before Faust's consumer starts."""
        tell(self.in_use.current, self.metrics)
        await self._judge_redis()
        self._producer = await persist("start", self._start_producer)
        self.topics = TopicChecks(self.settings, self._producer)
        self.partitions = Ownership(self._services(), self.settings.input_topics, self._relay)
        self.app.progress = self.partitions
        self._probes = Probes(self.settings, self.partitions, self.metrics, self.store)
        await self._probes.start()
        reloader = Reloader(self.settings, self.in_use, self.metrics)
        watchdog = Watchdog(
            lambda: self.app.consumer,
            lambda: self.partitions.owned,
            self._kafka_answers,
            end_process,
        )
        memory = MemoryWatch(lambda: fullest(self.redis), self.metrics.redis_memory)
        watches = (reloader.run(), self.topics.watch(), watchdog.run(), memory.run())
        self._tasks = [self._task(each) for each in (self.partitions.sample(), *watches)]
        self.has_started = True

    async def _judge_redis(self) -> None:
        """Refuse a Redis that cannot be worked with, and tell what is lost by one that can."""
        asked = self.redis, self.store, self.settings.partitions, self.settings.redis_replicas
        found = await persist("start", lambda: judge(*asked))
        if found.refused:
            raise ValueError(f"redis: {'; '.join(found.refused)}")
        for line in found.risky:
            log.warning("redis is at risk", found=line)

    async def _start_producer(self) -> AIOKafkaProducer:
        """A producer of dead letters alone, whose ids tell repeats."""
        producer = self.options.producer(enable_idempotence=False)
        try:
            await producer.start()
        except BaseException:
            await producer.stop()
            raise
        return producer

    async def _kafka_answers(self) -> bool:
        producer = self._producer
        return producer is not None and bool(await producer.client.force_metadata_update())

    async def leave(self) -> None:
        """Apply nothing more, and publish what was applied, before others may take over."""
        if self._taking_over is not None:
            self._taking_over.cancel()  # or it would wait for a consumer that is gone
        with suppress(TimeoutError):
            async with asyncio.timeout(DRAIN):
                await self.partitions.drain()

    async def stop(self) -> None:
        """Stop what `start` started."""
        for task in self._tasks:
            task.cancel()
        await self.partitions.release()
        if self._probes is not None:
            await self._probes.stop()
        if self._producer is not None:
            await self._producer.stop()
        await self.redis.aclose()
        await self.tracing.close()

    def _task(self, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        task = asyncio.create_task(work)
        task.add_done_callback(ended_by(end_process))
        return task

    def _services(self) -> Services:
        settings, currency = self.settings, self.in_use.current.model.parameters.book_currency
        decoders = decoders_of(
            settings,
            currency,
            forward_only(time.time),
            lambda topic: self.metrics.ahead.labels(topic).inc,
        )
        assert self._producer is not None  # noqa: S101 - start() made it
        return Services(
            store=self.store,
            in_use=self.in_use,
            decoders=decoders,
            topic_of=topics_of(settings),
            dead_letters=KafkaDeadLetters(self._producer),
            metrics=self.metrics,
            batch_records=settings.batch_records,
            inbox_records=settings.inbox_records,
            inbox_bytes=settings.inbox_bytes,
            live_lateness=settings.allowed_lateness if settings.mode == "live" else None,
            budget=Budget(settings.brake_share, settings.brake_least),
            held_messages=settings.brake_messages,
            tracing=self.tracing,
            panel=self.panel,
            wall=time.time,
            other_clock=self.store.now,
        )

    def _relay(self, number: int, claim: Claim) -> Relay:
        return Relay(
            number,
            claim.owner,
            self.store,
            self.options,
            on_published=self.published,
            on_went_back=self.metrics.went_back.set_to_current_time,
            trace=self.tracing.of(number),
        )

    async def _revoked(self, _app: App, _revoked: set[TP], **_: Any) -> None:  # noqa: ANN401
        await self.partitions.release()

    async def _assigned(self, _app: App, assigned: set[TP], **_: Any) -> None:  # noqa: ANN401
        self._taking_over = asyncio.create_task(self._take_over(assigned))
        await asyncio.wait([self._taking_over])

    async def _take_over(self, assigned: set[TP]) -> None:
        try:
            await self.topics.check()
            await self.partitions.claim(assigned, self.topics.ids)
        except Exception as error:  # noqa: BLE001 - what waiting mends was waited for
            end_process(error)

    async def _rebalanced(self, _app: App, **_: Any) -> None:  # noqa: ANN401
        """Hold Faust, which seeks and fetches next, until there is an offset to seek to."""
        await self.partitions.claimed()
