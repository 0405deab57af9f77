"""A history loaded from files and streamed on from the cut: as if all of it had been streamed."""

import asyncio
import json
import random
import tempfile
from dataclasses import replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fakes import MODEL, ROUTES, FakeStore, FedByHand, sequenced, services
from hypothesis import given, settings
from hypothesis import strategies as st
from stream_events import INTERACTIONS, OUTCOMES, START, TOPICS, TRANSACTIONS, Event, event, records
from trying import few

from modelling.history import Book, read_events
from scoring.arrays import DAY
from scoring.step.replay import EventLog
from streams.broker.message import partition_of
from streams.intake.records import Records
from streams.outbox.messages import Messages
from streams.partition.backfill_cut import UnfinishedBackfillError
from streams.partition.sequencer import Sequencer
from streams.store import Commit, Fenced, owner_of
from streams.tools.backfill import Backfiller, BackfillError, Loaded
from streams.tools.backfill import plan as planning

MESSAGES = Messages(MODEL, ROUTES, "score", "case", "/ebbwatch/test")


@cache
def life(seed: int) -> tuple[list[Event], list[Event]]:
    """Both topics, each by time: customers who come, fall silent, complain and pay late."""
    draw = random.Random(seed)
    transactions, interactions = [], []
    for number in range(7):
        name, day, end = f"c{number}", draw.uniform(0, 40), draw.uniform(60, 250)
        while day < end:
            transactions.append(event("purchase", day, name, amount=draw.randrange(100, 20_000)))
            day += draw.expovariate(1 / draw.choice([4, 8, 20]))
        for kind in ("complaint", "survey", "instalment_overdue", "instalment_cured"):
            for _ in range(draw.randrange(5)):
                interactions.append(event(kind, draw.uniform(0, 250), name))  # noqa: PERF401
    return sorted(transactions, key=_time), sorted(interactions, key=_time)


def _time(made: Event) -> str:
    return str(made["event_time"])


