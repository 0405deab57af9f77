"""What would clear a warning: the least that the customer might do, found by the step's own means.

A counterfactual explanation (Wachter, Mittelstadt and Russell 2017, "Counterfactual explanations
without opening the black box"): nothing is phrased that was not applied to the customer's state and
judged as the step judges. What is told holds for a customer who does this and nothing else.
"""

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from scoring.arrays import DAY, Bools, Floats, Ints, copied, raw
from scoring.facts.apply import apply
from scoring.facts.events import EVENT, Events
from scoring.facts.state import Count, States
from scoring.facts.touchpoints import without_contacts
from scoring.feature import InSilence
from scoring.features import known
from scoring.features.holdings import late_charge, unused_card
from scoring.model import ScoringModel
from scoring.rules import DISSATISFACTION
from scoring.segments import Basis, satisfaction_at, weakest
from scoring.step.doing import ANY, KINDS, MOVES, Doing
from scoring.warning import lifecycle
from scoring.warning.classes import bands_of

WITHIN: Final = 14.0  # days over which what is done is spread evenly
MOST: Final = 8  # times: who would have to do more has to change more than a fortnight
LONGEST: Final = 90  # days of quiet, tens of them
MORE: Final = np.arange(2, MOST)  # times: more than once, and fewer than the most
AT_ONCE: Final = 500  # warnings: so many states are copied for each


class Counterfactuals(NamedTuple):
    """The least that would clear each of some warnings, arrays of equal length.

    Attributes:
        doing: `Doing`.
        times: how often within `days`; 0 for quiet, and where nothing would.
        days: within which, or of quiet.
        then_days: that the value must then stay out of its band before the warning is cleared.
    """

    doing: Ints
    times: Ints
    days: Floats
    then_days: Ints


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
    found = Counterfactuals(*(np.zeros(len(states), kind) for kind in ("i8", "i8", "f8", "i8")))
    for begin in range(0, len(states), AT_ONCE):
        some = slice(begin, begin + AT_ONCE)
        of = _Warned(without_contacts(states[some]), now[some], slots[some], model)
        found.doing[some], found.times[some] = _least_times(of)
        found.days[some] = np.where(found.times[some] > 0, WITHIN, 0.0)
        rows = np.flatnonzero((found.doing[some] == Doing.NOTHING) & of.fades)
        if rows.size:
            days = _least_quiet(of.rows(rows))
            rows, days = rows[days > 0] + begin, days[days > 0]
            found.doing[rows], found.days[rows] = Doing.QUIET, days
    left = lifecycle.patience(states, now, slots, model) - 1.0  # kept in whole seconds
    days = np.ceil(left / DAY).astype(np.int64)
    return found._replace(then_days=np.where(found.doing == Doing.NOTHING, 0, days))


def explain(warnings: States, warned: States, model: ScoringModel) -> None:
    """Fill in what would clear each warning that is open, and where a remedy belongs, in place.

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
    sore = rows[warnings["rule"][rows] == DISSATISFACTION]
    features = warnings["features"][sore].T
    basis = Basis(warned.take(sore), features, warnings["now"][sore], model)
    warnings["weakest"][sore] = weakest(satisfaction_at(basis)) + 1


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
        """Whether the rule's value would be out of every band at instants, shape (n,).

        Where a rule has patience, the level is low once that has lasted.
        """
        matrix = known(states, instants, self.model).matrix
        table = lifecycle.values(matrix, self.model)
        width = self.model.rules.width
        before = states["level"][:, :width].astype(np.int64)
        before -= states["below_since"][:, :width] > 0
        after = lifecycle.targets(before, table, bands_of(states, matrix, self.model))
        after = np.where(lifecycle.may_raise(matrix, self.model), after, lifecycle.LOW)
        low: Bools = after[np.arange(len(self)), self.slots] == lifecycle.LOW
        return low

    def cleared_by(self, doing: Doing, times: Ints) -> Bools:
        """Whether doing something that often, evenly over the days, clears, shape (n,)."""
        states, amounts = copied(self.states), _usual_amounts(self)
        for number in range(1, int(times.max(initial=0)) + 1):
            rows = np.flatnonzero(times >= number)
            at = self.now[rows] + WITHIN * DAY * number / times[rows]
            own = states.take(rows)
            events = _events(doing, number, at, amounts[rows])
            if doing == Doing.CHARGE:
                late = late_charge(own, self.model.calendar.day(self.now[rows]))
                events["merchant"], events["amount"] = late
            if doing == Doing.CARD_USE:
                events["card"] = unused_card(own)
            days = self.model.calendar.day(at)
            apply(own, events, days, self.model.calendar, self.model.memory)
            raw(states)[rows] = raw(own)
        return self.cleared(states, self.now + WITHIN * DAY)

    def cleared_after(self, days: Ints) -> Bools:
        """Whether as many days of nothing new clear, shape (n,)."""
        return self.cleared(self.states, self.now + days * DAY)


def _least_times(of: _Warned) -> tuple[Ints, Ints]:
    """The first of `KINDS` that clears within `MOST` times, and the least times, shapes (n,).

    Where nothing does: `Doing.NOTHING` and 0.
    """
    doing, times = np.zeros(len(of), np.int64), np.zeros(len(of), np.int64)
    for kind in KINDS:
        rows = np.flatnonzero((doing == Doing.NOTHING) & of.moved_by(kind))
        if rows.size:
            times[rows] = least = _least(of.rows(rows), kind)
            doing[rows[least > 0]] = kind
    return doing, times


def _least(of: _Warned, kind: Doing) -> Ints:
    """How often something must be done to clear, shape (n,); 0 where neither once nor `MOST` does.

    Most warnings are cleared by once, and only the others are asked further.
    """
    once = of.cleared_by(kind, np.ones(len(of), np.int64))
    least = once.astype(np.int64)
    rows = np.flatnonzero(~once)
    if rows.size:
        rows = rows[of.rows(rows).cleared_by(kind, np.full(rows.size, MOST))]
    if rows.size:
        tries = of.rows(np.tile(rows, MORE.size))
        enough = tries.cleared_by(kind, np.repeat(MORE, rows.size)).reshape(MORE.size, -1)
        least[rows] = np.where(enough.any(axis=0), MORE[enough.argmax(axis=0)], MOST)
    return least


def _least_quiet(of: _Warned) -> Ints:
    """Whole days of nothing new that clear, shape (n,); 0 where `LONGEST` do not.

    In steps of ten days first, then of one.
    """
    tens = np.arange(10, LONGEST + 1, 10)
    enough = _waited(of, np.repeat(tens[:, None], len(of), axis=1))
    rows = np.flatnonzero(enough[-1])
    days = tens[enough[:, rows].argmax(axis=0)] + np.arange(-9, 1)[:, None]
    found = np.zeros(len(of), np.int64)
    enough = _waited(of.rows(rows), days)
    found[rows] = days[enough.argmax(axis=0), np.arange(rows.size)]
    return found


def _waited(of: _Warned, days: Ints) -> Bools:
    """Whether days of nothing new clear, shape as given: (tries, n)."""
    if not len(of):
        return np.zeros(days.shape, np.bool_)
    tries = of.rows(np.tile(np.arange(len(of)), len(days)))
    return tries.cleared_after(days.ravel()).reshape(days.shape)


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
