"""Any cut of the same log, any crash: the same states, the same warnings."""

import asyncio
import random
from functools import cache
from typing import Any

import pytest
from fakes import FakeStore, FedByHand, services
from hypothesis import given, settings
from hypothesis import strategies as st
from stream_events import START, TOPICS, TRANSACTIONS, Event, event, iso, record, records
from trying import few

from schemas.events.examples import OUTCOME_EXAMPLES
from schemas.ids import case_id, names, warning_id
from scoring.arrays import DAY
from streams.intake.records import Records
from streams.partition import sequencer as partition
from streams.retry import patience

FEW = 3  # timers loaded at once, so that small logs have more


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "FIRST", 0.0)
    monkeypatch.setattr(patience, "LONGEST", 0.0)


def life(seed: int) -> tuple[list[Event], list[Event], list[Event]]:
    """Topics of six customers who come, go silent, complain and pay late; a little disorder.

    And of who answers to their warnings and cases, at times to one that never was.
    """
    draw = random.Random(seed)
    transactions, interactions = [], []
    for number in range(6):
        name, end = f"c{number}", draw.uniform(60, 250)
        day = draw.uniform(0, 40)
        while day < end:
            transactions.append(event("purchase", day, name, amount=draw.randrange(100, 20_000)))
            day += draw.expovariate(1 / draw.choice([4, 8, 20]))
        for kind in (
            "complaint",
            "survey",
            "instalment_overdue",
            "instalment_cured",
            "app_session",
        ):
            for _ in range(draw.randrange(5)):
                interactions.append(event(kind, draw.uniform(0, 250), name))  # noqa: PERF401
    answers = [_answer(draw) for _ in range(60)]
    late = event("purchase", 1.0, "c0", event_id="late")
    by_time = [sorted(log, key=_jittered(draw)) for log in (transactions, interactions, answers)]
    by_time[0] += [by_time[0][-1], late]  # a producer's duplicate, and one too late
    return by_time[0], by_time[1], by_time[2]


def _answer(draw: random.Random) -> Event:
    kind, name = draw.choice(list(OUTCOME_EXAMPLES)), f"c{draw.randrange(6)}".encode()
    day, number = draw.uniform(40, 300), draw.randrange(1, 4)
    rule = draw.choice(["silence", "overdue", "dissatisfaction"])
    about = (
        {"case_id": case_id(name, number)}
        if draw.random() < 0.5
        else {"warning_id": warning_id(name, rule, number)}
    )
    own = {"reason": "other"} if kind in {"lost", "false_alarm"} else {}
    own |= {"until": iso(START + (day + 20) * DAY)} if kind == "snoozed" else {}
    return event(kind, day, name.decode(), **about, **own, answered_by="o1")


def _jittered(draw: random.Random) -> Any:
    return lambda made: (made["event_time"][:10], draw.random())


@cache
def topics_of(seed: int) -> dict[str, Records]:
    made = dict(zip(TOPICS, life(seed), strict=True))
    topics = {topic: records(topic, events) for topic, events in made.items()}
    for place in (7, 20):
        topics[TRANSACTIONS][place] = record(TRANSACTIONS, place, b"{")
    return topics


def outcome(store: FakeStore) -> Any:
    part = store.parts[0]
    warnings = sorted(store.warnings(), key=lambda w: (w.warning_id, w.sequence))
    cases = sorted(store.cases(), key=lambda c: (c.customer_id, names(c.case_id), c.sequence))
    return part.states, part.due, part.clock, part.offsets, (warnings, cases)


@cache
def undisturbed(seed: int) -> Any:
    async def run() -> Any:
        store = FakeStore()
        sequencer = FedByHand(topics_of(seed), services(store))
        await sequencer.claim()
        await sequencer.finish()
        return outcome(store)

    return asyncio.run(run())


@pytest.mark.parametrize("seed", [1, 2])
def test_the_logs_the_cuts_are_tried_on_have_everything(seed: int) -> None:
    _, due, _, offsets, (warnings, cases) = undisturbed(seed)
    assert {case.status for case in cases} == {"open", "snoozed", "closed"}
    assert {case.closed_by for case in cases} >= {"lost", "returned", "cleared", "false_alarm"}
    assert {w.lifecycle for w in warnings} == {"raised", "escalated", "eased", "cleared"}
    assert {w.rule for w in warnings} >= {"silence", "overdue", "dissatisfaction"}
    assert offsets == {topic: len(log) for topic, log in topics_of(seed).items()}
    assert len(due) > FEW


CUT = st.tuples(st.sampled_from(TOPICS), st.integers(1, 60), st.booleans())


@pytest.mark.by_lot(6, of="cuts")
@pytest.mark.slow
@settings(max_examples=few(5), deadline=None)
@given(st.sampled_from([1, 2]), st.lists(CUT, max_size=12), st.sampled_from([1, 7, 40, 4_000]))
def test_any_cut_of_the_log_and_any_restart_give_the_same_states_and_warnings(
    seed: int, cuts: list[tuple[str, int, bool]], batch: int
) -> None:
    store = FakeStore()

    async def run() -> None:
        sequencer = FedByHand(topics_of(seed), services(store, batch_records=batch))
        await sequencer.claim()
        for topic, count, restarts in cuts:
            sequencer.feed(topic, count)
            await sequencer.advance()
            if restarts:
                await sequencer.claim()
        await sequencer.finish()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(partition, "TIMERS", FEW)
        asyncio.run(run())
    assert outcome(store) == undisturbed(seed)
