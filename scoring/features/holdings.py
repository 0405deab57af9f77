"""What a customer holds with the bank and lets lie: the first days, cards, recurring charges."""

from typing import Final

import numpy as np

from scoring.arrays import DAY, NEVER, Bools, Floats, Ints
from scoring.facts.kinds import INTERACTIONS
from scoring.facts.state import States
from scoring.feature import Feature
from scoring.features.moved_charges import charges_of, late_days, spoken_for_until
from scoring.model import ScoringModel

LEAST_USES: Final = 5  # from which on a card has a rhythm
CHANCE: Final = 1e-5  # of a card's lying as long, below which it is taken for no chance
SHORTEST: Final = 1.0  # day: a card's uses are taken to span at least that
REPLACED: Final = 30.0  # days after its last use in which a card's successor comes into use
FORGOTTEN: Final = 365.0  # days after which a card that lies is nobody's matter any more

CHARGES: Final = (Feature.RECURRING_CHARGES, Feature.CHARGES_STOPPED, Feature.CHARGES_MOVED)


def holdings(matrix: Floats, states: States, now: Floats, model: ScoringModel) -> None:
    """Fill in the rows about newcomers, cards and recurring charges, in place.

    Args:
        matrix: features, shape (len(Feature), n).
        states: shape (n,).
        now: epoch seconds, shape (n,).
        model: in whose calendar days are.
    """
    since = np.floor(np.maximum(now - states["begun"], 0.0) / DAY)
    matrix[Feature.NEWCOMER_DAYS] = np.where(is_newcomer(states, model), since, 0.0)
    matrix[Feature.CARD_UNUSED_DAYS] = matrix[Feature.CARD_GAP] = 0.0
    rows = np.flatnonzero(states["card"][:, 1])
    if rows.size:
        unused, gap = _unused(states.take(rows))
        matrix[Feature.CARD_UNUSED_DAYS, rows], matrix[Feature.CARD_GAP, rows] = unused, gap
    for feature in CHARGES:
        matrix[feature] = 0.0
    rows = np.flatnonzero(states["charge"][:, 0])
    if rows.size:
        found = charges_of(states.take(rows), model.calendar.day(now[rows]))
        for feature, counts in zip(CHARGES, found, strict=True):
            matrix[feature, rows] = counts


def is_newcomer(states: States, model: ScoringModel) -> Bools:
    """Who began, and since then neither bought on a second day nor came back, shape (n,).

    Not who shows signs of an earlier life before that: their history begins in the midst of it. Nor
    who began before the day from which on the rules take anybody for new.
    """
    counts = states["counts"].T
    done = states["purchase_days"].astype(np.int64)
    for column in INTERACTIONS:
        done = done + counts[column]
    is_new: Bools = (done <= 1) & (states["begun"] < NEVER)
    is_new &= states["begun"] >= model.newcomers_from
    return is_new & (states["known_since"] >= states["begun"])


def late_charge(states: States, days: Ints) -> tuple[Ints, Ints]:
    """Merchant and amount of the first charge that stopped as of days, shapes (n,); 0 for none."""
    rows, place, late = late_days(states, days)
    own = np.flatnonzero(late >= 0)
    rows, place = rows[own], place[own]
    own = np.flatnonzero(spoken_for_until(states, rows, place) <= days[rows])
    first, at = np.unique(rows[own], return_index=True)
    cell = first, place[own][at]
    merchant, amount = np.zeros((2, len(days)), np.int64)
    merchant[first] = states["charge"][cell]
    amount[first] = np.rint(states["charge_amount"][cell])
    return merchant, amount


def unused_card(states: States) -> Ints:
    """The card that lies unused, 0 where none does, shape (n,)."""
    days, _ = _lying(states)
    which = days.argmax(axis=1)
    own = np.arange(len(days)), which
    return np.where(days[own] > 0.0, states["card"][own], 0)


def _unused(states: States) -> tuple[Floats, Floats]:
    """Days that a card lay unused while another went on, and its usual gap, days, shapes (n,)."""
    days, gap = _lying(states)
    own = np.arange(len(days)), days.argmax(axis=1)
    return days[own], np.where(days[own] > 0.0, gap[own], 0.0)


def _lying(states: States) -> tuple[Floats, Floats]:
    """Days that cards lie unused while another goes on, and their gaps, shapes (n, cards).

    A card is let lie where it is no chance that it was not used, while one that had been in use
    beside it went on: of n gaps over a span T the next is longer than t by (1 + t / T)^-n, the
    Gamma-Poisson's predictive. One that was blocked or closed is not, nor one after whose last use
    a new one came into use: that one took its place.
    """
    first, last, ended = (
        states[name].astype(np.float64) / DAY for name in ("card_first", "card_last", "card_ended")
    )
    uses = states["card_uses"].astype(np.float64)
    lives = (states["card"] != 0) & (ended < last)
    gaps, span = np.maximum(uses - 1.0, 1.0), np.maximum(last - first, SHORTEST)
    beside = lives[:, None, :] & (first[:, None, :] < last[:, :, None])
    went_on = np.where(beside, last[:, None, :] - last[:, :, None], 0.0).max(axis=2)
    came = first[:, None, :] - last[:, :, None]
    replaced = ((came >= 0.0) & (came <= REPLACED) & (states["card"] != 0)[:, None, :]).any(axis=2)
    proven = gaps * np.log1p(went_on / span) >= -np.log(CHANCE)
    lies = lives & ~replaced & (uses >= LEAST_USES) & proven
    return np.where(lies & (went_on <= FORGOTTEN), went_on, 0.0), span / gaps
