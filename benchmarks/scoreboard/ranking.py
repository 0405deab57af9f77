"""How well scores rank who buys nothing in the holdout, each customer by a fit without them."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from benchmarks.scoreboard import peer
from benchmarks.scoreboard.data import Case
from benchmarks.scoreboard.files import MODELS, TITLES, fitted
from scoring.churn import Plan
from scoring.churn.judging import Judged, judge
from scoring.evaluation import (
    Estimate,
    area_gained,
    area_under_curve,
    calibrated_limit,
    expected_calibration_error,
)
from scoring.fitting import FitError, PurchaseModel
from scoring.model import Model
from scoring.parameters import parse
from scoring.state import Floats


class Ranked(NamedTuple):
    """How one score ranked; what does not apply is None.

    Attributes:
        score: Name.
        customers: Ranked; 0 where there is no such score.
        left_out: For whom the score is no number.
        auc: How likely who buys nothing is put above who buys.
        over_silence: How much more that is than by days since the last purchase, paired.
        over_model: The same over P(no purchase) of the same purchase model, fitted by us.
        error: Expected calibration error.
        limit: What 95% of perfectly calibrated forecasts like these stay below.
    """

    score: str
    customers: int
    left_out: int = 0
    auc: Estimate | None = None
    over_silence: Estimate | None = None
    over_model: Estimate | None = None
    error: float | None = None
    limit: float | None = None


def ranked(case: Case, plan: Plan = Plan()) -> Iterator[Ranked]:  # noqa: B008 - a tuple
    """Rank the customers of a case by every score there is."""
    judged: Judged | None = None
    for model in MODELS:
        try:
            document = fitted(case, model, case.days)
        except FitError:
            yield Ranked(f"{TITLES[model]}: no maximum, so no fit", 0)
            continue
        judged = judge(case.log, Model(parse(document)), [case.start], case.days, plan)
        yield from _ours(model, judged)
        yield from _theirs(model, case, judged)
    if judged is not None:
        yield _ranked("days since last", judged.looked.silence, judged)._replace(over_silence=None)


def _ours(model: PurchaseModel, judged: Judged) -> Iterator[Ranked]:
    raw = judged.looked.no_purchase
    scorecard = _ranked(f"scorecard over {TITLES[model]}", judged.risks, judged)
    error, limit = judged.calibration_error, judged.calibration_limit
    yield scorecard._replace(error=error, limit=limit)
    plain = _ranked(f"P(no purchase), {TITLES[model]}", raw, judged)._replace(over_model=None)
    error = expected_calibration_error(raw, judged.churned)
    yield plain._replace(error=error, limit=calibrated_limit(raw))


def _theirs(model: PurchaseModel, case: Case, judged: Judged) -> Iterator[Ranked]:
    """Rank by lifetimes: whom it expects to buy least, and whom it takes for gone."""
    found = peer.forecast(model, case.summary, case.days)
    scores = {} if found is None else {"expected purchases": -found.expected}
    scores |= {} if found is None else {"1 - P(alive)": 1.0 - found.p_alive}
    at = np.searchsorted(case.summary.rows, judged.looked.customers)
    for name, score in scores.items():
        yield _ranked(f"lifetimes {TITLES[model]}, {name}", score[at], judged)
    if not scores:
        yield Ranked(f"lifetimes {TITLES[model]}: does not converge", 0)


def _ranked(name: str, score: Floats, judged: Judged) -> Ranked:
    """Rank those for whom the score is a number."""
    known = np.isfinite(score)
    looked, truth = judged.looked, judged.churned[known]
    score, silence, raw = score[known], looked.silence[known], looked.no_purchase[known]
    who = looked.customers[known]
    return Ranked(
        score=name,
        customers=int(known.sum()),
        left_out=int((~known).sum()),
        auc=area_under_curve(score, truth, who),
        over_silence=area_gained(score, silence, truth, who),
        over_model=area_gained(score, raw, truth, who),
    )
