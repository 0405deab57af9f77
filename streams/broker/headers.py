"""Kafka headers as they wait in the outbox: names and values joined by NUL, which none holds."""

from collections.abc import Iterable
from functools import lru_cache

from schemas.cloudevents import Own, Published, Shared, attributes, headers_of

Header = tuple[str, bytes]


def join_headers(headers: Iterable[Header]) -> bytes:
    r"""Join headers to one byte string.

    >>> join_headers([("a", b"1"), ("b", b"2")])
    b'a\x001\x00b\x002'
    """
    return b"\0".join([part for name, value in headers for part in (name.encode(), value)])


def split_headers(joined: bytes) -> list[Header]:
    """Take joined headers apart again.

    >>> split_headers(join_headers([("a", b"1"), ("b", b"")]))
    [('a', b'1'), ('b', b'')]
    """
    parts = joined.split(b"\0") if joined else []
    return [(name.decode(), value) for name, value in zip(parts[::2], parts[1::2], strict=True)]


def joined_headers(message: Published, source: str) -> bytes:
    """The headers of `cloud_event_headers`, joined; what many messages share is made once."""
    own, shared = attributes(message)
    before, between, after = _around(shared, source)
    return b"".join((before, own.id.encode(), between, own.time.encode(), after))


@lru_cache(4_096)  # types, rules, bands and routes are few
def _around(shared: Shared, source: str) -> tuple[bytes, bytes, bytes]:
    """What stands before an event's id, between that and its time, and after it."""
    joined = join_headers(headers_of(Own("", ""), shared, source))
    names = b"\0ce_id\0", b"\0ce_time\0"  # not within a value, since none holds NUL
    id_at, time_at = (joined.index(name) + len(name) for name in names)
    return joined[:id_at], joined[id_at:time_at], joined[time_at:]
