"""Rendering a log's events as the JSON of the contracts, and writing them to Kafka."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Final

import numpy as np

from benchmarks.event_log import KINDS, EventLog, Events
from scoring.arrays import Bools
from streams.broker.clients import ClientOptions
from streams.broker.message import Message, partition_of
from streams.broker.write import produce
from streams.config import Settings

WRITERS: Final = 2  # processes
SLICE: Final = 50_000  # events rendered at once
TRANSACTIONS: Final = frozenset({"purchase", "refund", "repayment", "fee", "declined"})

_MONEY: Final = ',"amount":%(amount)d,"currency":"USD"'
_CARD: Final = (
    ',"merchant_category":"5411","merchant_id":"m%(place)05d",'
    '"card_id":"card-%(customer)07d","channel":"pos"'
)
_FIELDS: Final = {
    "purchase": _MONEY + _CARD,
    "refund": _MONEY + ',"reverses":"bench-%(earlier)09d"',
    "repayment": _MONEY,
    "fee": _MONEY,
    "declined": _MONEY + _CARD,
    "app_session": ',"touchpoint":"app","duration_seconds":%(place)d.5',
    "call": ',"touchpoint":"hotline","sentiment":-0.%(digit)d',
    "survey": ',"score":%(star)d',
    "nps": ',"score":%(digit)d',
    "complaint": ',"category":"service"',
    "instalment_overdue": _MONEY + ',"instalment_id":"i%(number)09d","days_overdue":%(star)d',
    "instalment_cured": ',"instalment_id":"i%(number)09d"',
}


def _template(kind: str) -> bytes:
    head = '{"event_id":"bench-%(number)09d","customer_id":"c%(customer)07d"'
    return f'{head},"event_time":"%(time)sZ","type":"{kind}"{_FIELDS[kind]}}}'.encode()


_TEMPLATES: Final = [_template(kind) for kind in KINDS]
_COLUMNS: Final = (
    b"kind number time customer amount place earlier digit star".split()  # of the templates
)


def messages(events: Events) -> Iterator[Message]:
    """Render events, keyed by customer."""
    for start in range(0, len(events), SLICE):
        for row in _rows(events[start : start + SLICE]):
            yield Message(
                b"c%07d" % row[3], _TEMPLATES[row[0]] % dict(zip(_COLUMNS, row, strict=True))
            )


def _rows(events: Events) -> Iterator[tuple[int, ...]]:
    instants = (events["time"] * 1000.0).astype("i8").astype("M8[ms]")
    number = events["number"]
    columns = (
        events["kind"],
        number,
        np.datetime_as_string(instants).astype("S"),
        events["customer"],
        events["amount"],
        number % 30_011,
        np.maximum(number - 7, 0),
        number % 10,
        1 + number % 5,
    )
    return zip(*(column.tolist() for column in columns), strict=True)


def is_transaction(events: Events) -> Bools:
    """Which events belong to the transaction topic; the others are interactions."""
    kinds = [place for place, kind in enumerate(KINDS) if kind in TRANSACTIONS]
    return np.isin(events["kind"], kinds)


def write(log: EventLog, settings: Settings) -> int:
    """Write a log to the input topics, in its order within every partition; return the count."""
    shards = [(log, settings, shard) for shard in range(WRITERS)]
    with ProcessPoolExecutor(WRITERS, mp_context=get_context("spawn")) as pool:
        return sum(pool.map(_write_shard, *zip(*shards, strict=True)))


def _write_shard(log: EventLog, settings: Settings, shard: int) -> int:
    return asyncio.run(_write(_own(log, settings.partitions, shard), settings))


def _own(log: EventLog, partitions: int, shard: int) -> Events:
    """The events of a writer's share of the partitions."""
    of_customer = [partition_of(b"c%07d" % n, partitions) for n in range(log.customers)]
    events = log.columns()
    own: Events = events[np.array(of_customer)[events["customer"]] % WRITERS == shard]
    return own


async def _write(events: Events, settings: Settings) -> int:
    producer = ClientOptions(settings).producer(max_batch_size=1 << 20, max_request_size=4 << 20)
    await producer.start()
    first = is_transaction(events)
    parts = zip(settings.input_topics[:2], (first, ~first), strict=True)
    try:
        return sum(
            [
                await produce(producer, topic, messages(events[part]), settings.partitions)
                for topic, part in parts
            ]
        )
    finally:
        await producer.stop()
