"""Faust as its tutorial shows it: a record an event, and one read and one write of Redis for each.

Run by `benchmarks.peers`; prints one JSON object and ends.
"""

import json
import os
import sys
import time

import faust
from redis.asyncio import Redis

WARM_UP = 3_000  # events before the clock starts


class Event(faust.Record, serializer="json"):  # type: ignore[call-arg, misc]
    """What the naive program keeps of an event."""

    event_id: str
    customer_id: str
    event_time: str
    type: str
    amount: int = 0
    currency: str = "USD"
    merchant_category: str = ""
    merchant_id: str = ""
    card_id: str = ""
    channel: str = ""


def build(bootstrap: str, redis_url: str, topics: list[str], events: int) -> faust.App:
    """An app that keeps frequency, monetary value and last event time, and counts."""
    app = faust.App(
        f"naive-{time.time_ns()}",
        broker=f"kafka://{bootstrap}",
        store="memory://",
        consumer_auto_offset_reset="earliest",
        topic_disable_leader=True,
        topic_allow_declare=False,
        web_enabled=False,
    )
    store = Redis.from_url(redis_url)
    seen, started = 0, 0.0

    @app.agent(app.topic(*topics, value_type=Event))  # type: ignore[untyped-decorator]
    async def keep(stream: faust.Stream) -> None:
        nonlocal seen, started
        async for event in stream:
            key = f"naive:{event.customer_id}"
            known = await store.hgetall(key)
            frequency = int(known.get(b"frequency", 0)) + 1
            value = int(known.get(b"value", 0)) + event.amount
            fields = {"frequency": frequency, "value": value, "last": event.event_time}
            await store.hset(key, mapping=fields)  # type: ignore[arg-type]
            seen += 1
            if seen == WARM_UP:
                started = time.monotonic()
            elif seen == WARM_UP + events:
                print(json.dumps({"events": events, "seconds": time.monotonic() - started}))
                sys.stdout.flush()
                os._exit(0)  # Faust takes its time to stop, and nothing is left to do

    return app


if __name__ == "__main__":
    bootstrap, redis_url, events, *topics = sys.argv[1:]
    app = build(bootstrap, redis_url, topics, int(events))
    faust.Worker(app, loglevel="warn", redirect_stdouts=False).execute_from_commandline()
