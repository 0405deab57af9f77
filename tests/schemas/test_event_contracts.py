"""Every event type: its example is valid, and every attack on it is refused with a reason."""

import json
from datetime import UTC, datetime
from typing import Any, Literal

import pytest

from schemas import (
    EXAMPLES,
    INTERACTION_EXAMPLES,
    REASONS,
    TRANSACTION_EXAMPLES,
    BatchAdapter,
    Interaction,
    Rejection,
    Transaction,
    contains_card_number,
    validate_batch,
)
from schemas.events.common import CustomerEvent
from schemas.events.examples import _example
from schemas.export import json_schemas

PAN = "4111111111111111"
TRANSACTIONS: BatchAdapter[Transaction] = BatchAdapter(Transaction)
INTERACTIONS: BatchAdapter[Interaction] = BatchAdapter(Interaction)
LEFT_OUT = object()

each_type = pytest.mark.parametrize("kind", sorted(EXAMPLES))


def judged(value: bytes, kind: str = "purchase") -> tuple[Any, Rejection | None]:
    adapter: BatchAdapter[Any] = TRANSACTIONS if kind in TRANSACTION_EXAMPLES else INTERACTIONS
    [event], rejections = validate_batch(adapter, [value])
    return event, (rejections[0] if rejections else None)


def changed(kind: str, **changes: object) -> bytes:
    event = {**EXAMPLES[kind], **changes}
    kept = {name: value for name, value in event.items() if value is not LEFT_OUT}
    return json.dumps(kept).encode()


def refused(kind: str, **changes: object) -> Rejection:
    event, rejection = judged(changed(kind, **changes), kind)
    assert event is None
    assert rejection is not None
    assert rejection.reason in REASONS
    assert not any(map(contains_card_number, (rejection.where, rejection.expected, rejection.got)))
    return rejection


def test_there_is_an_example_of_every_type_and_no_other() -> None:
    for name, examples in (
        ("transaction", TRANSACTION_EXAMPLES),
        ("interaction", INTERACTION_EXAMPLES),
    ):
        assert set(json_schemas()[name]["discriminator"]["mapping"]) == set(examples)


@each_type
def test_the_example_is_valid_and_keeps_what_it_says(kind: str) -> None:
    event, rejection = judged(changed(kind), kind)
    assert rejection is None
    assert set(event) == set(EXAMPLES[kind])
    assert event["event_time"] == datetime(2026, 3, 1, 12, tzinfo=UTC)


@each_type
@pytest.mark.parametrize(
    ("changes", "reason", "where"),
    [
        ({"type": "unheard_of"}, "unknown_type", "type"),
        ({"type": 5}, "unknown_type", "type"),
        ({"type": [PAN]}, "unknown_type", "type"),
        ({"type": LEFT_OUT}, "missing_field", "type"),
        ({"event_id": LEFT_OUT}, "missing_field", "event_id"),
        ({"event_id": ""}, "bad_id", "event_id"),
        ({"event_id": "e" * 65}, "bad_id", "event_id"),
        ({"event_id": "e\n"}, "bad_id", "event_id"),
        ({"event_id": "e\0"}, "bad_id", "event_id"),
        ({"customer_id": "c 7"}, "bad_id", "customer_id"),
        ({"customer_id": "客户7"}, "bad_id", "customer_id"),
        ({"customer_id": 7}, "bad_id", "customer_id"),
        ({"customer_id": None}, "bad_id", "customer_id"),
        ({"customer_id": PAN + " " + PAN}, "bad_id", "customer_id"),
        ({"event_time": "2026-03-01T12:00:00"}, "naive_time", "event_time"),
        ({"event_time": "2026-03-01"}, "naive_time", "event_time"),
        ({"event_time": "2026-13-01T12:00:00Z"}, "bad_time", "event_time"),
        ({"event_time": "2026-03-01T12:00:61Z"}, "bad_time", "event_time"),
        ({"event_time": "1772366400"}, "bad_time", "event_time"),
        ({"event_time": "yesterday"}, "bad_time", "event_time"),
        ({"event_time": ""}, "bad_time", "event_time"),
        ({"event_time": 1772366400}, "wrong_type", "event_time"),
        ({"event_time": "1969-12-31T23:59:59Z"}, "out_of_range", "event_time"),
        ({"event_time": "2101-01-01T00:00:00Z"}, "out_of_range", "event_time"),
        ({"surprise": 1}, "extra_field", "surprise"),
        ({"surprise": {"deep": [1]}}, "extra_field", "surprise"),
        ({"surprise": PAN}, "card_number", "surprise"),
        ({"surprise": int(PAN)}, "card_number", "surprise"),
        ({PAN: "surprise"}, "card_number", "****"),
    ],
)
def test_an_attack_on_any_type_is_refused(
    kind: str, changes: dict[str, object], reason: str, where: str
) -> None:
    rejection = refused(kind, **changes)
    assert (rejection.reason, rejection.where) == (reason, where)


