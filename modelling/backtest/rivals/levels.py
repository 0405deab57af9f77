"""What the live step's own warnings did in each silence, told from changes of levels."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from modelling.backtest.rivals.silences import Silences
from modelling.backtest.rivals.tally import Tally
from scoring.arrays import DAY, NEVER, Bools, Floats, Ints
from scoring.step.replay import Replayed

CHANGE: Final = np.dtype(
    [
        ("row", "<i8"),  # the customer's
        ("rule", "u1"),  # its slot
        ("after", "u1"),  # the band from then on
        ("time", "<f8"),  # epoch seconds
    ]
)
Changes = NDArray[np.void]


def changed(replayed: Replayed) -> Changes:
    """The changes of levels of a replayed block, dtype `CHANGE`."""
    warnings = replayed.outcome.warnings
    changes = np.empty(len(warnings), CHANGE)
    changes["row"] = replayed.customers[warnings["row"]]
    changes["rule"], changes["after"] = warnings["rule"], warnings["after"]
    changes["time"] = warnings["now"]
    return changes


def together(parts: Sequence[Changes]) -> Changes:
    """All parts as one, by customer, then time, those of one instant as they came."""
    whole = np.concatenate([np.empty(0, CHANGE), *parts])
    ordered: Changes = whole[np.lexsort((whole["time"], whole["row"]))]
    return ordered


def of_rule(changes: Changes, band: int, silences: Silences) -> Tally:
    """What one rule did in each silence at a band.

    It stands since before a silence if it was at the band when the silence's purchase came and did
    not leave it up to the lapse's instant.

    Args:
        changes: of the rule's level alone, as `together` orders them.
        band: `MIDDLE` or `HIGH`.
        silences: n of them.
    """
    entered, left = moves(changes, band)
    at = _during(silences, changes["row"][entered], changes["time"][entered])
    times, at = changes["time"][entered][at >= 0], at[at >= 0]
    into = (times - silences.start[at]) / DAY
    right = into < np.where(silences.lost, silences.lapse, 0.0)[at]
    count = len(silences.row)
    lead = np.zeros(count)
    np.maximum.at(lead, at[right], silences.lapse[at[right]] - into[right])
    stood, stands = _stands(changes, left, band, silences)
    lead[stands] = silences.lapse[stands]
    told = np.bincount(at, minlength=count).astype(np.float64)
    hits = np.bincount(at[right], minlength=count).astype(np.float64)
    return Tally(told, hits, lead, (hits > 0) | stands, stood)


def moves(changes: Changes, band: int) -> tuple[Bools, Bools]:
    """Which changes of one rule's level enter a band, and which leave it, shape (n,) each.

    Args:
        changes: as `together` orders them, n of them.
        band: `MIDDLE` or `HIGH`, which is entered from below.
    """
    up = changes["after"] >= band
    again = changes["row"][1:] == changes["row"][:-1]
    before = np.zeros(len(changes), np.bool_)
    before[1:] = again & up[:-1]
    return up & ~before, before & ~up


def _during(silences: Silences, rows: Ints, times: Floats) -> Ints:
    """The silence that each instant of a customer's is in, -1 for none."""
    # Complex numbers are ordered by their real part, then by the imaginary one.
    keys = silences.row + 1j * silences.start
    at = np.searchsorted(keys, rows + 1j * times, side="right") - 1
    owner, ends = np.append(silences.row, -1), np.append(silences.next, NEVER)
    return np.where((owner[at] == rows) & (times < ends[at]), at, -1)


def _stands(changes: Changes, left: Bools, band: int, silences: Silences) -> tuple[Bools, Bools]:
    """In which silences a warning of before was up as they began, and up to their lapse."""
    row, start = silences.row, silences.start
    first = _last_before(changes, row, start)
    then = _last_before(changes, row, np.nextafter(start, NEVER))
    last = _last_before(changes, row, np.where(silences.lost, silences.instant, start))
    fallen = np.concatenate([[0], np.cumsum(left)])
    rows, after = (np.append(changes[name], -1) for name in ("row", "after"))
    was_up = (rows[first] == row) & (after[first] >= band)
    stood: Bools = was_up & (fallen[then + 1] == fallen[first + 1])
    stands: Bools = was_up & (fallen[last + 1] == fallen[first + 1]) & silences.lost
    return stood, stands


def _last_before(changes: Changes, rows: Ints, times: Floats) -> Ints:
    """Place of the last change before an instant, of that customer or one before; -1 for none."""
    # Complex numbers are ordered by their real part, then by the imaginary one.
    keys = changes["row"] + 1j * changes["time"]
    found: Ints = np.searchsorted(keys, rows + 1j * times, side="left") - 1
    return found
