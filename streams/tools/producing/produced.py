"""How far a file was written to the topics, as a compacted topic keeps it.

The note is written in the transaction that writes the lines, so both are there or neither. It never
expires. A file is known by its first line and by the topics written to, which are others once they
were made anew; that it is still the same is told by the SHA-256 of what was written. So a log that
has grown since is gone on with behind its old end.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import BinaryIO, Final

from aiokafka.structs import TopicPartition

from streams.broker.clients import ClientOptions
from streams.broker.read import reading, tail

BLOCK: Final = 1 << 20
EVERY: Final = 5_000  # lines between words of progress


@dataclass(frozen=True)
class Position:
    """A place in a file, behind a line.

    Attributes:
        size: bytes before it.
        sha256: of those, in hex.
        lines: before it, blank ones aside.
        at: when it was written, ISO 8601.
    """

    size: int
    sha256: str
    lines: int
    at: str

    def packed(self) -> bytes:
        """As the topic holds it."""
        return json.dumps(asdict(self)).encode()


class FileLines:
    """The lines of a file from its beginning or a position on.

    Args:
        file: can be sought in.
        told: of the lines read, and of how many there are by their size so far, now and then.
        until: bytes beyond which nothing is read, such as those of a file that grows meanwhile.
    """

    def __init__(
        self,
        file: BinaryIO,
        told: Callable[[int, int], None],
        until: int | None = None,
    ) -> None:
        self._file, self._told = file, told
        self._size = file.seek(0, 2) if until is None else until
        self._at, self._lines, self._hash = 0, 0, hashlib.sha256()
        file.seek(0)

    @property
    def position(self) -> Position:
        """Behind the last line that was read."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        return Position(self._at, self._hash.hexdigest(), self._lines, now)

    def skip(self, position: Position) -> bool:
        """Go on behind a position; False where what is before it is not what it was."""
        while self._at < position.size:
            block = self._file.read(min(BLOCK, position.size - self._at))
            if not block:
                return False
            self._take(block)
        self._lines = position.lines
        return self._hash.hexdigest() == position.sha256

    def __iter__(self) -> Iterator[bytes]:
        """Yield lines with their ends."""
        while self._at < self._size and (line := self._file.readline()):
            self._take(line)
            self._lines += 1
            if self._lines % EVERY == 0:
                self._told(self._lines, round(self._lines * self._size / self._at))
            yield line

    def _take(self, part: bytes) -> None:
        self._at += len(part)
        self._hash.update(part)


def key_of(first_line: bytes, topic_ids: Sequence[str]) -> bytes:
    """What a file written to these topics is known by."""
    return (
        hashlib.sha256(b"\0".join([first_line, *map(str.encode, topic_ids)]))
        .hexdigest()[:32]
        .encode()
    )


async def read_position(
    options: ClientOptions, topic: str, partition: int, key: bytes
) -> Position | None:
    """How far a file was written, None where nothing was."""
    place, found = TopicPartition(topic, partition), None
    async with reading(options) as consumer:
        async for record in tail(consumer, place):
            if record.key == key and record.value:
                found = record.value
    return None if found is None else Position(**json.loads(found))
