"""From records to columns: what is usable in order, what is not with its reason."""

import json
import math
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stream_events import START, event, record

from schemas import (
    INTERACTION_EXAMPLES,
    TRANSACTION_EXAMPLES,
    BatchAdapter,
    Interaction,
    Transaction,
)
from schemas.remedies import remedy
from scoring.arrays import DAY
from scoring.facts.events import hash_ids
from scoring.facts.kinds import ANSWERS, Kind
from streams.broker.message import partition_of
from streams.intake.decode import Decoder
from streams.intake.rates import RateTable
from streams.intake.records import Records

ADAPTERS: dict[str, BatchAdapter[Any]] = {
    "t": BatchAdapter(Transaction),
    "i": BatchAdapter(Interaction),
}
EXAMPLES = [
    *(("t", kind, made) for kind, made in TRANSACTION_EXAMPLES.items()),
    *(("i", kind, made) for kind, made in INTERACTION_EXAMPLES.items()),
]
NOON = 1_772_366_400.0  # 2026-03-01T12:00:00Z, the examples' time


def decoder(topic: str = "t", rates: RateTable | None = None, tolerance: float = DAY) -> Decoder:
    return Decoder(ADAPTERS[topic], rates or RateTable("USD"), tolerance)


def wire(made: dict[str, Any], offset: int = 0, **fields: Any) -> Any:
    key = made["customer_id"].encode()
    return record("t", offset, json.dumps(made).encode(), **{"key": key, **fields})


def rejected(records: Records, of: Decoder) -> list[tuple[int, str, str, str, str]]:
    _, dead = of.decode(records)
    found = [(d.record.offset, d.rejection) for d in dead]
    return [(offset, bad.reason, bad.where, bad.expected, bad.got) for offset, bad in found]


@pytest.mark.parametrize(("topic", "kind", "made"), EXAMPLES, ids=[kind for _, kind, _ in EXAMPLES])
def test_every_event_type_decodes_to_its_columns(
    topic: str, kind: str, made: dict[str, Any]
) -> None:
    chunk, dead = decoder(topic, RateTable("EUR")).decode([wire(made)])
    assert dead == []
    (row,) = chunk.events
    booked = made.get("book_amount", made.get("amount", 0))
    assert (row["kind"], row["time"], row["amount"]) == (Kind[kind.upper()], NOON, booked)
    assert row["score"] == made.get("score", 1 if "granted" in made else 0)
    assert math.isclose(row["sentiment"], made.get("sentiment", 0.0), rel_tol=1e-7)
    assert row["id"] == hash_ids([made["event_id"]])[0]
    assert row["reverses"] == (hash_ids([made["reverses"]])[0] if "reverses" in made else 0)
    reversed_at = 1_771_575_300.0 if "reversed_time" in made else NOON
    assert row["reversed_time"] == reversed_at
    assert chunk.customers == [b"customer-7"]


def test_examples_cover_every_kind() -> None:
    assert {kind for _, kind, _ in EXAMPLES} == {
        kind.name.lower() for kind in Kind if kind not in ANSWERS
    }


def test_a_fraction_of_a_second_and_an_offset_from_utc_are_kept() -> None:
    made = event("purchase", 0, event_time="2026-03-01T13:00:00.250000+01:00")
    chunk, _ = decoder().decode([wire(made)])
    assert chunk.events["time"].tolist() == [NOON + 0.25]


def test_a_reversal_that_does_not_say_when_counts_when_it_came() -> None:
    made = event("refund", 0, reverses="p", amount=1, currency="USD")
    chunk, _ = decoder().decode([wire(made)])
    assert chunk.events["reversed_time"].tolist() == chunk.events["time"].tolist()


@pytest.mark.parametrize(("key", "got"), [(b"other", "'other'"), (None, "null"), (b"", "''")])
def test_a_record_under_another_key_than_its_customer_is_refused(
    key: bytes | None, got: str
) -> None:
    expected = "the customer id as the record's key"
    found = rejected([wire(event("purchase", 0), key=key)], decoder())
    assert found == [(0, "wrong_key", "key", expected, got)]


