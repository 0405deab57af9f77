"""Warnings derived anew from their customers' logs, byte for byte, or what differs."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from fakes import MODEL, FakeStore, FedByHand, services, using
from reloaded import LENIENT, STRICT, begun, life, topics_of
from stream_events import TOPICS, event, records

from modelling.history import Book, read_events
from schemas import EarlyWarning
from scoring.model import ScoringModel
from scoring.step.replay import EventLog
from streams.broker.partitioner import MURMUR2
from streams.intake.decode import Decoder
from streams.intake.records import Records
from streams.tools.backfill import Backfiller
from streams.tools.backfill.plan import HistoryPart
from streams.tools.verify.partition_log import TopicLog
from streams.tools.verify.past import Place, past_of
from streams.tools.verify.published import PublishedWarning, VerifyError, read_warnings
from streams.tools.verify.run import PartitionEvidence, Verified, verdict


def logs(topics: Mapping[str, Records], customer: bytes, begins: int = 0) -> dict[str, TopicLog]:
    """What is read of topics, a few records at a time."""
    decoders: dict[str, Decoder] = dict(services(FakeStore()).decoders)
    found = {}
    for topic in TOPICS:
        log, kept = TopicLog(begins), topics.get(topic, [])[begins:]
        for first in range(0, len(kept), 7):
            log.add(kept[first : first + 7], customer, decoders[topic])
        found[topic] = log
    return found


def messages(store: FakeStore) -> dict[str, list[PublishedWarning]]:
    """What was published, by warning."""
    entries = [entry for entry in _entries(store) if entry.startswith(b'{"warning_id"')]
    found: dict[str, list[PublishedWarning]] = {}
    for body in entries:
        warning = EarlyWarning.model_validate_json(body)
        found.setdefault(warning.warning_id, []).append(PublishedWarning(warning, body))
    return found


def _entries(store: FakeStore) -> list[bytes]:
    return [entry.value for _, entry in asyncio.run(store.outbox(0, 0, 10**9))]


def judged(
    store: FakeStore,
    topics: Mapping[str, Records],
    told: list[PublishedWarning],
    *,
    models: tuple[ScoringModel, ...] = (MODEL,),
    history: Sequence[HistoryPart] = (),
    begins: int = 0,
) -> Verified:
    customer = told[0].warning.customer_id.encode()
    claim, activations = asyncio.run(store.peek(0)), asyncio.run(store.activations(0))
    evidence = PartitionEvidence(0, claim, activations, logs(topics, customer, begins))
    past = past_of(history, evidence.cut, Place(customer, 0, 1, MURMUR2))
    return verdict(evidence, told, [using(model) for model in models], past)


def streamed(topics: dict[str, Records], store: FakeStore | None = None) -> FakeStore:
    async def run() -> FakeStore:
        held = store or FakeStore()
        sequencer = FedByHand(topics, services(held))
        await sequencer.claim()
        await sequencer.finish()
        return held

    return asyncio.run(run())


def test_every_warning_is_derived_byte_for_byte() -> None:
    store = streamed(topics_of(1))
    told = messages(store)
    found = [judged(store, topics_of(1), each) for each in told.values()]
    assert len(found) > 10
    assert {one.rule for one in found} > {"silence", "dissatisfaction"}
    assert sum(len(one.messages) for one in found) == sum(map(len, told.values()))
    assert all(one.is_same for one in found)
    assert not any(one.notes for one in found)


def test_what_was_altered_since_is_named() -> None:
    store = streamed(topics_of(1))
    (first, *_), *_ = messages(store).values()
    altered = json.loads(first.body)
    altered["severity"] += 1.0
    altered["reasons"][0]["points"] += 1e-12
    altered["reasons"].append(altered["reasons"][0])
    body = json.dumps(altered).encode()
    found = judged(store, topics_of(1), [first._replace(body=body)])
    assert not found.is_same
    (message,) = found.messages
    last = f"reasons.{len(altered['reasons']) - 1}"
    assert [one.field for one in message.differences] == ["severity", "reasons.0.points", last]
    assert [one.derived for one in message.differences][2] is None
    spaced = json.dumps(json.loads(first.body), indent=1).encode()
    (message,) = judged(store, topics_of(1), [first._replace(body=spaced)]).messages
    assert (message.is_same, message.differences) == (False, ())


def test_a_message_that_the_log_does_not_bring_forth_is_told() -> None:
    store = streamed(topics_of(1))
    (first, *_), *_ = messages(store).values()
    warning = first.warning.model_copy(update={"sequence": 99})
    (message,) = judged(store, topics_of(1), [first._replace(warning=warning)]).messages
    assert (message.is_derived, message.is_same) == (False, False)


def reloaded(model: ScoringModel) -> FakeStore:
    async def run() -> FakeStore:
        of = await begun()
        of.replace(model)
        await of.settle()
        await of.sequencer.finish()
        return of.store

    return asyncio.run(run())


@pytest.mark.by_lot(1)
@pytest.mark.parametrize("model", [STRICT, LENIENT], ids=["strict", "lenient"])
def test_parameters_that_came_into_force_on_the_way_are_taken_up_where_they_did(
    model: ScoringModel,
) -> None:
    store = reloaded(model)
    for told in messages(store).values():
        found = judged(store, topics_of(1), told, models=(model, MODEL))
        assert found.is_same, found
        assert found.notes == ("Parameters came into force 1 times after the first ones.",)


def test_a_parameter_file_that_is_missing_is_named() -> None:
    store = reloaded(STRICT)
    *_, told = messages(store).values()
    with pytest.raises(VerifyError, match=r"--params: expected the parameter file of version .*"):
        judged(store, topics_of(1), told, models=(STRICT,))


def filed(folder: Path) -> EventLog:
    file = folder / "all.jsonl"
    wire = [made for topic in TOPICS for made in life(1)[topic]]
    sound = [made for made in wire if made["type"] != "account_closed"]  # in the wrong topic
    file.write_text("".join(json.dumps(made) + "\n" for made in sound))
    return read_events([file], Book.of(MODEL))


def test_what_was_loaded_from_files_is_taken_from_files(tmp_path: Path) -> None:
    log, store = filed(tmp_path), FakeStore()
    cut = float(np.quantile(log.times, 0.6))
    asyncio.run(Backfiller(store, 1, MODEL).run([lambda: log], cut))
    streamed(topics_of(1), store)
    told = [*messages(store).values()]
    assert len(told) > 3
    for each in told:
        assert judged(store, topics_of(1), each, history=[lambda: log]).is_same
    with pytest.raises(VerifyError, match=r"HISTORY: expected what was loaded .*, got none$"):
        judged(store, topics_of(1), told[0])  # without it nothing can be said


def test_what_the_topics_forgot_is_taken_from_files(tmp_path: Path) -> None:
    store = streamed(topics_of(1))
    *_, told = messages(store).values()
    log = filed(tmp_path)
    found = judged(store, topics_of(1), told, history=[lambda: log], begins=40)
    assert found.is_same
    assert f"{TOPICS[0]} holds nothing from before offset 40 any more." in found.notes


def test_a_store_that_knows_nothing_is_no_hindrance() -> None:
    store = streamed(topics_of(1))
    told = next(iter(messages(store).values()))
    found = judged(FakeStore(), topics_of(1), told)
    assert found.is_same
    assert found.notes[0].startswith("The store knows nothing of this partition")


def test_events_that_came_late_are_applied_as_they_came() -> None:
    """A worker that keeps up applies a purchase before the complaint of an earlier instant."""
    bought = [event("purchase", day) for day in range(0, 60, 3)]
    transactions = stamped(records(TOPICS[0], bought), [float(day) for day in range(0, 60, 3)])
    complaints = [event("complaint", 56.5), event("survey", 56.6), event("survey", 56.9)]
    interactions = stamped(records(TOPICS[1], complaints), [58.0, 58.1, 58.2])

    async def run() -> FakeStore:
        store = FakeStore()
        sequencer = FedByHand({TOPICS[0]: transactions, TOPICS[1]: interactions}, services(store))
        await sequencer.claim()
        sequencer.feed(TOPICS[2], 0)
        for topic, count in ((TOPICS[0], 20), (TOPICS[1], 3)):
            sequencer.feed(topic, count)
            sequencer.partition.inboxes[topic].decode(99)
            await sequencer.advance()
        return store

    store, topics = asyncio.run(run()), {TOPICS[0]: transactions, TOPICS[1]: interactions}
    told = messages(store)
    assert told
    for each in told.values():
        assert judged(store, topics, each).is_same


def stamped(made: Records, days: list[float]) -> Records:
    first = 1_750_000_000_000
    return [
        replace(one, timestamp=first + int(day * 86_400_000))
        for one, day in zip(made, days, strict=True)
    ]


def test_messages_that_a_reader_kept(tmp_path: Path) -> None:
    store = streamed(topics_of(1))
    told = messages(store)
    file = tmp_path / "kept.jsonl"
    file.write_bytes(b"\n".join(each.body for one in told.values() for each in reversed(one)))
    for name, own in told.items():
        assert read_warnings(file, name) == own
    with pytest.raises(VerifyError, match=r"kept.jsonl: expected a message of warning nothing"):
        read_warnings(file, "nothing")


@pytest.mark.parametrize("line", [b"{}", b"[1", b'{"warning_id": 3}', b"\xff\xfe"])
def test_a_file_of_something_else_is_refused(tmp_path: Path, line: bytes) -> None:
    file = tmp_path / "kept.jsonl"
    file.write_bytes(b"\n" + line + b"\n")
    with pytest.raises(VerifyError, match=r"kept.jsonl: line 2, .*: expected a warning, got "):
        read_warnings(file, "w")
