"""What calibrating is asked for, and what it found."""

from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from modelling.backtest.run import BacktestRun
from modelling.calibrate.needs import Need
from modelling.calibrate.purchases import PurchaseFit
from modelling.churn.fit import ScorecardPlan
from modelling.thresholds import Aim, ThresholdFit
from scoring.parameters import Leaving

HISTORY_STEP: Final = "history"
LEAVING_STEP: Final = "leaving"
PURCHASES: Final = "purchases"
SCORECARD: Final = "scorecard"
BACKTEST: Final = "backtest"


class CalibrationStep(NamedTuple):
    """One step.

    Attributes:
        name: of the step.
        is_done: whether it was; else the base's section was kept, or nothing could be told.
        words: what was done or why not, a sentence or two.
    """

    name: str
    is_done: bool
    words: str


@dataclass(frozen=True, kw_only=True)
class CalibrationRequest:
    """What to calibrate.

    Attributes:
        base: parameter file to take all else from.
        name: of the new file.
        aim: what the thresholds are to achieve.
        leaving: section of the parameter file; by default the base's, else proposed.
        currency, timezone: of the books; by default the base's.
        plan: of the scorecard's fit.
        share: of all customers, drawn by lot, that the history holds.
    """

    base: dict[str, Any]
    name: str
    aim: Aim
    leaving: dict[str, Any] | None = None
    currency: str | None = None
    timezone: str | None = None
    plan: ScorecardPlan = field(default_factory=ScorecardPlan)
    share: float = 1.0


@dataclass(frozen=True, kw_only=True)
class Calibrated:
    """What calibrating found.

    Attributes:
        document: the new parameter file, sealed.
        steps: in order.
        leaving: what counts as leaving.
        missing: what the history lacks for a scorecard of its own.
        purchases: the purchase model's step, None where nobody bought.
        churn: scorecard and thresholds, None where none was fitted.
        backtest: of the last part by a fit to the first, None where there is none.
        aim: what the thresholds were to achieve.
        seconds: it took.
    """

    document: dict[str, Any]
    steps: tuple[CalibrationStep, ...]
    leaving: Leaving
    missing: tuple[Need, ...]
    purchases: PurchaseFit | None
    churn: ThresholdFit | None
    backtest: BacktestRun | None
    aim: Aim
    seconds: float

    @property
    def is_complete(self) -> bool:
        """Whether every step was done."""
        return all(step.is_done for step in self.steps)