def test_a_card_number_for_a_key_is_not_repeated() -> None:
    ((_, reason, _, _, got),) = rejected(
        [wire(event("purchase", 0), key=b"4111111111111111")], decoder()
    )
    assert (reason, got) == ("wrong_key", "'****'")


def test_tombstones_are_refused() -> None:
    tombstones = [record("t", 4, None), record("t", 5, None)]
    expected = ("tombstone", "value", "an event", "null")
    assert rejected(tombstones, decoder()) == [(4, *expected), (5, *expected)]


@pytest.mark.parametrize(
    ("ahead", "refused"), [(0.0, False), (59.9, False), (60.0, False), (60.5, True)]
)
def test_the_future_is_what_lies_after_the_records_own_time(ahead: float, *, refused: bool) -> None:
    sent = wire(event("purchase", ahead / DAY), timestamp_ms=int(START * 1000))
    found = rejected([sent], decoder(tolerance=60.0))
    assert bool(found) is refused
    if refused:
        assert found[0][1:4] == (
            "future_time",
            "event_time",
            "a time up to 2025-06-15T15:07:40+00:00",
        )
        assert found[0][4] == "2025-06-15T15:07:40.500000+00:00"


@pytest.mark.parametrize(("stamped", "refused"), [(0.0, False), (400 * DAY, True)])
def test_live_no_event_lies_beyond_the_present_whatever_its_producer_stamps(
    stamped: float,
    *,
    refused: bool,
) -> None:
    made = {**EXAMPLES[0][2], "event_time": "2027-02-01T12:00:00Z"}
    records = [wire(made, timestamp_ms=int((NOON + 400 * DAY) * 1000))]
    live = Decoder(ADAPTERS["t"], RateTable("USD"), DAY, lambda: NOON + 400 * DAY - stamped)
    found = rejected(records, live)
    assert [reason for _, reason, *_ in found] == ["future_time"] * refused
    assert rejected(records, decoder()) == []


def test_an_amount_without_a_way_to_the_book_currency_is_refused() -> None:
    made = event("purchase", 0, currency="GBP")
    expected = ("no_rate", "currency", "book_amount, or a rate to USD", "GBP")
    assert rejected([wire(made)], decoder()) == [(0, *expected)]


def test_the_events_own_book_amount_goes_before_the_rate_table() -> None:
    rates = RateTable("USD", [(date(2020, 1, 1), "GBP", Decimal(2))])
    own = event("purchase", 0, currency="GBP", book_amount=7)
    table = event("purchase", 0, currency="GBP")
    chunk, _ = decoder(rates=rates).decode([wire(own), wire(table, 1)])
    assert chunk.events["amount"].tolist() == [7, 10_000]


def test_the_rate_is_that_of_the_events_day_in_utc() -> None:
    rates = RateTable(
        "USD", [(date(2026, 3, 2), "GBP", Decimal(3)), (date(2026, 3, 1), "GBP", Decimal(2))]
    )
    times = ["2026-03-02T00:30:00+01:00", "2026-03-01T23:30:00-01:00", "2026-02-28T23:59:59Z"]
    sent = [
        wire(event("purchase", 0, currency="GBP", event_time=time, event_id=f"e{at}"), at)
        for at, time in enumerate(times)
    ]
    chunk, dead = decoder(rates=rates).decode(sent)
    assert chunk.events["amount"].tolist() == [10_000, 15_000]
    assert [(d.record.offset, d.rejection.reason) for d in dead] == [(2, "no_rate")]


def test_dead_records_in_between_leave_order_and_offsets() -> None:
    values = {3: b"{", 5: None, 8: b"[1]"}
    sent = [
        record("t", offset, values[offset])
        if offset in values
        else wire(event("purchase", offset, customer=f"c{offset}"), offset)
        for offset in (2, 3, 4, 5, 7, 8)
    ]
    chunk, dead = decoder().decode(sent)
    assert chunk.offsets.tolist() == [2, 4, 7]
    assert chunk.customers == [b"c2", b"c4", b"c7"]
    assert [r.offset for r in chunk.records] == [2, 4, 7]
    assert chunk.events["time"].tolist() == [START + day * DAY for day in (2, 4, 7)]
    assert chunk.end == 9
    assert sorted((d.record.offset, d.rejection.reason) for d in dead) == [
        (3, "not_json"),
        (5, "tombstone"),
        (8, "wrong_type"),
    ]


