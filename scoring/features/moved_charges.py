"""Recurring charges that moved, told apart from those that stopped.

One has moved to another amount or merchant where, on the day that it was due, a new charge came: at
the same merchant, or of about the same amount at another one. The new one speaks for it as long as
it comes, and then what came in its place. One has moved to another day where its last came off the
rhythm that those before kept to, and the day that these name has passed. It follows from the
charges remembered: nothing more is.
"""

from typing import Final

import numpy as np

from scoring.arrays import Bools, Ints
from scoring.facts.charges import ALIKE, GIVEN_UP
from scoring.facts.periods import GRACE, SHIFT, a_period_after, period_of
from scoring.facts.state import CHARGES, States

CHANGED: Final = 2.5  # factor within which a charge of the same merchant's takes another's place
FAR: Final = 2**31  # a day that never comes


def late_days(states: States, days: Ints) -> tuple[Ints, Ints, Ints]:
    """Recurring charges that are not given up as of days: their rows, places, and days late.

    Args:
        states: shape (n,).
        days: shape (n,).
    """
    rows, place = np.nonzero(states["charge_late"])
    late = days[rows] - states["charge_late"][rows, place].astype(np.int64)
    kept = np.flatnonzero(late < GIVEN_UP)
    return rows[kept], place[kept], late[kept]


def spoken_for_until(states: States, rows: Ints, place: Ints) -> Ints:
    """The day up to which another charge speaks for each recurring one, shape (m,).

    Args:
        states: shape (n,).
        rows: whose charges, shape (m,).
        place: which of theirs, shape (m,).

    Returns:
        0 where none does; `FAR` where that one recurs and so speaks for itself.
    """
    own = np.zeros((rows.size, CHARGES), np.bool_)
    own[np.arange(rows.size), place] = True
    days = states["charge_days"][rows].astype(np.int64)
    period = np.broadcast_to(period_of(days[own])[:, None], own.shape)
    took, spoken = _took(states, rows, period), own
    for _ in range(CHARGES):  # one that came in its place may have moved again
        spoken = own | (took & spoken[:, :, None]).any(axis=1)
    ends = a_period_after(days[:, :, 0], period) + GRACE[period]
    ends = np.where(states["charge_late"][rows] > 0, FAR, ends)
    until: Ints = np.where(spoken & ~own, ends, 0).max(axis=1)
    return until


def _took(states: States, rows: Ints, period: Ints) -> Bools:
    """Which of the charges of rows came in the place of which, shape (m, CHARGES, CHARGES).

    Args:
        states: shape (n,).
        rows: whose charges, shape (m,).
        period: by which they recur, shape (m, CHARGES).
    """
    days = states["charge_days"][rows].astype(np.int64)
    last, began = days[:, :, 0], np.where(days > 0, days, FAR).min(axis=2)
    due = a_period_after(last, period)[:, :, None, None]
    is_near = np.abs(days[:, None] - due) <= SHIFT[period][:, :, None, None]
    came = (is_near & (days > 0)[:, None]).any(axis=3)
    is_new = (began[:, None] > last[:, :, None]) & (last > 0)[:, :, None]
    took: Bools = came & is_new & _alike(states, rows)
    return took


def other_days(states: States) -> tuple[Ints, Ints, Ints]:
    """Charges that moved to another day: their rows, and the days from which on and up to which."""
    days = states["charge_days"]
    rows, place = np.nonzero((states["charge_late"] == 0) & (days[:, :, 3] > 0))
    own = days[rows, place].astype(np.int64)
    before = np.concatenate([own[:, 1:], np.zeros((len(own), 1), np.int64)], axis=1)
    period = period_of(before)
    due = a_period_after(before[:, 0], period)
    moved = np.flatnonzero((period >= 0) & (np.abs(own[:, 0] - due) > SHIFT[period]))
    period = period[moved]
    ends = a_period_after(own[moved, 0], period) + GRACE[period]
    return rows[moved], due[moved] + SHIFT[period] + 1, ends


def charges_of(states: States, days: Ints) -> tuple[Ints, Ints, Ints]:
    """How many charges recur, have stopped and have moved, as of days, shapes (n,)."""
    rows, place, late = late_days(states, days)
    known, stopped = np.zeros((2, len(days)), np.int64)
    moved = stopped.copy()
    np.add.at(known, rows, 1)
    is_late = np.flatnonzero(late >= 0)
    if is_late.size:
        at, place = rows[is_late], place[is_late]
        is_moved = spoken_for_until(states, at, place) > days[at]
        np.add.at(stopped, at[~is_moved], 1)
        np.add.at(moved, at[is_moved], 1)
    rows, begins, ends = other_days(states)
    np.add.at(moved, rows[(begins <= days[rows]) & (days[rows] < ends)], 1)
    return known, stopped, moved


def _alike(states: States, rows: Ints) -> Bools:
    """Which charges may be which others', by merchant and amount, shape (m, CHARGES, CHARGES)."""
    merchant, amount = states["charge"][rows], states["charge_amount"][rows]
    same = merchant[:, :, None] == merchant[:, None]
    least = np.minimum(amount[:, :, None], amount[:, None])
    most = np.maximum(amount[:, :, None], amount[:, None])
    alike: Bools = (least > 0.0) & (most <= np.where(same, CHANGED, ALIKE) * least)
    return alike
