"""The events of the simulated bank: valid, the same for the same seed, the same from its files."""

import json
from dataclasses import replace
from datetime import date

import numpy as np
import polars as pl
import pytest

from modelling.history import Book, read_events, read_history
from modelling.simulation import SimulationPlan, simulated
from modelling.simulation.files import AT_ONCE, write_bank
from modelling.simulation.wire import FIELDS
from schemas import BatchAdapter, Interaction, Transaction, contains_card_number, validate_batch
from schemas.events.examples import TRANSACTION_EXAMPLES
from scoring.facts.calendar import BookCalendar
from scoring.facts.kinds import Kind
from streams.intake.rates import RateTable

PLAN = SimulationPlan(customers=400, days=400, seed=7)


def book(currency="USD"):
    return Book(BookCalendar("UTC"), RateTable(currency))


def same(one, other):
    return one.customers == other.customers and all(
        np.array_equal(a, b) for a, b in zip(one[1:], other[1:], strict=True)
    )


@pytest.fixture(scope="module")
def wire(tmp_path_factory):
    out = tmp_path_factory.mktemp("bank") / "wire"
    return write_bank(PLAN, out)


@pytest.fixture(scope="module")
def lines(wire):
    return (wire.folder / "events.jsonl").read_bytes().splitlines()


def test_the_same_plan_makes_the_same_bank():
    (log, truth), (again, told) = simulated(PLAN), simulated(PLAN)
    assert same(log, again)
    assert all(np.array_equal(a, b) for a, b in zip(truth, told, strict=True))


def test_another_seed_makes_another_bank():
    (log, _), (other, _) = simulated(PLAN), simulated(replace(PLAN, seed=8))
    assert not np.array_equal(log.times[:1000], other.times[:1000])


def test_every_event_keeps_to_its_contract_and_every_type_of_it_is_there(lines):
    events = [json.loads(line) for line in lines]
    assert {event["type"] for event in events} == {kind.name.lower() for kind in FIELDS}
    of_topic = [event["type"] in TRANSACTION_EXAMPLES for event in events]
    for contract, is_transaction in ((Transaction, True), (Interaction, False)):
        own = [line for line, of in zip(lines, of_topic, strict=True) if of == is_transaction]
        _, rejections = validate_batch(BatchAdapter(contract), own)
        assert rejections == []


def test_no_line_holds_what_could_be_a_card_number(lines):
    assert not any(contains_card_number(line) for line in lines)


def test_event_ids_are_unique_and_what_a_refund_takes_back_is_an_earlier_purchase(lines):
    events = {event["event_id"]: event for event in map(json.loads, lines)}
    assert len(events) == len(lines)
    refunds = [event for event in events.values() if event["type"] == "refund"]
    assert refunds
    for refund in refunds:
        bought = events[refund["reverses"]]
        assert bought["type"] == "purchase"
        assert bought["customer_id"] == refund["customer_id"]
        assert bought["event_time"] == refund["reversed_time"] < refund["event_time"]
        assert bought["amount"] == refund["amount"]


@pytest.mark.parametrize("currency", ["USD", "EUR"])
@pytest.mark.parametrize("form", ["wire", "parquet"])
def test_what_is_read_from_its_files_is_what_is_made_in_memory(tmp_path, form, currency):
    plan = replace(PLAN, customers=120, currency=currency)
    written = write_bank(plan, tmp_path / "bank", form)
    history = read_history([written.folder], book(currency))
    assert not history.cleaning.left_out
    log, _ = simulated(plan)
    assert same(history.events(), log)
    assert written.events == len(log.events)


def test_a_bank_larger_than_is_written_at_once_is_read_the_same(tmp_path, monkeypatch):
    monkeypatch.setattr("modelling.simulation.files.AT_ONCE", 5_000)
    monkeypatch.setattr("modelling.simulation.run.BLOCK", 50)
    assert AT_ONCE > 5_000
    plan = replace(PLAN, customers=120)
    log, _ = simulated(plan)
    for form in ("wire", "parquet"):
        folder = write_bank(plan, tmp_path / form, form).folder
        assert same(read_events([folder], book()), log)
    assert len(list((tmp_path / "parquet" / "events").iterdir())) > 5


def test_lines_are_written_in_order_of_time(lines):
    times = [json.loads(line)["event_time"] for line in lines]
    assert times == sorted(times)


def test_tables_carry_what_the_wire_carries(tmp_path, lines):
    folder = write_bank(PLAN, tmp_path / "tables", "parquet").folder
    table = pl.read_parquet(folder / "*.parquet")
    assert table.height == len(lines)
    assert {"merchant_id", "card_id", "instalment_id", "balance"} <= set(table.columns)


def test_nothing_is_left_of_what_was_parked(wire):
    assert {path.name for path in wire.truth_file.parent.iterdir()} == {"events", "truth.csv"}


def test_events_lie_between_the_first_day_and_the_last():
    plan = SimulationPlan(customers=200, days=30, start=date(2025, 2, 14), seed=2)
    log, _ = simulated(plan)
    assert plan.origin <= log.times.min()
    assert log.times.max() < plan.end


@pytest.mark.parametrize("customers", [1, 2])
def test_the_smallest_bank_is_one(customers, tmp_path):
    plan = SimulationPlan(customers=customers, days=1, seed=3)
    log, truth = simulated(plan)
    assert len(truth.customers) == customers
    assert write_bank(plan, tmp_path / "small").events == len(log.events)


def test_recurring_charges_come_on_the_same_day_at_the_same_amount():
    log, truth = simulated(replace(PLAN, days=200))
    assert len(log.customers) == len(truth.customers)
    bought = (truth.kind[log.rows] == 0) & (log.events["kind"] == Kind.PURCHASE)
    moment = np.stack([log.rows[bought], log.events["amount"][bought]])
    _, counts = np.unique(moment, axis=1, return_counts=True)
    assert (counts >= 6).sum() > 300  # about 2.3 a customer, of 400, over six months
