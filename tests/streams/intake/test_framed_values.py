"""Values framed as by Confluent's JSON Schema serializer: a zero, a schema's id, then the JSON."""

import json

import pytest
from stream_events import record

from schemas import TRANSACTION_EXAMPLES, BatchAdapter, Transaction
from streams.intake.decode import Decoder
from streams.intake.rates import RateTable

DECODER = Decoder(BatchAdapter(Transaction), RateTable("EUR"), 86_400.0)
EVENTS = list(TRANSACTION_EXAMPLES.values())
JSON = [json.dumps(event).encode() for event in EVENTS]


def records(values):
    return [
        record("t", at, value, key=event["customer_id"].encode())
        for at, (event, value) in enumerate(zip(EVENTS, values, strict=False))
    ]


@pytest.mark.parametrize("number", [0, 1, 123, 0x7B7B7B7B, 0xFFFFFFFF])
@pytest.mark.parametrize("every", [1, 2])
def test_the_frame_is_passed_over_whichever_schema_it_names(number, every):
    frame = b"\0" + number.to_bytes(4, "big")
    framed = [value if at % every else frame + value for at, value in enumerate(JSON)]
    (plain, _), (found, dead) = DECODER.decode(records(JSON)), DECODER.decode(records(framed))
    assert dead == []
    assert found.events.tobytes() == plain.events.tobytes()
    assert found.customers == plain.customers


@pytest.mark.parametrize(
    "value",
    [
        b"\0",
        b"\0\0\0\0",
        b"\0\0\0\0\1",
        b"\0\0\0\0\1[]",
        b"\0\0\0\0\1" + b"\0\0\0\0\1" + JSON[0],  # twice
        b"\1\0\0\0\1" + JSON[0],  # no frame of anybody's
        b"\0\0\0\1" + JSON[0],
        JSON[0].decode().encode("utf-16-be"),
        JSON[0].decode().encode("utf-32-be"),
        b"\0\0\0\0\1" + JSON[0].decode().encode("utf-16-be"),
        b"\0\0\0\0\1" + JSON[0][:-1],
    ],
)
def test_what_is_no_frame_around_an_event_is_set_aside_as_it_came(value):
    chunk, dead = DECODER.decode(records([value, JSON[1]]))
    assert [(each.record.value, each.rejection.reason) for each in dead] == [(value, "not_json")]
    assert len(chunk) == 1


def test_a_framed_event_is_held_to_the_contract():
    framed = b"\0\0\0\0\1" + json.dumps({**EVENTS[0], "amount": "much"}).encode()
    _, (dead,) = DECODER.decode(records([framed]))
    assert dead.rejection.where == "amount"
    assert dead.record.value == framed
