"""A connection that another call closed is away, as one that the server closed."""

import asyncio

import pytest
import uvloop
from redis.exceptions import ConnectionError as RedisConnectionError

from streams.store.clients import PackingConnection


async def send_on_a_closed_connection() -> None:
    server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    connection = PackingConnection()
    address = server.sockets[0].getsockname()
    connection._reader, connection._writer = await asyncio.open_connection(*address)
    connection._writer.transport.abort()
    await asyncio.sleep(0.05)
    try:
        await connection._send_packed_command([b"PING"])
    finally:
        server.close()


def test_a_command_on_a_connection_closed_meanwhile_may_be_asked_again() -> None:
    with (
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
        pytest.raises(RedisConnectionError, match="closed by another call"),
    ):
        runner.run(send_on_a_closed_connection())
