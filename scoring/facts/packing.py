"""States as they are stored: one byte string a customer, as short as what it holds.

Most customers never had a warning: of the rules' slots those up to the last that ever warned are
stored, so that 16 may be had at the price of few, and the case only where any are. What is written
costs most of a worker's time with the store. A record's length depends on its state alone, never on
the batch it came in.
"""

from collections import defaultdict
from collections.abc import Sequence
from functools import cache
from typing import Final

import numpy as np

from scoring import ScoringError
from scoring.arrays import Ints
from scoring.facts.state import (
    CASED,
    RULE_SLOTS,
    SLOTTED,
    STATE,
    VERSION,
    States,
    new_states,
)

CASE: Final = sum(STATE[name].itemsize for name in CASED)
PER_SLOT: Final = sum(STATE[name].base.itemsize for name in SLOTTED)
HEAD: Final = STATE.itemsize - CASE - PER_SLOT * RULE_SLOTS
_VERSION_BYTES: Final = 2


class StateError(ScoringError):
    """A packed state this program cannot read."""


def pack(states: States) -> list[bytes]:
    """Pack states to one byte string each.

    `HEAD` bytes, and where any slot is in use `CASE` bytes, and `PER_SLOT` for each of them.
    """
    records: list[bytes] = [b""] * len(states)
    whole, used = states.view(_layout(RULE_SLOTS)), _slots_used(states)
    for slots in np.unique(used).tolist():
        at = np.flatnonzero(used == slots)
        layout = _layout(slots)
        part = np.empty(len(at), layout)
        part["head"] = whole["head"][at]
        if slots:
            part["case"] = whole["case"][at]
        for name in SLOTTED:
            part[name] = whole[name][at, :slots]
        blob, size = part.tobytes(), layout.itemsize
        for place, row in enumerate(at.tolist()):
            records[row] = blob[place * size : (place + 1) * size]
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
    whole = states.view(_layout(RULE_SLOTS))
    for (version, size), rows in _alike(records).items():
        blob = b"".join([records[row] or b"" for row in rows])
        if version == VERSION and _is_size(size):
            slots = _slots_of(size)
            part = np.frombuffer(blob, _layout(slots))
            whole["head"][rows] = part["head"]
            if slots:
                whole["case"][rows] = part["case"]
            for name in SLOTTED:
                whole[name][rows, :slots] = part[name]
        else:
            raise StateError(
                where=f"state {rows[0]}",
                expected=f"version {VERSION}, {HEAD} bytes, or {HEAD + CASE} and {PER_SLOT} a slot",
                got=f"version {version}, {size} bytes",
            )
    return states


@cache
def _layout(slots: int) -> np.dtype[np.void]:
    kept = [(name, STATE[name].base, (slots,)) for name in SLOTTED]
    case = [("case", f"V{CASE}")] if slots else []
    return np.dtype([("head", f"V{HEAD}"), *case, *kept])


def _slots_used(states: States) -> Ints:
    """Slots up to the last that ever warned, shape (n,)."""
    warned = states["episode"] != 0
    used = RULE_SLOTS - warned[:, ::-1].argmax(axis=1)
    return np.where(warned.any(axis=1), used, 0)


def _slots_of(size: int) -> int:
    return (size - HEAD - CASE) // PER_SLOT if size > HEAD else 0


def _is_size(size: int) -> bool:
    slots = _slots_of(size)
    return 0 <= slots <= RULE_SLOTS and size == _layout(slots).itemsize


def _alike(records: Sequence[bytes | None]) -> dict[tuple[int, int], list[int]]:
    """Rows of the records of each version and size."""
    rows: dict[tuple[bytes, int], list[int]] = defaultdict(list)
    for row, record in enumerate(records):
        if record is not None:
            rows[record[:_VERSION_BYTES], len(record)].append(row)
    return {(int.from_bytes(v, "little"), size): at for (v, size), at in rows.items()}
