"""Bytes that only just are events, or only just are none: every record accounted for, no exception.

20 000 records by default, a million by `make fuzz`; the seed is printed with what fails.
"""

import json
import os
import random
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any, Final

import numpy as np
import pytest
from fakes import MODEL
from stream_events import record

from schemas import (
    INTERACTION_EXAMPLES,
    TRANSACTION_EXAMPLES,
    BatchAdapter,
    Interaction,
    Transaction,
    contains_card_number,
)
from scoring.facts.state import new_states
from scoring.step.run import step
from streams.intake.chunk import Chunk
from streams.intake.dead_letters import dead_letter
from streams.intake.decode import Dead, Decoder
from streams.intake.last_resort import decode_surely
from streams.intake.rates import RateTable
from streams.intake.records import Records

COUNT: Final = int(os.environ.get("EBBWATCH_FUZZ", "20000"))
SEED: Final = int(os.environ.get("EBBWATCH_FUZZ_SEED", "20261126"))
BATCH: Final = 250
DAY: Final = 86_400.0
CARD: Final = "4111111111111111"
CONTRACTS: Final[dict[str, tuple[Any, list[dict[str, Any]]]]] = {
    "t": (Transaction, list(TRANSACTION_EXAMPLES.values())),
    "i": (Interaction, list(INTERACTION_EXAMPLES.values())),
}
HOSTILE: Final[tuple[Any, ...]] = (
    None, True, False, 0, -1, 1, 2**31, 2**63, -(2**63) - 1, 10**13, 10**400, 1e308, -0.0, 0.1,
    float("nan"), float("inf"), "", " ", "\0", "a\0b", "\ud800", "\ufeff", "x" * 70, "ä" * 64, CARD,
    "4111 1111\t1111\u20091111", "\uff14" + "\uff11" * 15, "0", "1e5", "1970-01-01T00:00:00Z",
    "2100-12-31T23:59:59+00:00", "2101-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z",
    "0001-01-01T00:00:00+14:00", "2026-02-30T00:00:00Z", "2026-03-01T24:00:00Z", "2026-03-01",
    "2026-03-01T12:00:00-00:00", "XAU", "JPY", "KWD", "USD", [], [[]], {}, {"a": {"b": [1]}},
    [CARD], {"4111111111111111": 1},
)  # fmt: skip
PIECES: Final = (
    b"{", b"}", b"[", b"]", b",", b":", b'"', b"\\", b"\\u", b"\\u0034", b"\0", b"\n", b"\t",
    b"\xff", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"NaN", b"-Infinity", b"1e999", b"null", b"//",
    b'"type":"fee",', b'{"type":"purchase"}', b"}{", b"},{", CARD.encode(), b"\x1b[31m", b"\r",
)  # fmt: skip
NOON: Final = 1_772_366_400_000
STAMPS: Final = (*[NOON] * 20, 0, -1, 1_772_366_400_000_000, 2**62, -(2**62))
Mutation = Callable[[random.Random, dict[str, Any]], bytes]


def _written(event: Any) -> bytes:
    return json.dumps(event, ensure_ascii=False).encode("utf-8", "surrogatepass")


def _field(rng: random.Random, event: dict[str, Any]) -> bytes:
    made = dict(event)
    for _ in range(rng.choice((0, 1, 1, 1, 2, 5))):
        made[rng.choice([*made, "type", "source", "note", "\0", ""])] = rng.choice(HOSTILE)
    return _written(made)


def _missing(rng: random.Random, event: dict[str, Any]) -> bytes:
    kept = rng.sample(list(event), rng.randrange(len(event) + 1))
    return _written({name: event[name] for name in kept})


def _other(rng: random.Random, event: dict[str, Any]) -> bytes:
    kinds = [made["type"] for _, examples in CONTRACTS.values() for made in examples]
    return _written({**event, "type": rng.choice(kinds)})


def _nested(rng: random.Random, event: dict[str, Any]) -> bytes:
    deep = rng.choice((1, 5, 200, 2_000))
    opening, closing = rng.choice(((b'{"a":', b"}"), (b"[", b"]")))
    inner = opening * deep + _written(event) + closing * rng.choice((deep, deep - 1))
    return rng.choice((inner, _written(event)[:-1] + b',"note":' + inner + b"}"))


