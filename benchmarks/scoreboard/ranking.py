"""How well scores rank who buys nothing in the holdout, each customer by a fit without them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, NamedTuple

import numpy as np

from benchmarks.scoreboard import peer
from benchmarks.scoreboard.data import Case
from benchmarks.scoreboard.files import MODELS, TITLES, fitted
from modelling.churn.cross_validation import CrossValidation, cross_validate
from modelling.churn.fit import ScorecardPlan
from modelling.fit.likelihood import FitError, PurchaseModelName
from scoring.arrays import Floats, Ints
from scoring.evaluation import (
    Estimate,
    area_gained,
    area_under_curve,
    calibrated_limit,
    expected_calibration_error,
)
from scoring.model import ScoringModel
from scoring.parameters import Partial, parse

SILENCE: Final = "days since last"
NO_PURCHASE: Final = "P(no purchase)"
EXPECTED: Final = "expected purchases"
RIVALS: Final = (SILENCE, NO_PURCHASE, EXPECTED)


class Ranked(NamedTuple):
    """How one score ranked; what does not apply is None.

    Attributes:
        score: Name.
        customers: Ranked; 0 where there is no such score.
        left_out: For whom the score is no number.
        auc: How likely who buys nothing is put above who buys.
        over: How much more that is than by other scores of the same customers, paired, by `RIVALS`.
        error: Expected calibration error.
        limit: What 95% of perfectly calibrated forecasts like these stay below.
    """

    score: str
    customers: int
    left_out: int = 0
    auc: Estimate | None = None
    over: Mapping[str, Estimate] = MappingProxyType({})
    error: float | None = None
    limit: float | None = None


@dataclass(frozen=True)
class _Field:
    """The customers of a case, and the scores that others are held against, by `RIVALS`."""

    validated: CrossValidation
    rivals: Mapping[str, Floats]

    def ranked(self, name: str, score: Floats) -> Ranked:
        """Rank those for whom the score is a number."""
        known = np.isfinite(score)
        truth, who = self.validated.churned[known], self.validated.observed.customers[known]
        return Ranked(
            score=name,
            customers=int(known.sum()),
            left_out=int((~known).sum()),
            auc=area_under_curve(score[known], truth, who),
            over={
                rival: area_gained(score[known], other[known], truth, who)
                for rival, other in self.rivals.items()
                if other is not score
            },
        )


def ranked(case: Case, plan: ScorecardPlan = ScorecardPlan()) -> Iterator[Ranked]:  # noqa: B008 - a tuple
    """Rank the customers of a case by every score there is."""
    plain: _Field | None = None
    for model in MODELS:
        try:
            document = fitted(case, model, case.days)
        except FitError:
            yield Ranked(f"{TITLES[model]}: no maximum, so no fit", 0)
            field = plain
        else:
            field = _field(case, ScoringModel(parse(document)), plan)
            plain = plain or _Field(field.validated, {SILENCE: field.rivals[SILENCE]})
            yield from _ours(TITLES[model], field)
        if field is not None:
            yield from _theirs(model, case, field)
    if plain is not None:
        yield plain.ranked("days since last", plain.rivals[SILENCE])


def _field(case: Case, model: ScoringModel, plan: ScorecardPlan) -> _Field:
    nothing = Partial(type="partial", within_days=float(case.days), share=0.0)
    validated = cross_validate(case.log, model, [case.start], nothing, plan)
    seen = case.summary.x, case.summary.t_x, case.summary.T
    expected = model.purchases.expected_purchases(*seen, case.days)[_places(case, validated)]
    observed = validated.observed
    rivals = {SILENCE: observed.silence, NO_PURCHASE: observed.no_purchase, EXPECTED: -expected}
    return _Field(validated, rivals)


def _ours(title: str, field: _Field) -> Iterator[Ranked]:
    validated, raw = field.validated, field.rivals[NO_PURCHASE]
    scorecard = field.ranked(f"scorecard over {title}", validated.risks)
    error, limit = validated.calibration_error, validated.calibration_limit
    yield scorecard._replace(error=error, limit=limit)
    error = expected_calibration_error(raw, validated.churned)
    plain = field.ranked(f"P(no purchase), {title}", raw)
    yield plain._replace(error=error, limit=calibrated_limit(raw))
    yield field.ranked(f"expected purchases, {title}", field.rivals[EXPECTED])


def _theirs(model: PurchaseModelName, case: Case, field: _Field) -> Iterator[Ranked]:
    """Rank by lifetimes: whom it expects to buy least, and whom it takes for gone."""
    found = peer.forecast(model, case.summary, case.days)
    if found is None:
        yield Ranked(f"lifetimes {TITLES[model]}: does not converge", 0)
        return
    places = _places(case, field.validated)
    scores = {"expected purchases": -found.expected, "1 - P(alive)": 1.0 - found.p_alive}
    for name, score in scores.items():
        yield field.ranked(f"lifetimes {TITLES[model]}, {name}", score[places])


def _places(case: Case, validated: CrossValidation) -> Ints:
    """Where the customers looked at are in the summary."""
    places: Ints = np.searchsorted(case.summary.rows, validated.observed.customers)
    return places
