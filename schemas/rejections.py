"""Why a record cannot be used: a reason code, where, what was expected and what came."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from schemas.cards import contains_card_number, mask
from schemas.constraints import NO_CARD_NUMBER

_SHOWN = 64
UNNAMED = "(no name)"
"""Stands for a field whose name is empty, or of characters that show as nothing."""

REASONS: Mapping[str, str] = MappingProxyType(
    {
        "not_json": "The value is no JSON text in UTF-8, or is nested too deep.",
        "oversized": "The value has more than 65 536 bytes.",
        "unknown_type": "No event of this topic has this type.",
        "missing_field": "A required field is missing.",
        "extra_field": "The event type has no such field.",
        "wrong_type": "The value has another JSON type than the field.",
        "out_of_range": "The number or time lies outside the field's limits.",
        "unknown_value": "The value is none of those the field allows.",
        "bad_time": "The time is no ISO 8601 date and time.",
        "naive_time": "The time lacks its offset from UTC.",
        "bad_id": "The id is empty, over-long, or has a character that ids must not have.",
        "bad_text": "The text is empty, over-long, or has a character it must not have.",
        "bad_merchant_category": "The merchant category is not 4 digits.",
        "unknown_currency": "The currency is no ISO 4217 code with a minor unit.",
        "card_number": "A card number stands where none may.",
        "wrong_key": "The record's key is not the event's customer_id.",
        "wrong_partition": "The record is not in the partition that its key belongs to.",
        "wrong_customer": "The warning or case is another customer's.",
        "unknown_warning": "No such warning or case had been raised by the time of the answer.",
        "tombstone": "The record has no value.",
        "no_rate": "Neither book_amount nor a rate to the book currency is there.",
        "future_time": "The event time lies too far after the record's own time.",
        "too_late": "The event is older than the state can still take in.",
        "unusable": "Working with the record raised an error, whose name is told.",
    }
)
"""Reason code -> meaning: for the docs, and as the only values of a metric's reason label."""

_BY_ERROR_TYPE: Mapping[str, str] = MappingProxyType(
    {
        "json_invalid": "not_json",
        "union_tag_invalid": "unknown_type",
        "union_tag_not_found": "missing_field",
        "missing": "missing_field",
        "extra_forbidden": "extra_field",
        "literal_error": "unknown_value",
        "greater_than": "out_of_range",
        "greater_than_equal": "out_of_range",
        "less_than": "out_of_range",
        "less_than_equal": "out_of_range",
        "finite_number": "out_of_range",
        "timezone_aware": "naive_time",
        "datetime_parsing": "bad_time",
        "datetime_from_date_parsing": "bad_time",
        "string_pattern_mismatch": "bad_time",
    }
)

_TIME = "an ISO 8601 time with its offset, such as 2026-03-01T12:00:00Z"
_EXPECTED: Mapping[str, str] = MappingProxyType(
    {
        "dict_type": "a JSON object",
        "missing": "a value",
        "extra_forbidden": "no such field",
        "union_tag_not_found": "the event's type",
        "timezone_aware": _TIME,
        "datetime_parsing": _TIME,
        "datetime_from_date_parsing": _TIME,
        "string_pattern_mismatch": _TIME,
    }
)

_FREE_FIELDS = frozenset({"bad_text", "extra_field"})


@dataclass(frozen=True, slots=True)
class Rejection:
    """One record that cannot be used. No field holds a card number.

    Attributes:
        index: The record's place in the sequence it came in, from 0.
        reason: A key of `REASONS`.
        where: The JSON path of the offending field; `$` is the record itself.
        expected: What the contract asks for, in words.
        got: What came, masked and cut to 64 characters.
    """

    index: int
    reason: str
    where: str
    expected: str
    got: str


def rejection(index: int, reason: str, where: str, expected: str, got: object) -> Rejection:
    """Build a `Rejection`, masking and cutting whatever came from outside.

    Args:
        index: The record's place in its sequence, from 0.
        reason: A key of `REASONS`.
        where: The JSON path of the offending field, `$` for the record itself.
        expected: What the contract asks for; must hold nothing that came from outside.
        got: What came: a JSON value, or bytes.

    Raises:
        KeyError: `reason` is not in `REASONS`.

    Examples:
        >>> rejection(3, "wrong_key", "customer_id", "the record's key", "4111 1111 1111 1111").got
        '****'
    """
    if reason not in REASONS:
        raise KeyError(reason)
    return Rejection(index, reason, shown(where) or UNNAMED, expected, shown(got))


def shown(value: object) -> str:
    """Return a value from outside as text that is safe to log: masked, printable, <= 64 characters.

    Objects and arrays are named, not shown.

    >>> shown("4111 1111 1111 1111"), shown({"a": 1})
    ('****', 'an object of 1')
    """
    text = mask(_text(value))
    cut = text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in cut)


def from_error(index: int, error: ValidationError) -> Rejection:
    """Turn pydantic's findings about one record into a rejection; a card number outranks the rest.

    Args:
        index: The record's place in its sequence, from 0.
        error: What validating this one record by a discriminated union of flat events raised.
    """
    found = [(_reason(detail), detail) for detail in error.errors(include_url=False)]
    reason, detail = next((pair for pair in found if pair[0] == "card_number"), found[0])
    return rejection(index, reason, _where(detail), _expected(reason, detail), _got(detail))


def _reason(detail: ErrorDetails) -> str:
    kind = detail["type"]
    reason = kind if kind in REASONS else _BY_ERROR_TYPE.get(kind, "wrong_type")
    if reason in _FREE_FIELDS and _holds_card_number(detail):
        return "card_number"
    return reason


def _holds_card_number(detail: ErrorDetails) -> bool:
    return any(map(contains_card_number, (_where(detail), _text(detail["input"]))))


def _where(detail: ErrorDetails) -> str:
    if detail["type"].startswith("union_tag_"):
        return "type"
    # The path starts with the event's type. Events are flat: what follows the field is pydantic's.
    return next((str(part) or UNNAMED for part in detail["loc"][1:2]), "$")


def _expected(reason: str, detail: ErrorDetails) -> str:
    if reason == "unknown_type":
        return f"one of {detail['ctx']['expected_tags']}".replace("'", "")
    if reason == "card_number":
        return NO_CARD_NUMBER
    if reason == "not_json":
        return f"a JSON object; {detail['ctx']['error']}"
    message = _EXPECTED.get(detail["type"], detail["msg"])
    return message.removeprefix("Input should be ")


def _got(detail: ErrorDetails) -> object:
    match detail["type"]:
        case "missing" | "union_tag_not_found":
            return b"nothing"
        case "union_tag_invalid":
            return detail["input"]["type"]
        case _:
            return detail["input"]


def _text(value: object) -> str:
    match value:
        case str():
            return value
        case bytes():
            return value.decode("utf-8", "replace")
        case dict() | list():
            return f"{'an object' if isinstance(value, dict) else 'an array'} of {len(value)}"
        case float() if not math.isfinite(value):
            return str(value)
        case _:
            return json.dumps(value, default=str)