@cache
def history(seed: int) -> EventLog:
    """The same as a bank's file of JSON lines holds it."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "history.jsonl"
        wire = [made for topic in life(seed) for made in topic]
        file.write_text("".join(json.dumps(made) + "\n" for made in wire))
        return read_events([file], Book.of(MODEL))


def topics_of(seed: int) -> dict[str, Records]:
    return {t: records(t, made) for t, made in zip(TOPICS, (*life(seed), ()), strict=True)}


def cut_at(day: float) -> float:
    return START + day * DAY


def load(
    log: EventLog, until: float, store: FakeStore, *, resume: bool = False, **changes: Any
) -> Loaded:
    partitions = changes.pop("partitions", 1)
    parts = changes.pop("parts", [lambda: log])
    backfiller = Backfiller(store, partitions, **{"model": MODEL, **changes})
    return asyncio.run(backfiller.run(parts, until, resume=resume))


def streamed(seed: int, store: FakeStore | None = None) -> FakeStore:
    async def run() -> FakeStore:
        held = store or FakeStore()
        sequencer = FedByHand(topics_of(seed), services(held))
        await sequencer.claim()
        await sequencer.finish()
        return held

    return asyncio.run(run())


def held(store: FakeStore, number: int = 0) -> Any:
    part = store.parts[number]
    return part.states, part.due, part.clock, part.histogram, part.activated


def warnings_after(store: FakeStore, clock: float) -> list[Any]:
    told = [w for w in store.warnings() if w.event_time.timestamp() > clock]
    return sorted(told, key=lambda w: (w.warning_id, w.sequence))


@cache
def all_streamed(seed: int) -> FakeStore:
    return streamed(seed)


@pytest.mark.slow
@settings(max_examples=few(8), deadline=None)
@given(st.sampled_from([1, 2, 3]), st.floats(-1.0, 260.0), st.sampled_from([1, 3, 100]))
def test_loading_to_any_cut_and_streaming_on_equals_streaming_it_all(
    seed: int, day: float, size: int
) -> None:
    store, until = FakeStore(), cut_at(day)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(planning, "GROUP", size)
        load(history(seed), until, store)
    clock = store.parts[0].clock
    assert clock < until
    assert store.warnings() == []
    streamed(seed, store)
    assert held(store) == held(all_streamed(seed))
    assert warnings_after(store, 0.0) == warnings_after(all_streamed(seed), clock)


def test_the_lives_tried_warn_before_and_after_the_cuts() -> None:
    warned = [w.event_time.timestamp() for w in all_streamed(1).warnings()]
    assert min(warned) < cut_at(100) < cut_at(200) < max(warned)


def test_a_partition_is_left_as_its_worker_leaves_it_after_the_last_event_before_the_cut() -> None:
    until = cut_at(120.0)
    store = FakeStore()
    load(history(1), until, store)
    early = [[made for made in topic if _seconds(made) < until] for topic in life(1)]
    lived, _ = asyncio.run(sequenced(*early))
    assert held(store) == held(lived)
    assert store.parts[0].offsets == {}


def _seconds(made: Event) -> float:
    return datetime.fromisoformat(made["event_time"]).timestamp()


def test_each_partition_gets_its_own_customers_and_clock() -> None:
    until, store = cut_at(120.0), FakeStore()
    loaded = load(history(2), until, store, partitions=3)
    past = history(2).before(until)
    for number in range(3):
        own = {c for c in past.customers if partition_of(c, 3) == number}
        at = [past.customers[row] in own for row in past.rows.tolist()]
        assert set(store.parts[number].states) == own
        assert store.parts[number].clock == past.events["time"][at].max(initial=0.0)
    assert (loaded.partitions, loaded.customers) == (3, len(past.customers))
    assert (loaded.events, loaded.last_event) == (len(past.events), past.times[-1])


@pytest.mark.parametrize("size", [1, 2, 100])
def test_partitions_replayed_together_are_left_each_at_its_own_clock(
    monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setattr(planning, "GROUP", size)
    until, store = cut_at(170.0), FakeStore()
    load(history(3), until, store, partitions=3)
    for number in range(3):
        own = [[m for m in topic if _is_of(m, number) and _seconds(m) < until] for topic in life(3)]
        lived, _ = asyncio.run(sequenced(*own))
        assert held(store, number) == held(lived)


def _is_of(made: Event, number: int) -> bool:
    return partition_of(made["customer_id"].encode(), 3) == number


@pytest.mark.parametrize("published", [False, True])
def test_a_history_in_parts_leaves_what_it_leaves_whole(*, published: bool) -> None:
    whole, apart, until = FakeStore(), FakeStore(), cut_at(170.0)
    told = {"messages": MESSAGES} if published else {}
    one = load(history(3), until, whole, partitions=2, **told)
    log = history(3)
    half = np.arange(len(log.customers)) % 2
    logs = [part for _, part in log.grouped(half, 2)]
    nobody = log.before(0.0)
    parts = [lambda: logs[0], lambda: nobody, lambda: logs[1]]
    two = load(log, until, apart, partitions=2, parts=parts, **told)
    for number in (0, 1):
        assert held(apart, number) == held(whole, number)
    assert one == two
    assert warnings_after(apart, 0.0) == warnings_after(whole, 0.0)


def test_a_partition_without_customers_knows_the_cut_too() -> None:
    store = FakeStore()
    load(history(1), cut_at(-1.0), store, partitions=2)
    for number in (0, 1):
        claim = asyncio.run(store.claim(number))
        assert (claim.clock, claim.backfill.until, claim.backfill.left) == (0.0, cut_at(-1.0), 0)
        assert store.parts[number].states == {}


class Mortal(FakeStore):
    """Dies after so many commits."""

    def __init__(self, lives: int) -> None:
        super().__init__()
        self.lives = lives

    async def commit(self, partition: int, commit: Commit) -> None:
        if not self.lives:
            raise KeyboardInterrupt
        self.lives -= 1
        await super().commit(partition, commit)


@pytest.fixture
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planning, "GROUP", 2)


@pytest.mark.usefixtures("_small")
@pytest.mark.parametrize("lives", range(4))
def test_a_backfill_that_died_goes_on_where_it_stopped(lives: int) -> None:
    store, whole, until = Mortal(lives), FakeStore(), cut_at(150.0)
    full = load(history(1), until, whole, partitions=2)
    with pytest.raises(KeyboardInterrupt):
        load(history(1), until, store, partitions=2)
    done = sum(part.sequence for part in store.parts.values())
    assert done == lives
    store.lives = 99
    rest = load(history(1), until, store, partitions=2, resume=True)
    for number in (0, 1):
        assert held(store, number) == held(whole, number)
        assert store.parts[number].sequence == whole.parts[number].sequence
    assert 0 < rest.customers <= full.customers


@pytest.mark.usefixtures("_small")
def test_a_half_loaded_partition_takes_no_event() -> None:
    store = Mortal(1)
    with pytest.raises(KeyboardInterrupt):
        load(history(1), cut_at(150.0), store)
    claim = asyncio.run(store.claim(0))
    told = r"partition 0: expected a finished backfill.*--resume.*, got 3 commits left"
    with pytest.raises(UnfinishedBackfillError, match=told):
        Sequencer(0, claim, services(store), lambda: None)


def test_resuming_a_finished_backfill_writes_nothing_even_when_workers_went_on() -> None:
    store, until = FakeStore(), cut_at(150.0)
    load(history(1), until, store)
    streamed(1, store)
    before, sequence = held(store), store.parts[0].sequence
    again = load(history(1), until, store, resume=True)
    assert (again.partitions, again.customers) == (0, 0)
    assert (held(store), store.parts[0].sequence) == (before, sequence)


def test_resuming_nothing_begins() -> None:
    store = FakeStore()
    load(history(1), cut_at(150.0), store, resume=True)
    assert store.parts[0].states


def test_a_second_backfill_is_refused_unless_told_to_resume() -> None:
    store = FakeStore()
    load(history(1), cut_at(150.0), store)
    told = "partition 0: expected an empty store, got a backfill with 0 commits left; --resume"
    with pytest.raises(BackfillError, match=told):
        load(history(1), cut_at(150.0), store)


@pytest.mark.parametrize("resume", [False, True])
def test_a_store_that_has_applied_events_is_refused_before_anything_is_written(
    *, resume: bool
) -> None:
    async def some() -> FakeStore:
        store, _ = await sequenced([event("purchase", 1.0, "c1")])
        store.parts[1], store.parts[0] = store.parts[0], store.parts[1]
        return store

    store = asyncio.run(some())
    told = "partition 1: expected an empty store, got 1 commits by workers"
    with pytest.raises(BackfillError, match=told):
        load(history(1), cut_at(150.0), store, partitions=2, resume=resume)
    assert (store.parts[0].epoch, store.parts[0].states) == (0, {})


@pytest.mark.parametrize(
    "changes",
    [
        {"log": history(2)},
        {"log": history(1).before(cut_at(100.0))},
        {"until": cut_at(150.001)},
        {"messages": MESSAGES},
        {"model": replace(MODEL, parameters=replace(MODEL.parameters, digest="0" * 64))},
    ],
)
@pytest.mark.usefixtures("_small")
def test_only_the_same_backfill_may_go_on(changes: dict[str, Any]) -> None:
    store, given = Mortal(1), {"log": history(1), "until": cut_at(150.0), **changes}
    with pytest.raises(KeyboardInterrupt):
        load(history(1), cut_at(150.0), store)
    store.lives = 99
    told = "partition 0: expected the history, parameters, cut and options of the backfill"
    with pytest.raises(BackfillError, match=told):
        load(store=store, resume=True, **given)


@pytest.mark.usefixtures("_small")
def test_a_worker_that_claims_meanwhile_fences_the_backfill() -> None:
    store = FakeStore()

    def intrude(_: Loaded) -> None:
        store.parts[0].owner = owner_of(2, "another")

    with pytest.raises(Fenced):
        load(history(1), cut_at(150.0), store, on_commit=intrude)
    assert store.parts[0].sequence == 1


def test_past_warnings_are_published_if_asked_for() -> None:
    store, until = FakeStore(), cut_at(150.0)
    loaded = load(history(1), until, store, messages=MESSAGES)
    streamed(1, store)
    assert warnings_after(store, 0.0) == warnings_after(all_streamed(1), 0.0)
    assert loaded.published > loaded.warnings > 0


async def test_records_before_the_cut_are_counted_and_not_applied() -> None:
    store = FakeStore()
    await Backfiller(store, 1, MODEL).run([lambda: history(1)], cut_at(150.0))
    made = [event("purchase", day, "c1") for day in (149.0, 150.0, 149.999, 151.0)]
    of = services(store)
    sequencer = FedByHand(
        {TRANSACTIONS: records(TRANSACTIONS, made), INTERACTIONS: [], OUTCOMES: []}, of
    )
    await sequencer.claim()
    await sequencer.finish()
    assert store.parts[0].offsets == {TRANSACTIONS: 4, INTERACTIONS: 0, OUTCOMES: 0}

    def count(outcome: str) -> float:
        labels = {"topic": TRANSACTIONS, "type": "purchase", "outcome": outcome}
        return of.metrics.registry.get_sample_value("ebbwatch_events_total", labels) or 0.0

    assert (count("backfilled"), count("applied"), count("duplicate")) == (2.0, 2.0, 0.0)


async def test_a_topic_of_nothing_but_the_past_is_read_to_its_end() -> None:
    store = FakeStore()
    await Backfiller(store, 1, MODEL).run([lambda: history(1)], cut_at(150.0))
    before = held(store)
    past = records(TRANSACTIONS, [event("purchase", day, "c1") for day in range(40)])
    sequencer = FedByHand(
        {TRANSACTIONS: past, INTERACTIONS: [], OUTCOMES: []}, services(store, batch_records=7)
    )
    await sequencer.claim()
    await sequencer.finish()
    assert store.parts[0].offsets[TRANSACTIONS] == 40
    assert held(store) == before
