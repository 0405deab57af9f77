"""Records no bank should send: what each is, and the reasons for which it may be refused."""

import json
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
from portfolio import START, at, purchase

Event = dict[str, Any]
FILLER = "x" * 100


class Hostile(NamedTuple):
    """A record that must become a dead letter.

    Attributes:
        kind: its name in `KINDS`.
        key: its key.
        value: its value.
        reasons: any of which is right.
        secret: the card number it holds, digits only, or none.
        topic: its place among the input topics: 0 for transactions, 1 for interactions.
    """

    kind: str
    key: bytes | None
    value: bytes | None
    reasons: frozenset[str]
    secret: str
    topic: int


def hostile_records(count: int, rng: np.random.Generator) -> Iterator[Hostile]:
    """Deal records of every kind in turn, each a little different."""
    kinds = list(KINDS.items())
    for number in range(count):
        kind, (make, reasons) = kinds[number % len(kinds)]
        secret = card_number(rng)
        key, value = make(number, secret)
        holds = secret if kind.startswith("card number") else ""
        yield Hostile(kind, key, value, frozenset(reasons.split()), holds, " told" in kind)


def card_number(rng: np.random.Generator) -> str:
    """A random card number of 16 digits."""
    digits = [4, *rng.integers(0, 10, 14).tolist()]
    doubled = [digit * 2 - 9 * (digit > 4) for digit in digits[::2]]
    return "".join(map(str, [*digits, -(sum(doubled) + sum(digits[1::2])) % 10]))


def in_fours(number: str, gap: str) -> str:
    """A card number as printed on the card."""
    return gap.join(number[start : start + 4] for start in range(0, 16, 4))


def _good(number: int) -> Event:
    return purchase(f"victim-{number % 50}", 10_000 + number, START + 3_600.0 * number)


def _keyed(event: Event) -> tuple[bytes, bytes]:
    return event["customer_id"].encode(), json.dumps(event).encode()


def _changed(**fields: Any) -> Callable[[int, str], tuple[bytes, bytes]]:
    """A purchase with fields replaced, added, or left out where None."""

    def make(number: int, secret: str) -> tuple[bytes, bytes]:
        changed = {**_good(number), **_filled(fields, secret)}
        return _keyed({name: value for name, value in changed.items() if value is not None})

    return make


def _told(kind: str, **fields: Any) -> Callable[[int, str], tuple[bytes, bytes]]:
    """An interaction."""

    def make(number: int, secret: str) -> tuple[bytes, bytes]:
        common = {name: _good(number)[name] for name in ("event_id", "customer_id", "event_time")}
        return _keyed({**common, "type": kind, **_filled(fields, secret)})

    return make


def _filled(fields: Mapping[str, Any], secret: str) -> Event:
    texts = {"PLAIN": secret, "SPACED": in_fours(secret, " "), "DASHED": in_fours(secret, "-")}
    return {name: texts.get(value, value) if isinstance(value, str) else value
            for name, value in fields.items()}  # fmt: skip


def _raw(template: bytes) -> Callable[[int, str], tuple[bytes, bytes]]:
    """Bytes as they are, but for the words in capitals."""

    def make(number: int, secret: str) -> tuple[bytes, bytes]:
        key, good = _keyed(_good(number))
        value = template.replace(b"GOOD", good).replace(b"INSIDE", good[1:-1])
        value = value.replace(b"SPACED", in_fours(secret, " ").encode())
        value = value.replace(b"ESCAPED", b"\\u0034" + secret[1:].encode())
        return key, value.replace(b"CARD", secret.encode())

    return make


def _recoded(recode: Callable[[bytes], bytes | None]) -> Callable[[int, str], Any]:
    def make(number: int, _: str) -> tuple[bytes, bytes | None]:
        key, good = _keyed(_good(number))
        return key, recode(good)

    return make


def _key(make_key: Callable[[str], bytes | None]) -> Callable[[int, str], Any]:
    def make(number: int, secret: str) -> tuple[bytes | None, bytes]:
        return make_key(secret), _keyed(_good(number))[1]

    return make


_DEEP = b'{"a":' * 8_000 + b"1" + b"}" * 8_000
_JSON_OR_FIELD = "not_json extra_field missing_field wrong_type"

