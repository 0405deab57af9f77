"""A bank's own words for codes of its own, by language: what its rules, actions, ... mean."""

import unicodedata
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from schemas import contains_card_number

KINDS: Final = ("rule", "action", "route", "offer")
LONGEST: Final = 200  # characters, so that a message, a mail's row and a page hold it
FALLBACK: Final = "en"
_TURNING: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_UNSEEN: Final = frozenset({"Cc", "Cs", "Co", "Cn", "Zl", "Zp"})

Texts = Mapping[tuple[str, str, str], str]  # by language, kind and code
NO_TEXTS: Final[Texts] = MappingProxyType({})


def own_text(texts: Texts, kind: str, code: str, language: str) -> str | None:
    """The bank's words for a code, in a language, else in English, else in the first there is.

    >>> texts = {("de", "action", "a"): "Anrufen.", ("fr", "action", "a"): "Appeler."}
    >>> own_text(texts, "action", "a", "fr"), own_text(texts, "action", "a", "zh")
    ('Appeler.', 'Anrufen.')
    """
    if not texts:
        return None
    for of in (language, FALLBACK):
        if (of, kind, code) in texts:
            return texts[of, kind, code]
    known = sorted(of for of, its_kind, its_code in texts if (its_kind, its_code) == (kind, code))
    return texts[known[0], kind, code] if known else None


def plain(text: str) -> str:
    """Refuse words that cannot be shown as they are, or hold a card number.

    Markup is no harm: whoever shows words escapes them.

    Raises:
        ValueError: says what was expected.
    """
    if any(unicodedata.category(each) in _UNSEEN or each in _TURNING for each in text):
        raise ValueError("expected words of one line, without control characters")
    if not text.strip():
        raise ValueError("expected words")
    if contains_card_number(text):
        raise ValueError("expected words without a card number")
    return text
