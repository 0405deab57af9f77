"""Reading topics whole, and going on with what comes."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from math import inf
from typing import Any, TypeAlias, TypeVar

from aiokafka.structs import ConsumerRecord, TopicPartition
from pydantic import BaseModel, ValidationError

from schemas import EarlyWarning
from streams.broker.clients import ClientOptions
from streams.broker.read import onward, reading
from streams.config import Settings
from streams.tools.desk.open_set import OpenSet

Message = TypeVar("Message", bound=BaseModel)
Record: TypeAlias = "ConsumerRecord[bytes | None, bytes | None]"


class DeskError(ValueError):
    """What was asked cannot be told or answered; the text says where, expected, got."""


async def gather(settings: Settings, *topics: str) -> AsyncIterator[list[Record]]:
    """Yield all records that topics hold by now, tombstones aside.

    Raises:
        aiokafka.errors.KafkaError: Kafka cannot be reached.
    """
    async for records, is_all in _records(settings, topics):
        yield records
        if is_all:
            return


async def open_warnings(settings: Settings) -> OpenSet:
    """The open warnings, by all messages that the topics hold.

    Raises:
        DeskError: a record is no warning.
        aiokafka.errors.KafkaError: Kafka cannot be reached.
    """
    known = OpenSet()
    async for records in gather(settings, settings.risk_topic, settings.relationship_topic):
        for record in records:
            known.take(read(EarlyWarning, record))
    return known


async def follow(
    settings: Settings, contracts: Mapping[str, type[Message]], since: float | None
) -> AsyncIterator[Message]:
    """Yield the messages of topics as they come, for ever.

    Args:
        settings: where topics are.
        contracts: what each topic holds.
        since: when those were written that are yielded first, epoch seconds; None: from now on.

    Raises:
        DeskError: a record is not what its topic should hold.
        aiokafka.errors.KafkaError: Kafka cannot be reached.
    """
    async for records, _ in _records(settings, [*contracts], inf if since is None else since):
        for record in records:
            yield read(contracts[record.topic], record)


def read(contract: type[Message], record: Record) -> Message:
    """A record of one of the output topics.

    Raises:
        DeskError: it is not what the topic should hold.
    """
    try:
        return contract.model_validate_json(record.value or b"")
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        field = ".".join(map(str, first["loc"])) or "value"
        where = f"{record.topic}-{record.partition}@{record.offset}, {field}"
        raise DeskError(f"{where}: expected {contract.__name__}, got {first['msg']}") from error


async def _records(
    settings: Settings, topics: Sequence[str], since: float = -inf
) -> AsyncIterator[tuple[list[Record], bool]]:
    places = [
        TopicPartition(topic, number) for topic in topics for number in range(settings.partitions)
    ]
    is_something: Callable[[Any], bool] = lambda record: record.value is not None  # noqa: E731
    async with reading(ClientOptions(settings)) as consumer:
        async for records, is_all in onward(consumer, places, since):
            yield list(filter(is_something, records)), is_all
