"""What would clear a warning: the least that the customer might do, found by the step's own means.

A counterfactual explanation (Wachter, Mittelstadt and Russell 2017, "Counterfactual explanations
without opening the black box"): nothing is phrased that was not applied to the customer's state and
judged as the step judges. What is told holds for a customer who does this and nothing else.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from types import MappingProxyType
from typing import Final, NamedTuple

import numpy as np

from scoring.arrays import DAY, Bools, Floats, Ints
from scoring.facts.apply import apply
from scoring.facts.events import EVENT, Events
from scoring.facts.kinds import Kind
from scoring.facts.state import Count, States, copied, raw
from scoring.feature import Feature, InSilence
from scoring.features import known
from scoring.features.holdings import late_charge, unused_card
from scoring.model import ScoringModel
from scoring.warning import lifecycle
from scoring.warning.classes import bands_of

WITHIN: Final = 14.0  # days over which what is done is spread evenly
MOST: Final = 8  # times: who would have to do more has to change more than a fortnight
LONGEST: Final = 90  # days of quiet


class Doing(IntEnum):
    """What might clear a warning."""

    NOTHING = 0  # none of the below would, for as much of it as is tried
    PURCHASE = 1  # of the customer's usual amount
    VISIT = 2
    REPAYMENT = 3
    QUIET = 4  # nothing new of the kind
    CHARGE = 5  # recurring charges that are overdue, each once
    CARD_USE = 6  # a purchase with the card that lies unused


KINDS: Final[Mapping[Doing, Kind]] = MappingProxyType(
    {
        Doing.PURCHASE: Kind.PURCHASE,
        Doing.VISIT: Kind.APP_SESSION,
        Doing.REPAYMENT: Kind.REPAYMENT,
        Doing.CHARGE: Kind.PURCHASE,
        Doing.CARD_USE: Kind.PURCHASE,
    }
)
ANY: Final = (Doing.PURCHASE, Doing.VISIT, Doing.REPAYMENT)
MOVES: Final[Mapping[Feature, tuple[Doing, ...]]] = MappingProxyType(
    {
        Feature.P_NO_PURCHASE: (Doing.PURCHASE,),
        Feature.SPEND_DECLINE: (Doing.PURCHASE,),
        Feature.USE_DECLINE: (Doing.PURCHASE,),
        Feature.VISITS_DECLINE: (Doing.VISIT,),
        Feature.OVERDUE_RATE: (Doing.REPAYMENT,),
        Feature.DISSATISFACTION: (),
        Feature.NEWCOMER_DAYS: (Doing.PURCHASE, Doing.VISIT),
        Feature.CARD_UNUSED_DAYS: (Doing.CARD_USE,),
        Feature.CHARGES_STOPPED: (Doing.CHARGE,),
    }
)
"""What moves a rule's value, where not everything may; quiet is tried last."""


class Counterfactuals(NamedTuple):
    """The least that would clear each of some warnings, arrays of equal length.

    Attributes:
        doing: `Doing`.
        times: how often within `days`; 0 for quiet, and where nothing would.
        days: within which, or of quiet.
    """

    doing: Ints
    times: Ints
    days: Floats


def would_clear(states: States, now: Floats, slots: Ints, model: ScoringModel) -> Counterfactuals:
    """Find what would clear each of some warnings.

    Args:
        states: of the customer of each as it was left by the step, shape (n,); not changed.
        now: epoch seconds, shape (n,).
        slots: the rule of each, shape (n,).
        model: the models and thresholds.

    Returns:
        Shapes (n,); the same bytes for a warning alone and among others.
    """
    found = Counterfactuals(*(np.zeros(len(states), kind) for kind in ("i8", "i8", "f8")))
    if not len(states):
        return found
    of = _Warned(states, now, slots, model)
    for doing in KINDS:
        rows = np.flatnonzero((found.doing == Doing.NOTHING) & of.moved_by(doing))
        if not rows.size:
            continue
        times = _least_times(of.rows(rows), doing)
        cleared = rows[times > 0]
        found.doing[cleared], found.days[cleared] = doing, WITHIN
        found.times[cleared] = times[times > 0]
    rows = np.flatnonzero((found.doing == Doing.NOTHING) & of.fades)
    if rows.size:
        days = _least_quiet(of.rows(rows))
        cleared = rows[days > 0]
        found.doing[cleared], found.days[cleared] = Doing.QUIET, days[days > 0]
    return found


def explain(warnings: States, warned: States, model: ScoringModel) -> None:
    """Fill in what would clear each warning that is open, in place.

    Args:
        warnings: rows of a step's outcome, shape (n,).
        warned: the states that they left, shape (n,).
        model: the models and thresholds.
    """
    rows = np.flatnonzero(warnings["after"] > lifecycle.LOW)
    found = would_clear(
        warned.take(rows), warnings["now"][rows], warnings["rule"][rows].astype(np.int64), model
    )
    for name, values in found._asdict().items():
        warnings[name][rows] = values


