"""The store in Redis: scripts that apply all or nothing, idempotent by commit sequence and id."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from importlib import resources
from typing import Any, Final

from redis.asyncio import Redis
from redis.exceptions import AskError, MovedError
from redis.exceptions import ConnectionError as NotReplicated

from streams.store.clients import write_and_wait
from streams.store.meta import (
    BRAKE,
    LAYOUT,
    PARTS,
    arguments,
    damaged,
    foreign,
    read_brake,
    read_claim,
)
from streams.store.owners import Fenced, Lost, new_token
from streams.store.packed_outbox import MOST, numbered
from streams.store.slots import tag
from streams.store.types import Activation, Brake, Claim, Commit, Entry, Load

REPLICAS_MS: Final = 1_000  # until it is told that replicas are behind


class RedisStore:
    """Implements `Store`.

    Args:
        redis: client, which the caller closes.
        prefix: of every key.
        partitions: partition count, final for this prefix.
        name: makes names that nobody was given before.
        partitioner: name of who deals customers to partitions.
    """

    def __init__(
        self,
        redis: Redis,
        prefix: str,
        partitions: int,
        name: Callable[[], str] = new_token,
        partitioner: str = "murmur2",
    ) -> None:
        self._redis, self._prefix, self._partitions = redis, prefix, partitions
        self._name, self._partitioner = name, partitioner
        self._claim, self._commit, self._activate, self._published, self._resume, self._panel = (
            redis.register_script(_script("seal") + _script(each))
            for each in ("claim", "commit", "activate", "published", "resume", "keep_panel")
        )
        self._release = redis.register_script(_script("release"))
        self._examine = redis.register_script(_script("seal") + _script("examine"))
        self._mark = _script("seal") + _script("mark")

    def key(self, partition: int, part: str) -> str:
        """Redis key of a partition's meta, state, due, outbox, histogram and so on, of `PARTS`."""
        return f"{self._prefix}:{{{tag(partition, self._partitions)}}}:{part}"

    def keys(self, partition: int) -> list[str]:
        """All keys of a partition, in the order of `PARTS`."""
        return [self.key(partition, part) for part in PARTS]

    async def claim(self, partition: int) -> Claim:
        """See `Store.claim`."""
        args = [LAYOUT, self._name(), self._name(), self._partitioner]
        return self._claimed(partition, await self._claim(keys=self.keys(partition), args=args))

    async def examine(self, partition: int) -> Claim:
        """Read what a claim would find, and see that it could be made, without claiming.

        Raises:
            DamagedError: keys are missing, or of another layout or partitioner.
        """
        keys, args = self.keys(partition), [LAYOUT, self._partitioner]
        return self._claimed(partition, await self._examine(keys=keys, args=args))

    def _claimed(self, partition: int, answer: Sequence[Any]) -> Claim:
        if answer[0] in {b"LAYOUT", b"PARTITIONER"}:
            raise foreign(partition, answer, self._partitioner)
        _check(partition, "", 0, answer)
        meta, gate = (dict(zip(flat[::2], flat[1::2], strict=True)) for flat in answer[1:])
        return read_claim(partition, meta, gate)

    async def peek(self, partition: int) -> Claim:
        """See `Store.peek`."""
        keys = (self.key(partition, part) for part in ("meta", "gate"))
        found: list[Any] = [await self._redis.hgetall(key) for key in keys]  # redirected each
        return read_claim(partition, *found)

    async def check(self, partition: int, owner: str, sequence: int) -> None:
        """See `Store.check`."""
        found: Any = await self._redis.hmget(self.key(partition, "meta"), ["owner", "sequence"])
        by, left = (found[0] or b"").decode(), int(found[1] or 0)
        if by != owner:
            raise Fenced(partition, owner, by)
        if left < sequence:
            raise Lost(f"partition {partition}: at {sequence}, store at {left}")

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
        answer = await self._commit(keys=self.keys(partition), args=arguments(commit))
        _check(partition, commit.owner, commit.sequence, answer)

    async def activate(self, partition: int, activation: Activation) -> None:
        """See `Store.activate`."""
        of, line = activation, json.dumps(asdict(activation))
        place = (of.owner, of.sequence, of.id, repr(of.clock))
        args: list[Any] = [*place, of.version, of.basis, line]
        answer = await self._activate(keys=self.keys(partition), args=args)
        _check(partition, of.owner, of.sequence, answer)

    async def activations(self, partition: int) -> list[Activation]:
        """See `Store.activations`."""
        lines: Any = await self._redis.lrange(self.key(partition, "activations"), 0, -1)
        return [Activation(**json.loads(line)) for line in lines]

    async def outbox(self, partition: int, after: int, limit: int) -> list[tuple[int, Entry]]:
        """See `Store.outbox`."""
        key, most = self.key(partition, "outbox"), f"{after + limit + MOST - 1}-0"
        found: Any = await self._redis.xrange(key, min=f"({after}-0", max=most)
        if not found:  # numbers may have been lifted
            found = await self._redis.xrange(key, min=f"({after}-0", count=1)
        entries = (each for name, fields in found for each in numbered(name, fields))
        return [(number, entry) for number, entry in entries if number > after][:limit]

    async def forget_published(self, partition: int, owner: str, upto: int) -> None:
        """See `Store.forget_published`."""
        answer = await self._published(keys=self.keys(partition), args=[owner, upto])
        _check(partition, owner, upto, answer)

    async def wait_for_replicas(self, partition: int, owner: str, replicas: int, upto: int) -> None:
        """See `Store.wait_for_replicas`."""
        call = self._mark, self.keys(partition), [owner]
        try:
            answer, held = await write_and_wait(self._redis, *call, replicas, REPLICAS_MS)
        except (MovedError, AskError) as error:
            await self.peek(partition)  # finds out who holds it now, to be asked next
            raise NotReplicated("the partition has moved to another node") from error
        _check(partition, owner, 0, answer)
        if held < replicas:
            raise NotReplicated(f"expected {replicas} replicas to be as far, got {held}")
        if (number := int(answer[1])) < upto:
            raise NotReplicated(f"expected the outbox at {upto}, got {number} after a failover")

    async def resume(
        self, partition: int, owner: str, published: int, compared_after: int | None
    ) -> None:
        """See `Store.resume`."""
        args: list[Any] = [owner, published, "" if compared_after is None else compared_after]
        _check(partition, owner, 0, await self._resume(keys=self.keys(partition), args=args))

    async def keep_panel(self, partition: int, owner: str, packed: bytes) -> None:
        """Replace a partition's packed panel; harmless to repeat.

        Raises:
            Fenced: another worker has claimed the partition.
            DamagedError: keys are missing, which nothing kept hides.
        """
        answer = await self._panel(keys=self.keys(partition), args=[owner, packed])
        _check(partition, owner, 0, answer)

    async def histograms(self, partition: int) -> dict[str, int]:
        """See `Store.histograms`."""
        found: Any = await self._redis.hgetall(self.key(partition, "histogram"))
        return {field.decode(): int(count) for field, count in found.items()}

    async def counts(self, partition: int, clock: float) -> tuple[int, int, int]:
        """See `Store.counts`."""
        pipe = self._redis.pipeline(transaction=False)
        pipe.hlen(self.key(partition, "state"))
        pipe.hmget(self.key(partition, "meta"), BRAKE)
        pipe.zcount(self.key(partition, "due"), "-inf", repr(clock))
        customers, found, due = await pipe.execute()
        brake = read_brake(found)
        return customers, max(brake.upto - brake.published, 0), due

    async def brake(self, partition: int) -> Brake:
        """See `Store.brake`."""
        found: Any = await self._redis.hmget(self.key(partition, "meta"), BRAKE)
        return read_brake(found)

    async def release(self, partition: int) -> Brake:
        """See `Store.release`."""
        return read_brake(await self._release(keys=self.keys(partition)))

    async def touch(self, partition: int) -> None:
        """Ask for a write that changes nothing: refused whenever a commit would be."""
        await self._redis.zadd(self.key(partition, "due"), {b"": 0.0}, xx=True)  # b"": nobody

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

    async def now(self) -> float:
        """The server's clock, epoch seconds; of a Cluster the one that is behind the others."""
        found: Any = await self._redis.time()
        seconds, microseconds = min(found.values()) if isinstance(found, dict) else found
        return float(seconds) + float(microseconds) / 1e6

    async def everyone(self, partition: int) -> dict[bytes, bytes]:
        """All states of a partition, for tools and tests; reads in slices."""
        slices = self._redis.hscan_iter(self.key(partition, "state"), count=1000)
        return {customer: state async for customer, state in slices}


def _check(partition: int, owner: str, at: int, answer: Sequence[bytes]) -> None:
    if answer[0] == b"FENCED":
        raise Fenced(partition, owner, answer[1].decode())
    if answer[0] == b"DAMAGED":
        raise damaged(partition, answer[1], answer[2])
    if answer[0] == b"LOST":
        raise Lost(f"partition {partition}: at {at}, store at {answer[1].decode()}")


def _script(name: str) -> str:
    return resources.files("streams.store").joinpath("scripts", f"{name}.lua").read_text()
