"""What a fetch brings: plain records, so that who only reads a history needs no Faust for it."""

from collections import deque
from datetime import UTC, datetime
from typing import Final, TypeAlias

from aiokafka.structs import ConsumerRecord

Record: TypeAlias = ConsumerRecord[bytes | None, bytes | None]
Records: TypeAlias = list[Record]

FRAMED: Final = 5  # bytes of a frame
_FIRST: Final = datetime(1, 1, 1, tzinfo=UTC)
_LAST: Final = datetime(9999, 12, 31, tzinfo=UTC)


def unframed(value: bytes) -> bytes:
    """A value without the frame of a schema registry's serializer, where it has one.

    A zero and the four bytes of a schema's id (Confluent's wire format), which no JSON text begins
    with. Which schema is named does not matter: each event is validated by its own contract.

    >>> unframed(bytes([0, 0, 0, 1, 7]) + b"{}")
    b'{}'
    """
    return value[FRAMED:] if value.startswith(b"\0") and value[FRAMED:][:1] == b"{" else value


def instant(seconds: float) -> datetime:
    """Epoch seconds as a time; beyond what a calendar holds, its first or last day.

    A producer may stamp its records with anything, such as microseconds for milliseconds.

    >>> instant(1.8e12).isoformat()
    '9999-12-31T00:00:00+00:00'
    """
    held = min(max(seconds, _FIRST.timestamp()), _LAST.timestamp())
    return datetime.fromtimestamp(held, UTC)


class Weights:
    """How many bytes of records wait, told in the pieces in which they came."""

    def __init__(self) -> None:
        self._pieces: deque[tuple[int, int]] = deque()  # next offset behind it, bytes
        self._sum = 0

    def add(self, records: Records) -> None:
        """Take a piece behind the last one, of at least one record."""
        weight = sum(len(each.key or b"") + len(each.value or b"") for each in records)
        self._pieces.append((records[-1].offset + 1, weight))
        self._sum += weight

    def behind(self, applied: int) -> int:
        """Bytes of the pieces that are not applied whole.

        Args:
            applied: next offset to apply; never less than before.
        """
        while self._pieces and self._pieces[0][0] <= applied:
            self._sum -= self._pieces.popleft()[1]
        return self._sum
