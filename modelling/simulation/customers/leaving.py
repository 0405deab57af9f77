"""How customers leave: when it begins, how it goes, when it is over, and whether they say so."""

from enum import IntEnum
from typing import Final, NamedTuple

import numpy as np

from modelling.simulation.customers.people import People
from modelling.simulation.figures import YEAR, CardFigures
from scoring.arrays import DAY, NEVER, Bools, Floats, Ints

EBBED: Final = 3.0  # an ebbing rate ends at exp(-3) of the usual one
SOURED: Final = 0.8  # how much of the usual use is lost by the end, of the dissatisfied
BROKE: Final = 0.7  # the same, of who stops paying
RECURRING_LEAVE: Final = 30.0  # days from the onset on in which recurring charges are moved
SPEND_LEAVES: Final = 21.0  # days from the onset on after which the rest follows


class LeavingReason(IntEnum):
    """Why a customer leaves."""

    STAYS = 0
    SUDDEN = 1
    EBBING = 2
    DISSATISFACTION = 3
    MOVED = 4
    DEFAULT = 5
    DEATH = 6


# Days from the onset to the stop, shortest and longest; all assumed.
LASTS: Final = {
    LeavingReason.EBBING: (28.0, 84.0),
    LeavingReason.DISSATISFACTION: (14.0, 56.0),
    LeavingReason.MOVED: (60.0, 180.0),
    LeavingReason.DEFAULT: (60.0, 150.0),
}
CLOSES_AFTER: Final = (3.0, 60.0)  # days from the stop to the closing


class Courses(NamedTuple):
    """How customers' use of the card goes, arrays of shape (n,); times in days, NEVER if none.

    Attributes:
        reason: a `LeavingReason`.
        onset: when the decline begins.
        stop: from when on the card is not used.
        closed: when the account is closed.
        kept: share of use that is left once a card has moved elsewhere.
        lasts: days from onset to stop, had it come to it.
    """

    reason: Ints
    onset: Floats
    stop: Floats
    closed: Floats
    kept: Floats
    lasts: Floats

    def are(self, reason: LeavingReason) -> Bools:
        """Who leaves, or has begun to leave, for a reason."""
        found: Bools = self.reason == reason
        return found


def courses(rng: np.random.Generator, people: People, days: int, figures: CardFigures) -> Courses:
    """Draw when and how customers leave; who would begin after the last day stays."""
    hazards = _hazards(figures)
    count = people.size
    onset = np.maximum(people.joined, 0) + rng.exponential(YEAR / hazards.sum(), count)
    drawn = 1 + rng.choice(len(hazards), count, p=hazards / hazards.sum())
    reason = np.where(onset < days, drawn, int(LeavingReason.STAYS))
    lasts = _lasting(rng, reason)
    stays_partly = (reason == LeavingReason.MOVED) & (rng.random(count) < figures.moved_stay)
    stop = np.where(stays_partly | (reason == LeavingReason.STAYS), NEVER, onset + lasts)
    closing = rng.random(count) < figures.closing
    closed = np.where(closing, stop + rng.uniform(*CLOSES_AFTER, count), NEVER)
    begun = np.where(reason == LeavingReason.STAYS, NEVER, onset)
    return Courses(reason, begun, stop, closed, rng.uniform(0.1, 0.3, count), lasts)


def level(course: Courses, days: int) -> Floats:
    """Use of each day by the usual one as it goes to its end, shape (n, days)."""
    levels = np.ones((len(course.reason), days))
    middle = np.arange(days) + 0.5
    for reason, shape in _SHAPES.items():
        at = np.flatnonzero(course.are(reason))
        since = middle[None, :] - course.onset[at, None]
        levels[at] = shape(since, course.lasts[at, None], course.kept[at, None])
    return levels


def instants(days: Floats, origin: int) -> Ints:
    """Whole epoch seconds of times in days, those that never come far beyond all others."""
    far = np.minimum(days, 1e7)
    return origin + np.floor(far * DAY).astype(np.int64)


def _hazards(figures: CardFigures) -> Floats:
    """Yearly rates of leaving in the order of `LeavingReason`, without who stays."""
    kinds = np.array(figures.kinds) / sum(figures.kinds)
    return np.array([*figures.switching * kinds, figures.defaulting, figures.dying])


def _lasting(rng: np.random.Generator, reason: Ints) -> Floats:
    lasts = np.zeros(len(reason))
    share = rng.random(len(reason))
    for each, (shortest, longest) in LASTS.items():
        at = reason == each
        lasts[at] = shortest + share[at] * (longest - shortest)
    return lasts


def _ebbing(since: Floats, lasts: Floats, _kept: Floats) -> Floats:
    return np.exp(-EBBED * np.clip(since / lasts, 0.0, 1.0))


def _souring(since: Floats, lasts: Floats, _kept: Floats) -> Floats:
    return 1.0 - SOURED * np.clip(since / lasts, 0.0, 1.0)


def _breaking(since: Floats, lasts: Floats, _kept: Floats) -> Floats:
    return 1.0 - BROKE * np.clip(since / lasts, 0.0, 1.0)


def _moving(since: Floats, _lasts: Floats, kept: Floats) -> Floats:
    return np.where(since > SPEND_LEAVES, kept, 1.0)


_SHAPES: Final = {
    LeavingReason.EBBING: _ebbing,
    LeavingReason.DISSATISFACTION: _souring,
    LeavingReason.DEFAULT: _breaking,
    LeavingReason.MOVED: _moving,
}
