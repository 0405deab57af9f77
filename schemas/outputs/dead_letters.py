"""What is published of a record that could not be used."""

from collections.abc import Iterable
from typing import Final, Self

from pydantic import AwareDatetime, Field

from schemas.outputs.base import Output
from schemas.rejections import Rejection

_ERRORS: Final = "__streams.errors."  # before the names of KIP-1034's headers


def error_headers(
    exception: str, message: str, topic: str, partition: int, offset: int
) -> list[tuple[str, bytes]]:
    """Headers, named as KIP-1034 names them, of a record that was set aside, and why."""
    found = {
        "exception": exception,
        "message": message,
        "topic": topic,
        "partition": partition,
        "offset": offset,
    }
    return [(f"{_ERRORS}{name}", str(text).encode()) for name, text in found.items()]


class DeadLetter(Output):
    """A record that could not be used: where it stands, what was expected and what came."""

    id: str = Field(description="`topic-partition-offset`; the same after any replay.")
    topic: str = Field(description="Topic the record came from.")
    partition: int = Field(ge=0, description="Partition it came from.")
    offset: int = Field(ge=0, description="Offset it stands at.")
    timestamp: AwareDatetime = Field(description="The Kafka record's own timestamp.")
    reason: str = Field(description="Reason code.")
    where: str = Field(description="JSON path of the offending field; `$` is the record.")
    expected: str = Field(description="What the contract asks for.")
    got: str = Field(description="What came, masked and cut to 64 characters.")
    value_kept: bool = Field(
        description="Whether the original value is kept: never one with a card number."
    )

    @classmethod
    def of(
        cls,
        rejected: Rejection,
        *,
        topic: str,
        partition: int,
        offset: int,
        timestamp: AwareDatetime,
        value_kept: bool,
    ) -> Self:
        """Build the dead letter of a rejected record.

        Args:
            rejected: Why it was rejected.
            topic: Topic the record came from.
            partition: Partition it came from.
            offset: Offset it stands at.
            timestamp: The Kafka record's own timestamp, aware.
            value_kept: Whether the original value is kept beside it.
        """
        return cls(
            id=f"{topic}-{partition}-{offset}",
            topic=topic,
            partition=partition,
            offset=offset,
            timestamp=timestamp,
            reason=rejected.reason,
            where=rejected.where,
            expected=rejected.expected,
            got=rejected.got,
            value_kept=value_kept,
        )

    def headers(self) -> list[tuple[str, bytes]]:
        """Return the Kafka headers of a dead letter, named as KIP-1034 names them."""
        message = f"{self.where}: expected {self.expected}, got {self.got}"
        return error_headers(self.reason, message, self.topic, self.partition, self.offset)

    @staticmethod
    def told(headers: Iterable[tuple[str, bytes | None]]) -> dict[str, str]:
        """What a dead letter's headers say, by their names without what is before them.

        Others' headers, and what they hold, are in nobody's way.

        >>> DeadLetter.told([("__streams.errors.exception", b"no_rate")])
        {'exception': 'no_rate'}
        """
        return {
            name.removeprefix(_ERRORS): (value or b"").decode(errors="replace")
            for name, value in headers
            if name.startswith(_ERRORS)
        }
