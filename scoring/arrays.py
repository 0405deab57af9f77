"""Arrays and the words they share: what every part of the core is written in."""

from collections.abc import Sequence
from enum import IntEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Records = NDArray[np.void]  # structured: rows of fields

DAY: Final = 86_400.0  # seconds
NEVER: Final = np.inf  # an instant that does not come


class Horizon(IntEnum):
    """Half-lives over which activity is remembered."""

    SHORT = 0
    MIDDLE = 1
    LONG = 2


def raw(records: Records) -> Records:
    """View records without their fields, as which NumPy moves each whole."""
    view: Records = records.view(f"V{records.dtype.itemsize}")
    return view


def copied(records: Records) -> Records:
    """Copy records whole: NumPy would copy their fields one at a time."""
    copy: Records = raw(records).copy().view(records.dtype)
    return copy


def joined(parts: Sequence[Records]) -> Records:
    """Put records of one dtype, of at least one array, behind each other.

    NumPy would work out the common dtype of many fields for each part anew, which takes longer
    than the step of a few events.
    """
    return np.concatenate([raw(part) for part in parts]).view(parts[0].dtype)
