"""A worker that SIGKILLs itself at one exact moment, and goes only as far as it is told.

DIES: `committed:N` after the N-th Redis commit that holds warnings, before they are published;
`transaction:N` inside the N-th Kafka transaction, its records and position sent, not committed.
BRAKE: path of a file with the number of records beyond which a partition begins no batch, and the
seconds it rests before each; while there is no such file nothing holds it.
"""

import asyncio
import os
import signal
from collections.abc import Callable, Iterable
from contextlib import suppress
from itertools import count
from pathlib import Path

from aiokafka import AIOKafkaProducer

from streams.broker.message import Message
from streams.config import Settings
from streams.outbox import relay
from streams.partition.sequencer import Sequencer
from streams.run import run
from streams.store import Commit, RedisStore


def die_when_committed(fatal: int) -> None:
    """Die when the store has taken warnings of which nobody knows yet."""
    commit_to_redis, calls = RedisStore.commit, count(1)

    async def commit(self: RedisStore, partition: int, commit: Commit) -> None:
        await commit_to_redis(self, partition, commit)
        warns = any(b"warning_id" in entry.value for entry in commit.outbox)
        if warns and next(calls) == fatal:
            os.kill(os.getpid(), signal.SIGKILL)

    RedisStore.commit = commit  # type: ignore[method-assign]


def die_in_transaction(fatal: int) -> None:
    """Die when a transaction lacks nothing but its commit."""
    write, commit = relay.write_batches, AIOKafkaProducer.commit_transaction
    calls, busy = count(1), set[AIOKafkaProducer]()

    async def note_and_write(
        producer: AIOKafkaProducer, topic: str, partition: int, messages: Iterable[Message]
    ) -> None:
        if not topic.endswith(".relayed.v1"):
            busy.add(producer)
        await write(producer, topic, partition, messages)

    async def die_or_commit(self: AIOKafkaProducer) -> None:
        if self in busy and next(calls) == fatal:
            os.kill(os.getpid(), signal.SIGKILL)
        busy.discard(self)
        await commit(self)

    relay.write_batches = note_and_write
    AIOKafkaProducer.commit_transaction = die_or_commit


def stop_as_told(brake: Path) -> None:
    """Let a partition find nothing to do once it has applied what it may, while a file says so."""
    take_turn_at_once = Sequencer._take_turn

    async def take_turn(self: Sequencer) -> bool:
        with suppress(FileNotFoundError):
            upto, rest = map(float, brake.read_text().split())  # noqa: ASYNC240 - a test's brake
            await asyncio.sleep(rest)
            if sum(self.offsets.values()) >= upto:
                return False
        return await take_turn_at_once(self)

    Sequencer._take_turn = take_turn  # type: ignore[method-assign]


MOMENTS: dict[str, Callable[[int], None]] = {
    "committed": die_when_committed,
    "transaction": die_in_transaction,
}

if __name__ == "__main__":
    stop_as_told(Path(os.environ["BRAKE"]))
    moment, _, fatal = os.environ.get("DIES", "").partition(":")
    if moment:
        MOMENTS[moment](int(fatal))
    run(Settings())
