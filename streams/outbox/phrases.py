"""What warnings say: sentences of `schemas.outputs.words`, with values put in."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from typing import Final

from schemas import MINOR_UNITS
from schemas.outputs.words import Language, catalogue
from scoring.rules import NO_TEXTS, Texts, own_text

FADED: Final = 0.05  # decayed counts below it show as none
CERTAIN: Final = 100
BEGINS: Final = re.compile(r"{(\w+):\^}")  # in a catalogue: a value that begins a sentence


def money(minor: float, currency: str) -> str:
    """Show an amount of minor units, alike in every language.

    >>> money(123456, "USD"), money(123456, "JPY")
    ('1,234.56 USD', '123,456 JPY')
    """
    exponent = MINOR_UNITS[currency]
    return f"{minor / 10**exponent:z,.{exponent}f} {currency}"


@dataclass(frozen=True)
class Phrases:
    """Says things in one language.

    Attributes:
        language: its code.
        words: the catalogue.
    """

    language: Language
    words: Mapping[str, str]

    def __call__(self, key: str, **values: object) -> str:
        """What stands in the catalogue under a key, with values put in.

        Raises:
            KeyError: nothing does.

        >>> phrases("en")("list"), phrases("zh")("days", number=3)
        (', ', '3 天')
        """
        words, begin = self._sentences[key]
        for name in begin:
            said = str(values[name])
            values[f"{name}^"] = said[:1].upper() + said[1:]
        return words.format_map(values)

    @cached_property
    def _sentences(self) -> Mapping[str, tuple[str, tuple[str, ...]]]:
        """The words by key, made ready once, and which values begin a sentence in them."""
        return {
            key: (BEGINS.sub(r"{\1^}", words), tuple(BEGINS.findall(words)))
            for key, words in self.words.items()
        }

    def percent(self, share: float) -> str:
        """Show a share of 1, never as a certainty it is not.

        >>> en = phrases("en")
        >>> en.percent(0.5), en.percent(0.9999), en.percent(1e-9)
        ('50%', 'more than 99%', 'less than 1%')
        """
        shown = round(CERTAIN * share)
        if shown >= CERTAIN and share < 1.0:
            return self("share.most")
        return self("share.least") if shown == 0 and share > 0.0 else f"{shown}%"

    def tenths(self, number: float) -> str:
        """A decayed count, which is seldom whole."""
        return self("number.none") if number < FADED else f"{number:.1f}".removesuffix(".0")

    def often(self, times: float) -> str:
        """Show a rate.

        >>> en = phrases("en")
        >>> en.often(1.0), en.often(2.54), en.often(0.01)
        ('once', '2.5 times', 'less than 0.1 times')
        """
        if times < FADED:
            return self("often.seldom")
        shown = self.tenths(times)
        return self("often.one") if shown == "1" else self("often", number=shown)

    def days(self, days: float) -> str:
        """Whole days, as many as are full."""
        full = int(days + 1e-6)
        return self("days.one") if full == 1 else self("days", number=full)


@cache
def phrases(language: Language) -> Phrases:
    """The words of a language."""
    return Phrases(language, catalogue(language).messages)


def action_text(code: str, language: Language, own: Texts = NO_TEXTS) -> str:
    """What an action's code asks of a person; a bank's own is named in a sentence that fits any.

    Args:
        code: of the action.
        language: whose words.
        own: the bank's own words, which win.

    >>> action_text("welcome_offer", "en"), action_text("own_code", "en")
    ('Make the new customer a welcome offer.', 'Do what the bank calls own_code.')
    """
    return own_text(own, "action", code, language) or _action_text(code, language)


@lru_cache(1_024)  # every message tells one, and codes are few
def _action_text(code: str, language: Language) -> str:
    say = phrases(language)
    return say.words.get(f"action.{code}") or say("action", code=code)
