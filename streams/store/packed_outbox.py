"""Messages as the outbox keeps them: those of a commit packed into few pieces."""

import struct
from collections.abc import Sequence
from itertools import accumulate, chain, pairwise
from typing import Final

from streams.store.types import Entry

MOST: Final = 2_000  # messages in a piece, so that what is read at once stays small
_PARTS: Final = len(Entry._fields)


def pack_entries(entries: Sequence[Entry]) -> list[tuple[int, bytes]]:
    """Pack messages into pieces, each with the number of messages that it holds."""
    pieces = (entries[start : start + MOST] for start in range(0, len(entries), MOST))
    return [(len(piece), _packed(piece)) for piece in pieces]


def _packed(entries: Sequence[Entry]) -> bytes:
    parts = [(topic.encode(), *rest) for topic, *rest in entries]
    flat = list(chain.from_iterable(parts))
    return b"".join((struct.pack(f"<I{len(flat)}I", len(entries), *map(len, flat)), *flat))


def unpack_entries(packed: bytes) -> list[Entry]:
    r"""Take a piece apart again.

    >>> entries = [Entry("t", b"k", b"v\0", b""), Entry("u", b"", b"", b"h")]
    >>> [unpack_entries(packed) for _, packed in pack_entries(entries)] == [entries]
    True
    """
    (count,) = struct.unpack_from("<I", packed)
    lengths = struct.unpack_from(f"<{count * _PARTS}I", packed, 4)
    edges = accumulate(lengths, initial=4 + 4 * count * _PARTS)
    parts = [packed[start:end] for start, end in pairwise(edges)]
    rows = zip(*(parts[place::_PARTS] for place in range(_PARTS)), strict=True)
    return [Entry(topic.decode(), *rest) for topic, *rest in rows]


def numbered(name: bytes, fields: dict[bytes, bytes]) -> list[tuple[int, Entry]]:
    """Entries of one packed piece, whose name is the last one's number."""
    entries = unpack_entries(fields[b"m"])
    last = int(name.partition(b"-")[0])
    return list(enumerate(entries, last - len(entries) + 1))
