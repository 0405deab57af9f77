"""Clients of Redis, whose calls fail fast: the caller retries, who knows what is idempotent."""

from collections.abc import Sequence
from typing import Any, Final, cast

import hiredis
from redis.asyncio import Connection, ConnectionPool, Redis, RedisCluster, SSLConnection
from redis.asyncio.cluster import ClusterNode
from redis.asyncio.connection import parse_url
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import Sentinel, SentinelConnectionPool, SentinelManagedConnection
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ResponseError

from streams.retry import Verdict, refusal
from streams.store import redis_url
from streams.store.redis_url import RedisUrl

SENTINEL_ANSWER: Final = 2.0  # most seconds a Sentinel may take; there are others to ask


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

    async def _send_packed_command(self, command: Any) -> None:  # noqa: ANN401 - likewise
        """Send, unless it was closed meanwhile: a Cluster's client closes what others still use."""
        if self._writer is None or self._writer.is_closing():  # uvloop's own error names no reason
            raise RedisConnectionError("closed by another call")
        await super()._send_packed_command(command)

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


class _MasterPool(SentinelConnectionPool):
    """Connections to the master that Sentinels name, which are closed with it."""

    async def aclose(self) -> None:
        """Close all connections."""
        await super().aclose()
        await self.sentinel_manager.aclose()


class PackingMasterConnection(SentinelManagedConnection, PackingConnection):
    """A packing connection to the master that Sentinels name."""


class PackingMasterTlsConnection(PackingMasterConnection, SSLConnection):
    """The same over TLS."""


def connect(url: str, timeout: float) -> Redis:
    """Open a client.

    Args:
        url: as `streams.store.redis_url` has it.
        timeout: seconds that a connection, and an answer, may take.

    Returns:
        The client; of a Cluster one that takes the same calls.
    """
    parsed = redis_url.parse(url)
    common: dict[str, Any] = {
        "protocol": 3,
        "socket_timeout": timeout,
        "socket_connect_timeout": timeout,
        "retry": Retry(NoBackoff(), 0),
        "max_connections": 256,
    }
    match parsed.kind:
        case "server":
            return _of_server(parsed, common)
        case "sentinel":
            return _of_sentinel(parsed, common)
        case "cluster":
            return _of_cluster(parsed, common)


def _of_server(parsed: RedisUrl, common: dict[str, Any]) -> Redis:
    pool = Pool.from_url(parsed.server, **common)
    if parsed.hosts:  # or it is a socket
        pool.connection_class = PackingTlsConnection if _is_tls(parsed) else PackingConnection
    return Redis.from_pool(pool)


def _of_sentinel(parsed: RedisUrl, common: dict[str, Any]) -> Redis:
    options = _options(parsed)
    own = {name: value for name, value in options.items() if name.startswith("ssl")}
    short = min(common["socket_timeout"], SENTINEL_ANSWER)
    timeouts = {"socket_timeout": short, "socket_connect_timeout": short}
    tls = {"ssl": True} if _is_tls(parsed) else {}
    asking = {**timeouts, **own, **tls, **parsed.sentinel}
    manager = Sentinel(parsed.hosts, sentinel_kwargs=asking)  # type: ignore[no-untyped-call]
    kind = PackingMasterTlsConnection if tls else PackingMasterConnection
    pool = _MasterPool(  # type: ignore[no-untyped-call]
        parsed.service, manager, connection_class=kind, **common, **options
    )
    return Redis.from_pool(pool)


def _of_cluster(parsed: RedisUrl, common: dict[str, Any]) -> Redis:
    options = _options(parsed)
    options.pop("db", None)
    nodes = [ClusterNode(host, port) for host, port in parsed.hosts]
    cluster = RedisCluster(startup_nodes=nodes, ssl=_is_tls(parsed), **common, **options)
    # There is no other way to say so: of nodes yet to be found, and of those to begin with.
    kind = PackingTlsConnection if _is_tls(parsed) else PackingConnection
    cluster.connection_kwargs["connection_class"] = kind
    for node in cluster.startup_nodes:
        node.connection_class = kind
    return cast("Redis", cluster)


async def write_and_wait(
    redis: Redis,
    script: str,
    keys: Sequence[str],
    args: Sequence[str],
    replicas: int,
    milliseconds: int,
) -> tuple[Any, int]:
    """Run a script, then wait for replicas by the same connection, which is all that WAIT is about.

    Returns:
        What the script returned, and how many replicas hold all that was written by then.

    Raises:
        MovedError, AskError: of a Cluster, where another node is to be asked.
    """
    pipe: Any = redis.pipeline(transaction=False)
    pipe.eval(script, len(keys), *keys, *args)
    if isinstance(redis, RedisCluster):
        await redis.initialize()
        node = redis.get_node_from_key(keys[0])
        pipe.execute_command("WAIT", replicas, milliseconds, target_nodes=node)
        answer, held = await pipe.execute(allow_redirections=False)
    else:
        pipe.execute_command("WAIT", replicas, milliseconds)
        answer, held = await pipe.execute()
    return answer, held


def _is_tls(parsed: RedisUrl) -> bool:
    return parsed.server.startswith("rediss:")


def _options(parsed: RedisUrl) -> dict[str, Any]:
    """Credentials, database and options of a URL, as redis-py's clients take them."""
    found = dict(parse_url(parsed.server))
    return {name: found[name] for name in found.keys() - {"host", "port", "connection_class"}}
