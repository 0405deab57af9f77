"""States as they are stored: one byte string a customer, as short as what it holds.

Most customers never had a warning: of the rules' slots those up to the last that ever warned are
stored, so that 16 may be had at the price of few, and the case only where any are; likewise of the
places for cards and charges, and of families of touchpoints those alone that the customer met. What
is written costs most of a worker's time with the store. A record's length depends on its state
alone, never on the batch it came in.
"""

from collections import defaultdict
from collections.abc import Sequence
from functools import cache
from typing import Any, Final, NamedTuple

import numpy as np

from scoring import ScoringError
from scoring.arrays import Ints
from scoring.facts.state import (
    CARD,
    CARDS,
    CASED,
    CHARGE,
    CHARGES,
    CONTACT,
    FAMILIES,
    RULE_SLOTS,
    SLOTTED,
    STATE,
    VERSION,
    States,
    new_states,
)

CASE: Final = sum(STATE[name].itemsize for name in CASED)
PER_SLOT: Final = sum(STATE[name].base.itemsize for name in SLOTTED)
PER_CARD: Final = sum(STATE[name].itemsize for name in CARD) // CARDS
PER_CHARGE: Final = sum(STATE[name].itemsize for name in CHARGE) // CHARGES
PER_CONTACT: Final = CONTACT.itemsize
_COUNTS: Final = 2  # bytes: how many cards and charges there are
_MET: Final = 1  # byte behind them: a bit a family of touchpoints
_CONTACTS: Final = FAMILIES * PER_CONTACT
_HELD: Final = CARDS * PER_CARD + CHARGES * PER_CHARGE + _CONTACTS
HEAD: Final = STATE.itemsize - _HELD - CASE - PER_SLOT * RULE_SLOTS + _COUNTS + _MET
_OFFSET: Final = {name: STATE.fields[name][1] for name in STATE.names or ()} if STATE.fields else {}
_BEFORE: Final = _OFFSET[CARD[0]] - _CONTACTS  # bytes before the cards
_AFTER: Final = HEAD - _COUNTS - _MET - _BEFORE  # and between charges and case
_VERSION_BYTES: Final = 2


class _Used(NamedTuple):
    """How many places of each sort a state uses."""

    cards: int
    charges: int
    slots: int


_ALL: Final = _Used(CARDS, CHARGES, RULE_SLOTS)
_PLACES: Final = (("card", CARDS), ("charge", CHARGES), ("episode", RULE_SLOTS))


class StateError(ScoringError):
    """A packed state this program cannot read."""


def pack(states: States) -> list[bytes]:
    """Pack states to one byte string each.

    `HEAD` bytes, `PER_CARD` and `PER_CHARGE` for each card and charge, where any slot is in use
    `CASE` bytes, and `PER_SLOT` for each of them, and `PER_CONTACT` for each family that was met.
    """
    records: list[bytes] = [b""] * len(states)
    whole, used = states.view(_layout(_ALL)), _used(states)
    met = states["contacts"]["last"] != 0
    bits, contacts = np.packbits(met, axis=1, bitorder="little"), _contacts(states)[met].tobytes()
    ends = (met.sum(axis=1).cumsum() * PER_CONTACT).tolist()
    begins = [0, *ends[:-1]]
    code = (used[:, 0] * (CHARGES + 1) + used[:, 1]) * (RULE_SLOTS + 1) + used[:, 2]
    for each in np.unique(code).tolist():
        at = np.flatnonzero(code == each)
        of = _Used(*used[at[0]].tolist())
        layout = _layout(of, is_packed=True)
        part = np.empty(len(at), layout)
        part["counts"], part["met"] = (of.cards, of.charges), bits[at]
        _copy(whole.take(at), part, of)
        blob, size = part.tobytes(), layout.itemsize
        for place, row in enumerate(at.tolist()):
            own = contacts[begins[row] : ends[row]]
            records[row] = blob[place * size : (place + 1) * size] + own
    return records


def unpack(records: Sequence[bytes | None]) -> States:
    """Unpack records, `None` becoming a new state.

    Returns:
        Writable structured array of shape (len(records),).

    Raises:
        StateError: a record has another size or version than this program knows.

    >>> states = new_states(2)
    >>> unpack([*pack(states)[:1], None]).tobytes() == states.tobytes()
    True
    """
    states = new_states(len(records))
    whole = states.view(_layout(_ALL))
    for (version, counts, size), rows in _alike(records).items():
        of = _used_by(counts, size)
        if version != VERSION or of is None:
            raise StateError(
                where=f"state {rows[0]}",
                expected=f"version {VERSION}, {HEAD} bytes with {PER_CARD} a card and {PER_CHARGE} "
                f"a charge, or {CASE} more and {PER_SLOT} a slot, and {PER_CONTACT} a contact",
                got=f"version {version}, {len(records[rows[0]] or b'')} bytes",
            )
        blob = b"".join([(records[row] or b"")[:size] for row in rows])
        own = whole.take(rows)
        _copy(np.frombuffer(blob, _layout(of, is_packed=True)), own, of)
        whole[rows] = own
        _put_contacts(states, rows, [records[row] or b"" for row in rows], size)
    return states


