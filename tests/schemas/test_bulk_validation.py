import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import (
    EXAMPLES,
    INTERACTION_EXAMPLES,
    MAX_EVENT_BYTES,
    BatchAdapter,
    Interaction,
    Rejection,
    Transaction,
    validate_batch,
)

TRANSACTIONS: BatchAdapter[Transaction] = BatchAdapter(Transaction)
INTERACTIONS: BatchAdapter[Interaction] = BatchAdapter(Interaction)

PURCHASE = json.dumps(EXAMPLES["purchase"]).encode()
REFUND = json.dumps(EXAMPLES["refund"]).encode()

# The second value of a key wins, so an array may hide behind it: two halves of it are no JSON.
OPENS_ARRAY = PURCHASE + b',{"amount":[{}'
CLOSES_ARRAY = b'{}],"amount":5,' + PURCHASE[1:]

POISON: dict[str, bytes] = {
    "empty": b"",
    "blank": b" \n ",
    "not JSON": b"pay me",
    "a NUL": b"\0",
    "a NUL in a string": PURCHASE.replace(b"customer-7", b"customer\x007"),
    "a NUL between": PURCHASE.replace(b",", b",\0", 1),
    "bad UTF-8": PURCHASE.replace(b"customer-7", b"customer\xff"),
    "bad UTF-8 outside": b"\xff" + PURCHASE,
    "a byte order mark": b"\xef\xbb\xbf" + PURCHASE,
    "half a surrogate": PURCHASE.replace(b"customer-7", b"\\ud800"),
    "UTF-16": PURCHASE.decode().encode("utf-16"),
    "two events": PURCHASE + b"," + REFUND,
    "two events on two lines": PURCHASE + b",\n" + REFUND,
    "two events without a comma": PURCHASE + REFUND,
    "an array": b"[" + PURCHASE + b"]",
    "an event and an array's head": OPENS_ARRAY,
    "an array's tail and an event": CLOSES_ARRAY,
    "a string's head": b'{"event_id":"x}',
    "a string's tail": b'{"}',
    "an object's head": b'{"amount":{}',
    "an object's tail": b'{},"amount":5}',
    "no head": PURCHASE[1:],
    "no tail": PURCHASE[:-1],
    "a number": b"5",
    "null": b"null",
    "a string": b'"{}"',
    "nothing inside": b"{}",
    "trailing comma": PURCHASE[:-1] + b",}",
    "a vertical tab": PURCHASE + b"\x0b",
    "deep arrays": b'{"amount":' + b"[" * 30_000 + b"]" * 30_000 + b"}",
    "deep objects": b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
    "unclosed": b"[" * 60_000,
    "a huge number": PURCHASE.replace(b"4000", b"9" * 5_000),
    "huge": PURCHASE[:-1] + b" " * MAX_EVENT_BYTES + b"}",
    "many fields": b"{" + b",".join(b'"f%d":1' % number for number in range(4_000)) + b"}",
    "merging opener": b'{"type":[{}',
    "merging closer": b"{}]}",
}


def one_by_one(values: Sequence[bytes]) -> tuple[list[Any], list[Rejection]]:
    """What a batch must come to: each record judged as if it were alone."""
    pairs = [TRANSACTIONS.alone(index, value) for index, value in enumerate(values)]
    return [event for event, _ in pairs], [refused for _, refused in pairs if refused]


def test_a_good_batch_is_returned_in_order() -> None:
    values = [json.dumps(example).encode() for example in INTERACTION_EXAMPLES.values()]
    events, rejections = validate_batch(INTERACTIONS, values)
    assert [event and event["type"] for event in events] == list(INTERACTION_EXAMPLES)
    assert rejections == []


def test_an_empty_batch_is_empty() -> None:
    assert validate_batch(TRANSACTIONS, []) == ([], [])


def test_a_good_batch_takes_one_call_whatever_blanks_surround_its_records() -> None:
    values = [PURCHASE, b" " + REFUND + b"\r\n", b"\t" + PURCHASE]
    assert TRANSACTIONS.together(values) is not None
    assert validate_batch(TRANSACTIONS, values)[1] == []


