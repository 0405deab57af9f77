"""Charges that recur, found from merchant, amount and rhythm in a few places of memory.

A charge is a purchase without the card at hand, at one merchant and of about one amount; what is
bought at a till, or at a merchant that is not told, is none. The last `CHARGE_DAYS` days of each of
a few are kept: it recurs where these keep to a period, and is late once the next day that the
period names has passed by more than it ever shifts. Of two events in either order the days are the
same, as long as there is room for all.
"""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from scoring.arrays import Bools, Ints
from scoring.facts.events import Events
from scoring.facts.kinds import Kind
from scoring.facts.periods import late_from
from scoring.facts.state import CHARGE, CHARGE_DAYS, States

ALIKE: Final = 1.06  # factor within which two amounts are one charge: rates of exchange move
RAISED: Final = 1.35  # and within which one that recurs goes on, on its day: prices rise
Days = NDArray[np.uint16]
Places = dict[str, NDArray[Any]]  # the columns in `CHARGE`

GIVEN_UP: Final = 90  # days late after which a charge is forgotten
PER_MERCHANT: Final = 3  # places for amounts of one merchant that do not recur
LAST_DAY: Final = np.iinfo(np.uint16).max


def keep_charges(states: States, events: Events, days: Ints) -> None:
    """Note the charges among events, in place; one event a state.

    Args:
        states: shape (n,).
        events: the event of each state, shape (n,).
        days: the events' calendar days, shape (n,).
    """
    named = (events["merchant"] != 0) & (events["kind"] == Kind.PURCHASE)
    rows = np.flatnonzero(named & (events["amount"] > 0) & (days > 0) & (days <= LAST_DAY))
    if not rows.size:
        return
    own = {name: states[name][rows] for name in CHARGE}
    merchant, amount = events["merchant"][rows], events["amount"][rows].astype(np.float32)
    day = days[rows].astype(np.uint16)
    place = _places(own, merchant, amount, day)
    kept = np.flatnonzero(place >= 0)
    cell = kept, place[kept]
    before = own["charge_days"][cell]
    after = _with(before, day[kept])
    newest = day[kept] >= before[:, 0]
    own["charge"][cell] = merchant[kept]
    own["charge_amount"][cell] = np.where(newest, amount[kept], own["charge_amount"][cell])
    own["charge_days"][cell], own["charge_late"][cell] = after, late_from(after)
    _order(own, kept[place[kept] > 0])
    for name, values in own.items():
        states[name][rows] = values


def _order(own: Places, rows: Ints) -> None:
    """Put charges of some customers in order, in place: the latest first."""
    if not rows.size:
        return
    last, merchant = own["charge_days"][rows, :, 0].astype(np.uint64), own["charge"][rows]
    order = np.argsort(~((last << np.uint64(32)) | merchant), axis=1, kind="stable")
    for name, values in own.items():
        by = order[:, :, None] if values.ndim > order.ndim else order
        own[name][rows] = np.take_along_axis(values[rows], by, axis=1)


def _places(
    own: Places, merchant: NDArray[np.uint32], amount: NDArray[np.float32], day: Days
) -> Ints:
    """Place of each charge: the one it continues, else one made free; -1 where none is."""
    same = own["charge"] == merchant[:, None]
    more = np.where(same, own["charge_amount"], np.inf) / amount[:, None]
    change = np.maximum(more, 1.0 / more)
    place: Ints = change.argmin(axis=1)
    least = change[np.arange(len(place)), place]
    raised = np.flatnonzero((least > ALIKE) & (least <= RAISED))
    goes_on = least <= ALIKE
    cell = raised, place[raised]
    on_its_day = late_from(_with(own["charge_days"][cell], day[raised])) > 0
    goes_on[raised] = on_its_day & (own["charge_late"][cell] > 0)
    new = np.flatnonzero(~goes_on)
    place[new] = _freed({name: values[new] for name, values in own.items()}, same[new], day[new])
    for name in CHARGE:
        own[name][new[place[new] >= 0], place[new[place[new] >= 0]]] = 0
    return place


def _freed(own: Places, same: Bools, day: Days) -> Ints:
    """Which place a new charge takes: that of one that does not recur and was seen least lately."""
    last, late = own["charge_days"][:, :, 0].astype(np.int64), own["charge_late"].astype(np.int64)
    recurs = (late > 0) & (day[:, None] < late + GIVEN_UP)
    idle = same & ~recurs
    crowded = (idle.sum(axis=1) >= PER_MERCHANT)[:, None]
    rank = np.where(recurs | (crowded & ~idle), LAST_DAY + 1, last)
    place = rank.argmin(axis=1)
    return np.where(rank[np.arange(len(place)), place] < day, place, -1)


def _with(days: Days, day: Days) -> Days:
    """The last days with one more, each once, the latest first."""
    known = (days == day[:, None]).any(axis=1)
    more = np.where(known, 0, day).astype(days.dtype)
    every: Days = np.sort(np.concatenate([days, more[:, None]], axis=1), axis=1)
    return every[:, : -CHARGE_DAYS - 1 : -1]
