"""Arrays and the words they share: what every part of the core is written in."""

from enum import IntEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

DAY: Final = 86_400.0  # seconds
NEVER: Final = np.inf  # an instant that does not come


class Horizon(IntEnum):
    """Half-lives over which activity is remembered."""

    SHORT = 0
    MIDDLE = 1
    LONG = 2
