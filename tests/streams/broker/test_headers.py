"""Headers wait in the outbox as one byte string."""

import pytest

from streams.broker.headers import join_headers, split_headers


@pytest.mark.parametrize("headers", [[], [("a", b"")], [("a", b"1"), ("b", "ä".encode())]])
def test_headers_come_out_of_the_outbox_as_they_went_in(headers: list[tuple[str, bytes]]) -> None:
    assert split_headers(join_headers(headers)) == headers
