"""The states as they lie in Redis, read without the product: bytes after a layout of our own."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from redis import Redis

from judge.facts import COUNTS, DAYS_KEPT, MONEY, SUMS, Card
from judge.laws import LONG, MIDDLING
from judge.laws import SLOTS as PLACE_OF
from judge.life import Life

VERSION, SLOTS = 12, 16
HEAD = [
    ("version", "<u2"), ("flags", "<u2"), ("first_event", "<f8"), ("last_event", "<f8"),
    ("first_day", "<i4"), ("last_day", "<i4"), ("purchase_days", "<u4"), ("day_bits", "<u8"),
    ("total_value", "<i8"), ("first_day_value", "<i8"), ("first_id", "<u8"),
    ("first_purchase", "<f8"), ("money", "<i8", (8,)), ("counts", "<u4", (11,)),
    ("sums", "<f8", (15,)), ("categories", "<f8", (2, 8)), ("last_visit", "<f8"),
    ("survey_at", "<f8"), ("nps_at", "<f8"), ("survey", "u1"), ("nps", "u1"),
    ("begun", "<f8"), ("known_since", "<f8"), ("consent_at", "<f8", (2,)),
    ("places", "u1", (2,)),  # how many cards and charges follow
    ("met", "u1"),  # a bit a family of touchpoints, whose contacts end the record
]  # fmt: skip
CARD = [
    ("card", "<u4"), ("card_first", "<u4"), ("card_last", "<u4"), ("card_ended", "<u4"),
    ("card_uses", "<u2"),
]  # fmt: skip
TAIL = [
    ("recent_low", "<u4", (40,)), ("recent_high", "u1", (40,)),
    ("armed_at", "<f8"), ("score_at", "<f8"), ("score_value", "<f8"), ("clv", "<f8"),
    ("clv_peak", "<f8"),
]  # fmt: skip
SLOTTED = [
    ("level", "u1"),
    ("sequence", "<u2"),
    ("episode", "<u4"),
    ("since", "<f8"),
    ("raised", "<f8"),
    ("severity", "<f4"),
    ("quiet_until", "<u4"),
    ("below_since", "<u4"),
]
CASE = [
    ("case", "<u4"), ("case_sequence", "<u4"), ("case_opened", "<f8"), ("snoozed_until", "<f8"),
    ("case_status", "u1"), ("case_mark", "u1"), ("case_leading", "u1"),
    ("case_leading_episode", "<u4"), ("case_no_offers", "u1"), ("case_reason", "u1"),
    ("offer", "<u4", (3,)), ("offer_day", "<u2", (3,)), ("offer_taken", "u1", (3,)),
]  # fmt: skip
UNSET = {"level": 0, "sequence": 0, "episode": 0, "since": -math.inf, "raised": -math.inf}
UNSET |= {"below_since": 0}
FLAGS = {"marketing": 2, "profiling": 4}
HORIZONS = (MIDDLING, LONG)
CONTACT = [
    ("last", "<u4"), ("answered_at", "<u4", (2,)), ("sums", "<f4", (3,)), ("answers", "u1", (2,)),
]  # fmt: skip
PLACES = np.dtype(HEAD).itemsize - 3
CLOSE = 1e-9  # relative
SINGLE = 1e-5  # likewise of 32 bits, many times rounded
SECOND = 1.1  # a timer may come a second after what it is for


def stored_states(url: str, prefix: str) -> dict[str, np.void]:
    """Every customer's state under a prefix."""
    found: dict[str, np.void] = {}
    with Redis.from_url(url) as redis:
        for key in redis.scan_iter(f"{prefix}:*:state"):
            for customer, packed in redis.hscan_iter(key, count=1_000):
                assert customer.decode() not in found, f"{customer!r} is held twice"
                found[customer.decode()] = unpacked(packed)
    return found


def unpacked(packed: bytes) -> np.void:
    """One state: all fields, and of as many slots as ever warned."""
    cards, charges = packed[PLACES : PLACES + 2]
    assert charges == 0
    met = packed[PLACES + 2].bit_count()
    layouts = (_layout(cards, slots, met) for slots in range(SLOTS + 1))
    layout = next(each for each in layouts if each.itemsize == len(packed))
    state = np.frombuffer(packed, layout)[0]
    assert state["version"] == VERSION
    return state