@settings(deadline=None)
@given(st.lists(st.sampled_from(["good", "json", "tombstone", "key", "rate"]), min_size=1))
def test_every_record_is_either_usable_or_dead(sorts: list[str]) -> None:
    good = event("purchase", 0)
    made = {
        "good": lambda at: wire(good, at),
        "json": lambda at: record("t", at, b"\xff\0"),
        "tombstone": lambda at: record("t", at, None),
        "key": lambda at: wire(good, at, key=b"x"),
        "rate": lambda at: wire({**good, "currency": "JPY"}, at),
    }
    chunk, dead = decoder().decode([made[sort](at) for at, sort in enumerate(sorts)])
    assert chunk.offsets.tolist() == [at for at, sort in enumerate(sorts) if sort == "good"]
    alive = {*chunk.offsets.tolist()}
    assert sorted([*alive, *(d.record.offset for d in dead)]) == list(range(len(sorts)))
    assert chunk.end == len(sorts)


def test_of_two_sources_one_event_id_is_two_and_one_of_a_source_reverses_its_own() -> None:
    bought = EXAMPLES[0][2]
    refund = {**TRANSACTION_EXAMPLES["refund"], "reverses": bought["event_id"]}
    sent = [bought, {**bought, "source": "cards"}, {**bought, "source": "branch"}]
    back = [refund, {**refund, "source": "cards"}]
    records = [wire(made, at) for at, made in enumerate([*sent, *back])]
    chunk, dead = decoder().decode(records)
    assert dead == []
    ids = chunk.events["id"].tolist()
    assert len(set(ids[:3])) == 3
    assert ids[0] == hash_ids([bought["event_id"]])[0]
    assert chunk.events["reverses"][3:].tolist() == ids[:2]


@pytest.mark.parametrize("name", ["", "two words", "x" * 65, "ä", 7, None])
def test_a_source_is_an_id_like_any_other(name: Any) -> None:
    made = {**EXAMPLES[0][2], "source": name}
    _, dead = decoder().decode([wire(made)])
    assert [each.rejection.where for each in dead] == ["source"]


def test_a_record_elsewhere_than_its_key_belongs_is_refused_and_told_of_librdkafka() -> None:
    made = [{**EXAMPLES[0][2], "customer_id": f"c{n}"} for n in range(40)]
    of = Decoder(ADAPTERS["t"], RateTable("USD"), DAY, partitions=4)
    records = [wire(each, at, partition=2) for at, each in enumerate(made)]
    chunk, dead = of.decode(records)
    home = [partition_of(each["customer_id"].encode(), 4) for each in made]
    assert [int(name[1:]) for name in chunk.customers] == [n for n in range(40) if home[n] == 2]
    assert {each.rejection.reason for each in dead} == {"wrong_partition"}
    assert [each.rejection.expected for each in dead] == [
        f"partition {number}, by murmur2 of the key" for number in home if number != 2
    ]
    assert {each.rejection.got for each in dead} == {"partition 2"}
    assert "murmur2_random" in remedy(dead[0].rejection)
    assert decoder().decode(records)[1] == []


@pytest.mark.parametrize("key", [b'"customer-7"', b"customer-7\0", b"\xef\xbb\xbfcustomer-7", b""])
def test_a_key_as_other_serializers_write_it_is_refused_with_what_came(key: bytes) -> None:
    of = Decoder(ADAPTERS["t"], RateTable("USD"), DAY, partitions=1)
    (found,) = rejected([wire(EXAMPLES[0][2], key=key)], of)
    assert found[1:3] == ("wrong_key", "key")
