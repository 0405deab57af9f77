"""Customers judged, before anything is told of it."""

from typing import NamedTuple

import numpy as np

from scoring.arrays import Bools
from scoring.step.outcome import Evaluated
from scoring.warning.lifecycle import Moves


class Judged(NamedTuple):
    """Customers at events or timers of theirs, judged, and nothing told of it yet.

    Attributes:
        evaluated: they, their levels and timers as they are now.
        moves: of their levels.
        turned: of whom a value left its band, or is back, and the level waits, shape (n,).
        worth: whose score is worth telling, shape (n,).
    """

    evaluated: Evaluated
    moves: Moves
    turned: Bools
    worth: Bools

    def only(self, which: Bools) -> "Judged":
        """Some of them."""
        rows, kept = np.flatnonzero(which), self.moves.take(np.flatnonzero(which[self.moves.rows]))
        moves = kept._replace(rows=np.cumsum(which)[kept.rows] - 1)
        return Judged(self.evaluated.take(rows), moves, self.turned[which], self.worth[which])
