"""What the page says, in the language that is asked for."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from schemas.outputs.now import OpenWarning
from schemas.outputs.reasons import Unit
from schemas.outputs.words import FIRST, LANGUAGES, Catalogue, catalogue
from scoring.rules import NO_TEXTS, Texts, own_text
from streams.outbox.phrases import action_text, money, phrases

WEIGHT: Final = re.compile(r"[01]?(\.\d{1,3})?(?<=\d)")  # RFC 9110, 12.4.2


@dataclass(frozen=True)
class Wording:
    """Says things in one language.

    Attributes:
        catalogue: its words.
        currency: of amounts.
        own: the bank's own words, which win.
    """

    catalogue: Catalogue
    currency: str
    own: Texts = field(default_factory=dict)

    @classmethod
    def of(cls, language: str, currency: str, texts: Texts = NO_TEXTS) -> "Wording":
        """In a language, the first of all where it is none of these."""
        own = language if language in LANGUAGES else FIRST
        return cls(catalogue(own), currency, texts)

    @property
    def language(self) -> str:
        """Its code."""
        return self.catalogue.language

    @property
    def words(self) -> Mapping[str, str]:
        """The page's sentences, by keys."""
        return self.catalogue.page

    def __call__(self, key: str, **values: object) -> str:
        """What stands in the catalogue under a key, with values put in.

        Raises:
            KeyError: nothing does.
        """
        return self.words[key].format(**values) if values else self.words[key]

    def named(self, kind: str, name: str) -> str:
        """A code word of the contracts in words; one of a bank's own as it is."""
        said = own_text(self.own, kind, name, self.language)
        return said or self.words.get(f"{kind}.{name}", name.replace("_", " "))

    def action(self, code: str) -> str:
        """What an action's code asks of a person."""
        return action_text(code, self.language, self.own)

    def money(self, minor: float) -> str:
        """An amount of minor units."""
        return money(minor, self.currency)

    @staticmethod
    def amount(minor: float, currency: str) -> str:
        """The same of another currency than the book's."""
        return money(minor, currency)

    def short_money(self, minor: float) -> str:
        """The same to three digits, for an axis or a list."""
        major, code = money(minor, self.currency).rsplit(" ", 1)
        return f"{_short(float(major.replace(',', '')))} {code}"

    def share(self, share: float) -> str:
        """A share of 1, never as a certainty that it is not."""
        return phrases(self.language).percent(share)

    def short_share(self, share: float) -> str:
        """The same in signs, for a table."""
        shown = round(100.0 * share)
        if shown >= 100 and share < 1.0:  # noqa: PLR2004 - per cent
            return ">99%"
        return "<1%" if shown == 0 and share > 0.0 else f"{shown}%"

    def count(self, number: float) -> str:
        """A number with its thousands apart."""
        return f"{number:,.0f}"

    def quantity(self, value: float | None, unit: Unit) -> str:
        """A value in its unit."""
        if value is None:
            return self("none")
        if unit == "money":
            return self.money(value)
        if unit == "share":
            return self.share(value)
        number = f"{value:.1f}".removesuffix(".0")
        return self(f"unit.{unit}", number=number) if number != "1" else self(f"unit.{unit}.one")

    def day(self, instant: datetime | None) -> str:
        """A calendar day of UTC."""
        return self("none") if instant is None else instant.date().isoformat()

    def minute(self, instant: datetime | None) -> str:
        """An instant of UTC, to the minute."""
        return self("none") if instant is None else f"{instant:%Y-%m-%d %H:%M} UTC"

    def local(self, instant: float, zone: str) -> str:
        """An instant (epoch seconds) of a time zone, to the minute."""
        return f"{datetime.fromtimestamp(instant, ZoneInfo(zone)):%Y-%m-%d %H:%M}"

    def band(self, warning: OpenWarning) -> str:
        """A band with what it calls for."""
        called = self.named("intervention", warning.intervention)
        return self("band.calls", band=self.named("band", warning.band), intervention=called)


def accepted_language(header: str) -> str:
    """The language that a browser likes best of those there are, by its `Accept-Language`.

    >>> [accepted_language(header) for header in ("fr,zh-CN;q=.8,en;q=.7", "fr", "zh;q=0,*", "")]
    ['zh', 'en', 'en', 'en']
    """
    liked: dict[str, float] = {}
    for each in header.split(","):
        tag, _, weight = each.partition(";q=")
        code = tag.strip().lower().partition("-")[0]
        if code in LANGUAGES:
            liked[code] = max(liked.get(code, 0.0), _weight(weight))
    best = max(liked, key=lambda code: liked[code], default=FIRST)
    return best if liked.get(best) else FIRST


def _weight(text: str) -> float:
    return float(text) if WEIGHT.fullmatch(text.strip()) else float(not text)


def _short(value: float) -> str:
    for size, sign in ((1e9, "B"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:.3g}{sign}"
    return f"{value:.3g}"
