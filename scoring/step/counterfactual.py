"""What would clear a warning: the least that the customer might do, found by the step's own means.

A counterfactual explanation (Wachter, Mittelstadt and Russell 2017, "Counterfactual explanations
without opening the black box"): nothing is phrased that was not applied to the customer's state and
judged as the step judges. What is told holds for a customer who does this and nothing else.
"""

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from scoring.arrays import DAY, Bools, Floats, Ints
from scoring.facts.apply import apply
from scoring.facts.events import EVENT, Events
from scoring.facts.state import Count, States, copied, raw
from scoring.feature import InSilence
from scoring.features import known
from scoring.features.holdings import late_charge, unused_card
from scoring.model import ScoringModel
from scoring.step.doing import ANY, KIND_OF, KINDS, MOVES, Doing
from scoring.warning import lifecycle
from scoring.warning.classes import bands_of

WITHIN: Final = 14.0  # days over which what is done is spread evenly
MOST: Final = 8  # times: who would have to do more has to change more than a fortnight
LONGEST: Final = 90  # days of quiet, tens of them
TIMES: Final = np.arange(1, MOST + 1)
AT_ONCE: Final = 500  # warnings: so many states are copied for each


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
    for begin in range(0, len(states), AT_ONCE):
        some = slice(begin, begin + AT_ONCE)
        of = _Warned(states[some], now[some], slots[some], model)
        rows, doing, times = _least_times(of)
        rows += begin
        found.doing[rows], found.times[rows], found.days[rows] = doing, times, WITHIN
        rows = np.flatnonzero((found.doing[some] == Doing.NOTHING) & of.fades)
        if rows.size:
            days = _least_quiet(of.rows(rows))
            rows, days = rows[days > 0] + begin, days[days > 0]
            found.doing[rows], found.days[rows] = Doing.QUIET, days
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

    def cleared_by(self, doing: Ints, times: Ints) -> Bools:
        """Whether doing something that often, evenly over the days, clears, shape (n,)."""
        states, amounts = copied(self.states), _usual_amounts(self)
        for number in range(1, int(times.max(initial=0)) + 1):
            rows = np.flatnonzero(times >= number)
            at = self.now[rows] + WITHIN * DAY * number / times[rows]
            own = states.take(rows)
            events = _events(doing[rows], number, at, amounts[rows])
            charged = np.flatnonzero(doing[rows] == Doing.CHARGE)
            if charged.size:
                days = self.model.calendar.day(self.now[rows[charged]])
                late = late_charge(own.take(charged), days)
                events["merchant"][charged], events["amount"][charged] = late
            used = np.flatnonzero(doing[rows] == Doing.CARD_USE)
            if used.size:
                events["card"][used] = unused_card(own.take(used))
            days = self.model.calendar.day(at)
            apply(own, events, days, self.model.calendar, self.model.memory)
            raw(states)[rows] = raw(own)
        return self.cleared(states, self.now + WITHIN * DAY)

    def cleared_after(self, days: Ints) -> Bools:
        """Whether as many days of nothing new clear, shape (n,)."""
        return self.cleared(self.states, self.now + days * DAY)


def _least_times(of: _Warned) -> tuple[Ints, Ints, Ints]:
    """Who is cleared by doing something `MOST` times or fewer, what, and the least times.

    All that might be done is tried, as often as it might be, at once: the asking is what costs.
    """
    kinds, rows = np.nonzero([of.moved_by(doing) for doing in KINDS])
    doing = np.array(list(KINDS))[kinds]
    enough = _tried(of, rows, doing)
    clearing = np.flatnonzero(enough[0] | enough[-1])
    first = clearing[np.unique(rows[clearing], return_index=True)[1]]  # in the order of KINDS
    return rows[first], doing[first], TIMES[enough[:, first].argmax(axis=0)]


def _tried(of: _Warned, rows: Ints, doing: Ints) -> Bools:
    """Whether doing something `TIMES` clears, shape (times, rows)."""
    shape = MOST, len(rows)
    if not rows.size:
        return np.zeros(shape, np.bool_)
    tries = of.rows(np.tile(rows, MOST))
    return tries.cleared_by(np.tile(doing, MOST), np.repeat(TIMES, len(rows))).reshape(shape)


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


def _events(doing: Ints, number: int, at: Floats, amounts: Ints) -> Events:
    events = np.zeros(len(at), EVENT)
    events["kind"], events["time"], events["amount"] = KIND_OF[doing], at, amounts
    events["reversed_time"], events["id"] = at, number
    return events
