"""Customers of a history as they were known at dates, and what became of them since."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from scoring.arrays import Bools, Floats, Ints
from scoring.churn.input import Input
from scoring.churn.inputs import INPUTS, values
from scoring.facts.state import States
from scoring.feature import Feature
from scoring.features import features
from scoring.model import ScoringModel
from scoring.step.looks import seen
from scoring.step.replay import EventLog
from scoring.warning.lifecycle import is_present


class Observations(NamedTuple):
    """Customers at dates, by date and within it by customer; n rows.

    Only who has bought and not closed the account is in it.

    Attributes:
        dates: which date, counted from 0, shape (n,).
        customers: which customer of the log, shape (n,).
        inputs: values of the scorecard's inputs, shape (n, inputs).
        silence: days since the last purchase, shape (n,).
        no_purchase: the purchase model's P(no purchase within the horizon), shape (n,).
    """

    dates: Ints
    customers: Ints
    inputs: Floats
    silence: Floats
    no_purchase: Floats

    def rows(self, chosen: Bools) -> "Observations":
        """The chosen rows only."""
        return Observations(
            self.dates[chosen],
            self.customers[chosen],
            self.inputs[chosen],
            self.silence[chosen],
            self.no_purchase[chosen],
        )


def observe(
    log: EventLog,
    model: ScoringModel,
    instants: Sequence[float],
    horizon_days: float,
    inputs: tuple[Input, ...] = INPUTS,
) -> Observations:
    """Look at a history's customers at instants, knowing nothing of what came at or after each.

    Args:
        log: the events.
        model: whose features are taken.
        instants: epoch seconds, rising, one at least.
        horizon_days: of P(no purchase), days.
        inputs: columns to make.
    """
    known = len(log.customers)
    dates = np.repeat(np.arange(len(instants)), known)
    customers, when = np.tile(np.arange(known), len(instants)), np.array(instants)[dates]
    nobody = np.empty(0, np.int64), np.empty((0, len(inputs))), np.empty(0), np.empty(0)
    looks = seen(log, customers, when, model)
    parts = [
        nobody,
        *(_look(at, states, when[at], model, horizon_days, inputs) for at, states in looks),
    ]
    at, *columns = (np.concatenate(part) for part in zip(*parts, strict=True))
    order = np.argsort(at)
    at = at[order]
    return Observations(dates[at], customers[at], *(column[order] for column in columns))


def _look(
    at: Ints,
    states: States,
    when: Floats,
    model: ScoringModel,
    horizon_days: float,
    inputs: tuple[Input, ...],
) -> tuple[Ints, Floats, Floats, Floats]:
    chosen = is_present(states)
    matrix = features(states[chosen], when[chosen], model)
    x, t_x, age = matrix[[Feature.FREQUENCY, Feature.RECENCY, Feature.TENURE]]
    no_purchase = model.purchases.p_no_purchase(x, t_x, age, horizon_days)
    silence = matrix[Feature.DAYS_SINCE_LAST]
    return at[chosen], values(matrix, model.purchases, inputs).T, silence, no_purchase