@dataclass(frozen=True)
class _Warned:
    states: States
    now: Floats
    slots: Ints
    model: ScoringModel

    def __len__(self) -> int:
        return len(self.states)

    def rows(self, rows: Ints) -> "_Warned":
        return _Warned(self.states.take(rows), self.now[rows], self.slots[rows], self.model)

    def moved_by(self, doing: Doing) -> Bools:
        rules = self.model.rules
        moved = [r.slot for r in rules.rules if doing in MOVES.get(r.value, ANY)]
        by: Bools = np.isin(self.slots, moved) & ~lifecycle.is_closed(self.states)
        return by

    @property
    def fades(self) -> Bools:
        may = {InSilence.FALLS, InSilence.MIXED}
        fades = [rule.slot for rule in self.model.rules.rules if rule.in_silence in may]
        by: Bools = np.isin(self.slots, fades) & ~lifecycle.is_closed(self.states)
        return by

    def cleared(self, states: States, instants: Floats) -> Bools:
        """Whether the rule's level would be low in those states at instants, shape (n,)."""
        matrix = known(states, instants, self.model).matrix
        table = lifecycle.values(matrix, self.model)
        before = states["level"][:, : self.model.rules.width].astype(np.int64)
        after = lifecycle.targets(before, table, bands_of(states, matrix, self.model))
        after = np.where(lifecycle.may_raise(matrix, self.model), after, lifecycle.LOW)
        low: Bools = after[np.arange(len(self)), self.slots] == lifecycle.LOW
        return low

    def clears(self, doing: Doing, times: Ints) -> Bools:
        """Whether doing something that often, evenly over the days, clears, shape (n,)."""
        states = copied(self.states)
        amounts = _usual_amounts(self)
        for number in range(1, int(times.max(initial=0)) + 1):
            rows = np.flatnonzero(times >= number)
            at = self.now[rows] + WITHIN * DAY * number / times[rows]
            own = states.take(rows)
            events = _events(doing, number, at, amounts[rows])
            if doing is Doing.CHARGE:
                own_days = self.model.calendar.day(self.now[rows])
                events["merchant"], events["amount"] = late_charge(own, own_days)
            elif doing is Doing.CARD_USE:
                events["card"] = unused_card(own)
            days = self.model.calendar.day(at)
            apply(own, events, days, self.model.calendar, self.model.memory)
            raw(states)[rows] = raw(own)
        return self.cleared(states, self.now + WITHIN * DAY)

    def clears_after(self, days: Ints) -> Bools:
        """Whether as many days of nothing new clear, shape (n,)."""
        return self.cleared(self.states, self.now + days * DAY)


def _least_times(of: _Warned, doing: Doing) -> Ints:
    """How often something must be done, shape (n,); 0 where `MOST` times do not clear."""
    most = np.full(len(of), MOST)
    once = of.clears(doing, np.ones_like(most))
    rest = np.flatnonzero(~once)
    most[once] = 1
    if rest.size:
        most[rest] = np.where(of.rows(rest).clears(doing, most[rest]), MOST, 0)
    return _least(np.ones_like(most), most, lambda rows, n: of.rows(rows).clears(doing, n))


def _least_quiet(of: _Warned) -> Ints:
    """Whole days of nothing new that clear, shape (n,); 0 where `LONGEST` do not."""
    most = np.full(len(of), LONGEST)
    most = np.where(of.clears_after(most), LONGEST, 0)
    return _least(np.zeros_like(most), most, lambda rows, n: of.rows(rows).clears_after(n))


def _least(low: Ints, high: Ints, holds: Callable[[Ints, Ints], Bools]) -> Ints:
    """The least counts that hold, by halving: `low` does not, `high` does; `high` where it is 0.

    Args:
        low: shape (n,), changed in place.
        high: shape (n,), changed in place.
        holds: whether counts of some rows do.
    """
    while (rows := np.flatnonzero(high - low > 1)).size:
        middle = (low[rows] + high[rows]) // 2
        enough = holds(rows, middle)
        high[rows[enough]] = middle[enough]
        low[rows[~enough]] = middle[~enough]
    return high


def _usual_amounts(of: _Warned) -> Ints:
    """Mean of the customer's purchases, of all customers' for who has none, minor units, > 0."""
    bought = of.states["counts"][:, Count.PURCHASES].astype(np.int64)
    own = of.states["total_value"] // np.maximum(bought, 1)
    nothing = np.zeros(len(of))
    others = np.rint(of.model.spend.expected_spend(nothing, nothing)).astype(np.int64)
    return np.maximum(np.where((bought > 0) & (own > 0), own, others), 1)


def _events(doing: Doing, number: int, at: Floats, amounts: Ints) -> Events:
    events = np.zeros(len(at), EVENT)
    events["kind"], events["time"], events["amount"] = KINDS[doing], at, amounts
    events["reversed_time"], events["id"] = at, number
    return events