@pytest.mark.parametrize(
    ("kind", "field"),
    [
        (kind, field)
        for kind, example in EXAMPLES.items()
        for field in ("amount", "book_amount")
        if "amount" in example
    ],
)
def test_amounts_are_positive_whole_minor_units_within_reason(kind: str, field: str) -> None:
    for bad in (-1, 10**13 + 1, 10**400):
        assert refused(kind, **{field: bad}).reason == "out_of_range"
    for mistyped in (float("nan"), float("inf"), 1.5, 1.0, "1", True, None, [1], {"value": 1}):
        assert refused(kind, **{field: mistyped}).reason == "wrong_type"
    if kind in {"purchase", "declined"}:
        assert judged(changed(kind, **{field: 0}), kind)[1] is None
    else:
        assert refused(kind, **{field: 0}).reason == "out_of_range"


@pytest.mark.parametrize("kind", [kind for kind in EXAMPLES if "currency" in EXAMPLES[kind]])
@pytest.mark.parametrize("bad", ["XXX", "eur", "EURO", "", "DEM", 978, None])
def test_unknown_currencies_are_refused(kind: str, bad: object) -> None:
    rejection = refused(kind, currency=bad)
    assert (rejection.reason, rejection.where) == ("unknown_currency", "currency")


SLUGS = [
    ("complaint", "category"),
    ("card_blocked", "reason"),
    ("membership_changed", "level"),
    ("consent_changed", "purpose"),
]
TEXTS = [
    *((kind, "touchpoint") for kind in INTERACTION_EXAMPLES),
    *(("profile_updated", name) for name in ("income_band", "region", "occupation")),
    ("profile_updated", "card_product"),
]


@pytest.mark.parametrize(("kind", "field"), [*SLUGS, *TEXTS])
@pytest.mark.parametrize("number", [PAN, "4111 1111 1111 1111", "4111-1111-1111-1111"])
def test_a_card_number_in_free_text_is_refused_and_not_repeated(
    kind: str, field: str, number: str
) -> None:
    for text in (number, f"card {number}", f"x:{number}"):
        rejection = refused(kind, **{field: text})
        assert (rejection.reason, rejection.where) == ("card_number", field)
        assert "1111" not in f"{rejection.expected}{rejection.got}"


@pytest.mark.parametrize(("kind", "field"), [*SLUGS, *TEXTS])
@pytest.mark.parametrize("bad", ["", "x" * 65, "a\0b", "a\nb", 5, None, ["a"]])
def test_free_text_is_short_and_printable(kind: str, field: str, bad: object) -> None:
    assert refused(kind, **{field: bad}).reason == "bad_text"


@pytest.mark.parametrize(("kind", "field"), TEXTS)
def test_texts_come_in_any_script(kind: str, field: str) -> None:
    assert judged(changed(kind, **{field: "浙江 / Zürich [north]"}), kind)[1] is None


@pytest.mark.parametrize("kind", [kind for kind in EXAMPLES if "card_id" in EXAMPLES[kind]])
def test_a_card_is_named_by_a_token_not_by_its_number(kind: str) -> None:
    for number in (PAN, "4111-1111-1111-1111", f"card-{PAN}"):
        rejection = refused(kind, card_id=number)
        assert (rejection.reason, rejection.where) == ("card_number", "card_id")
    for bad in ("", "x" * 65, "a b", 7, None):
        assert refused(kind, card_id=bad).reason == "bad_id"
    for good in ("4111111111111112", "7f" * 32, "123e4567-e89b-42d3-a456-426614174000"):
        assert judged(changed(kind, card_id=good), kind)[1] is None


@pytest.mark.parametrize("field", ["event_id", "customer_id", "merchant_id"])
def test_declared_ids_may_look_like_card_numbers(field: str) -> None:
    assert judged(changed("purchase", **{field: PAN}))[1] is None