def _layout(cards: int, slots: int, met: int) -> np.dtype[np.void]:
    held = [(name, kind, (cards,)) for name, kind in CARD if cards]
    case = CASE if slots else []
    slotted = [(name, kind, (slots,)) for name, kind in SLOTTED]
    return np.dtype([*HEAD, *held, *TAIL, *case, *slotted, ("contacts", CONTACT, (met,))])


def differences(life: Life, state: np.void) -> Iterator[str]:
    """In what a state is not as it should be: integer facts exactly, sums to 1e-9 of their size."""
    facts = life.facts
    for name, expected in _exact(life).items():
        got = state[name].tolist()
        if got != expected:
            yield f"{name}: expected {expected}, got {got}"
    for place, name in enumerate(SUMS):
        size = max(facts.gross[name], abs(facts.sums[name]))
        if abs(state["sums"][place] - facts.sums[name]) > CLOSE * size:
            yield f"{name}: expected {facts.sums[name]!r}, got {state['sums'][place]!r}"
    for place, horizon in enumerate(HORIZONS):
        for group in range(8):
            expected = facts.categories.get((group, horizon), 0.0)
            got = state["categories"][place, group]
            if abs(got - expected) > CLOSE * expected:
                yield f"category {group}: expected {expected!r}, got {got!r}"
    yield from _contacts(life, state)
    yield from _levels(life, state)


def _contacts(life: Life, state: np.void) -> Iterator[str]:
    """Where the bank was met: instants and answers exactly, sums to 32 bits."""
    for got, (family, due) in zip(state["contacts"], sorted(life.facts.met.items()), strict=True):
        answers = [due.answers.get(kind, (0.0, -1)) for kind in ("survey", "nps")]
        exact = [due.last, [at for at, _ in answers], [said + 1 for _, said in answers]]
        if [got[name].tolist() for name in ("last", "answered_at", "answers")] != exact:
            yield f"family {family}: expected {exact}, got {got}"
        for expected, found in zip(due.sums, got["sums"].tolist(), strict=True):
            if abs(expected - found) > SINGLE * expected:
                yield f"sums of family {family}: expected {due.sums}, got {got['sums']}"


def _exact(life: Life) -> dict[str, Any]:
    facts = life.facts
    answers = {name: facts.answers.get(name, (-math.inf, 0)) for name in ("survey", "nps")}
    held = [facts.last_day - day for day in facts.days if facts.last_day - day < DAYS_KEPT]
    return {
        "flags": facts.closed + sum(FLAGS[name] for name in facts.withdrawn.split()),
        "consent_at": [facts.consent.get(name, (-math.inf, False))[0] for name in FLAGS],
        "first_event": facts.first_event,
        "last_event": facts.last_event,
        "first_day": facts.first_day,
        "last_day": facts.last_day,
        "purchase_days": len(facts.days),
        "day_bits": sum(1 << age for age in held),
        "total_value": facts.total_value,
        "first_day_value": facts.first_day_value,
        "first_purchase": facts.first_purchase if facts.days else 0.0,
        "money": [facts.money[name] for name in MONEY],
        "counts": [facts.counts[name] for name in COUNTS],
        "last_visit": facts.last_visit,
        "begun": facts.begun,
        "known_since": facts.known_since,
        "places": [int(facts.card is not None), 0],
        "met": sum(1 << family for family in facts.met),
        **_card(facts.card),
        **{f"{name}_at": at for name, (at, _) in answers.items()},
        **{name: answer for name, (_, answer) in answers.items()},
    }


def _card(card: Card | None) -> dict[str, Any]:
    if card is None:
        return {}
    return {f"card_{name}": [getattr(card, name)] for name in ("first", "last", "ended", "uses")}


def _levels(life: Life, state: np.void) -> Iterator[str]:
    for name, slot in PLACE_OF.items():
        at = life.levels[name]
        kept = {
            field: state[field][slot : slot + 1].tolist() or [unset]
            for field, unset in UNSET.items()
        }
        for field in ("level", "sequence", "episode", "below_since"):
            if kept[field] != [getattr(at, field)]:
                yield f"{field} of {name}: expected {getattr(at, field)}, got {kept[field]}"
        for field in ("since", "raised"):
            due, got = getattr(at, field), kept[field][0]
            if due != got and abs(got - due) > SECOND:
                yield f"{field} of {name}: expected {due}, got {got}"
