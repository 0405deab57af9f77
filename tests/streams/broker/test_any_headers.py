"""What producers in other languages write is read: compressed, under headers of any name."""

import gzip
import struct

import pytest
from aiokafka.consumer import fetcher
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.util import calc_crc32c

from streams.broker.any_headers import AnyHeaders
from streams.broker.clients import ClientOptions
from streams.config import Settings

NAME, HOSTILE = "a-name-to-replace", b"\xff\xfe-latin1-\xe4\xf6\xfc...."


def batch(first: int, *names: str, codec: int = 0) -> bytes:
    """A record batch, a record with one header for each name; `NAME` is made hostile."""
    builder = DefaultRecordBatchBuilder(2, 0, False, -1, -1, 0, 1 << 20)
    for place, name in enumerate(names):
        headers = [(name, b"\xff\0"), ("ü", None)]
        builder.append(place, 1_000 + place, b"k%d" % place, b"v%d" % place, headers)
    raw = bytes(builder.build()).replace(NAME.encode(), HOSTILE)
    records = gzip.compress(raw[61:]) if codec else raw[61:]
    body = struct.pack(">h", codec) + raw[23:61] + records
    head = struct.pack(">qi", first, len(body) + 9) + raw[12:17]
    return head + struct.pack(">I", calc_crc32c(body)) + body


def told(raw: bytes) -> list[tuple[int, int, bytes | None, bytes | None, list[str]]]:
    records, found = AnyHeaders(raw), []
    while records.has_next():
        each = records.next_batch()
        assert each.validate_crc()
        assert not each.is_control_batch
        found += [
            (r.offset, r.timestamp, r.key, r.value, [name for name, _ in r.headers]) for r in each
        ]
        assert each.next_offset == found[-1][0] + 1
    return found


def test_records_before_with_and_behind_such_a_header_are_read() -> None:
    raw = batch(5, "a", "b") + batch(7, "a", NAME, "b") + batch(10, NAME) + batch(11, "c")
    found = told(raw + raw[:30])  # as a fetch ends in the middle of a batch
    assert [each[0] for each in found] == list(range(5, 12))
    assert [each[2:4] for each in found[2:5]] == [(b"k%d" % n, b"v%d" % n) for n in range(3)]
    assert [each[1] for each in found[2:5]] == [1_000, 1_001, 1_002]
    assert [each[4][0] for each in found] == [
        "a", "b", "a", HOSTILE.decode(errors="replace"), "b", HOSTILE.decode(errors="replace"), "c"
    ]  # fmt: skip
    assert {each[4][1] for each in found} == {"ü"}


def test_compressed_ones_too() -> None:
    assert told(batch(3, "a", NAME, codec=1)) == told(batch(3, "a", NAME))
    assert told(batch(3, "a", "b", codec=1)) == told(batch(3, "a", "b"))


@pytest.mark.parametrize("codec", [1, 2, 3, 4], ids=["gzip", "snappy", "lz4", "zstd"])
def test_whatever_a_producer_compresses_with_is_read(codec: int) -> None:
    builder = DefaultRecordBatchBuilder(2, codec, False, -1, -1, 0, 1 << 20)
    for place in range(50):
        builder.append(place, 1_000, b"k", b"v" * 200, [])
    raw = bytes(builder.build())
    assert len(raw) < 5_000
    assert [each[3] for each in told(raw)] == [b"v" * 200] * 50


async def test_every_consumer_reads_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetcher, "MemoryRecords", None)
    ClientOptions(Settings()).consumer()
    assert fetcher.MemoryRecords is AnyHeaders
