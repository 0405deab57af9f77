"""No value in a record ends a process."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from fakes import graveyard, sequenced
from hypothesis import given
from hypothesis import strategies as st
from stream_events import START, TRANSACTIONS, event, record, records

from schemas import BatchAdapter, Transaction
from schemas.fields import MAX_AMOUNT
from scoring.arrays import DAY
from streams.intake.chunk import Chunk
from streams.intake.dead_letters import dead_letter
from streams.intake.decode import Dead, Decoder
from streams.intake.last_resort import decode_surely
from streams.intake.rates import RateTable
from streams.intake.records import Records
from streams.outbox.messages import Messages
from streams.partition import deciding

ADAPTER: BatchAdapter[Any] = BatchAdapter(Transaction)
MICROSECONDS = int(START * 1e6)


def decoder(rates: RateTable | None = None, wall: Callable[[], float] | None = None) -> Decoder:
    return Decoder(ADAPTER, rates or RateTable("USD"), DAY, wall)


@pytest.mark.parametrize("stamp", [MICROSECONDS, MICROSECONDS * 1000, -1, -(2**63), 2**63 - 1])
def test_a_record_stamped_with_anything_has_a_dead_letter(stamp: int) -> None:
    bad = record("t", 0, b"{", timestamp_ms=stamp)
    early = record("t", 1, records("t", [event("purchase", 0)])[0].value, timestamp_ms=-(2**62))
    _, dead = decoder().decode([bad, early])
    assert [each.rejection.reason for each in dead] == ["not_json", "future_time"]
    assert [dead_letter(each).offset for each in dead] == [0, 1]
    assert all(dead_letter(each).headers() for each in dead)


@pytest.mark.parametrize("rate", ["1e9", "1e300", "12345678901234567890123456789012345678901"])
def test_a_converted_amount_that_no_state_holds_is_out_of_range(rate: str) -> None:
    rates = RateTable("JPY", [(date(2020, 1, 1), "USD", Decimal(rate))])
    made = records("t", [event("purchase", 0, amount=MAX_AMOUNT), event("purchase", 1, amount=0)])
    chunk, dead = decoder(rates).decode(made)
    assert chunk.events["amount"].tolist() == [0]
    assert [(d.rejection.reason, d.rejection.where) for d in dead] == [("out_of_range", "amount")]
    assert dead[0].rejection.expected == f"at most {MAX_AMOUNT} minor units of JPY"


class Touchy:
    """A decoder that cannot bear some records."""

    def __init__(self, bad: set[int]) -> None:
        self.bad = bad

    def decode(self, records: Records) -> tuple[Chunk, list[Dead]]:
        if any(each.offset in self.bad for each in records):
            raise RecursionError("about 4111 1111 1111 1111")
        return decoder().decode(records)


@given(st.sets(st.integers(0, 19)))
def test_what_raises_alone_is_set_aside_by_its_metadata_and_nothing_else_is(bad: set[int]) -> None:
    sent = records("t", [event("purchase", day) for day in range(20)])
    chunk, dead = decode_surely(Touchy(bad), sent)
    assert [each.record.offset for each in dead] == sorted(bad)
    assert chunk.offsets.tolist() == [at for at in range(20) if at not in bad]
    assert chunk.end == 20
    for each in dead:
        told = each.rejection
        assert (told.reason, told.where, told.got) == ("unusable", "$", "RecursionError")
        assert not dead_letter(each).value_kept


def test_want_of_memory_is_no_records_fault() -> None:
    class Starved:
        def decode(self, _records: Records) -> tuple[Chunk, list[Dead]]:
            raise MemoryError

    with pytest.raises(MemoryError):
        decode_surely(Starved(), [record("t", 0, b"{")])


@pytest.fixture
def touchy_step(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = deciding.step

    def step(states: Any, events: Any, *rest: Any, **named: Any) -> Any:
        if (events["amount"] == 666).any():
            raise FloatingPointError("overflow")
        return whole(states, events, *rest, **named)

    monkeypatch.setattr(deciding, "step", step)


@pytest.mark.usefixtures("touchy_step")
async def test_an_event_that_cannot_be_stepped_is_set_aside_and_the_others_count() -> None:
    log = [event("purchase", day, f"c{day % 3}") for day in range(60)]
    cursed = [{**made, "amount": 666} if at in {0, 17, 59} else made for at, made in enumerate(log)]
    store, sequencer = await sequenced(cursed)
    assert sorted(graveyard(sequencer.services).found) == [
        (TRANSACTIONS, at, "unusable") for at in (0, 17, 59)
    ]
    assert store.parts[0].set_aside["unusable"].records == 3
    assert store.parts[0].set_aside["unusable"].got == "FloatingPointError"
    kept = [made for at, made in enumerate(log) if at not in {0, 17, 59}]
    expected, _ = await sequenced(kept)
    assert store.parts[0].states == expected.parts[0].states
    assert store.parts[0].offsets[TRANSACTIONS] == 60


async def test_what_raises_without_any_event_ends_the_process(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def entries(*_: Any) -> Any:
        raise ZeroDivisionError

    monkeypatch.setattr(Messages, "entries", entries)
    with pytest.raises(ZeroDivisionError):
        await sequenced([event("purchase", 0)])
