"""Values of a bank's files as they may be shown: whatever could be a card number is not."""

import re
from typing import Final

from schemas import mask
from schemas.cards import contains_card_number

_SHORTEST: Final = 13  # digits of a card number
_ISSUERS: Final = "23456"  # first digits of payment cards


def shown(value: str) -> str:
    """The value, or where it could hold a card number a mask, its length and kind.

    A number of 13 to 19 digits could be one if it passes the Luhn check, or begins as cards do:
    then it may be one that was mistyped.

    >>> shown("4111 1111 1111 1111")
    '**** (text of 19 characters, 16 digits)'
    >>> shown("1736129680000")
    '1736129680000'
    """
    masked = mask(value)
    digits = re.sub(r"\D", "", value)
    if masked == value or not _could_be_card(value, digits):
        return value
    kind = f"a number of {len(digits)} digits"
    if not value.strip().isdigit():
        kind = f"text of {len(value)} characters, {len(digits)} digits"
    return f"{masked} ({kind})"


def _could_be_card(value: str, digits: str) -> bool:
    if len(digits) < _SHORTEST:
        return False
    return digits[0] in _ISSUERS or contains_card_number(value) or contains_card_number(digits)
