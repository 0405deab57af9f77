"""Clients of Redis, whose calls fail fast: the caller retries, who knows what is idempotent."""

from typing import Any

import hiredis
from redis.asyncio import Connection, ConnectionPool, Redis, SSLConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ResponseError

from streams.retry import Verdict, refusal


class PackingConnection(Connection):
    """A connection that packs commands in C: a batch's commit has thousands of arguments.

    Attributes:
        is_misled: whether what it leads to said that another server is the one to ask.
    """

    is_misled = False

    def pack_command(self, *args: Any) -> list[bytes]:  # noqa: ANN401 - as redis-py has it
        """Pack one command; its name may be several words."""
        first, *rest = args
        words = first.encode().split() if isinstance(first, str) else first.split()
        return [hiredis.pack_command((*words, *rest))]

    async def read_response(self, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - likewise
        """Read an answer, and note where it says that this is the wrong server."""
        try:
            return await super().read_response(*args, **options)
        except ResponseError as error:
            known = refusal(error)
            if known is not None and known.verdict is Verdict.RECONNECT:
                self.is_misled = True
            raise


class PackingTlsConnection(PackingConnection, SSLConnection):
    """The same over TLS."""


class Pool(ConnectionPool):
    """Connections of which all are made anew, by name, once one of them leads to a replica."""

    async def release(self, connection: Any) -> None:  # noqa: ANN401 - as redis-py has it
        """Take a connection back."""
        await super().release(connection)
        if getattr(connection, "is_misled", False):
            connection.is_misled = False
            async with self._lock:
                for busy in self._in_use_connections:
                    busy.mark_for_reconnect()  # type: ignore[no-untyped-call]
                for idle in self._available_connections:
                    await idle.disconnect(nowait=True)


def connect(url: str, timeout: float) -> Redis:
    """Open a client.

    Args:
        url: of the server.
        timeout: seconds that a connection, and an answer, may take.
    """
    kinds = {"redis": PackingConnection, "rediss": PackingTlsConnection}
    kind = kinds.get(url.partition(":")[0])
    pool = Pool.from_url(
        url,
        protocol=3,
        socket_timeout=timeout,
        socket_connect_timeout=timeout,
        retry=Retry(NoBackoff(), 0),
        max_connections=256,
    )
    if kind is not None:
        pool.connection_class = kind
    return Redis.from_pool(pool)
