"""The few cards of a customer that were seen last: since when, until when, how often.

First, last and count of each are free of order. Of a customer with more than `CARDS` those seen
last are kept; one that was let go and is seen again begins anew.
"""

from typing import Final

import numpy as np

from scoring.arrays import Ints
from scoring.facts import kinds
from scoring.facts.events import Events
from scoring.facts.state import CARD, CARDS, States

MOST_USES: Final = np.iinfo(np.uint16).max
_SHIFT: Final = np.uint64(32)


def keep_cards(states: States, events: Events) -> None:
    """Note the cards that events name, in place; one event a state."""
    rows = np.flatnonzero(np.where(kinds.SHOWS_CARD[events["kind"]], events["card"], 0))
    if not rows.size:
        return
    place = _places(states, rows, events.take(rows))
    rows, place = rows[place >= 0], place[place >= 0]
    kind, at = events["kind"][rows], events["time"][rows].astype(np.uint32)
    cell = rows, place
    ended = np.maximum(states["card_ended"][cell], at)
    uses = states["card_uses"][cell].astype(np.int64) + kinds.USES_CARD[kind]
    states["card"][cell] = events["card"][rows]
    states["card_first"][cell] = np.minimum(states["card_first"][cell], at)
    states["card_last"][cell] = np.maximum(states["card_last"][cell], at)
    states["card_ended"][cell] = np.where(kinds.ENDS_CARD[kind], ended, states["card_ended"][cell])
    states["card_uses"][cell] = np.minimum(uses, MOST_USES)
    _order(states, rows[place > 0])


def _places(states: States, rows: Ints, events: Events) -> Ints:
    """Place of each event's card, the last one made free for a new one; -1 for one too old."""
    own = states["card"][rows] == events["card"][:, None]
    place: Ints = own.argmax(axis=1)
    new = np.flatnonzero(~own.any(axis=1))
    is_full = states["card"][rows[new], -1] != 0
    is_old = is_full & (states["card_last"][rows[new], -1] >= events["time"][new])
    place[new] = np.where(is_old, -1, CARDS - 1)
    freed = rows[new[~is_old]]
    for name in CARD:
        states[name][freed, -1] = 0
    states["card_first"][freed, -1] = np.iinfo(np.uint32).max
    return place


def _order(states: States, rows: Ints) -> None:
    """Put the cards of some customers in order: the latest first, by their hashes at a tie."""
    if not rows.size:
        return
    rank = (states["card_last"][rows].astype(np.uint64) << _SHIFT) | states["card"][rows]
    order = np.argsort(~rank, axis=1)
    for name in CARD:
        states[name][rows] = np.take_along_axis(states[name][rows], order, axis=1)
