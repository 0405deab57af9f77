"""Kafka headers as they wait in the outbox: names and values joined by NUL, which none holds."""

from collections.abc import Iterable

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
