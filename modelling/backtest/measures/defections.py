"""Rules that warn of the days to come, held against what comes in them: defection, not silence."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Final, NamedTuple

import numpy as np

from modelling.backtest.measures.placed import Period
from modelling.backtest.measures.raised import Raised
from modelling.leaving import episodes, outcomes
from scoring.arrays import Bools, Ints
from scoring.model import ScoringModel
from scoring.parameters import Leaving, Partial
from scoring.rules import CHURN
from scoring.step.replay import EventLog
from scoring.warning.lifecycle import MIDDLE

USUAL: Final = Partial(type="partial", within_days=28.0, share=0.5, level_days=182.0)


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


class Defections(NamedTuple):
    """Entries into band middle, and defections, of some of the customers.

    Attributes:
        warnings: by rule's slot, entries of which can be told whether they are right.
        right: of those, by slot.
        warned: defections warned of, by slot.
        entered: whether a rule did so at all, by slot.
        defections: all of them.
    """

    warnings: Ints
    right: Ints
    warned: Ints
    entered: Bools
    defections: int

    def with_others(self, other: "Defections") -> "Defections":
        """Theirs and those of other customers."""
        return Defections(
            self.warnings + other.warnings,
            self.right + other.right,
            self.warned + other.warned,
            self.entered | other.entered,
            self.defections + other.defections,
        )


def defections(
    raised: Raised, log: EventLog, period: Period, model: ScoringModel, customers: int | None = None
) -> tuple[Defections, ...]:
    """Judge the rules about declines, and a scorecard of other leaving than silence.

    Args:
        raised: as `joined` orders them.
        log: the history, which ends with the period.
        period: what is judged.
        model: whose definition of leaving and calendar count.
        customers: how many there are, where the log is a part's; else those of the log.

    Returns:
        What came of the rules about declines, and, where leaving is no silence, of the scorecard.
    """
    entered = raised[(raised["band"] == MIDDLE) & period.holds(raised["time"])]
    of_card = entered["rule"] == CHURN
    asked: list[tuple[Raised, Leaving]] = [
        (entered[model.rules.held[entered["rule"]]], partial_of(model.leaving))
    ]
    if model.leaving.silence_days is None:
        asked.append((entered[of_card], model.leaving))
    is_part = customers is not None and customers > len(log.customers)
    none = np.zeros(model.rules.width, np.int64)
    return tuple(
        _judged(own, leaving, log, period, model, customers)
        if len(own) or is_part  # of a part's defections others may have warned
        else Defections(none, none, none, none > 0, 0)
        for own, leaving in asked
    )


def defection_performance(
    parts: Sequence[tuple[Defections, ...]], model: ScoringModel
) -> tuple[DefectionPerformance, ...]:
    """Measure the rules that warned.

    Args:
        parts: of customers, one at least, as `defections` judges them.
        model: whose rules they are.
    """
    return tuple(
        _performance(model.rules[slot].name, slot, found)
        for of_parts in zip(*parts, strict=True)
        for found in [reduce(Defections.with_others, of_parts)]
        for slot in np.flatnonzero(found.entered).tolist()
    )


def _judged(
    entered: Raised,
    leaving: Leaving,
    log: EventLog,
    period: Period,
    model: ScoringModel,
    customers: int | None,
) -> Defections:
    """Rules that entered band middle in the period, by what comes after."""
    # What is bought at the instant of a warning is known to it.
    after = np.nextafter(entered["time"], np.inf)
    answers = outcomes(log, leaving, entered["row"], after, period.end, model.calendar)
    runs = episodes(log, leaving, *period, model.calendar, of=customers)
    width, warned = model.rules.width, np.zeros(model.rules.width, np.int64)
    for slot in np.unique(entered["rule"]).tolist():
        own = entered[entered["rule"] == slot]
        warned[slot] = int(runs.warned(own["row"], own["time"])[0].sum())
    known, right = ~np.isnan(answers), answers == 1.0
    warnings, rightly, of_all = (
        np.bincount(entered["rule"][kept], minlength=width)
        for kept in (known, right, np.ones(len(entered), np.bool_))
    )
    return Defections(warnings, rightly, warned, of_all > 0, len(runs.row))


def _performance(rule: str, slot: int, found: Defections) -> DefectionPerformance:
    count, right, warned = (int(each[slot]) for each in found[:3])
    return DefectionPerformance(
        rule=rule,
        warnings=count,
        right=right,
        precision=right / count if count else None,
        defections=found.defections,
        warned=warned,
        recall=warned / found.defections if found.defections else None,
    )
