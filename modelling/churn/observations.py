"""Customers of a history as they were known at dates, and what became of them since."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from scoring.arrays import DAY, Bools, Floats, Ints
from scoring.churn.input import Input
from scoring.churn.inputs import INPUTS, values
from scoring.facts.kinds import Kind
from scoring.feature import Feature
from scoring.features import features
from scoring.model import ScoringModel
from scoring.step.replay import EventLog, Replayed, replay
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
    *stops, last = instants
    replayed = replay(log.before(last), model, until=last, stops=stops)
    parts = [_look(one, model, horizon_days, inputs) for one in replayed if one.is_stop]
    clocks, *columns = (np.concatenate(part) for part in zip(*parts, strict=True))
    dates = np.searchsorted(np.array(instants), clocks)
    order = np.lexsort((columns[0], dates))
    return Observations(dates[order], *(column[order] for column in columns))


def _look(
    replayed: Replayed, model: ScoringModel, horizon_days: float, inputs: tuple[Input, ...]
) -> tuple[Floats, Ints, Floats, Floats, Floats]:
    chosen = is_present(replayed.outcome.states)
    states, customers = replayed.outcome.states[chosen], replayed.customers[chosen]
    now = np.full(len(states), replayed.clock)
    matrix = features(states, now, model)
    x, t_x, age = matrix[[Feature.FREQUENCY, Feature.RECENCY, Feature.TENURE]]
    no_purchase = model.purchases.p_no_purchase(x, t_x, age, horizon_days)
    silence = matrix[Feature.DAYS_SINCE_LAST]
    return now, customers, values(matrix, model.purchases, inputs).T, silence, no_purchase


def bought_nothing(
    log: EventLog, observed: Observations, instants: Sequence[float], horizon_days: float
) -> Bools:
    """Which rows' customers made no purchase in the `horizon_days` from their date on.

    The log has to reach that far.

    Args:
        log: the events.
        observed: made at `instants`.
        instants: epoch seconds.
        horizon_days: N.

    Returns:
        Shape (n,).
    """
    lost = np.ones(len(observed.dates), np.bool_)
    bought = log.events["kind"] == Kind.PURCHASE
    for date, instant in enumerate(instants):
        ends = np.searchsorted(log.times, (instant, instant + horizon_days * DAY), side="left")
        within = slice(*ends.tolist())
        buyers = np.unique(log.rows[within][bought[within]])
        lost &= ~((observed.dates == date) & np.isin(observed.customers, buyers))
    return lost


def left(
    gone_at: Floats, observed: Observations, instants: Sequence[float], horizon_days: float
) -> Bools:
    """Which rows' customers left in the `horizon_days` from their date on.

    Args:
        gone_at: epoch seconds when each customer of the log left, inf who did not.
        observed: made at `instants`.
        instants: epoch seconds.
        horizon_days: N.

    Returns:
        Shape (n,).
    """
    since = gone_at[observed.customers] - np.array(instants)[observed.dates]
    lost: Bools = (since >= 0.0) & (since < horizon_days * DAY)
    return lost
