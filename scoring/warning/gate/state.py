"""What the gate of a partition remembers: two records of fixed fields.

`PRESENT` moves with every event, `LEARNT` once an hour, so that a commit writes little. Both are
functions of the merged log and the clock alone.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from scoring import ScoringError
from scoring.warning.gate.sketch import REGISTERS
from scoring.warning.gate.streams import STREAMS

VERSION: Final = 1
WEEK: Final = 168  # hours
DAY: Final = 24  # hours

PRESENT: Final = np.dtype(
    [
        ("version", "<u2"),
        ("look", "<i8"),  # number of the look under way; all before are done with
        ("spoke", "<f8"),  # when the last event came
        ("prompt", "<i8", (STREAMS,)),  # that came in the look under way
        ("hour", "<i8", (STREAMS,)),  # in the looks of the hour before it
        ("late", "<i8", (STREAMS,)),  # in the hour under way, told of later than they happened
        ("sketch", "u1", (REGISTERS,)),  # of the hour's customers
        ("mute", "<i8"),  # hours without any event, of late
        ("age", "<i8", (STREAMS,)),  # hours since the stream's first event, 0 before it
        ("excess", "<f8", (STREAMS,)),  # evidence of quiet
        ("began", "<f8", (STREAMS,)),  # when it last rose from nothing
        ("top", "<f8", (STREAMS,)),  # how far it has risen since
        ("used_to", "<f8", (STREAMS,)),  # how far it rose of late and fell again by itself
        ("since", "<f8", (STREAMS,)),  # when what is held fell quiet, 0 where nothing is held
        ("back", "<f8", (STREAMS,)),  # when it came back, 0 before that
        ("missing", "<f8", (STREAMS,)),  # events that should have come while it was quiet
        ("made_up", "<f8", (STREAMS,)),  # that came late since
    ]
)
LEARNT: Final = np.dtype(
    [
        ("mean", "<f4", (STREAMS, WEEK)),  # events in each hour of the week
        ("weeks", "u1", (STREAMS, WEEK)),  # that it was learnt from, as far as they still count
        ("heard", "<f8"),  # when the last event before the hour under way came
        ("hour", "<i8"),  # number of the last one that ended
        ("came", "<f8", (DAY,)),  # events in each of the last 24 hours, the oldest first
        ("usual", "<f8", (DAY,)),  # that were usual, NaN where not learnt
        ("sketches", "u1", (DAY, REGISTERS)),  # of their customers
    ]
)
PARTS: Final = ("present", "learnt")  # as `pack` gives and `unpack` takes them
BLANK: Final = -1  # look of a gate that saw nothing yet


class GateError(ScoringError):
    """A packed gate this program cannot read."""


class Gate(NamedTuple):
    """Both records, arrays of shape (): dtypes `PRESENT` and `LEARNT`."""

    present: NDArray[np.void]
    learnt: NDArray[np.void]


def new_gate() -> Gate:
    """The gate of a partition that nothing is known of."""
    present, learnt = np.zeros((), PRESENT), np.zeros((), LEARNT)
    present["version"], present["look"] = VERSION, BLANK
    learnt["usual"] = np.nan
    return Gate(present, learnt)


def pack(gate: Gate) -> tuple[bytes, bytes]:
    """Both records as bytes.

    >>> unpack(*pack(new_gate())).present.tobytes() == new_gate().present.tobytes()
    True
    """
    return gate.present.tobytes(), gate.learnt.tobytes()


def to_parts(gate: Gate) -> dict[str, bytes]:
    """The same by name, as a store keeps them."""
    return dict(zip(PARTS, pack(gate), strict=True))


def from_parts(parts: Mapping[str, bytes]) -> Gate:
    """The gate that was stored; a new one where none was.

    Raises:
        GateError: the records are of another size or version.
    """
    return unpack(*(parts[part] for part in PARTS)) if parts else new_gate()


def unpack(present: bytes, learnt: bytes) -> Gate:
    """The gate that was packed.

    Raises:
        GateError: the records are of another size or version.
    """
    sizes = len(present), len(learnt)
    if sizes != (PRESENT.itemsize, LEARNT.itemsize):
        expected = f"{PRESENT.itemsize} and {LEARNT.itemsize} bytes"
        raise GateError(where="gate", expected=expected, got=f"{sizes[0]} and {sizes[1]}")
    found = Gate(
        np.frombuffer(present, PRESENT).copy().reshape(()),
        np.frombuffer(learnt, LEARNT).copy().reshape(()),
    )
    if found.present["version"] != VERSION:
        got = int(found.present["version"])
        raise GateError(where="gate", expected=f"version {VERSION}", got=f"version {got}")
    return found
