"""Other parameters put to use under states that earlier ones made."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from cases import changed, document
from fakes import MODEL, FakeStore, FedByHand, sequenced, services, using
from reloaded import (
    LENIENT,
    SOONER,
    STRICT,
    begun,
    by_time_of,
)
from stream_events import TOPICS, event

from schemas import EarlyWarning
from scoring.facts.events import EVENT
from scoring.facts.packing import unpack
from scoring.facts.state import States, new_states
from scoring.features import features
from scoring.model import ScoringModel
from scoring.parameters import parse
from scoring.rules import shipped
from scoring.segments.histograms import changes
from scoring.step.replay import EventLog
from scoring.warning import lifecycle
from streams.parameters.in_use import BASIS, BasisError, InUse, basis_of
from streams.partition.sequencer import Sequencer
from streams.partition.services import Services
from streams.store import Activation
from streams.tools.backfill import Backfiller


def demanded(states: States, clock: float, model: ScoringModel) -> list[list[int]]:
    """Levels that an evaluation by a model at an instant demands."""
    now = np.full(len(states), clock)
    table = lifecycle.values(features(states, now, model), model)
    may = np.ones(table.shape, np.bool_)
    lifecycle.settle(states, table, now, model, np.zeros(len(states), np.bool_), may)
    levels: list[list[int]] = states["level"].tolist()
    return levels


def moves(before: Sequence[list[int]], after: Sequence[list[int]], names: Sequence[bytes]) -> Any:
    """Customer, rule and new band of every level that differs."""
    return {
        (name.decode(), shipped().rules[slot].name, ("low", "middle", "high")[new])
        for name, old_levels, new_levels in zip(names, before, after, strict=True)
        for slot, (old, new) in enumerate(zip(old_levels, new_levels, strict=True))
        if old != new
    }


async def test_a_partition_begins_with_the_parameters_of_its_first_batch() -> None:
    run = await begun()
    part = run.store.parts[0]
    assert part.activated is not None
    assert (part.activated.version, part.activated.clock) == (MODEL.parameters.version, 0.0)
    assert part.activations == []


async def test_a_partition_without_events_notes_nothing_so_that_a_history_may_be_loaded() -> None:
    store, sequencer = await sequenced([])
    await sequencer.partition._settle()
    assert (store.parts[0].sequence, store.parts[0].activated) == (0, None)


@pytest.mark.parametrize("model", [STRICT, LENIENT], ids=["strict", "lenient"])
async def test_other_parameters_move_exactly_the_levels_they_demand_at_the_clock(
    model: ScoringModel,
) -> None:
    run = await begun()
    before, clock, told = run.states, run.store.parts[0].clock, len(run.store.warnings())
    old = unpack([*before.values()])
    run.replace(model)
    await run.settle()
    expected = demanded(old.copy(), clock, model)
    assert unpack([*run.states.values()])["level"].tolist() == expected
    new = run.store.warnings()[told:]
    of_moves = moves(old["level"].tolist(), expected, [*before])
    assert {(w.customer_id, w.rule, w.band) for w in new} == of_moves
    assert len(new) == len(of_moves) > 5
    assert {w.model_version for w in new} == {model.parameters.version}
    assert {w.event_time.timestamp() for w in new} == {clock}


async def test_the_place_of_an_activation_is_kept() -> None:
    run = await begun()
    part = run.store.parts[0]
    clock, offsets, sequence = part.clock, dict(part.offsets), part.sequence
    run.replace()
    await run.sequencer.finish()
    parameters = STRICT.parameters
    (kept,) = part.activations
    assert kept == Activation(
        owner=part.owner,
        sequence=sequence,
        clock=clock,
        offsets=offsets,
        version=parameters.version,
        basis=basis_of(STRICT),
        replaced=MODEL.parameters.version,
        id=kept.id,
    )


async def test_the_same_parameters_again_activate_nothing() -> None:
    run = await begun()
    before = run.outcome
    run.replace(MODEL)
    await run.settle()
    assert run.store.parts[0].activations == []
    assert run.outcome == before


async def test_nobody_is_left_due_and_the_closed_are_disarmed() -> None:
    run = await begun()
    run.replace()
    await run.settle()
    part = run.store.parts[0]
    assert min(part.due.values()) > part.clock
    assert b"closed" not in part.due
    armed = unpack([*run.states.values()])["armed_at"].tolist()
    timers = {name: at for name, at in zip(run.states, armed, strict=True) if np.isfinite(at)}
    assert part.due == timers


async def test_histograms_count_what_the_new_parameters_make_of_everybody() -> None:
    run = await begun()
    run.replace(changed(name="dearer", margin=0.9))
    await run.settle()
    states = unpack([*run.states.values()])
    assert run.store.parts[0].histogram == changes(new_states(len(states)), states)


async def test_silence_afterwards_is_told_when_it_is_told_under_them_from_the_start() -> None:
    rhythms = {f"r{gap}": range(0, 60, gap) for gap in (2, 3, 5, 8)}
    log = [event("purchase", day, name) for name, days in rhythms.items() for day in days]
    log.sort(key=by_time_of)
    later = event("purchase", 400.0, "neighbour")
    store, _ = await sequenced(log)
    assert store.warnings() == []
    await sequenced([*log, later], store=store, in_use=InUse(using(SOONER)))
    fresh, _ = await sequenced([*log, later], in_use=InUse(using(SOONER)))
    got, expected = told_at(store.warnings()), told_at(fresh.warnings())
    assert got.keys() == expected.keys()
    assert len(got) == 2 * len(rhythms)
    assert max(abs(got[key] - expected[key]) for key in got) < 0.01


def told_at(warnings: Sequence[EarlyWarning]) -> dict[tuple[str, str, int], float]:
    return {(w.customer_id, w.warning_id, w.sequence): w.event_time.timestamp() for w in warnings}


async def test_a_partition_of_unknown_parameters_is_judged_anew_and_noted() -> None:
    run = await begun()
    part = run.store.parts[0]
    part.activated, clock = None, part.clock
    await run.sequencer.claim()
    await run.settle()
    (activation,) = part.activations
    assert (activation.replaced, activation.version) == (None, MODEL.parameters.version)
    assert min(part.due.values()) > clock


async def test_activations_are_counted() -> None:
    run = await begun()
    sample = run.services.metrics.registry.get_sample_value
    assert sample("ebbwatch_parameters_activations_total") == 0.0
    run.replace()
    await run.settle()
    assert sample("ebbwatch_parameters_activations_total") == 1.0


OTHER_BASIS: dict[str, Any] = {
    "book_timezone": "Europe/Zurich",
    "book_currency": "EUR",
    "currency_exponent": 3,
    "half_lives_days": {"short": 15, "middle": 56, "long": 182},
}


@pytest.mark.parametrize("name", BASIS)
async def test_parameters_on_another_basis_than_the_states_are_refused_at_the_claim(
    name: str,
) -> None:
    run = await begun()
    other = ScoringModel(parse({**document(), name: OTHER_BASIS[name]}))
    claim = await run.store.claim(0)
    told = rf"partition 0: expected {name} .*, which its states are built on, got "
    with pytest.raises(BasisError, match=told):
        Sequencer(0, claim, with_model(run.store, other), lambda: None)
    assert run.store.parts[0].activations == []


def with_model(store: FakeStore, model: ScoringModel) -> Services:
    return services(store, in_use=InUse(using(model)))


async def test_a_basis_noted_before_it_told_all_that_it_tells_now_is_no_other() -> None:
    run = await begun()
    part = run.store.parts[0]
    assert part.activated is not None
    less = json.loads(part.activated.basis)
    del less["currency_exponent"]
    part.activated = part.activated._replace(basis=json.dumps(less))
    Sequencer(0, await run.store.claim(0), run.services, lambda: None)


def test_anything_else_may_change_under_the_same_basis() -> None:
    same = replace(MODEL.parameters, margin=0.9, horizon_days=90.0, name="other")
    assert basis_of(ScoringModel(same)) == basis_of(MODEL)


async def test_a_history_from_files_notes_its_parameters_so_that_none_is_timed() -> None:
    store = FakeStore()
    day = np.zeros(1, EVENT)
    day["time"] = day["reversed_time"] = 1_000.0
    log = EventLog([b"c1"], np.zeros(1, np.int64), day)
    await Backfiller(store, 1, MODEL).run([lambda: log], 2_000.0)
    before = dict(store.parts[0].due)
    sequencer = FedByHand({topic: [] for topic in TOPICS}, services(store))
    await sequencer.claim()
    await sequencer.partition._settle()
    assert store.parts[0].activations == []
    assert store.parts[0].due == before
