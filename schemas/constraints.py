"""Constraints that pydantic has no words for, with the reason codes their failures get.

They run inside pydantic-core wherever possible, without calling Python.
"""

from datetime import UTC, datetime

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from schemas.cards import contains_card_number, is_card_number
from schemas.currencies import MINOR_UNITS

ID_PATTERN = r"^[A-Za-z0-9._:@/+=-]{1,64}$"
TEXT_PATTERN = r"^[^\x00-\x1f\x7f-\x9f]{1,64}$"
ID_EXPECTED = "1 to 64 characters of A-Z a-z 0-9 . _ : @ / + = -"
NO_CARD_NUMBER = "no card number (13 to 19 digits that pass the Luhn check)"


class Refused:
    """Give a type's errors a reason code of `schemas.rejections.REASONS` and say what it expects.

    Args:
        reason: The reason code.
        expected: What the field must be, in words, without the value that came.
    """

    def __init__(self, reason: str, expected: str) -> None:
        self._reason, self._expected = reason, expected

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.custom_error_schema(
            handler(source),
            custom_error_type=self._reason,
            custom_error_message=self._expected,
        )


class CurrencyCode:
    """A literal of all currency codes, which a type checker could not spell."""

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.literal_schema(sorted(MINOR_UNITS))


class IsoTime:
    """An aware ISO 8601 time; pydantic alone would also take epoch numbers inside strings."""

    pattern = "^[0-9]{4}-"

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        text = core_schema.str_schema(pattern=self.pattern, strict=True)
        time = core_schema.datetime_schema(
            strict=False,
            tz_constraint="aware",
            ge=datetime(1970, 1, 1, tzinfo=UTC),
            lt=datetime(2101, 1, 1, tzinfo=UTC),
        )
        return core_schema.chain_schema([text, time])

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"type": "string", "format": "date-time", "pattern": self.pattern}


def refuse_card_number(text: str) -> str:
    """Return `text`, or raise the error `card_number`, which does not repeat it."""
    if contains_card_number(text):
        raise PydanticCustomError("card_number", NO_CARD_NUMBER)
    return text


def _refuse_card_token(token: str) -> str:
    if is_card_number(token):
        raise PydanticCustomError("card_number", "a card token, not the card number itself")
    return token


class CardToken:
    """An id that is no card number; ids without 13 digits in a row pass without calling Python."""

    # Stretches of at most 12 digits, dashes aside, parted by at least one other character.
    _few_digits = "(?:[0-9]-*){0,12}"
    harmless = f"^-*{_few_digits}(?:[A-Za-z._:@/+=]-*{_few_digits})*$"

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        harmless = core_schema.str_schema(pattern=self.harmless, min_length=1, max_length=64)
        quick = core_schema.custom_error_schema(
            harmless, "bad_id", custom_error_message=ID_EXPECTED
        )
        checked = core_schema.no_info_after_validator_function(_refuse_card_token, handler(source))
        return core_schema.union_schema([quick, checked], mode="left_to_right")

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return handler(schema["choices"][1])
