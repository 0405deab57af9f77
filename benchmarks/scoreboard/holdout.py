"""Purchases expected in the holdout beside those that came."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from benchmarks.scoreboard import peer
from benchmarks.scoreboard.data import Case
from benchmarks.scoreboard.files import MODELS, TITLES, fitted
from modelling.fit.likelihood import FitError
from scoring.arrays import Floats
from scoring.evaluation import correlation, mean_absolute_error
from scoring.parameters import parse


class Expected(NamedTuple):
    """How one fit did.

    Attributes:
        model: Name, and whose.
        customers: Counted; 0 where there is no fit.
        left_out: For whom it has no number.
        expected: Purchases of all counted.
        actual: Purchase days of the same.
        correlation: Pearson's, over customers.
        error: Mean absolute, purchases a customer.
    """

    model: str
    customers: int
    left_out: int = 0
    expected: float = 0.0
    actual: int = 0
    correlation: float = 0.0
    error: float = 0.0


def expected(case: Case) -> Iterator[Expected]:
    """Hold every model, ours and then lifetimes', against the holdout."""
    for model in MODELS:
        try:
            purchases = parse(fitted(case, model)).purchases
        except FitError:
            yield Expected(f"{TITLES[model]}: no maximum, so no fit", 0)
        else:
            seen = case.summary.x, case.summary.t_x, case.summary.T
            yield _held(TITLES[model], purchases.expected_purchases(*seen, case.days), case)
        theirs = peer.forecast(model, case.summary, case.days)
        if theirs is None:
            yield Expected(f"lifetimes {TITLES[model]}: does not converge", 0)
        else:
            yield _held(f"lifetimes {TITLES[model]}", theirs.expected, case)


def _held(model: str, foretold: Floats, case: Case) -> Expected:
    known = np.isfinite(foretold)
    expected, came = foretold[known], case.actual[known]
    return Expected(
        model=model,
        customers=int(known.sum()),
        left_out=int((~known).sum()),
        expected=float(expected.sum()),
        actual=int(came.sum()),
        correlation=correlation(expected, came),
        error=mean_absolute_error(expected, came),
    )
