"""What was published of a warning: from the topics, or from a file that its reader kept."""

from pathlib import Path
from typing import NamedTuple

from aiokafka.structs import TopicPartition
from pydantic import ValidationError

from schemas import EarlyWarning
from streams.broker.clients import ClientOptions
from streams.broker.read import reading, tail
from streams.config import Settings


class VerifyError(ValueError):
    """What is needed to derive a warning anew is not there; the text says where, expected, got."""


class PublishedWarning(NamedTuple):
    """One message of a warning.

    Attributes:
        warning: as it reads.
        body: as it was published.
    """

    warning: EarlyWarning
    body: bytes


async def published(settings: Settings, warning_id: str) -> list[PublishedWarning]:
    """All messages of a warning that the warning topics still hold, by sequence.

    Raises:
        VerifyError: they hold none.
        aiokafka.errors.KafkaError: Kafka cannot be reached.
    """
    topics = (settings.risk_topic, settings.relationship_topic)
    name, found = warning_id.encode(), list[PublishedWarning]()
    async with reading(ClientOptions(settings)) as consumer:
        for topic in topics:
            for number in range(settings.partitions):
                place = TopicPartition(topic, number)
                found += [
                    _read(record.value, f"{topic}-{number}@{record.offset}")
                    async for record in tail(consumer, place)
                    if record.value is not None and name in record.value
                ]
    return chosen(found, warning_id, " or ".join(topics))


def read_warnings(file: Path, warning_id: str) -> list[PublishedWarning]:
    """The messages of a warning in a file of one JSON message a line, by sequence.

    Raises:
        VerifyError: a line is no warning, or none is of this one.
        OSError: the file cannot be read.
    """
    lines = enumerate(file.read_bytes().splitlines(), 1)
    found = [_read(line, f"{file}: line {number}") for number, line in lines if line.strip()]
    return chosen(found, warning_id, str(file))


def chosen(found: list[PublishedWarning], warning_id: str, where: str) -> list[PublishedWarning]:
    """Those of one warning, by sequence.

    Raises:
        VerifyError: there are none.
    """
    own = [each for each in found if each.warning.warning_id == warning_id]
    if not own:
        expected = f"a message of warning {warning_id}; --warning FILE takes one that was kept"
        raise VerifyError(f"{where}: expected {expected}, got none")
    return sorted(own, key=lambda each: each.warning.sequence)


def _read(body: bytes, where: str) -> PublishedWarning:
    try:
        return PublishedWarning(EarlyWarning.model_validate_json(body), body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        field = ".".join(map(str, first["loc"])) or "value"
        raise VerifyError(f"{where}, {field}: expected a warning, got {first['msg']}") from error
