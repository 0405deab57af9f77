"""What customers last said their data may be used for: the latest word about each purpose counts.

Purposes are the terms of the GDPR: direct marketing (Art. 21(2)) and profiling (Art. 4(4)). Of two
words at one instant the withdrawal counts, so that order is moot.
"""

from collections.abc import Mapping
from enum import IntEnum
from types import MappingProxyType
from typing import Final

import numpy as np

from scoring.arrays import Bools
from scoring.facts.events import Events
from scoring.facts.kinds import Kind
from scoring.facts.state import Flag, States


class Purpose(IntEnum):
    """Columns of `consent_at`: what customers may withdraw consent to."""

    MARKETING = 0
    PROFILING = 1


NAMES: Final[Mapping[str, Purpose]] = MappingProxyType(
    {
        "marketing": Purpose.MARKETING,
        "direct_marketing": Purpose.MARKETING,
        "profiling": Purpose.PROFILING,
        "scoring": Purpose.PROFILING,
    }
)
"""What events may call a purpose, in whatever case, with - or _."""
SUBJECTS_CHOICE: Final = frozenset({"consent", "legitimate_interest"})
"""Bases that a customer may withdraw (Art. 7(3)) or object to (Art. 21(1))."""
WITHDRAWN: Final = np.array([Flag.NO_MARKETING, Flag.NO_PROFILING], np.uint16)
"""The flag by purpose."""


def spelt(purpose: str) -> str:
    """A purpose's name, which is the same whatever its case, and with - or _.

    >>> spelt("Direct-Marketing")
    'direct_marketing'
    """
    return purpose.lower().replace("-", "_")


def purpose_of(name: str) -> Purpose | None:
    """The purpose that events call so; None for one that nothing is known of.

    >>> purpose_of("Direct-Marketing"), purpose_of("newsletter")
    (<Purpose.MARKETING: 0>, None)
    """
    return NAMES.get(spelt(name))


def word(purpose: str, *, granted: bool, legal_basis: str) -> int:
    """What an event says, as its column `score` has it; 0 where nothing follows.

    What rests on a contract or the law is not the customer's to give or to take. Marketing is: who
    objects to it is heard whatever basis is named (Art. 21(3)).

    >>> word("Direct-Marketing", granted=False, legal_basis="contract")
    1
    >>> word("profiling", granted=False, legal_basis="legal_obligation")
    0
    """
    known = purpose_of(purpose)
    if known is None:
        return 0
    objects = known is Purpose.MARKETING and not granted
    return 1 + 2 * known + granted if objects or legal_basis in SUBJECTS_CHOICE else 0


NO_PROFILING: Final = word("profiling", granted=False, legal_basis="consent")
PROFILING: Final = word("profiling", granted=True, legal_basis="consent")


def said(code: int) -> dict[str, str | bool]:
    """Fields of an event that says what a code of `word` does.

    >>> word(**said(3)), word(**said(0))
    (3, 0)
    """
    names = ("unknown", "marketing", "marketing", "profiling", "profiling")
    return {"purpose": names[code], "granted": code % 2 == 0, "legal_basis": "consent"}


def keep_consent(states: States, events: Events) -> None:
    """Note what events say of consent, in place; one event a state."""
    rows = np.flatnonzero(events["kind"] == Kind.CONSENT_CHANGED)
    if not rows.size:
        return
    code = events["score"][rows].astype(np.int64) - 1
    heard = (code >= 0) & (code < 2 * len(Purpose))
    rows, code = rows[heard], code[heard]
    cell = rows, code // 2
    granted, at, before = code % 2 == 1, events["time"][rows], states["consent_at"][cell]
    newer = (at > before) | ((at == before) & ~granted)
    flag, flags = WITHDRAWN[code // 2], states["flags"][rows]
    changed = np.where(granted, flags & ~flag, flags | flag)
    states["flags"][rows] = np.where(newer, changed, flags)
    states["consent_at"][cell] = np.where(newer, at, before)


def is_unscored(states: States | np.void) -> Bools:
    """Who withdrew consent to profiling: neither scored nor warned of."""
    unscored: Bools = (states["flags"] & WITHDRAWN[Purpose.PROFILING]) != 0
    return unscored


def refuses_offers(states: States | np.void) -> Bools:
    """Who withdrew consent to marketing, or objected to it: warned of, and offered nothing."""
    refuses: Bools = (states["flags"] & WITHDRAWN[Purpose.MARKETING]) != 0
    return refuses