@pytest.mark.parametrize("name", POISON)
def test_poison_is_found_and_its_neighbours_are_applied(name: str) -> None:
    events, [rejection] = validate_batch(TRANSACTIONS, [PURCHASE, POISON[name], REFUND])
    assert [event and event["type"] for event in events] == ["purchase", None, "refund"]
    assert rejection.index == 1
    assert len(rejection.got) <= 64
    assert rejection.got.isprintable()


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (OPENS_ARRAY, CLOSES_ARRAY),
        (b'{"event_id":"x}', b'{"}'),
        (PURCHASE + b',{"event_id":"x}', b'{",' + PURCHASE[1:]),
        (PURCHASE + b',{"amount":{}', b'{},"amount":5}'),
        (PURCHASE + b',{"amount":{}', PURCHASE[1:]),
        (PURCHASE + b"," + PURCHASE[:-1], b'"amount":5}'),
        (PURCHASE + b"," + REFUND, b""),
        (PURCHASE + b"," + REFUND, b"{"),
        (PURCHASE[:-1], b"}"),
        (b'{"type":[{}', b"{}]}"),
        (PURCHASE + b"]", b"[" + PURCHASE),
    ],
)
def test_two_broken_records_never_pass_as_two_good_ones(first: bytes, second: bytes) -> None:
    for values in ([first, second], [second, first], [PURCHASE, first, second, REFUND]):
        assert validate_batch(TRANSACTIONS, values) == one_by_one(values)
    events, rejections = validate_batch(TRANSACTIONS, [first, second])
    assert events == [None, None]
    assert [rejection.index for rejection in rejections] == [0, 1]


@pytest.mark.parametrize(
    ("first", "second"),
    [(OPENS_ARRAY, CLOSES_ARRAY), (PURCHASE + b',{"amount":{}', PURCHASE[1:])],
)
def test_the_splice_would_work_on_a_plain_join(first: bytes, second: bytes) -> None:
    joined = b"[" + first + b",\n" + second + b"]"
    assert len(TRANSACTIONS._many.validate_json(joined)) == 2


def test_oversized_values_are_not_parsed_at_all() -> None:
    longest = PURCHASE[:-1] + b" " * (MAX_EVENT_BYTES - len(PURCHASE)) + b"}"
    assert len(longest) == MAX_EVENT_BYTES
    [event, refused], [rejection] = validate_batch(TRANSACTIONS, [longest, longest + b" "])
    assert event is not None
    assert refused is None
    assert rejection.reason == "oversized"
    assert rejection.got == "65537 bytes"


cuts = st.lists(
    st.one_of(
        st.sampled_from([PURCHASE, REFUND]),
        st.sampled_from([PURCHASE, REFUND, *POISON.values()]),
        st.binary(max_size=12),
        st.text('{}[]",:\\ \n1ae', max_size=12).map(str.encode),
        st.builds(lambda cut: PURCHASE[:cut], st.integers(0, len(PURCHASE))),
        st.builds(lambda cut: REFUND[cut:], st.integers(0, len(REFUND))),
    ),
    max_size=6,
)


@given(cuts)
def test_any_mix_is_judged_as_if_each_record_were_alone(values: list[bytes]) -> None:
    assert validate_batch(TRANSACTIONS, values) == one_by_one(values)


@given(st.lists(st.sampled_from([b"{", b"}", b"[", b"]", b'"', b",", b":", PURCHASE, b'"amount"'])))
def test_any_cut_of_json_tokens_is_judged_as_if_each_record_were_alone(tokens: list[bytes]) -> None:
    for cut in range(len(tokens) + 1):
        values = [b"{" + b"".join(tokens[:cut]), b"".join(tokens[cut:]) + b"}"]
        assert validate_batch(TRANSACTIONS, values) == one_by_one(values)


@given(st.lists(st.binary(max_size=200), max_size=5))
def test_arbitrary_bytes_never_raise(values: list[bytes]) -> None:
    events, rejections = validate_batch(INTERACTIONS, values)
    assert events == [None] * len(values)
    assert [rejection.index for rejection in rejections] == list(range(len(values)))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


@given(
    st.sampled_from(sorted(INTERACTION_EXAMPLES)),
    st.dictionaries(
        st.sampled_from(
            ["type", "event_id", "event_time", "amount", "currency", "touchpoint", "x"]
        ),
        json_values,
        min_size=1,
    ),
)
def test_arbitrary_json_in_an_event_never_raises(kind: str, changes: dict[str, Any]) -> None:
    value = json.dumps({**EXAMPLES[kind], **changes}).encode()
    [event], rejections = validate_batch(INTERACTIONS, [value])
    assert (event is None) == (len(rejections) == 1)
