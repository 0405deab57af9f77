"""Events as the simulator holds them: a row each, with all that the contracts ask for."""

from functools import cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from scoring.arrays import Bools, Ints
from scoring.facts.categories import TABLE
from scoring.facts.events import EVENT, Events, Hashes, ShortHashes, hash_ids, short
from scoring.facts.kinds import SHOWS_CARD, Kind

HAPPENING: Final = np.dtype(
    [
        ("customer", "<i4"),  # number in the bank, from 0
        ("number", "<i4"),  # of the event among the customer's, from 0; gaps are possible
        ("time", "<i8"),  # epoch seconds
        ("kind", "u1"),
        ("card", "u1"),  # 1 or 2
        ("channel", "u1"),  # place in `CHANNELS`
        ("score", "u1"),
        ("sentiment", "i1"),  # hundredths
        ("is_abroad", "?"),
        ("merchant", "<u2"),
        ("category", "<u2"),  # merchant category code
        ("amount", "<i8"),  # minor units; of a snapshot the balance
        ("detail", "<i8"),  # tenths of a second, days overdue, or minor units of a limit
        ("month", "<u2"),  # months since 1970 of an instalment or campaign
        ("reverses", "<i4"),  # number of the purchase that a refund takes back, or -1
        ("reversed_time", "<i8"),
    ]
)
Happenings = NDArray[np.void]

CHANNELS: Final = ("pos", "online", "atm", "app")
POS, ONLINE, ATM, APP = range(4)
TRANSACTIONS: Final = tuple(range(Kind.DECLINED + 1))
PAYING: Final = tuple(int(k) for k in (*map(Kind, TRANSACTIONS), Kind.INSTALMENT_OVERDUE))
SCORED: Final = (int(Kind.SURVEY), int(Kind.NPS))
AT_ONCE: Final = 50_000  # ids hashed together: they stay in the processor's cache
CUSTOMER_DIGITS, NUMBER_DIGITS = 7, 6


def happenings(kind: Kind, customer: Ints, time: Ints, **columns: Any) -> Happenings:  # noqa: ANN401
    """Rows of one kind of event.

    Args:
        kind: of all of them.
        customer: number of each one's customer, shape (n,).
        time: epoch seconds, shape (n,).
        columns: further fields of `HAPPENING`, shape (n,) or one for all.
    """
    rows = np.zeros(len(customer), HAPPENING)
    rows["customer"], rows["time"], rows["kind"] = customer, time, kind
    rows["card"], rows["reverses"], rows["number"] = 1, -1, -1
    for name, values in columns.items():
        rows[name] = values
    return rows


def numbered(rows: Happenings, after: Ints) -> Ints:
    """Number each customer's rows in the order they stand in.

    Args:
        rows: of customers 0 to n - 1.
        after: how many numbers of each customer are taken, shape (n,).

    >>> numbered(happenings(Kind.CALL, np.array([1, 0, 1]), np.zeros(3)), np.array([0, 5])).tolist()
    [5, 0, 6]
    """
    order = np.argsort(rows["customer"], kind="stable")
    customer = rows["customer"][order]
    counts = np.bincount(customer, minlength=len(after))
    firsts = np.cumsum(counts) - counts
    numbers = np.empty(len(rows), np.int64)
    numbers[order] = np.arange(len(rows)) - firsts[customer] + after[customer]
    return numbers


def in_order(rows: Happenings) -> Happenings:
    """The rows as a worker merges them: by time, transactions first, then by customer."""
    is_contact = rows["kind"] > Kind.DECLINED
    return rows[np.lexsort((rows["number"], rows["customer"], is_contact, rows["time"]))]


def as_events(rows: Happenings) -> Events:
    """The rows as the core's columns, as if they had been written down and read.

    Returns:
        Shape (len(rows),), dtype `EVENT`.
    """
    kind = rows["kind"]
    events = np.zeros(len(rows), EVENT)
    events["kind"], events["time"] = kind, rows["time"]
    events["category"] = np.where(kind == Kind.PURCHASE, TABLE[rows["category"]], 0)
    events["score"] = np.where(np.isin(kind, SCORED), rows["score"], 0)
    events["sentiment"] = rows["sentiment"] / 100.0
    events["amount"] = np.where(np.isin(kind, PAYING), rows["amount"], 0)
    events["id"] = _hashes(rows["customer"], rows["number"])
    back = rows["reverses"] >= 0
    cards = SHOWS_CARD[kind]
    events["card"][cards] = _card_hashes(rows["customer"][cards], rows["card"][cards])
    remote = (kind == Kind.PURCHASE) & (rows["channel"] == ONLINE)
    events["merchant"][remote] = _merchant_hashes()[rows["merchant"][remote]]
    events["reverses"][back] = _hashes(rows["customer"][back], rows["reverses"][back])
    events["reversed_time"] = np.where(back, rows["reversed_time"], rows["time"])
    return events


def event_ids(customer: Ints, number: Ints) -> "NDArray[np.bytes_]":
    """Event ids: no more than seven digits side by side, so that none looks like a card's number.

    >>> event_ids(np.array([42]), np.array([7])).tolist()
    [b'e0000042n000007']
    """
    width = CUSTOMER_DIGITS + NUMBER_DIGITS + 2
    letters = np.empty((len(customer), width), np.uint8)
    letters[:, 0], letters[:, CUSTOMER_DIGITS + 1] = ord("e"), ord("n")
    _spell(letters[:, 1 : CUSTOMER_DIGITS + 1], customer)
    _spell(letters[:, CUSTOMER_DIGITS + 2 :], number)
    return letters.view(f"S{width}").ravel()


def _card_hashes(customer: Ints, card: Ints) -> ShortHashes:
    """Of cards named as on the wire, such as card-0000042-1."""
    hashes = np.empty(len(customer), np.uint32)
    opening = np.frombuffer(b"card-", np.uint8)
    for start in range(0, len(customer), AT_ONCE):
        part = slice(start, start + AT_ONCE)
        own = customer[part]
        letters = np.full((len(own), CUSTOMER_DIGITS + 7), ord("-"), np.uint8)
        letters[:, : opening.size] = opening
        _spell(letters[:, opening.size : opening.size + CUSTOMER_DIGITS], own)
        _spell(letters[:, -1:], card[part])
        ids: Any = letters.view(f"S{letters.shape[1]}").ravel()
        hashes[part] = short(hash_ids(ids))
    return hashes


@cache
def _merchant_hashes() -> ShortHashes:
    """Of all that a merchant's number may be, named as on the wire."""
    return short(hash_ids([f"m-{number:04d}" for number in range(10_000)]))


def _spell(letters: NDArray[np.uint8], numbers: Ints) -> None:
    left = numbers.astype(np.int64)
    for place in reversed(range(letters.shape[1])):
        left, digit = np.divmod(left, 10)
        letters[:, place] = digit + ord("0")


def _hashes(customer: Ints, number: Ints) -> Hashes:
    hashes = np.empty(len(customer), np.uint64)
    for start in range(0, len(customer), AT_ONCE):
        part = slice(start, start + AT_ONCE)
        ids: Any = event_ids(customer[part], number[part])
        hashes[part] = hash_ids(ids)
    return hashes


def between(rows: Happenings, first: Ints, end: Ints) -> Bools:
    """Which rows lie within their customer's stretch [first, end), epoch seconds each (n,)."""
    at, time = rows["customer"], rows["time"]
    inside: Bools = (time >= first[at]) & (time < end[at])
    return inside
