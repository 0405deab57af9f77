"""What a timer is set by: customers as they are, and as silence alone would leave them."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from scoring.arrays import NEVER, Bools, Floats, Ints
from scoring.facts.state import States
from scoring.feature import Feature
from scoring.features import Known
from scoring.model import Bands, ScoringModel
from scoring.warning import quiet_times
from scoring.warning.classes import bands_of
from scoring.warning.lifecycle import (
    HIGH,
    LOW,
    cooled_at,
    footing,
    is_out,
    may_raise,
    threshold,
)
from scoring.warning.timers.stillness import Stillness


class Later(NamedTuple):
    """What silence alone makes of customers.

    Attributes:
        instants: epoch seconds, shape (n,).
        matrix: features at the instants, as `Stillness` tells those that its timers look at, shape
            (features, n).
    """

    instants: Floats
    matrix: Floats


@dataclass(frozen=True)
class Seen:
    """Customers just judged.

    Attributes:
        states: shape (n,).
        known: their features and points at `now`.
        table: rule values, shape (n, slots).
        now: epoch seconds, shape (n,).
        model: models and thresholds.
        held: whose rises by which rules were held now, shape (n, rules); None for nobody's.
    """

    states: States
    known: Known
    table: Floats
    now: Floats
    model: ScoringModel
    held: Bools | None = None

    def rows(self, rows: Ints) -> "Seen":
        """Some of the customers."""
        matrix, contributions = self.known
        known = Known(matrix[:, rows], contributions[:, rows])
        return Seen(self.states.take(rows), known, self.table[rows], self.now[rows], self.model)

    @property
    def matrix(self) -> Floats:
        """Features at `now`, shape (features, n)."""
        return self.known.matrix

    @cached_property
    def may(self) -> Bools:
        """Which rules may warn about whom, shape (n, slots)."""
        return may_raise(self.matrix, self.model)

    @cached_property
    def bands(self) -> Bands:
        """Where bands begin, shapes (slots,) or (n, slots)."""
        return bands_of(self.states, self.matrix, self.model)

    @cached_property
    def begun(self) -> Floats:
        """The instants from which tenure counts, epoch seconds, shape (n,)."""
        midnight: Floats = self.model.calendar.midnight(self.states["first_day"].astype(np.int64))
        return midnight

    @cached_property
    def steps(self) -> dict[int, Floats]:
        """When rules' values step next, by slot, as far as that was found out."""
        return {}

    def below_high(self, slot: int) -> Bools:
        """Who may still rise by a level of a rule, or come back to it, shape (n,)."""
        below: Bools = (footing(self.states, slot) < HIGH) & self.may[:, slot]
        return below

    def buyers_below_high(self, slot: int) -> Bools:
        """Of these, who ever bought: whom a rule about purchases may concern."""
        may: Bools = self.below_high(slot) & (self.states["purchase_days"] > 0)
        return may

    def threshold(self, slot: int) -> Floats:
        """What a rule's value must reach to rise, or to be back in its band, shape (n,)."""
        return threshold(self.states, slot, self.bands)

    def cooled(self, slot: int, instants: Floats) -> Floats:
        """The instants, or the end of the rule's cooldown or quiet hours where that comes later."""
        ends = cooled_at(self.states, self.model)[:, slot]
        waits = np.where(self.states["level"][:, slot] == LOW, ends, -NEVER)
        ends = quiet_times.ends(np.maximum(instants, waits), slot, self.model)
        return np.where(is_out(self.states, slot), instants, ends)  # to be back is no rise

    def later(self, instants: Floats) -> Later:
        """The customers at `instants`, epoch seconds, nothing having happened to them."""
        return Later(instants, self.silence(self.model.rising_reads).at(instants))

    def silence(self, wanted: AbstractSet[Feature]) -> Stillness:
        """What silence alone makes of them, of which some features are looked at."""
        return Stillness(self.begun, self.matrix, self.model, wanted)
