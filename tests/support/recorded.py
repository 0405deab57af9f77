"""A small bank's record: some of CDNOW's customers, and what they told the bank besides."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from harness import PATIENCE, Worker, inputs_of, make_settings
from traces import as_messages, with_store, write

from ebbwatch.demo.events.cdnow import purchases
from ebbwatch.stack import Stack
from streams.config import Settings
from streams.store import RedisStore

Event = dict[str, Any]
PARTITIONS = 4
EVERY = 30  # one customer in so many
CONTACTS = ("complaint", "survey", "nps", "app_session", "instalment_overdue", "instalment_cured")
FIELDS: dict[str, Event] = {
    "complaint": {"category": "fees", "sentiment": -0.8},
    "survey": {"score": 1},
    "nps": {"score": 2},
    "app_session": {"duration_seconds": 60},
    "instalment_overdue": {
        "amount": 4_250, "currency": "USD", "instalment_id": "i", "days_overdue": 9,
    },
    "instalment_cured": {"instalment_id": "i"},
}  # fmt: skip


def transactions() -> list[Event]:
    """The purchases, by time."""
    return [made for made in purchases() if int(made["customer_id"][6:]) % EVERY == 0]


def interactions() -> list[Event]:
    """A thousand contacts by time, many of them at the midnights that purchases are dated to."""
    rng = np.random.default_rng(4)
    customers = sorted({made["customer_id"] for made in transactions()})
    instants = np.datetime64("1997-01-05") + rng.integers(0, 520 * 24, 1_000).astype("m8[h]")
    rounded = np.where(rng.random(1_000) < 0.3, instants.astype("M8[D]").astype("M8[h]"), instants)
    made = [
        _contact(number, str(rng.choice(CONTACTS)), str(rng.choice(customers)), f"{instant}:00:00Z")
        for number, instant in enumerate(np.sort(rounded).astype(str).tolist())
    ]
    return sorted(made, key=lambda event: str(event["event_time"]))


def _contact(number: int, kind: str, customer: str, instant: str) -> Event:
    common = {"event_id": f"contact:{number}", "customer_id": customer, "event_time": instant}
    return {**common, "type": kind, **FIELDS[kind]}


def files(folder: Path) -> list[str]:
    """The record as two files of JSON lines, the contacts' first."""
    paths = []
    for name, events in (("contacts", interactions()), ("purchases", transactions())):
        path = folder / f"{name}.jsonl"
        path.write_text("".join(json.dumps(event) + "\n" for event in events))
        paths.append(str(path))
    return paths


def streamed(stack: Stack, topic_prefix: str) -> Settings:
    """Settings of topics that hold all of it."""
    settings = make_settings(stack, topic_prefix, partitions=PARTITIONS)
    write(settings, settings.transaction_topic, as_messages(transactions()))
    write(settings, settings.interaction_topic, as_messages(interactions()))
    return settings


def beside(stack: Stack, prefix: str, other: Settings) -> Settings:
    """Settings with the same input, all else their own."""
    return make_settings(stack, prefix, partitions=PARTITIONS, **inputs_of(other))


def timers(settings: Settings) -> dict[bytes, float]:
    """Every armed timer."""

    async def read(store: RedisStore) -> dict[bytes, float]:
        loads = [await store.load(n, [], np.inf, 1_000_000) for n in range(settings.partitions)]
        return {c: at for load in loads for c, at in zip(load.due_ids, load.due_at, strict=True)}

    return with_store(settings, read)


def histograms(settings: Settings) -> list[dict[str, int]]:
    """Every partition's running histograms."""

    async def read(store: RedisStore) -> list[dict[str, int]]:
        return [await store.histograms(number) for number in range(settings.partitions)]

    return with_store(settings, read)


def finish(settings: Settings, start: Callable[..., Worker], *command: str, **extra: str) -> str:
    """Run a command to its good end; returns the end of what it said."""
    run = start(settings, command, extra)
    assert run.process.wait(timeout=PATIENCE) == 0, run.tail()
    return run.tail()
