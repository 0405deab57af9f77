"""The store in Redis: two scripts, idempotent by commit sequence."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from importlib import resources
from itertools import chain
from typing import Any

import hiredis
from redis.asyncio import Connection, ConnectionPool, Redis, SSLConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from streams.store.meta import read_claim, written
from streams.store.slots import tag
from streams.store.types import (
    Activation,
    Claim,
    Commit,
    Entry,
    Fenced,
    Load,
    Lost,
)


class PackingConnection(Connection):
    """A connection that packs commands in C: a batch's commit has thousands of arguments."""

    def pack_command(self, *args: Any) -> list[bytes]:  # noqa: ANN401 - as redis-py has it
        """Pack one command; its name may be several words."""
        first, *rest = args
        words = first.encode().split() if isinstance(first, str) else first.split()
        return [hiredis.pack_command((*words, *rest))]


class PackingTlsConnection(PackingConnection, SSLConnection):
    """The same over TLS."""


def connect(url: str, timeout: float) -> Redis:
    """Open a client whose calls fail fast: the caller retries, who knows what is idempotent."""
    kinds = {"redis": PackingConnection, "rediss": PackingTlsConnection}
    kind = kinds.get(url.partition(":")[0])
    pool = ConnectionPool.from_url(
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


class RedisStore:
    """Implements `Store`.

    Args:
        redis: client, which the caller closes.
        prefix: of every key.
        partitions: partition count, final for this prefix.
    """

    def __init__(self, redis: Redis, prefix: str, partitions: int) -> None:
        self._redis, self._prefix, self._partitions = redis, prefix, partitions
        self._commit = redis.register_script(_script("commit.lua"))
        self._activate = redis.register_script(_script("activate.lua"))

    def key(self, partition: int, part: str) -> str:
        """Redis key of a partition's meta, state, due, outbox, histogram or activations."""
        return f"{self._prefix}:{{{tag(partition, self._partitions)}}}:{part}"

    async def claim(self, partition: int) -> Claim:
        """See `Store.claim`."""
        pipe = self._redis.pipeline(transaction=True)
        pipe.hincrby(self.key(partition, "meta"), "epoch", 1)
        pipe.hgetall(self.key(partition, "meta"))
        epoch, meta = await pipe.execute()
        return read_claim(epoch, meta)

    async def peek(self, partition: int) -> Claim:
        """See `Store.peek`."""
        meta: Any = await self._redis.hgetall(self.key(partition, "meta"))
        return read_claim(int(meta.get(b"epoch", 0)), meta)

    async def load(self, partition: int, ids: Sequence[bytes], until: float, limit: int) -> Load:
        """See `Store.load`."""
        # No script: only a partition's owner writes what is read here.
        state, nobody = self.key(partition, "state"), [b""]
        pipe: Any = self._redis.pipeline(transaction=False)
        span = {"start": "-inf", "end": repr(until), "byscore": True, "offset": 0, "num": limit}
        pipe.zrange(self.key(partition, "due"), withscores=True, **span)
        pipe.hmget(state, list(ids) or nobody)
        due, states = await pipe.execute()
        due_ids, due_at = [customer for customer, _ in due], [float(at) for _, at in due]
        due_states: Any = await self._redis.hmget(state, due_ids) if due else []
        return Load(states[: len(ids)], due_ids, due_states, due_at)

    async def commit(self, partition: int, commit: Commit) -> None:
        """See `Store.commit`."""
        keys = [
            self.key(partition, part) for part in ("meta", "state", "due", "outbox", "histogram")
        ]
        _check(partition, commit, await self._commit(keys=keys, args=_arguments(commit)))

    async def activate(self, partition: int, activation: Activation) -> None:
        """See `Store.activate`."""
        keys = [self.key(partition, part) for part in ("meta", "state", "due", "activations")]
        of, line = activation, json.dumps(asdict(activation))
        args: list[Any] = [of.epoch, of.sequence, repr(of.clock), of.version, of.basis, line]
        _check(partition, of, await self._activate(keys=keys, args=args))

    async def activations(self, partition: int) -> list[Activation]:
        """See `Store.activations`."""
        lines: Any = await self._redis.lrange(self.key(partition, "activations"), 0, -1)
        return [Activation(**json.loads(line)) for line in lines]

    async def outbox(self, partition: int, after: int, limit: int) -> list[tuple[int, Entry]]:
        """See `Store.outbox`."""
        key = self.key(partition, "outbox")
        found: Any = await self._redis.xrange(key, min=f"({after}-0", count=limit)
        return [(_number(name), _entry(fields)) for name, fields in found]

    async def trim_outbox(self, partition: int, upto: int) -> None:
        """See `Store.trim_outbox`."""
        key = self.key(partition, "outbox")
        await self._redis.xtrim(key, minid=f"{upto + 1}-0", approximate=False)

    async def histograms(self, partition: int) -> dict[str, int]:
        """See `Store.histograms`."""
        found: Any = await self._redis.hgetall(self.key(partition, "histogram"))
        return {field.decode(): int(count) for field, count in found.items()}

    async def counts(self, partition: int, clock: float) -> tuple[int, int, int]:
        """See `Store.counts`."""
        pipe = self._redis.pipeline(transaction=False)
        pipe.hlen(self.key(partition, "state"))
        pipe.xlen(self.key(partition, "outbox"))
        pipe.zcount(self.key(partition, "due"), "-inf", repr(clock))
        customers, waiting, due = await pipe.execute()
        return customers, waiting, due

    async def state(self, partition: int, customer: bytes) -> bytes | None:
        """One customer's packed state, or None."""
        found: Any = await self._redis.hget(self.key(partition, "state"), customer)
        state: bytes | None = found
        return state

    async def due(self, partition: int) -> tuple[int, float | None]:
        """Number of armed timers, and the earliest's instant."""
        key = self.key(partition, "due")
        first: Any = await self._redis.zrange(key, 0, 0, withscores=True)
        count: Any = await self._redis.zcard(key)
        return count, first[0][1] if first else None

    async def everyone(self, partition: int) -> dict[bytes, bytes]:
        """All states of a partition, for tools and tests; reads in slices."""
        slices = self._redis.hscan_iter(self.key(partition, "state"), count=1000)
        return {customer: state async for customer, state in slices}


def _check(partition: int, of: Commit | Activation, answer: Sequence[bytes]) -> None:
    if answer[0] == b"FENCED":
        raise Fenced(f"partition {partition}: epoch {of.epoch} gave way to {answer[1]!r}")
    if answer[0] == b"LOST":
        raise Lost(f"partition {partition}: at {of.sequence}, store at {answer[1]!r}")


def _arguments(commit: Commit) -> list[Any]:
    fields = written(commit)
    armed = {key: at for key, at in commit.armed.items() if at is not None}
    disarmed = [key for key, at in commit.armed.items() if at is None]
    return [
        commit.epoch,
        commit.sequence,
        repr(commit.clock),
        len(fields),
        *chain(*fields.items()),
        len(commit.states),
        *chain(*commit.states.items()),
        len(armed),
        *chain(*((repr(at), key) for key, at in armed.items())),
        len(disarmed),
        *disarmed,
        len(commit.outbox),
        *chain(*commit.outbox),
        len(commit.histograms),
        *chain(*commit.histograms.items()),
    ]


def _number(name: bytes) -> int:
    return int(name.partition(b"-")[0])


def _entry(fields: dict[bytes, bytes]) -> Entry:
    return Entry(fields[b"t"].decode(), fields[b"k"], fields[b"v"], fields[b"h"])


def _script(name: str) -> str:
    return resources.files("streams.store").joinpath(name).read_text()
