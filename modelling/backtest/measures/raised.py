"""Warnings, reduced to what measuring them takes: when which band was entered."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from scoring.arrays import Ints
from scoring.feature import Feature
from scoring.step.replay import Replayed
from scoring.warning.lifecycle import HIGH, LOW, MIDDLE

RAISED: Final = np.dtype(
    [
        ("row", "<i8"),  # the customer's
        ("rule", "u1"),  # its slot
        ("band", "u1"),  # MIDDLE or HIGH; from low to high enters both
        ("time", "<f8"),  # epoch seconds
        ("clv", "<f8"),  # the customer's then, minor units
    ]
)
Raised = NDArray[np.void]


def raised(replayed: Replayed) -> Raised:
    """The bands entered by a replayed block's warnings, dtype `RAISED`."""
    warnings = replayed.outcome.warnings
    before, after = warnings["before"], warnings["after"]
    to_middle = np.flatnonzero(before == LOW)
    to_high = np.flatnonzero((after == HIGH) & (before < HIGH))
    entering = warnings.take(np.concatenate([to_middle, to_high]))
    entries = np.empty(len(entering), RAISED)
    entries["row"] = replayed.customers[entering["row"]]
    entries["rule"], entries["time"] = entering["rule"], entering["now"]
    entries["band"] = np.repeat([MIDDLE, HIGH], [len(to_middle), len(to_high)])
    entries["clv"] = entering["features"][:, Feature.CLV]
    return entries


def joined(parts: Sequence[Raised]) -> Raised:
    """All parts as one, ordered by customer, rule, band and time."""
    whole = np.concatenate([np.empty(0, RAISED), *parts])
    ordered: Raised = whole[in_order(whole)]
    return ordered


def in_order(whole: Raised) -> Ints:
    """Places of entries by customer, rule, band and time."""
    return np.lexsort((whole["time"], whole["band"], whole["rule"], whole["row"]))
