"""A churn scorecard beside plainer rankings, on customers it was not fitted to."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from modelling.churn.fit import FittedScorecard, ScorecardPlan
from modelling.churn.observations import Observations, observe
from modelling.churn.regression.labelled import Labelled
from modelling.churn.regression.logistic import ChurnFitError
from modelling.churn.silences import SilenceQuestion, silences_labelled
from modelling.churn.validation import validate
from modelling.leaving import outcomes
from scoring.arrays import DAY, Bools, Floats
from scoring.evaluation import (
    Estimate,
    area_gained,
    area_under_curve,
    calibrated_limit,
    expected_calibration_error,
)
from scoring.model import ScoringModel
from scoring.parameters import Leaving, Silence
from scoring.step.replay import EventLog

ELSEWHERE: Final = ("expected_spend",)  # not asked about silences: prices move, and risks with them


@dataclass(frozen=True)
class CrossValidation:
    """What cross-validation found.

    Attributes:
        fitted: to all customers.
        observed: customers at dates, n rows.
        churned: what became of them, shape (n,).
        risks: each by a scorecard that had not seen the customer, shape (n,).
        auc: of the risks.
        baselines: AUC of plainer rankings by name, and how much more that of the risks is:
            "no_purchase", the purchase model's P(no purchase within the horizon), and
            "days_since_last".
        calibration_error: expected calibration error of the risks.
        calibration_limit: what 95% of perfectly calibrated risks like these stay below.
    """

    fitted: FittedScorecard
    observed: Observations
    churned: Bools
    risks: Floats
    auc: Estimate
    baselines: dict[str, tuple[Estimate, Estimate]]
    calibration_error: float
    calibration_limit: float

    @property
    def customers(self) -> int:
        """How many different customers there are."""
        return int(np.unique(self.observed.customers).size)

    @property
    def churn_rate(self) -> float:
        """Share that was lost within the horizon."""
        return float(self.churned.mean())


def cross_validate(
    log: EventLog,
    model: ScoringModel,
    instants: Sequence[float],
    leaving: Leaving,
    plan: ScorecardPlan,
    gone_at: Floats | None = None,
    until: float | None = None,
) -> CrossValidation:
    """Fit a scorecard, and judge it by cross-validation over customers.

    Where a silence counts, it learns from all days of silences; otherwise from the instants at
    which it is judged.

    Args:
        log: the history, reaching far enough beyond the last instant to tell who left.
        model: whose features are weighed.
        instants: epoch seconds at which customers are looked at, rising.
        leaving: what counts as leaving.
        plan: of the fit.
        gone_at: epoch seconds when each customer of the log left, inf who did not; by default when
            the account was closed.
        until: up to when the history runs, epoch seconds; far enough by default.

    Raises:
        ChurnFitError: too few left or stayed.
    """
    ends = max(instants) + leaving.within * DAY if until is None else until
    observed = observe(log, model, instants, leaving.within, plan.inputs)
    when = np.array(instants)[observed.dates]
    answers = outcomes(log, leaving, observed.customers, when, ends, model.calendar, gone_at)
    observed, churned = observed.rows(~np.isnan(answers)), answers[~np.isnan(answers)] == 1.0
    if isinstance(leaving, Silence):
        own = tuple(one for one in plan.inputs if one.name not in ELSEWHERE)
        asked = SilenceQuestion(model, leaving.days, own, plan.seed)
        labelled = silences_labelled(log, asked, ends)
        validated = validate(labelled, plan._replace(inputs=own))
    else:
        validated = validate(Labelled(observed.inputs, churned, observed.customers), plan)
    picked = validated.fitted.picked(observed.inputs, plan.inputs)
    risks = validated.risks(picked, observed.customers)
    return _compared(validated.fitted, observed, churned, risks)


def _require_both(churned: Bools) -> None:
    """Refuse dates after which nobody left, or everybody.

    Raises:
        ChurnFitError: there is nothing to judge by.
    """
    lost = int(churned.sum())
    if lost in {0, len(churned)}:
        expected = "dates (--at) after which some customers left and some stayed"
        raise ChurnFitError(where="dates", expected=expected, got=f"{lost} of {len(churned)} left")


def _compared(
    fitted: FittedScorecard, observed: Observations, churned: Bools, risks: Floats
) -> CrossValidation:
    _require_both(churned)
    plainer = {"no_purchase": observed.no_purchase, "days_since_last": observed.silence}
    who = observed.customers
    baselines = {
        name: (area_under_curve(score, churned, who), area_gained(risks, score, churned, who))
        for name, score in plainer.items()
    }
    return CrossValidation(
        fitted=fitted,
        observed=observed,
        churned=churned,
        risks=risks,
        auc=area_under_curve(risks, churned, who),
        baselines=baselines,
        calibration_error=expected_calibration_error(risks, churned),
        calibration_limit=calibrated_limit(risks),
    )
