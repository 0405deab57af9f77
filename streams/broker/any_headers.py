"""Reading records whose headers' names are no UTF-8, as a producer in another language may write.

aiokafka raises an error where it reads such a name, and reads no record behind it ever after: one
record would stop its partition for good. Nobody here looks at what producers put into headers.
"""

import struct
from collections.abc import Iterator
from typing import Any

from aiokafka.consumer import fetcher
from aiokafka.record.default_records import _DefaultRecordBatchPy
from aiokafka.record.memory_records import MemoryRecords

_PLACE = struct.Struct(">qi")  # a batch's first offset, and how many bytes follow


def read_any_headers() -> None:
    """Let all of aiokafka's consumers read any headers; it has no other place to say so."""
    fetcher.MemoryRecords = AnyHeaders


class AnyHeaders:
    """A fetch's record batches, in place of aiokafka's `MemoryRecords`.

    Args:
        raw: as Kafka sent them.
    """

    def __init__(self, raw: bytes) -> None:
        self._raw, self._at = raw, 0
        self._records = MemoryRecords(raw)

    def size_in_bytes(self) -> int:
        """How many bytes there are."""
        return int(self._records.size_in_bytes())

    def has_next(self) -> bool:
        """Whether another batch is there whole."""
        return bool(self._records.has_next())

    def next_batch(self) -> "_Batch":
        """The next batch."""
        begins = self._at
        self._at += _PLACE.size + _PLACE.unpack_from(self._raw, begins)[1]
        return _Batch(self._records.next_batch(), self._raw[begins : self._at])


class _Batch:
    """One batch: as aiokafka reads it, and where it cannot, with such names replaced."""

    def __init__(self, batch: Any, raw: bytes) -> None:  # noqa: ANN401 - of any format
        self._batch, self._raw = batch, raw

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - likewise
        return getattr(self._batch, name)

    def __next__(self) -> Any:  # noqa: ANN401 - likewise
        return next(self._batch)

    def __iter__(self) -> Iterator[Any]:
        try:
            return iter(list(self._batch))
        except UnicodeDecodeError:
            batch = _DefaultRecordBatchPy(self._raw)
            batch._maybe_uncompress()  # noqa: SLF001
            batch._buffer = _Lenient(batch._buffer)  # noqa: SLF001
            return iter(list(batch))


class _Lenient(bytearray):
    """Bytes whose parts decode whatever they hold."""

    def __getitem__(self, at: Any) -> Any:  # noqa: ANN401 - a place or a slice
        found = super().__getitem__(at)
        return _Lenient(found) if isinstance(at, slice) else found

    def decode(self, encoding: str = "utf-8", _: str = "strict") -> str:
        """The text, with signs in place of what is none."""
        return super().decode(encoding, "replace")
