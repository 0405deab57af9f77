"""Rules that warn of the days to come, held against what comes in them: defection, not silence."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from modelling.backtest.performance import Period
from modelling.backtest.raised import Raised
from modelling.leaving import Episodes, episodes, outcomes
from scoring.arrays import Floats
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


def defection_performance(
    raised: Raised, log: EventLog, period: Period, model: ScoringModel
) -> tuple[DefectionPerformance, ...]:
    """Measure the rules about declines, and a scorecard of other leaving than silence.

    Args:
        raised: as `joined` orders them.
        log: the history, which ends with the period.
        period: what is judged.
        model: whose definition of leaving and calendar count.
    """
    entered = raised[(raised["band"] == MIDDLE) & period.holds(raised["time"])]
    of_card = entered["rule"] == CHURN
    declines = _judged(
        entered[model.rules.held[entered["rule"]]], partial_of(model.leaving), log, period, model
    )
    if model.leaving.silence_days is not None:
        return tuple(declines)
    return *declines, *_judged(entered[of_card], model.leaving, log, period, model)


def _judged(
    entered: Raised, leaving: Leaving, log: EventLog, period: Period, model: ScoringModel
) -> Iterator[DefectionPerformance]:
    """Rules that entered band middle in the period, by what comes after."""
    if not len(entered):
        return
    # What is bought at the instant of a warning is known to it.
    after = np.nextafter(entered["time"], np.inf)
    answers = outcomes(log, leaving, entered["row"], after, period.end, model.calendar)
    runs = episodes(log, leaving, *period, model.calendar)
    for slot in np.unique(entered["rule"]).tolist():
        own = entered["rule"] == slot
        yield _performance(model.rules[slot].name, entered[own], answers[own], runs)


def _performance(
    rule: str, entered: Raised, answers: Floats, runs: Episodes
) -> DefectionPerformance:
    known = ~np.isnan(answers)
    right, count = int((answers[known] == 1.0).sum()), int(known.sum())
    warned, defections = int(runs.warned(entered["row"], entered["time"])[0].sum()), len(runs.row)
    return DefectionPerformance(
        rule=rule,
        warnings=count,
        right=right,
        precision=right / count if count else None,
        defections=defections,
        warned=warned,
        recall=warned / defections if defections else None,
    )
