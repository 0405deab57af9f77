"""A churn scorecard beside plainer rankings, on customers it was not fitted to."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from modelling.churn.fit import Labelled, ScorecardPlan, cross_validated_risks
from modelling.churn.observations import Observations, bought_nothing, left, observe
from scoring.arrays import Bools, Floats
from scoring.evaluation import (
    Estimate,
    area_gained,
    area_under_curve,
    calibrated_limit,
    expected_calibration_error,
)
from scoring.model import ScoringModel
from scoring.step.replay import EventLog


@dataclass(frozen=True)
class CrossValidation:
    """What cross-validation found.

    Attributes:
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

    observed: Observations
    churned: Bools
    risks: Floats
    auc: Estimate
    baselines: dict[str, tuple[Estimate, Estimate]]
    calibration_error: float
    calibration_limit: float

    @property
    def labelled(self) -> Labelled:
        """What a scorecard is fitted to."""
        return Labelled(self.observed.inputs, self.churned, self.observed.customers)

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
    horizon_days: float,
    plan: ScorecardPlan,
    gone_at: Floats | None = None,
) -> CrossValidation:
    """Judge a scorecard by cross-validation over customers.

    Args:
        log: the history, reaching `horizon_days` beyond the last instant.
        model: whose features are weighed.
        instants: epoch seconds at which customers are looked at, rising.
        horizon_days: N, within which a customer is lost.
        plan: of the fit.
        gone_at: epoch seconds when each customer of the log left, inf who did not; by default who
            buys nothing for N days is lost.

    Raises:
        ChurnFitError: too few were lost or stayed.
    """
    observed = observe(log, model, instants, horizon_days, plan.inputs)
    if gone_at is None:
        churned = bought_nothing(log, observed, instants, horizon_days)
    else:
        observed = observed.rows(gone_at[observed.customers] >= np.array(instants)[observed.dates])
        churned = left(gone_at, observed, instants, horizon_days)
    labelled = Labelled(observed.inputs, churned, observed.customers)
    return _compared(observed, churned, cross_validated_risks(labelled, plan))


def _compared(observed: Observations, churned: Bools, risks: Floats) -> CrossValidation:
    plainer = {"no_purchase": observed.no_purchase, "days_since_last": observed.silence}
    who = observed.customers
    baselines = {
        name: (area_under_curve(score, churned, who), area_gained(risks, score, churned, who))
        for name, score in plainer.items()
    }
    return CrossValidation(
        observed=observed,
        churned=churned,
        risks=risks,
        auc=area_under_curve(risks, churned, who),
        baselines=baselines,
        calibration_error=expected_calibration_error(risks, churned),
        calibration_limit=calibrated_limit(risks),
    )