KINDS: Mapping[str, tuple[Callable[[int, str], Any], str]] = MappingProxyType(
    {
        "text": (_raw(b"not json at all"), "not_json"),
        "nothing": (_raw(b""), "not_json"),
        "half an object": (_recoded(lambda good: good[:-20]), "not_json"),
        "a list": (_raw(b"[GOOD]"), "wrong_type"),
        "a number": (_raw(b"12345"), "wrong_type"),
        "null as text": (_raw(b"null"), "wrong_type"),
        "two objects": (_raw(b"GOOD,GOOD"), "not_json"),
        "two lines": (_raw(b"GOOD\nGOOD"), "not_json"),
        "splice, first half": (_raw(b'{INSIDE,"a":[{}'), "not_json"),
        "splice, second half": (_raw(b'{}],"a":1,INSIDE}'), "not_json"),
        "closing bracket": (_raw(b"GOOD]"), "not_json"),
        "deep objects": (_raw(_DEEP), _JSON_OR_FIELD),
        "deep lists": (_raw(b"[" * 30_000), "not_json"),
        "deep in a field": (_raw(b'{INSIDE,"note":' + _DEEP + b"}"), _JSON_OR_FIELD),
        "over 64 KiB": (_raw(b'{INSIDE,"note":"' + FILLER.encode() * 700 + b'"}'), "oversized"),
        "near 1 MiB": (_raw(FILLER.encode() * 10_000), "oversized"),
        "NUL behind": (_raw(b"GOOD\0"), "not_json"),
        "NUL in an id": (_changed(event_id="a\0b"), "bad_id"),
        "NUL raw in a string": (_raw(b'{INSIDE,"note":"a\0b"}'), _JSON_OR_FIELD),
        "UTF-16": (_recoded(lambda good: good.decode().encode("utf-16")), "not_json"),
        "bad UTF-8": (_recoded(lambda good: good.replace(b"card-v", b"card-\xff")), "not_json"),
        "lone surrogate": (_raw(b'{INSIDE,"note":"\\ud800"}'), _JSON_OR_FIELD),
        "amount as text": (_changed(amount="4250"), "wrong_type"),
        "amount as float": (_changed(amount=42.5), "wrong_type"),
        "amount true": (_changed(amount=True), "wrong_type"),
        "amount negative": (_changed(amount=-1), "out_of_range"),
        "amount absurd": (_changed(amount=10**15), "out_of_range"),
        "amount of 400 digits": (_changed(amount=10**399), "out_of_range wrong_type not_json"),
        "amount NaN": (_changed(amount=float("nan")), "wrong_type out_of_range not_json"),
        "event id a list": (_changed(event_id=["a"]), "wrong_type bad_id"),
        "event id empty": (_changed(event_id=""), "bad_id"),
        "event id too long": (_changed(event_id=FILLER), "bad_id"),
        "no type": (_changed(type=None), "missing_field"),
        "unknown type": (_changed(type="theft"), "unknown_type"),
        "type an object": (_changed(type={"a": 1}), "unknown_type wrong_type"),
        "no card": (_changed(card_id=None), "missing_field"),
        "unknown field": (_changed(surname="Doe"), "extra_field"),
        "naive time": (_changed(event_time="2024-02-01T12:00:00"), "naive_time"),
        "no time": (_changed(event_time="yesterday"), "bad_time"),
        "epoch time": (_changed(event_time="1706788800"), "bad_time"),
        "far future": (_changed(event_time=at(4_000_000_000.0)), "future_time"),
        "beyond all time": (_changed(event_time="9999-12-31T23:59:59Z"), "out_of_range"),
        "unknown currency": (_changed(currency="ABC"), "unknown_currency"),
        "currency of no unit": (_changed(currency="XAU"), "unknown_currency"),
        "no rate": (_changed(currency="JPY"), "no_rate"),
        "another's key": (_key(lambda _: b"somebody-else"), "wrong_key"),
        "no key": (_key(lambda _: None), "wrong_key"),
        "key of bytes": (_key(lambda _: b"\xff\0\xfe"), "wrong_key"),
        "tombstone of nobody": (lambda *_: (None, None), "tombstone"),
        "tombstone": (_recoded(lambda _: None), "tombstone"),
        "card number as key": (_key(lambda secret: secret.encode()), "wrong_key card_number"),
        "card number as card": (_changed(card_id="PLAIN"), "card_number"),
        "card number, dashed, as card": (_changed(card_id="DASHED"), "card_number"),
        "card number in a new field": (_changed(note="PLAIN"), "card_number"),
        "card number, spaced, in a new field": (_changed(note="SPACED"), "card_number"),
        "card number, dashed, in a new field": (_changed(note="DASHED"), "card_number"),
        "card number as a field": (_raw(b'{INSIDE,"CARD":1}'), "card_number extra_field"),
        "card number as amount": (_raw(b'{"amount":CARD}'), "missing_field"),
        "card number as type": (_changed(type="PLAIN"), "unknown_type card_number"),
        "card number as currency": (_changed(currency="PLAIN"), "unknown_currency card_number"),
        "card number as time": (_changed(event_time="PLAIN"), "bad_time card_number"),
        "card number in broken JSON": (_raw(b'{"card": CARD, "x"'), "not_json"),
        "card number, spaced, in text": (_raw(b"pays with SPACED, thanks"), "not_json"),
        "card number in a long text": (_raw(b"CARD " + b"y" * 66_000), "oversized"),
        "card number told as occupation": (
            _told("profile_updated", occupation="PLAIN"),
            "card_number",
        ),
        "card number, spaced, told as region": (
            _told("profile_updated", region="SPACED"),
            "card_number",
        ),
        "card number, dashed, told at a touchpoint": (
            _told("chat", touchpoint="DASHED"),
            "card_number",
        ),
        "card number told in a complaint": (
            _told("complaint", category="PLAIN"),
            "card_number",
        ),
        "card number, spaced, told in words": (
            _told("chat", text="SPACED"),
            "card_number",
        ),
        "sentiment told out of range": (_told("chat", sentiment=-3), "out_of_range"),
        "survey told out of range": (_told("survey", score=11), "out_of_range"),
        "purchase told as interaction": (_told("purchase"), "unknown_type"),
        "card number escaped": (_raw(b'{INSIDE,"note":"ESCAPED"}'), "card_number"),
        "card number beside NUL": (_raw(b"\0CARD\0"), "not_json"),
    }
)
