"""Where a bank and its customers meet: families of touchpoints, and what is remembered of each.

A touchpoint is the bank's own word, such as `app:home` or `Filiale:Zürich`; its head, what stands
before the first `:` or `/`, tells the family. Of each family the last contact, the last answers and
decayed sums are kept, as of its last contact. All of it is free of order, to the second.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cached_property, lru_cache
from types import MappingProxyType
from typing import Final

import numpy as np

from scoring.arrays import DAY, Bools, Floats, Ints
from scoring.facts import kinds
from scoring.facts.events import ID_BYTES, Events, ShortHashes, hash_ids, short
from scoring.facts.kinds import Kind
from scoring.facts.memory import Memory
from scoring.facts.state import CONTACT, FAMILIES, STATE, Count, States

NO_FAMILY: Final = FAMILIES
_ENDS: Final = re.compile("[:/]")
_LEAST: Final = 1.0  # epoch second of an event of 1970's first: 0 says that there was none


class Family(IntEnum):
    """Families of touchpoints: columns of `contacts`."""

    APP = 0
    WEB = 1
    PHONE = 2
    BRANCH = 3
    ATM = 4
    EMAIL = 5
    OTHER = 6  # named, but not known


IMPLIED: Final[Mapping[Kind, Family]] = MappingProxyType(
    {
        Kind.APP_SESSION: Family.APP,
        Kind.CHAT: Family.APP,
        Kind.WEB_VISIT: Family.WEB,
        Kind.CALL: Family.PHONE,
        Kind.BRANCH_VISIT: Family.BRANCH,
        Kind.ATM_VISIT: Family.ATM,
        Kind.EMAIL: Family.EMAIL,
    }
)
"""Where an event of a type happened that names no touchpoint; of other types that is not known."""
_HEADS: Final = {
    Family.APP: ("app", "mobile", "mobile_app", "mobile_banking", "chat"),
    Family.WEB: ("web", "website", "internet", "online", "online_banking", "portal"),
    Family.PHONE: ("phone", "telephone", "hotline", "call", "ivr", "callcentre", "callcenter"),
    Family.BRANCH: ("branch", "counter", "filiale", "agence", "agency"),
    Family.ATM: ("atm", "cash_machine", "cashpoint"),
    Family.EMAIL: ("email", "e_mail", "mail"),
    Family.OTHER: ("other",),
}
SHIPPED: Final[Mapping[str, Family]] = MappingProxyType(
    {name: family for family, names in _HEADS.items() for name in names}
    | {"call_centre": Family.PHONE, "call_center": Family.PHONE}
)
"""Family by head, where a parameter file does not say otherwise."""
NAMES: Final = tuple(family.name.lower() for family in Family)
_TOLD: Final = {Kind.COMPLAINT, Kind.SURVEY, Kind.NPS}
_IS_VISIT: Final = kinds.COUNT == Count.VISITS
_IS_CONTACT: Final[Bools] = _IS_VISIT | np.array([kind in _TOLD for kind in Kind])
_IMPLIED: Final = np.array([IMPLIED.get(kind, NO_FAMILY) for kind in Kind], np.intp)


def head(touchpoint: str) -> str:
    """What tells a touchpoint's family: its beginning, in one case and with one sort of gap.

    >>> head("Mobile-Banking:home"), head(" APP/cards"), head("Filiale:Zürich"), head(":")
    ('mobile_banking', 'app', 'filiale', '')
    """
    begun = _ENDS.split(unicodedata.normalize("NFKC", touchpoint), maxsplit=1)[0]
    return "_".join(begun.casefold().replace("-", " ").replace("_", " ").split())


@lru_cache(4_096)  # a bank has few
def mark(touchpoint: str) -> int:
    """Hash of a touchpoint's head, as events carry it; never 0.

    >>> mark("MOBILE:start") == mark("mobile"), mark("mobile") == mark("web")
    (True, False)
    """
    own = head(touchpoint).encode(errors="surrogatepass")[:ID_BYTES]
    return int(short(hash_ids([own]))[0])


@dataclass(frozen=True)
class Touchpoints:
    """Families by the heads of touchpoints.

    Attributes:
        families: by head, as `head` makes it.
    """

    families: Mapping[str, Family] = field(default_factory=lambda: SHIPPED)

    @cached_property
    def _known(self) -> tuple[ShortHashes, Ints]:
        """Marks, rising, and the family of each."""
        found = sorted((mark(name), int(family)) for name, family in self.families.items())
        marks, families = zip(*found, strict=True)
        return np.array(marks, np.uint32), np.array(families, np.intp)

    def is_unknown(self, events: Events) -> Bools:
        """Which events name a touchpoint that no family is known of, shape (n,)."""
        marks, _ = self._known
        unknown: Bools = names_touchpoint(events) & ~np.isin(events["merchant"], marks)
        return unknown

    def of(self, events: Events) -> Ints:
        """Family of each of some contacts, shape (n,); `NO_FAMILY` where none is told."""
        marks, families = self._known
        named = events["merchant"]
        place = np.minimum(np.searchsorted(marks, named), len(marks) - 1)
        family = np.where(marks[place] == named, families[place], int(Family.OTHER))
        return np.where(named == 0, _IMPLIED[events["kind"]], family)


def names_touchpoint(events: Events) -> Bools:
    """Which events are interactions that name a touchpoint, shape (n,)."""
    is_met = (events["kind"] > Kind.DECLINED) & ~kinds.IS_ANSWER[events["kind"]]
    named: Bools = (events["merchant"] != 0) & is_met
    return named


def keep_contacts(states: States, events: Events, memory: Memory, touchpoints: Touchpoints) -> None:
    """Note visits, complaints and answers by where they happened, in place; one event a state."""
    rows = np.flatnonzero(_IS_CONTACT[events["kind"]])
    if not rows.size:
        return
    own = events.take(rows)
    family = touchpoints.of(own)
    if (family == NO_FAMILY).any():
        told = np.flatnonzero(family != NO_FAMILY)
        rows, own, family = rows[told], own.take(told), family[told]
    cells, cell = states["contacts"].view(_WHOLE), (rows, family)
    contacts = cells[cell].view(CONTACT)
    _add(contacts, own, memory)
    _keep_answers(contacts, own)
    cells[cell] = contacts.view(_WHOLE)


def without_contacts(states: States) -> States:
    """Copy states but for their contacts, which no feature is made of: less to move about."""
    bare: States = states.view(_APART)["bare"].copy().view(_BARE)
    return bare


_BARE: Final = np.dtype([(name, STATE[name]) for name in (STATE.names or ())[1:]])
_APART: Final = np.dtype(
    [("contacts", f"V{STATE['contacts'].itemsize}"), ("bare", f"V{_BARE.itemsize}")]
)
_WHOLE: Final = np.dtype(f"V{CONTACT.itemsize}")  # which NumPy moves at once, not field by field
_ANSWERS: Final = (Kind.SURVEY, Kind.NPS)  # in the order of their columns
_ADDS: Final = np.array([_IS_VISIT, np.array(list(Kind)) == Kind.COMPLAINT, _IS_VISIT])


def _seconds(events: Events) -> Floats:
    seconds: Floats = np.maximum(np.floor(events["time"]), _LEAST)
    return seconds


def _add(contacts: States, events: Events, memory: Memory) -> None:
    at, last = _seconds(events), contacts["last"].astype(np.float64)
    before = np.where(last > 0.0, last, at)
    after = np.maximum(before, at)
    kept, weight = memory.decay((after - before) / DAY), memory.decay((after - at) / DAY)
    sums = contacts["sums"].T * kept + _ADDS[:, events["kind"]] * weight
    contacts["sums"], contacts["last"] = sums.T, after


def _keep_answers(contacts: States, events: Events) -> None:
    """Keep the latest survey and NPS answer; of two in one second the worse, so order is moot."""
    for column, kind in enumerate(_ANSWERS):
        rows = np.flatnonzero(events["kind"] == kind)
        if not rows.size:
            continue
        answers, cell = events.take(rows), (rows, column)
        at, said = _seconds(answers), answers["score"] + np.uint8(1)
        since, before = contacts["answered_at"][cell], contacts["answers"][cell]
        newer = (at > since) | ((at == since) & (said < before))
        contacts["answers"][cell] = np.where(newer, said, before)
        contacts["answered_at"][cell] = np.where(newer, at, since)
