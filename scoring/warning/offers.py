"""What customers were offered before, as people's answers told: the last few, whatever the case."""

from typing import Final

import numpy as np

from scoring.arrays import Ints
from scoring.facts.events import Events
from scoring.facts.kinds import Kind
from scoring.facts.state import OFFER, States

OFFERED: Final = (Kind.OFFER_MADE, Kind.ACCEPTED)
LAST_DAY: Final = np.iinfo(np.uint16).max


def note_offers(states: States, answers: Events, days: Ints) -> None:
    """Remember the offers that answers tell of, and whether they were taken, in place.

    Taken is the latest offer of the code that an acceptance names, or the latest of all where it
    names none; what was never said to be made counts as made on its day.

    Args:
        states: shape (n,).
        answers: the answer of each, shape (n,): `merchant` is the code's hash, 0 for none.
        days: the answers' calendar days since 1970, shape (n,).
    """
    told = np.isin(answers["kind"], OFFERED) & (days > 0) & (days <= LAST_DAY)
    rows = np.flatnonzero(told)
    if not rows.size:
        return
    held = {name: states[name][rows] for name in OFFER}
    code, day = answers["merchant"][rows], days[rows].astype(np.uint16)
    is_taken = answers["kind"][rows] == Kind.ACCEPTED
    is_alike = (held["offer"] == code[:, None]) | (is_taken & (code == 0))[:, None]
    same = is_alike & (held["offer_day"] > 0)
    same &= is_taken[:, None] | (held["offer_day"] == day[:, None])  # the same offer, told twice
    is_known, place = same.any(axis=1), same.argmax(axis=1)
    known = np.flatnonzero(is_known)
    held["offer_taken"][known, place[known]] |= is_taken[known]
    new = np.flatnonzero(~is_known)
    added = {"offer": code, "offer_day": day, "offer_taken": is_taken}
    days_of = np.concatenate([day[new, None], held["offer_day"][new]], axis=1)
    order = np.argsort(-days_of.astype(np.int64), axis=1, kind="stable")[:, :-1]
    for name, values in held.items():
        every = np.concatenate([added[name][new, None].astype(values.dtype), values[new]], axis=1)
        values[new] = np.take_along_axis(every, order, axis=1)
        states[name][rows] = values
