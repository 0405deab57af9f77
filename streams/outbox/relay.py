"""The outbox relay: moves a partition's messages to Kafka, each exactly once.

In one Kafka transaction it publishes a stretch of the outbox and the position it reached.
Initialising the transactional id at the start fences an older relay and settles what it left open,
so the position read back tells what a read-committed consumer can see; the outbox in Redis is
trimmed only behind it. A position that the outbox never reached means that Redis came back older:
then the outbox is lifted, and of what the replay says again only what the topics lack is published.
What the partition's brake holds waits in the outbox, and all behind it.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from typing import Final

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from streams.broker.bounded import bounded
from streams.broker.clients import ClientOptions
from streams.broker.headers import split_headers
from streams.broker.message import Message
from streams.broker.write import write_batches
from streams.outbox.position import OutboxPosition, applied_once, known_to_kafka
from streams.outbox.said_before import OutboxNumber, SaidBefore, read_said_before
from streams.outbox.standing import standing
from streams.retry import WAITS, Wait, persist
from streams.store import Claim, Entry, Fenced, Store
from streams.telemetry.spans import NO_TRACE, NoTrace

log = structlog.get_logger()

STRETCH: Final = 4_000
BATCH_BYTES: Final = 512 << 10


class Relay:
    """Publishes one partition's outbox.

    Args:
        partition: its number.
        owner: who claimed the partition; a relay of anyone else publishes nothing.
        store: holds the outbox.
        options: how to reach Kafka.
        on_published: told of every published entry.
        on_went_back: told when Redis turns out to be older than Kafka knows it.
        trace: spans of what is published.

    Attributes:
        position: what is published of the outbox, once `stood` returned.
    """

    def __init__(
        self,
        partition: int,
        owner: str,
        store: Store,
        options: ClientOptions,
        *,
        on_published: Callable[[Entry], None],
        on_went_back: Callable[[], None],
        trace: NoTrace = NO_TRACE,
    ) -> None:
        self._partition, self._owner = partition, owner
        self._store, self._options = store, options
        self._on_published, self._on_went_back = on_published, on_went_back
        self._trace = trace
        self._producer: AIOKafkaProducer | None = None
        self._waits = Wait("publish", f"relay {partition}")
        self._said: SaidBefore | None = None
        self._wake, self._stood = asyncio.Event(), asyncio.Event()
        self.position = OutboxPosition("", 0)

    def wake(self) -> None:
        """Look at the outbox soon."""
        self._wake.set()

    async def stood(self) -> None:
        """Wait until the store was found to be as far as Kafka knows, or put right; then commit."""
        await self._stood.wait()

    async def run(self) -> None:
        """Relay until cancelled; Kafka or Redis being away only delays.

        Raises:
            Fenced: another worker has claimed the partition.
            GoneBackError: Redis went back, and that cannot be made good.
        """
        try:
            while True:
                try:
                    await self._serve()
                except (KafkaError, OSError) as error:
                    WAITS.note(self._waits, error)
                    await asyncio.sleep(1.0)
        finally:
            WAITS.over(self._waits)
            await self._stop_producer()

    async def _serve(self) -> None:
        """Start afresh: a transaction that failed half-way is settled by a new initialisation."""
        await self._stop_producer()
        self._producer = self._options.producer(
            transactional_id=f"{self._options.settings.group}-relay-{self._partition}",
            max_batch_size=BATCH_BYTES,
        )
        await bounded("producer", self._producer.start())
        await self._stand()
        self._stood.set()
        WAITS.over(self._waits)
        while True:
            while await self._publish_stretch():
                pass
            await self._settle()
            await self._wait()

    async def _stand(self) -> None:
        """Learn what is published, and put Redis right where it is behind that."""
        partition, options = self._partition, self._options
        # Kafka before the store, which only ever gets further: never the other way round.
        known = await bounded("position", known_to_kafka(options, partition))
        claim = await self._claim()
        known = await applied_once(options, partition, claim.offsets, known)
        found = standing(partition, claim, known)
        if found.went_back:
            by = "what is applied again is judged by the parameters in use now"
            log.error("redis went back", partition=partition, got=found.went_back, note=by)
            self._on_went_back()
        said, after = None, found.compared_after
        if after is not None:
            said = await read_said_before(options, partition, claim.generation, after) or None
        after, loaded = None if said is None else after, claim.backfill is not None
        self._said = said
        self.position = OutboxPosition(claim.generation, found.number, loaded, after)
        await self._resume()
        if not self._stood.is_set():  # nothing of this worker's is in the outbox yet
            self._trace.stood(max(claim.outbox, found.number))
        if known.position != self.position:
            await self._transact([], self.position)

    async def _claim(self) -> Claim:
        """What the store holds, so long as it is ours."""
        claim = await persist("claim", lambda: self._store.peek(self._partition))
        if claim.owner != self._owner:
            raise Fenced(self._partition, self._owner, claim.owner)
        return claim

    async def _wait(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(1.0):  # wait_for can swallow a cancellation (Python 3.11)
                await self._wake.wait()
        self._wake.clear()

    async def _publish_stretch(self) -> bool:
        if not (waiting := await self._waiting()):
            return False
        said = self._said
        lacking = [each for each in waiting if said is None or said.lacks(each[1])]
        position = self.position._replace(number=waiting[-1][0])
        with self._trace.relaying(len(lacking), position.number):
            await self._transact(lacking, position)
        self.position = position
        for _, entry in lacking:
            self._on_published(entry)
        await self._forget_published()
        return True

    async def _waiting(self) -> list[tuple[int, Entry]]:
        """What may be published next: nothing of what the brake holds, nor of what came since."""
        brake = await persist("outbox", lambda: self._store.brake(self._partition))
        most = min(brake.upto - self.position.number, STRETCH)
        if most <= 0:
            return []
        return await persist("outbox", lambda: self._unforgettable(brake.upto, most))

    async def _unforgettable(self, upto: int, most: int) -> list[tuple[int, Entry]]:
        """What waits, and no failover forgets where replicas are asked for.

        Whoever waits for replicas longer than a server lives, waits for another's: so what was read
        before is read again with every try.
        """
        found = await self._store.outbox(self._partition, self.position.number, most)
        waiting = [each for each in found if each[0] <= upto]
        if waiting and (replicas := self._options.settings.redis_replicas):
            place = self._partition, self._owner, replicas
            await self._store.wait_for_replicas(*place, upto=waiting[-1][0])
        return waiting

    async def _transact(self, entries: list[tuple[int, Entry]], position: OutboxPosition) -> None:
        producer = self._producer
        assert producer is not None  # noqa: S101 - set by _serve
        await bounded("transaction", self._transaction(producer, entries, position))

    async def _transaction(
        self,
        producer: AIOKafkaProducer,
        entries: list[tuple[int, Entry]],
        position: OutboxPosition,
    ) -> None:
        partition, place = self._partition, self._options.settings.position_topic
        async with producer.transaction():
            written = defaultdict(list)
            for number, entry in entries:
                written[entry.topic].append(self._message(number, entry))
            written[place] = [position.message(partition)]
            # At once: one request names all topics to the transaction, and one carries them.
            writes = [write_batches(producer, t, partition, each) for t, each in written.items()]
            await asyncio.gather(*writes)

    def _message(self, number: int, entry: Entry) -> Message:
        which = OutboxNumber(self._partition, number, self.position.generation)
        headers = [*split_headers(entry.headers), which.header()]
        return Message(entry.key, entry.value, headers=headers)

    async def _forget_published(self) -> None:
        place = self._partition, self._owner, self.position.number
        await persist("outbox", lambda: self._store.forget_published(*place))

    async def _resume(self) -> None:
        place = self._partition, self._owner, self.position.number, self.position.compared_after
        await persist("outbox", lambda: self._store.resume(*place))

    async def _settle(self) -> None:
        """Compare no longer once the replay is beyond all that was said before Redis went back."""
        if self._said is None:
            return
        claim = await self._claim()
        if claim.outbox > self.position.number or claim.clock <= self._said.until:
            return
        if self._said.skipped:
            log.info("caught up", partition=self._partition, said_before=self._said.skipped)
        self._said, self.position = None, self.position._replace(compared_after=None)
        await self._resume()
        await self._transact([], self.position)

    async def _stop_producer(self) -> None:
        producer, self._producer = self._producer, None
        if producer is not None:
            try:
                await bounded("producer's end", producer.stop())
            except (KafkaError, OSError) as error:
                log.warning("relay producer", partition=self._partition, error=repr(error))