def _twice(rng: random.Random, event: dict[str, Any]) -> bytes:
    name = rng.choice(list(event))
    again = json.dumps({name: rng.choice(HOSTILE)})[1:].encode("utf-8", "surrogatepass")
    return _written(event)[:-1] + b"," + again


def _recoded(rng: random.Random, event: dict[str, Any]) -> bytes:
    names = ("utf-16", "utf-16-le", "utf-32", "utf-7", "cp037", "utf-8-sig")
    return json.dumps({**event, "note": CARD}).encode(rng.choice(names))


def _bytes(rng: random.Random, event: dict[str, Any]) -> bytes:
    value = bytearray(_written(event))
    for _ in range(rng.choice((1, 1, 2, 8))):
        at = rng.randrange(len(value) + 1)
        to = at + rng.choice((0, 0, 1, 3, 40))
        value[at:to] = rng.choice((rng.choice(PIECES), rng.randbytes(rng.randrange(4)), b""))
    return bytes(value)


def _noise(rng: random.Random, _: dict[str, Any]) -> bytes:
    return rng.choice((rng.randbytes(rng.randrange(80)), b"", b" ", b"x" * rng.choice((9, 70_000))))


MUTATIONS: Final[tuple[Mutation, ...]] = (
    _field, _field, _field, _missing, _other, _nested, _twice, _recoded, _bytes, _bytes, _noise,
)  # fmt: skip


def made_records(rng: random.Random, topic: str, count: int) -> Iterator[Any]:
    examples = CONTRACTS[topic][1]
    for offset in range(count):
        event = rng.choice(examples)
        value = rng.choice(MUTATIONS)(rng, event) if rng.random() < 0.6 else _written(event)
        key = rng.choice((event["customer_id"].encode(),) * 24 + (None, b"", CARD.encode()))
        given = None if rng.random() < 0.01 else value
        yield record(topic, offset, given, key, rng.choice(STAMPS))


def decoder(topic: str) -> Decoder:
    day = date(1970, 1, 1)
    rates = RateTable("USD", [(day, "JPY", Decimal("1e300")), (day, "KWD", Decimal("3.25"))])
    return Decoder(BatchAdapter(CONTRACTS[topic][0]), rates, DAY, lambda: 1_772_366_400.0)


def told(dead: list[Dead]) -> dict[int, tuple[str, str, str, str]]:
    return {each.record.offset: (each.rejection.reason, each.rejection.where,
                                 each.rejection.expected, each.rejection.got)
            for each in dead}  # fmt: skip


def check(topic: str, sent: Records) -> tuple[int, Chunk]:
    of = decoder(topic)
    chunk, dead = decode_surely(of, sent)
    alive = chunk.offsets.tolist()
    assert sorted([*alive, *(each.record.offset for each in dead)]) == list(range(len(sent)))
    assert chunk.end == len(sent)
    verdicts = told(dead)
    for each in dead:
        reason, where, expected, got = verdicts[each.record.offset]
        assert reason != "unusable", each.record.value
        assert where
        assert not any(map(contains_card_number, (where, expected, got)))
        headers = dead_letter(each).headers()
        assert not any(contains_card_number(text) for _, text in headers)
    for each in sent:
        single, bad = of.decode([each])
        assert bool(len(single)) == (each.offset not in verdicts), each.value
        if bad:
            assert told(bad)[each.offset] == verdicts[each.offset], each.value
    return len(dead), chunk


@pytest.mark.parametrize("topic", CONTRACTS)
def test_hostile_bytes_end_nothing_and_every_record_is_accounted_for(topic: str) -> None:
    rng, dead, all_of = random.Random(SEED), 0, COUNT // len(CONTRACTS)
    for start in range(0, all_of, BATCH):
        sent = list(made_records(rng, topic, min(BATCH, all_of - start)))
        found, chunk = check(topic, sent)
        dead += found
        stepped(chunk)
    assert all_of / 4 < dead < all_of * 0.95, f"seed {SEED}: both kinds are tried"


def stepped(chunk: Chunk) -> None:
    """What is usable can be applied, and leaves no state that is no number."""
    if not len(chunk):
        return
    clocks = np.maximum.accumulate(chunk.events["time"])
    rows = np.zeros(len(chunk), np.int64)
    outcome = step(new_states(1), chunk.events, rows, clocks, float(clocks[-1]), MODEL)
    assert np.isfinite(outcome.states["sums"]).all()
    assert np.isfinite(outcome.warnings["now"]).all()
