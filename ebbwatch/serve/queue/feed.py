"""Reading cases and assignments in the background, for as long as the page is served."""

import asyncio
import time
from collections.abc import Iterable
from typing import Any, Final

import structlog
from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError
from aiokafka.structs import TopicPartition

from ebbwatch.serve.queue.board import CaseBoard
from ebbwatch.serve.queue.ranking import CaseRanking
from schemas.outputs.cases import CustomerCase
from schemas.outputs.desk import DeskAssignment
from scoring import ScoringError
from streams.broker.clients import ClientOptions
from streams.broker.read import numbers, onward, reading
from streams.broker.topics import PartitionCountError
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
        while True:
            try:
                await self._read()
            except (KafkaError, OSError, PartitionCountError, ScoringError) as error:
                told = str(error) or type(error).__name__
                log.warning("queue not read", error=told, exc_info=None)
                await asyncio.sleep(AGAIN)

    async def _read(self) -> None:
        """Read all, and what comes, until the desk's files change; that begins anew."""
        settings, since = self._settings, stamps(self._settings)
        board = CaseBoard(new_desk(settings), is_replay=settings.mode == "replay")
        self.read, looked = 0, time.monotonic()
        async with reading(ClientOptions(settings), WAIT_MS) as consumer:
            places = await self._places(consumer)
            async for records, is_all in onward(consumer, places):
                await self._take(board, records)
                self._hear(consumer, places)
                if is_all and (self.cases is None or self.cases.board is not board):
                    self.cases = CaseRanking(board)
                if time.monotonic() - looked > LOOK:
                    looked = time.monotonic()
                    if stamps(settings) != since:
                        return

    async def _places(self, consumer: AIOKafkaConsumer) -> list[TopicPartition]:
        """Partitions of both topics.

        Raises:
            PartitionCountError: a topic does not exist, or has another number of them.
        """
        settings = self._settings
        topics = (settings.case_topic, settings.assignment_topic)
        for topic in topics:
            found = len(await numbers(consumer, topic))
            if found != settings.partitions:
                raise PartitionCountError(topic, settings.partitions, found)
        return [TopicPartition(t, number) for t in topics for number in range(settings.partitions)]

    def _hear(self, consumer: AIOKafkaConsumer, places: Iterable[TopicPartition]) -> None:
        stamps_of = [consumer.last_poll_timestamp(place) or 0 for place in places]
        self.heard = max(self.heard, max(stamps_of) / 1_000.0)

    async def _take(self, board: CaseBoard, records: list[Any]) -> None:
        for start in range(0, len(records), SLICE):
            for record in records[start : start + SLICE]:
                self._take_one(board, record)
            self.read += len(records[start : start + SLICE])
            await asyncio.sleep(0)  # others are answered meanwhile

    def _take_one(self, board: CaseBoard, record: Record) -> None:
        if record.value is None:
            if record.topic == self._settings.case_topic:
                board.erase((record.key or b"").decode("utf-8", "replace"))
            return
        try:
            if record.topic == self._settings.case_topic:
                board.hear(read(CustomerCase, record))
            else:
                board.recall(read(DeskAssignment, record))
        except DeskError as error:  # what is no case is in nobody's way
            log.warning("not for the queue", told=str(error))