@pytest.mark.parametrize(
    ("kind", "changes", "reason"),
    [
        ("purchase", {"merchant_category": "541"}, "bad_merchant_category"),
        ("purchase", {"merchant_category": "\uff15\uff14\uff11\uff11"}, "bad_merchant_category"),
        ("purchase", {"channel": "fax"}, "unknown_value"),
        ("purchase", {"merchant_id": LEFT_OUT}, "missing_field"),
        ("purchase", {"reverses": "e-1"}, "extra_field"),
        ("refund", {"reverses": LEFT_OUT}, "missing_field"),
        ("chargeback", {"reverses": ""}, "bad_id"),
        ("refund", {"reversed_time": "2026-03-01T12:00:00"}, "naive_time"),
        ("app_session", {"duration_seconds": -1}, "out_of_range"),
        ("app_session", {"duration_seconds": float("nan")}, "out_of_range"),
        ("web_visit", {"duration_seconds": 86_401}, "out_of_range"),
        ("web_visit", {"duration_seconds": "5"}, "wrong_type"),
        ("chat", {"sentiment": 1.01}, "out_of_range"),
        ("chat", {"sentiment": float("-inf")}, "out_of_range"),
        ("survey", {"score": 0}, "out_of_range"),
        ("survey", {"score": 6}, "out_of_range"),
        ("survey", {"score": 3.0}, "wrong_type"),
        ("nps", {"score": -1}, "out_of_range"),
        ("nps", {"score": 11}, "out_of_range"),
        ("points_earned", {"points": 0}, "out_of_range"),
        ("referral", {"referred_id": ""}, "bad_id"),
        ("campaign_sent", {"campaign_id": LEFT_OUT}, "missing_field"),
        ("instalment_overdue", {"days_overdue": 0}, "out_of_range"),
        ("credit_bureau_status", {"status": "fine"}, "unknown_value"),
        ("balance_snapshot", {"balance": -(10**13) - 1}, "out_of_range"),
        ("balance_snapshot", {"credit_limit": -1}, "out_of_range"),
        ("profile_updated", {"customer_kind": "robot"}, "unknown_value"),
        ("profile_updated", {"birth_year": 84}, "out_of_range"),
        ("consent_changed", {"granted": "yes"}, "wrong_type"),
        ("consent_changed", {"granted": 1}, "wrong_type"),
        ("consent_changed", {"legal_basis": "because"}, "unknown_value"),
    ],
)
def test_a_type_has_its_own_limits(kind: str, changes: dict[str, object], reason: str) -> None:
    rejection = refused(kind, **changes)
    assert (rejection.reason, rejection.where) == (reason, next(iter(changes)))


@pytest.mark.parametrize(
    "kind", ["refund", "chargeback", "repayment", "fee", "interest", "profile_updated"]
)
def test_what_does_not_apply_may_be_left_out_but_not_null(kind: str) -> None:
    optional = {"merchant_id", "card_id", "channel", "merchant_category", "region", "occupation"}
    left_out = dict.fromkeys(optional & set(EXAMPLES[kind]), LEFT_OUT)
    assert judged(changed(kind, **left_out), kind)[1] is None
    assert refused(kind, **(dict.fromkeys(left_out) or {"card_id": None})).got == "null"


@pytest.mark.parametrize(
    "text",
    ["2026-03-01T12:00:00.123456789Z", "2026-03-01 13:00+01:00", "2026-03-01T12:00:00-00:00"],
)
def test_times_come_with_any_offset_and_precision(text: str) -> None:
    event, _ = judged(changed("purchase", event_time=text))
    assert event["event_time"].astimezone(UTC).hour == 12


class Parcel(CustomerEvent):
    type: Literal["parcel"]
    card_id: str


class Voucher(Parcel):
    colour: str


def test_a_type_of_fields_that_others_have_needs_no_example_of_its_own() -> None:
    example = _example("parcel", Parcel)
    assert example["card_id"] == EXAMPLES["card_activated"]["card_id"]
    assert example["type"] == "parcel"


def test_a_type_of_a_field_that_no_other_has_asks_for_an_example() -> None:
    with pytest.raises(ValueError, match=r"expected a row for voucher, .* no other has: colour"):
        _example("voucher", Voucher)
