"""States as they are stored: one byte string a customer, as short as what it holds.

Most customers never had a warning: of the rules' slots those up to the last that ever warned are
stored, so that 16 may be had at the price of few. What is written costs most of a worker's time
with the store. A record's length depends on its state alone, never on the batch it came in.
"""

from collections import defaultdict
from collections.abc import Sequence
from functools import cache
from typing import Final

import numpy as np

from scoring import ScoringError
from scoring.arrays import Ints
from scoring.facts.recent import fingerprints, split
from scoring.facts.state import (
    RECENT,
    RECENT_IDS,
    RULE_SLOTS,
    SLOTTED,
    STATE,
    VERSION,
    Count,
    States,
    new_states,
)

HEAD: Final = sum(STATE[name].itemsize for name in STATE.names or () if name not in SLOTTED)
PER_SLOT: Final = (STATE.itemsize - HEAD) // RULE_SLOTS
_VERSION_BYTES: Final = 2


class StateError(ScoringError):
    """A packed state this program cannot read."""


def pack(states: States) -> list[bytes]:
    """Pack states to one byte string each, `HEAD` bytes and `PER_SLOT` for each slot in use."""
    records: list[bytes] = [b""] * len(states)
    whole, used = states.view(_layout(RULE_SLOTS)), _slots_used(states)
    for slots in np.unique(used).tolist():
        at = np.flatnonzero(used == slots)
        layout = _layout(slots)
        part = np.empty(len(at), layout)
        part["head"] = whole["head"][at]
        for name in SLOTTED:
            part[name] = whole[name][at, :slots]
        blob, size = part.tobytes(), layout.itemsize
        for place, row in enumerate(at.tolist()):
            records[row] = blob[place * size : (place + 1) * size]
    return records


def unpack(records: Sequence[bytes | None]) -> States:
    """Unpack records, `None` becoming a new state; older versions are brought up to date.

    Returns:
        Writable structured array of shape (len(records),).

    Raises:
        StateError: a record has another size or version than this program knows.

    >>> states = new_states(2)
    >>> unpack([*pack(states)[:1], None]).tobytes() == states.tobytes()
    True
    """
    states = new_states(len(records))
    whole = states.view(_layout(RULE_SLOTS))
    for (version, size), rows in _alike(records).items():
        blob = b"".join([records[row] or b"" for row in rows])
        if version == VERSION and _is_size(size):
            slots = (size - HEAD) // PER_SLOT
            part = np.frombuffer(blob, _layout(slots))
            whole["head"][rows] = part["head"]
            for name in SLOTTED:
                whole[name][rows, :slots] = part[name]
        elif version in OLDER and size == OLDER[version].itemsize:
            states[rows] = _migrated(np.frombuffer(blob, OLDER[version]))
        else:
            raise StateError(
                where=f"state {rows[0]}",
                expected=f"version {VERSION}, {HEAD} bytes and {PER_SLOT} for each rule's slot",
                got=f"version {version}, {size} bytes",
            )
    return states


@cache
def _layout(slots: int) -> np.dtype[np.void]:
    kept = [(name, STATE[name].base, (slots,)) for name in SLOTTED]
    return np.dtype([("head", f"V{HEAD}"), *kept])


def _slots_used(states: States) -> Ints:
    """Slots up to the last that ever warned, shape (n,)."""
    warned = states["episode"] != 0
    used = RULE_SLOTS - warned[:, ::-1].argmax(axis=1)
    return np.where(warned.any(axis=1), used, 0)


def _is_size(size: int) -> bool:
    slots, rest = divmod(size - HEAD, PER_SLOT)
    return rest == 0 and 0 <= slots <= RULE_SLOTS


def _alike(records: Sequence[bytes | None]) -> dict[tuple[int, int], list[int]]:
    """Rows of the records of each version and size."""
    rows: dict[tuple[bytes, int], list[int]] = defaultdict(list)
    for row, record in enumerate(records):
        if record is not None:
            rows[record[:_VERSION_BYTES], len(record)].append(row)
    return {(int.from_bytes(v, "little"), size): at for (v, size), at in rows.items()}


def _older(*left_out: str) -> np.dtype[np.void]:
    """The layout of states up to version 4, less what an even older one did not have."""
    now = {name: STATE[name] for name in STATE.names or () if name not in RECENT}
    was = {"counts": np.dtype(("<u4", (9,))), "recent_ids": np.dtype(("<u8", (8,)))}
    names = list(now)
    lifecycle = names.index("armed_at")
    facts, scores = names[:lifecycle], names[lifecycle : -len(SLOTTED)]
    ordered = [*facts, "recent_ids", *SLOTTED, *scores]
    known = {**now, **was}
    return np.dtype([(name, known[name]) for name in ordered if name not in left_out])


# Layouts of earlier versions that may still be read, by version: the fields they had, as they were.
OLDER: Final[dict[int, np.dtype[np.void]]] = {
    3: _older("last_visit", "severity"),
    4: _older("last_visit"),
}


def _migrated(older: States) -> States:
    """Carry over what the older version knew; what it did not begins as for a new customer."""
    states = new_states(len(older))
    for name in older.dtype.names or ():
        if name == "recent_ids":
            _remember_old(states, older)
        elif name != "version":
            known = older[name]
            states[name][tuple(slice(0, size) for size in known.shape)] = known
    return states


def _remember_old(states: States, older: States) -> None:
    """Version 4 remembered hashes of ids, the newest first."""
    rows, counted = np.arange(len(older)), older["counts"][:, Count.EVENTS].astype(np.int64)
    for age, ids in enumerate(older["recent_ids"].T):
        held = rows[ids != 0]
        place = (counted[held] - 1 - age) % RECENT_IDS
        low, high = split(fingerprints(ids[held]))
        states["recent_low"][held, place], states["recent_high"][held, place] = low, high
