import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import REASONS, BatchAdapter, Transaction, contains_card_number, rejection, shown
from schemas.rejections import _BY_ERROR_TYPE

TRANSACTIONS: BatchAdapter[Transaction] = BatchAdapter(Transaction)


@pytest.mark.parametrize(
    "reason", ["wrong_key", "tombstone", "no_rate", "future_time", "too_late", "oversized"]
)
def test_the_shell_rejects_for_its_own_reasons_with_the_same_masking(reason: str) -> None:
    rejected = rejection(4, reason, "customer_id", "the record's key", b"4111 1111-11111111")
    assert rejected.index == 4
    assert rejected.reason == reason
    assert rejected.got == "****"


def test_a_reason_outside_the_table_is_a_mistake() -> None:
    with pytest.raises(KeyError, match="because"):
        rejection(0, "because", "$", "something", "else")


def test_every_reason_is_a_label_with_a_meaning() -> None:
    assert set(_BY_ERROR_TYPE.values()) <= set(REASONS)
    for reason, meaning in REASONS.items():
        assert reason.isidentifier()
        assert reason.islower()
        assert meaning.endswith(".")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("plain", "plain"),
        ("a\0b\nc\ud800", "ab\ufffdc\ufffd"),
        (b"\xff{", "\ufffd{"),
        ({"card": "4111111111111111"}, "an object of 1"),
        (["4111111111111111", 2], "an array of 2"),
        (4111111111111111, "****"),
        (float("nan"), "nan"),
        (float("-inf"), "-inf"),
        (1.5, "1.5"),
        (True, "true"),
        (None, "null"),
        ("x" * 64, "x" * 64),
        ("x" * 65, "x" * 63 + "…"),
        ("x" * 60 + "4111111111111111", "x" * 60 + "****"),
    ],
)
def test_what_came_is_shown_masked_printable_and_short(value: object, text: str) -> None:
    assert shown(value) == text


@given(st.one_of(st.text(), st.binary(), st.integers(), st.floats()))
def test_nothing_shown_is_long_or_a_card_number(value: object) -> None:
    text = shown(value)
    assert len(text) <= 64
    assert text.isprintable()
    assert not contains_card_number(text)


@pytest.mark.parametrize(
    ("value", "reason", "where", "expected", "got"),
    [
        (b"{", "not_json", "$", "a JSON object; EOF while parsing an object at line 1", "{"),
        (b"[]", "wrong_type", "$", "a JSON object", "an array of 0"),
        (b"{}", "missing_field", "type", "the event's type", "nothing"),
        (b'{"type":"gift"}', "unknown_type", "type", "one of purchase, refund, cash_", "gift"),
        (b'{"type":"fee"}', "missing_field", "event_id", "a value", "nothing"),
        (
            b'{"type":"fee","note":"4111-1111-1111-1111"}',
            "card_number",
            "note",
            "no card number",
            "****",
        ),
    ],
)
def test_a_rejection_says_where_expected_and_got(
    value: bytes, reason: str, where: str, expected: str, got: str
) -> None:
    _, rejected = TRANSACTIONS.alone(0, value)
    assert rejected is not None
    assert (rejected.reason, rejected.where, rejected.got) == (reason, where, got)
    assert rejected.expected.startswith(expected)
