"""Whether topics are as they must be, before anything of them is read."""

from functools import partial
from typing import Any

import structlog
from aiokafka import AIOKafkaProducer
from faust.types import TP

from streams.broker.partitions import partitions_at
from streams.config import Settings, dead_letter_topic
from streams.intake.transport import Progress
from streams.retry import persist
from streams.telemetry.metrics import Metrics

log = structlog.get_logger()


class TopicChecks:
    """Looks at the topics of a worker.

    Args:
        settings: their names and partition count.
        producer: started; it knows topics.
        metrics: what is lost is counted there.
    """

    def __init__(self, settings: Settings, producer: AIOKafkaProducer, metrics: Metrics) -> None:
        self._settings, self._producer, self._metrics = settings, producer, metrics

    async def check_partitions(self) -> None:
        """Wait until all topics are there.

        Raises:
            ValueError: one has another partition count than the settings say.
        """
        settings, producer = self._settings, self._producer
        for topic in map(dead_letter_topic, settings.input_topics):
            await persist("partitions", partial(partitions_at, producer, topic))
        for topic in (*settings.input_topics, *settings.output_topics):
            # The consumer would know too, but only that of the group's leader.
            known = await persist("partitions", partial(partitions_at, producer, topic))
            if len(known) != settings.partitions:
                expected = f"{settings.partitions} partitions (EBBWATCH_PARTITIONS)"
                raise ValueError(f"topic {topic}: expected {expected}, got {len(known)}")

    async def check_offsets(self, assigned: set[TP], consumer: Any, progress: Progress) -> None:  # noqa: ANN401
        """Say aloud what Kafka deleted unread.

        Raises:
            ValueError: a topic ends before what was applied of it, so it is another.
        """
        if not assigned:
            return
        earliest = await persist("offsets", lambda: consumer.earliest_offsets(*assigned))
        latest = await persist("offsets", lambda: consumer.highwaters(*assigned))
        for tp in assigned:
            applied = progress.applied_offset(tp.topic, tp.partition) or 0
            if latest[tp] is not None and applied > latest[tp]:
                raise ValueError(f"{tp}: expected at least {applied} records, got {latest[tp]}")
            if applied and earliest[tp] > applied:
                lost = earliest[tp] - applied
                log.error("records lost", topic=tp.topic, partition=tp.partition, records=lost)
                self._metrics.offsets_lost.labels(tp.topic).inc(lost)