def _contacts(states: States) -> States:
    """Contacts without their fields, shape (n, FAMILIES)."""
    whole: States = states["contacts"].view(f"V{PER_CONTACT}")
    return whole


def _put_contacts(states: States, rows: list[int], records: list[bytes], size: int) -> None:
    """Write what stands behind the first `size` bytes of records into their states."""
    found = b"".join([record[size:] for record in records])
    if found:
        bits = np.frombuffer(b"".join(map(_met, records)), np.uint8)
        met = np.unpackbits(bits[:, None], axis=1, count=FAMILIES, bitorder="little")
        place, family = np.nonzero(met)
        at = np.array(rows)[place], family
        _contacts(states)[at] = np.frombuffer(found, f"V{PER_CONTACT}")


def _met(record: bytes) -> bytes:
    """The byte of a record that tells which families its customer met."""
    return record[_BEFORE + _COUNTS : _BEFORE + _COUNTS + _MET]


def _copy(source: States, target: States, of: _Used) -> None:
    """Copy what is used from records of one layout to those of another."""
    for name in ("head", "tail", "case") if of.slots else ("head", "tail"):
        target[name] = source[name]
    for names, count in zip((CARD, CHARGE, SLOTTED), of, strict=True):
        for name in names if count else ():
            target[name][:, :count] = source[name][:, :count]


@cache
def _layout(of: _Used, *, is_packed: bool = False) -> np.dtype[np.void]:
    """Fields of a record that uses so many places; of a state where it uses all."""
    counts = [("counts", "u1", (_COUNTS,)), ("met", "u1", (_MET,))] if is_packed else []
    contacts = [] if is_packed else [("contacts", f"V{_CONTACTS}")]  # packed, they are the end
    case = [("case", f"V{CASE}")] if of.slots else []
    held = [*_places(CARD, of.cards), *_places(CHARGE, of.charges)]
    middle = [*counts, *held, ("tail", f"V{_AFTER}")]
    fields = [*contacts, ("head", f"V{_BEFORE}"), *middle, *case, *_places(SLOTTED, of.slots)]
    return np.dtype(fields)


def _places(names: Sequence[str], count: int) -> list[tuple[str, Any, tuple[int, ...]]]:
    return [(name, STATE[name].base, (count, *STATE[name].shape[1:])) for name in names if count]


def _used(states: States) -> Ints:
    """Places up to the last in use: cards, charges and slots, shape (n, 3)."""
    used = np.empty((len(states), len(_PLACES)), np.int64)
    for column, (name, most) in enumerate(_PLACES):
        taken = states[name] != 0
        last = most - taken[:, ::-1].argmax(axis=1)
        used[:, column] = np.where(taken.any(axis=1), last, 0)
    return used


def _used_by(counts: bytes, size: int) -> _Used | None:
    """Places that a record of so many cards, charges and bytes uses; None where there is none."""
    if len(counts) < _COUNTS or counts[0] > CARDS or counts[1] > CHARGES:
        return None
    rest = size - HEAD - counts[0] * PER_CARD - counts[1] * PER_CHARGE
    slots = (rest - CASE) // PER_SLOT if rest else 0
    of = _Used(counts[0], counts[1], slots)
    is_one = 0 <= slots <= RULE_SLOTS and _layout(of, is_packed=True).itemsize == size
    return of if is_one else None


def _alike(records: Sequence[bytes | None]) -> dict[tuple[int, bytes, int], list[int]]:
    """Rows of the records of each version, numbers of cards and charges, and size but contacts."""
    rows: dict[tuple[bytes, bytes, int], list[int]] = defaultdict(list)
    for row, record in enumerate(records):
        if record is not None:
            counts = record[_BEFORE : _BEFORE + _COUNTS]
            size = len(record) - PER_CONTACT * int.from_bytes(_met(record)).bit_count()
            rows[record[:_VERSION_BYTES], counts, size].append(row)
    return {(int.from_bytes(v, "little"), c, size): at for (v, c, size), at in rows.items()}
