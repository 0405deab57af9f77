"""What the topics hold already of what a replay says again."""

from datetime import datetime
from typing import Any, Final, NamedTuple

from aiokafka import AIOKafkaConsumer
from aiokafka.structs import TopicPartition

from streams.broker.clients import ClientOptions
from streams.broker.headers import split_headers
from streams.broker.read import Tail, reading, tails
from streams.outbox.standing import GoneBackError
from streams.store import Entry

NUMBER_HEADER: Final = "ebbwatch-outbox"


class OutboxNumber(NamedTuple):
    """Which entry of which outbox a record was."""

    partition: int
    number: int
    generation: str

    def header(self) -> tuple[str, bytes]:
        """As the records carry it."""
        return NUMBER_HEADER, ":".join(map(str, self)).encode()

    @classmethod
    def of(cls, headers: dict[str, bytes]) -> "OutboxNumber | None":
        """Read a record's, None where it has none."""
        try:
            partition, number, generation = (headers.get(NUMBER_HEADER) or b"").decode().split(":")
            return cls(int(partition), int(number), generation)
        except ValueError:
            return None


class SaidBefore:
    """Warnings by id and sequence, scores by customer and time: what is not said again.

    Of cases, as of scores, the topic keeps a customer's last: what is not behind it was said.

    Attributes:
        until: event time of the last of them, epoch seconds.
        skipped: entries found to be among them.
    """

    def __init__(self, score_topic: str, case_topic: str) -> None:
        self._score_topic, self._case_topic = score_topic, case_topic
        self._cases: dict[bytes, tuple[int, int]] = {}
        self._ids: set[bytes] = set()
        self._scored: dict[bytes, float] = {}
        self.until, self.skipped = float("-inf"), 0

    def __len__(self) -> int:
        return len(self._ids) + len(self._scored) + len(self._cases)

    def add(self, topic: str, key: bytes, headers: dict[str, bytes]) -> None:
        """Take a record of a topic, unless somebody else wrote it there."""
        if OutboxNumber.of(headers) is None:
            return
        at = _time(headers)
        self.until = max(self.until, at)
        if topic == self._score_topic:
            self._scored[key] = max(at, self._scored.get(key, at))
        elif topic == self._case_topic:
            told = _place(headers)
            self._cases[key] = max(told, self._cases.get(key, told))
        else:
            self._ids.add(headers["ce_id"])

    def lacks(self, entry: Entry) -> bool:
        """Whether an entry is still to be published; a score also where an older one is known."""
        headers = dict(split_headers(entry.headers))
        if entry.topic == self._score_topic:
            lacks = _time(headers) > self._scored.get(entry.key, float("-inf"))
        elif entry.topic == self._case_topic:
            lacks = _place(headers) > self._cases.get(entry.key, (0, 0))
        else:
            lacks = headers["ce_id"] not in self._ids
        self.skipped += not lacks
        return lacks


async def read_said_before(
    options: ClientOptions, partition: int, generation: str, after: int
) -> SaidBefore:
    """Read what was published behind a number of a generation.

    Raises:
        GoneBackError: some of it is no longer there.
        aiokafka.errors.KafkaError: Kafka cannot be reached.
    """
    said = SaidBefore(options.settings.score_topic, options.settings.case_topic)
    async with reading(options) as consumer:
        for topic in options.settings.output_topics:
            place = TopicPartition(topic, partition)
            # Compaction leaves the last message of each customer, which is all that is asked for.
            whole = topic in options.settings.compacted_topics
            for record in await _behind(consumer, place, generation, after, whole=whole):
                said.add(topic, record.key, dict(record.headers))
    return said


async def _behind(
    consumer: AIOKafkaConsumer, place: TopicPartition, generation: str, after: int, *, whole: bool
) -> list[Any]:
    found = Tail([], is_all=True)
    async for found in tails(consumer, place):
        for index in range(len(found.records) - 1, -1, -1):
            number = OutboxNumber.of(dict(found.records[index].headers))
            if number and number.generation == generation and number.number <= after:
                return found.records[index + 1 :]
    first = (await consumer.beginning_offsets([place]))[place]
    if first > 0 and not whole:
        raise GoneBackError(
            f"partition {place.partition}: Redis went back to message {after}, expected "
            f"{place.topic} to hold what was published since, got it from offset {first} on only; "
            "restore a Redis that is as far, since some warnings would be published twice"
        )
    return found.records


def _time(headers: dict[str, bytes]) -> float:
    return datetime.fromisoformat(headers["ce_time"].decode()).timestamp()


def _place(headers: dict[str, bytes]) -> tuple[int, int]:
    """Number and sequence of a case's message: a customer's later one is greater."""
    _, number, sequence = headers["ce_id"].split(b".")
    return int(number), int(sequence)
