"""Activations cut, crashed and taken over anywhere lose and double nothing."""

import asyncio
from collections import defaultdict
from copy import deepcopy
from typing import Any

import pytest
from fakes import FakeStore, FedByHand, services, using
from hypothesis import given, settings
from hypothesis import strategies as st
from redis.exceptions import ConnectionError as RedisConnectionError
from reloaded import (
    LENIENT,
    STRICT,
    Died,
    Mortal,
    Reloaded,
    begun,
    topics_of,
    undisturbed,
)
from stream_events import INTERACTIONS, OUTCOMES, TOPICS, TRANSACTIONS, event, records
from trying import few

from scoring.facts.packing import unpack
from streams.parameters.in_use import InUse
from streams.partition import sequencer as partition
from streams.retry import patience
from streams.store import Activation, Fenced

FEW = 3  # timers loaded at once, so that small logs have more


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "FIRST", 0.0)
    monkeypatch.setattr(patience, "LONGEST", 0.0)


CUT = st.tuples(st.sampled_from(TOPICS), st.integers(1, 40), st.booleans(), st.booleans())


@pytest.mark.by_lot(6, of="cuts")
@pytest.mark.slow
@settings(max_examples=few(5), deadline=None)
@given(st.sampled_from([1, 2]), st.lists(CUT, max_size=8), st.sampled_from([11, 60, 4_000]))
def test_any_cut_and_any_restart_after_an_activation_come_to_the_same(
    seed: int, cuts: list[tuple[str, int, bool, bool]], batch: int
) -> None:
    async def run() -> Any:
        reloaded = await begun(seed, batch_records=batch)
        reloaded.replace()
        for topic, count, settles, restarts in cuts:
            if settles:
                await reloaded.settle()
            reloaded.sequencer.feed(topic, count)
            await reloaded.sequencer.advance()
            if restarts:
                await reloaded.sequencer.claim()
        await reloaded.sequencer.finish()
        return reloaded.outcome

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(partition, "TIMERS", FEW)
        assert asyncio.run(run()) == undisturbed(seed)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("idle", [False, True], ids=["busy", "idle"])
async def test_a_death_at_any_write_of_an_activation_loses_and_doubles_nothing(
    monkeypatch: pytest.MonkeyPatch, *, after: bool, idle: bool
) -> None:
    monkeypatch.setattr(partition, "TIMERS", FEW)
    deaths = 0
    while await _dies_at(deaths + 1, after=after, idle=idle):
        deaths += 1
    assert deaths >= 3


async def _dies_at(fatal: int, *, after: bool, idle: bool) -> bool:
    """Die at a write after the parameters were replaced, if there are so many; then go on."""
    store = Mortal()
    run = await begun(1, store, batch_records=40)
    run.replace()
    store.left, store.after, dies = fatal, after, True
    try:
        await (run.settle() if idle else run.sequencer.finish())
    except Died:
        await run.sequencer.claim()
    else:
        dies, store.left = False, -1
    await run.sequencer.finish()
    assert run.outcome == undisturbed(1)
    assert len(store.parts[0].activations) == 1
    return dies


@pytest.mark.parametrize("fatal", range(1, 5))
async def test_who_takes_over_a_batch_cut_short_with_other_parameters_tells_nothing_backwards(
    monkeypatch: pytest.MonkeyPatch, fatal: int
) -> None:
    monkeypatch.setattr(partition, "TIMERS", 1)
    names = [f"c{number}" for number in range(6)]
    log = [event("purchase", day, name) for day in range(0, 60, 3) for name in names]
    far = [event("purchase", 300.0, "other")]
    topics = {TRANSACTIONS: records(TRANSACTIONS, [*log, *far]), INTERACTIONS: [], OUTCOMES: []}
    store = Mortal()
    sequencer = FedByHand(topics, services(store))
    await sequencer.claim()
    sequencer.feed(INTERACTIONS, 0)
    sequencer.feed(OUTCOMES, 0)
    sequencer.feed(TRANSACTIONS, len(log))
    await sequencer.advance()
    store.left = fatal
    with pytest.raises(Died):
        await sequencer.finish()
    taking_over = FedByHand(topics, services(store, in_use=InUse(using(LENIENT))))
    await taking_over.claim()
    await taking_over.finish()
    by_warning = defaultdict(list)
    for warning in store.warnings():
        by_warning[warning.warning_id].append((warning.sequence, warning.event_time))
    assert by_warning
    for told in by_warning.values():
        assert [sequence for sequence, _ in told] == [*range(1, len(told) + 1)]
        assert [at for _, at in told] == sorted(at for _, at in told)
    part = store.parts[0]
    assert min(part.due.values()) > part.clock
    assert unpack([*part.states.values()])["counts"][:, 0].sum() == len(log) + 1


async def test_who_takes_over_with_other_parameters_activates_them() -> None:
    run = await begun()
    other = FedByHand(topics_of(1), services(run.store, in_use=InUse(using(STRICT))))
    await other.claim()
    await other.partition._settle()
    await other.finish()
    assert run.outcome == undisturbed(1)


@pytest.mark.parametrize("past", ["older", "emptied"])
async def test_what_is_applied_again_is_judged_by_the_parameters_in_use_now(past: str) -> None:
    run = await begun()
    before = deepcopy(run.store.parts[0])
    run.replace()
    await run.sequencer.finish()
    run.store.parts.pop(0)  # Redis went back, and forgot the activation
    if past == "older":
        run.store.parts[0] = before
    await run.sequencer.claim()
    await run.sequencer.finish()
    anew = Reloaded(1)
    anew.replace()
    await anew.sequencer.claim()
    await anew.sequencer.finish()
    assert run.outcome == (undisturbed(1) if past == "older" else anew.outcome)
    assert len(run.store.parts[0].activations) == (past == "older")
    assert anew.outcome != undisturbed(1)


async def test_an_activation_whose_answer_was_lost_is_made_once() -> None:
    class Forgetful(FakeStore):
        answers = 2

        async def activate(self, partition: int, activation: Activation) -> None:
            await super().activate(partition, activation)
            self.answers -= 1
            if self.answers >= 0:
                raise RedisConnectionError("answer lost")

    run = await begun(store=Forgetful())
    run.replace()
    await run.sequencer.finish()
    assert len(run.store.parts[0].activations) == 1
    assert run.outcome == undisturbed(1)


async def test_who_was_fenced_off_activates_nothing() -> None:
    run = await begun()
    await run.store.claim(0)
    run.replace()
    with pytest.raises(Fenced):
        await run.settle()
    assert run.store.parts[0].activations == []
