"""A customer of the past, told from the log as it was told then."""

import asyncio
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from fakes import MODEL, FakeStore, using
from reloaded import STRICT, topics_of
from stream_events import TOPICS, event, records
from test_verifying import filed, logs, reloaded, stamped, streamed

from schemas.outputs.now import CustomerNow
from scoring.facts.packing import unpack
from streams.broker.partitioner import MURMUR2
from streams.intake.records import Records
from streams.tools.backfill import Backfiller
from streams.tools.customers.view import NotScoredError, views
from streams.tools.verify.past import Place, past_of
from streams.tools.verify.published import VerifyError
from streams.tools.verify.run import PartitionEvidence
from streams.tools.verify.then import known_then

WHO = b"c3"
OTHER_FIELDS = {"clock", "scored_with"}  # of the partition


def evidence(store: FakeStore, topics: dict[str, Records], begins: int = 0) -> PartitionEvidence:
    claim, activations = asyncio.run(store.peek(0)), asyncio.run(store.activations(0))
    return PartitionEvidence(0, claim, activations, logs(topics, WHO, begins))


@cache
def whole(begins: int = 0) -> PartitionEvidence:
    """Of a run by one parameter file, of topics from an offset on."""
    return evidence(streamed(topics_of(1)), topics_of(1), begins)


@cache
def told_at(day: float) -> tuple[float, CustomerNow]:
    """The instant of the last event up to a day, and what is told when nothing came after it."""
    border = event("nps", day)["event_time"]
    until = {
        topic: [each for each in of if time_of(each.value) <= border]
        for topic, of in topics_of(1).items()
    }
    store = streamed(until)
    claim, held = asyncio.run(store.peek(0)), asyncio.run(store.load(0, [WHO], 0.0, 0))
    (packed,) = held.states
    assert packed is not None
    messages, now = using(MODEL).messages, np.array([claim.clock])
    (told,) = views([WHO], unpack([packed]), now, [claim], messages, with_clearing=True)
    return claim.clock, told


def time_of(value: bytes | None) -> str:
    assert value is not None
    return value.partition(b'"event_time": "')[2].partition(b'"')[0].decode()


@pytest.mark.parametrize("day", [70.0, 130.0, 180.0])
def test_it_is_what_was_told_then(day: float) -> None:
    at, told = told_at(day)
    found = known_then(whole(), WHO, at, [using(MODEL)])
    assert found.model_dump(exclude=OTHER_FIELDS) == told.model_dump(exclude=OTHER_FIELDS)
    assert found.clock == found.at
    assert found.scored_with == using(MODEL).version


def test_it_is_told_by_the_parameters_then_in_force() -> None:
    store = reloaded(STRICT)
    (changed,) = asyncio.run(store.activations(0))
    used = [using(STRICT), using(MODEL)]
    for at, version in ((changed.clock - 1.0, used[1].version), (changed.clock, used[0].version)):
        found = known_then(evidence(store, topics_of(1)), WHO, at, used)
        assert (found.scored_with, found.score.model_version) == (version, version)
    with pytest.raises(VerifyError, match="--params: expected the parameter file of version"):
        known_then(evidence(store, topics_of(1)), WHO, changed.clock, [using(MODEL)])


def test_what_topics_do_not_hold_comes_from_files_or_is_asked_for(tmp_path: Path) -> None:
    at, told = told_at(180.0)
    log, of = filed(tmp_path), whole(begins=40)
    with pytest.raises(VerifyError, match=r"expected what transactions, .* forgot of"):
        known_then(of, WHO, at, [using(MODEL)])
    past = past_of([lambda: log], of.cut, Place(WHO, 0, 1, MURMUR2))
    found = known_then(of, WHO, at, [using(MODEL)], past)
    assert found.model_dump(exclude=OTHER_FIELDS) == told.model_dump(exclude=OTHER_FIELDS)

    loaded = FakeStore()
    asyncio.run(Backfiller(loaded, 1, MODEL).run([lambda: log], float(np.quantile(log.times, 0.6))))
    streamed(topics_of(1), loaded)
    with pytest.raises(VerifyError, match="HISTORY: expected what was loaded of the time before"):
        known_then(evidence(loaded, topics_of(1)), WHO, at, [using(MODEL)])


def test_of_nobody_and_of_a_time_before_the_first_event_nothing_is_told() -> None:
    of = whole()
    with pytest.raises(VerifyError, match="at: expected an instant from the first event of c3 on"):
        known_then(of, WHO, 1.0, [using(MODEL)])


def test_who_had_withdrawn_consent_is_not_told_of() -> None:
    said = event("consent_changed", 9.0, "c3", purpose="profiling", granted=False)
    topics = {
        TOPICS[0]: records(TOPICS[0], [event("purchase", day, "c3") for day in range(9)]),
        TOPICS[1]: records(TOPICS[1], [said]),
    }
    of = evidence(streamed(dict(topics)), topics)
    first = float(of.logs[TOPICS[0]].times[-1])
    assert known_then(of, WHO, first, [using(MODEL)]).score.frequency == 8
    with pytest.raises(NotScoredError, match="consent to profiling was withdrawn"):
        known_then(of, WHO, first + 86_400.0, [using(MODEL)])


def test_a_worker_that_keeps_up_knows_what_comes_late_when_it_comes() -> None:
    bought = records(TOPICS[0], [event("purchase", float(day), "c3") for day in range(0, 60, 3)])
    late = records(TOPICS[1], [event("complaint", 56.5, "c3")])
    topics = {
        TOPICS[0]: stamped(bought, [float(day) for day in range(0, 60, 3)]),
        TOPICS[1]: stamped(late, [58.0]),
    }
    of = evidence(FakeStore(), topics)
    at = float(of.logs[TOPICS[1]].times[0]) + 60.0
    for has_kept_up, complaints in ((False, 1), (True, 0)):
        found = known_then(of, WHO, at, [using(MODEL)], has_kept_up=has_kept_up)
        assert found.facts.counts["complaints"] == complaints
