"""Rules about declines, held against what they warn of: partial defection, not silence."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from modelling.backtest.performance import Period
from modelling.backtest.raised import Raised
from modelling.leaving import outcomes
from scoring.arrays import DAY, Bools, Floats, Ints
from scoring.facts.calendar import BookCalendar
from scoring.model import ScoringModel
from scoring.parameters import Leaving, Partial
from scoring.rules import HELD, RULES
from scoring.step.replay import EventLog
from scoring.warning.lifecycle import MIDDLE

USUAL: Final = Partial(type="partial", within_days=28.0, share=0.5, level_days=182.0)
EVERY: Final = 7.0  # days between looks for defections, more where there are many customers
MOST_LOOKS: Final = 2_000_000


@dataclass(frozen=True)
class DefectionPerformance:
    """One rule's entries into band middle in the period, and the defections in it.

    A warning is right if in the days after it activity stays below the share of before. A defection
    is a run of looks, a week apart, after each of which it does; it is warned of if the rule
    entered the band between its first look and the end of the days after its last one.

    Attributes:
        rule: name.
        warnings: of which can be told whether they are right.
        right: of those.
        precision: right / warnings, None without any.
        defections: that began in the period.
        warned: of those, warned of.
        recall: warned / defections, None without any.
    """

    rule: str
    warnings: int
    right: int
    precision: float | None
    defections: int
    warned: int
    recall: float | None


def partial_of(leaving: Leaving) -> Partial:
    """The partial defection of a definition of leaving, the usual one where it has none."""
    return next((one for one in leaving.parts if isinstance(one, Partial)), USUAL)


def defection_performance(
    raised: Raised, log: EventLog, period: Period, model: ScoringModel
) -> tuple[DefectionPerformance, ...]:
    """Measure the rules about declines that warned in a period.

    Args:
        raised: as `joined` orders them.
        log: the history, which ends with the period.
        period: what is judged.
        model: whose definition of leaving and calendar count.
    """
    entered = raised[(raised["band"] == MIDDLE) & HELD[raised["rule"]]]
    entered = entered[period.holds(entered["time"])]
    if not len(entered):
        return ()
    partial, calendar = partial_of(model.leaving), model.calendar
    # What is bought at the instant of a warning is known to it.
    after = np.nextafter(entered["time"], np.inf)
    answers = outcomes(log, partial, entered["row"], after, period.end, calendar)
    runs = _runs(log, period, partial, calendar)
    slots = np.unique(entered["rule"]).tolist()
    return tuple(
        _performance(RULES[slot].name, entered[own], answers[own], runs)
        for slot in slots
        for own in [entered["rule"] == slot]
    )


def _runs(
    log: EventLog, period: Period, partial: Partial, calendar: BookCalendar
) -> tuple[Ints, Floats, Floats]:
    """Customer, first look and end of each defection, ordered by customer, then time."""
    customers, span = len(log.customers), period.days - partial.within_days
    every = max(EVERY, span * customers / MOST_LOOKS)
    looks = period.start + np.arange(0.0, max(span, 0.0), every) * DAY
    rows = np.repeat(np.arange(customers), len(looks))
    answers = outcomes(log, partial, rows, np.tile(looks, customers), period.end, calendar)
    below = (answers == 1.0).reshape(customers, len(looks))
    padded = np.pad(below, ((0, 0), (1, 1)))
    row, first = np.nonzero(padded[:, 1:-1] & ~padded[:, :-2])
    _, last = np.nonzero(padded[:, 1:-1] & ~padded[:, 2:])
    return row, looks[first], looks[last] + partial.within_days * DAY


def _performance(
    rule: str, entered: Raised, answers: Floats, runs: tuple[Ints, Floats, Floats]
) -> DefectionPerformance:
    known = ~np.isnan(answers)
    right, count = int((answers[known] == 1.0).sum()), int(known.sum())
    warned, defections = int(_warned(entered, runs).sum()), len(runs[0])
    return DefectionPerformance(
        rule=rule,
        warnings=count,
        right=right,
        precision=right / count if count else None,
        defections=defections,
        warned=warned,
        recall=warned / defections if defections else None,
    )


def _warned(entered: Raised, runs: tuple[Ints, Floats, Floats]) -> Bools:
    """Which runs have an entry between their beginning and end."""
    row, first, last = runs
    # Complex numbers are ordered by their real part, then by the imaginary one.
    keys = np.sort(entered["row"] + 1j * entered["time"])
    begun, ended = np.searchsorted(keys, row + 1j * first), np.searchsorted(keys, row + 1j * last)
    warned: Bools = ended > begun
    return warned
