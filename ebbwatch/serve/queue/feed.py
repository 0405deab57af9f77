"""Reading cases and assignments in the background, for as long as the page is served."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from functools import partial
from math import inf
from typing import Final

import structlog
from aiokafka.errors import KafkaError
from aiokafka.structs import TopicPartition

from ebbwatch.serve.queue.board import CaseBoard
from ebbwatch.serve.queue.ranking import CaseRanking
from schemas.outputs.cases import CustomerCase
from schemas.outputs.desk import DeskAssignment
from scoring import ScoringError
from streams.broker.clients import ClientOptions
from streams.broker.partitions import PartitionCountError
from streams.broker.read import numbers, onward, reading
from streams.config import Settings
from streams.tools.desk.rationing.settings import new_desk, stamps
from streams.tools.desk.topics import DeskError, Record, read

WAIT_MS: Final = 500  # that a fetch waits for what may come
SLICE: Final = 100  # records taken without a pause: some milliseconds
AGAIN: Final = 5.0  # seconds until it is tried again where Kafka is away
SILENT: Final = 10.0  # seconds without an answer of Kafka's, which comes twice a second
LOOK: Final = 15.0  # seconds between two looks at the desk's files
log = structlog.get_logger()


class CaseFeed:
    """Keeps all open cases.

    Args:
        settings: name the topics, the partitions, the desk's files, and whose clock it is.

    Attributes:
        cases: as last known; None before all was read once.
        heard: when Kafka last answered, epoch seconds; 0 for never.
        read: how many records were read since the last beginning.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.cases: CaseRanking | None = None
        self.heard, self.read = 0.0, 0

    @property
    def is_away(self) -> bool:
        """Whether Kafka does not answer, so that the cases are as of when it last did."""
        return time.time() - self.heard > SILENT

    async def run(self) -> None:
        """Read until cancelled; whatever fails is told and tried again."""
        await again_and_again("queue not read", self._read)

    async def _read(self) -> None:
        """Read all, and what comes, until the desk's files change; that begins anew."""
        settings, since = self._settings, stamps(self._settings)
        board = CaseBoard(new_desk(settings), is_replay=settings.mode == "replay")
        self.read, looked = 0, time.monotonic()
        topics = (settings.case_topic, settings.assignment_topic)
        async for is_all, heard in read_on(settings, topics, partial(self._take, board)):
            self.heard = max(self.heard, heard)
            if is_all and (self.cases is None or self.cases.board is not board):
                self.cases = CaseRanking(board)
            if time.monotonic() - looked > LOOK:
                looked = time.monotonic()
                if stamps(settings) != since:
                    return

    def _take(self, board: CaseBoard, record: Record) -> None:
        self.read += 1
        if record.topic == self._settings.assignment_topic:
            if record.value is not None:
                board.recall(read(DeskAssignment, record))
        elif record.value is None:
            board.erase((record.key or b"").decode("utf-8", "replace"))
        else:
            board.hear(read(CustomerCase, record))


async def again_and_again(
    what: str, work: Callable[[], Awaitable[None]], pause: float = AGAIN
) -> None:
    """Do what reads Kafka until cancelled; whatever fails is told and, later, tried again."""
    while True:
        try:
            await work()
        except (KafkaError, OSError, PartitionCountError, ScoringError) as error:
            log.warning(what, error=str(error) or type(error).__name__, exc_info=None)
            await asyncio.sleep(pause)


async def read_on(
    settings: Settings,
    topics: Sequence[str],
    take: Callable[[Record], None],
    since: float = -inf,
) -> AsyncIterator[tuple[bool, float]]:
    """Read topics from their beginning on, for ever, leaving time for others.

    Args:
        settings: how to reach them, and of how many partitions they are.
        topics: which.
        take: given each record; one that it refuses is told of, and in nobody's way.
        since: when the first was written that is read, epoch seconds.

    Yields:
        Whether all was read that there was, and when Kafka last answered, epoch seconds.

    Raises:
        PartitionCountError: a topic does not exist, or has another number of partitions.
    """
    async with reading(ClientOptions(settings), WAIT_MS) as consumer:
        places = []
        for topic in topics:
            found = len(await numbers(consumer, topic))
            if found != settings.partitions:
                raise PartitionCountError(topic, settings.partitions, found)
            places += [TopicPartition(topic, number) for number in range(found)]
        async for records, is_all in onward(consumer, places, since):
            for start in range(0, len(records), SLICE):
                for record in records[start : start + SLICE]:
                    try:
                        take(record)
                    except DeskError as error:
                        log.warning("not for the queue", told=str(error))
                await asyncio.sleep(0)  # others are answered meanwhile
            polled = [consumer.last_poll_timestamp(place) or 0 for place in places]
            yield is_all, max(polled) / 1_000.0
