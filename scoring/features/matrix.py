"""What is known of a customer at an instant: one row a feature, one column a customer."""

from typing import Final, NamedTuple

import numpy as np

from scoring.arrays import DAY, Bools, Floats, Ints
from scoring.facts.state import SUM_HORIZONS, Count, MoneyTotal, States, Sum
from scoring.feature import Feature
from scoring.features.declines import declines
from scoring.features.holdings import holdings
from scoring.features.rhythm import rhythm, visits, windows
from scoring.model import ScoringModel
from scoring.models.clv import net_value, predictive_clv

LEAST_OBSERVED: Final = 365.0  # days over which a run rate is told at least: one fee is no rhythm
SURVEY_SCALE: Final = (1.0, 5.0)  # worst and best answer
NPS_SCALE: Final = (0.0, 10.0)


class Known(NamedTuple):
    """What is known of customers at an instant.

    Attributes:
        matrix: every feature, shape (len(Feature), n).
        contributions: points of the churn scorecard's terms, shape (terms, n), 0 terms without one.
    """

    matrix: Floats
    contributions: Floats

    def take(self, at: Ints) -> "Known":
        """What is known of some of them, each row contiguous as it was."""
        return Known(*(part.take(at, axis=1) for part in self))


def features(states: States, now: Floats, model: ScoringModel) -> Floats:
    """Compute every feature of `states` at `now`; as `known`, without the points."""
    return known(states, now, model).matrix


def known(states: States, now: Floats, model: ScoringModel) -> Known:
    """Compute every feature of `states` at `now`, and the scorecard's points behind the risk.

    Args:
        states: shape (n,), dtype `STATE`.
        now: epoch seconds, shape (n,), not before any event of the customer's.
        model: the models and their parameters.
    """
    matrix = measured(states, now, model)
    if model.churn is None:
        return Known(matrix, np.empty((0, len(states))))
    contributions = model.churn.contributions(matrix, model.purchases)
    matrix[Feature.CHURN_RISK] = model.churn.risk_of(contributions)
    return Known(matrix, contributions)


def measured(states: States, now: Floats, model: ScoringModel) -> Floats:
    """Every feature but the churn risk, which is made of the others and 0 here; as `known`."""
    matrix = np.empty((len(Feature), len(states)))
    _purchasing(matrix, states, now, model)
    _value(matrix, states, now, model)
    remembered = windows(states, model)
    declines(matrix, states, model, remembered)
    rhythm(matrix, states, model, remembered)
    visits(matrix, states, now, remembered)
    troubles(matrix, decayed_sums(states, now, model))
    holdings(matrix, states, now, model)
    _answers(matrix, states)
    matrix[Feature.CHURN_RISK] = 0.0
    return matrix


def frequency(states: States) -> Floats:
    """Repeat purchase days x: distinct purchase days less one, 0 before the first."""
    days = states["purchase_days"].astype(np.float64)
    return np.maximum(days - 1.0, 0.0)


def recency(states: States) -> Floats:
    """First to last purchase day t_x, days."""
    days: Floats = (states["last_day"] - states["first_day"]).astype(np.float64)
    return days


def tenure(states: States, now: Floats, model: ScoringModel) -> Floats:
    """First purchase day's beginning to `now`, T, days; never below t_x, 0 before a purchase."""
    start = model.calendar.midnight(states["first_day"].astype(np.int64))
    days = np.maximum((now - start) / DAY, recency(states))
    return np.where(states["purchase_days"] > 0, days, 0.0)


def monetary_value(states: States) -> Floats:
    """Mean value of a repeat purchase day, minor units; 0 where there was none."""
    repeat_value = (states["total_value"] - states["first_day_value"]).astype(np.float64)
    mean = repeat_value / np.maximum(frequency(states), 1.0)
    return np.where(frequency(states) > 0, np.maximum(mean, 0.0), 0.0)


def decayed(sums: Floats, since: Floats, now: Floats, model: ScoringModel) -> Floats:
    """Sums (len(Sum), n) that are as of `since` as of `now`, epoch seconds, shapes (n,)."""
    ages = np.maximum((now - since) / DAY, 0.0)
    faded: Floats = sums * model.memory.decay(ages)[SUM_HORIZONS]
    return faded


def decayed_sums(states: States, now: Floats, model: ScoringModel) -> Floats:
    """The decayed sums as of `now`, shape (len(Sum), n)."""
    return decayed(states["sums"].T, states["last_event"], now, model)


def _purchasing(matrix: Floats, states: States, now: Floats, model: ScoringModel) -> None:
    x, t_x, age = frequency(states), recency(states), tenure(states, now, model)
    matrix[Feature.FREQUENCY], matrix[Feature.RECENCY], matrix[Feature.TENURE] = x, t_x, age
    matrix[Feature.DAYS_SINCE_LAST] = age - t_x
    matrix[Feature.USUAL_GAP] = t_x / np.maximum(x, 1.0)
    chances = model.chances(x, t_x, age)
    matrix[Feature.P_ALIVE], matrix[Feature.P_NO_PURCHASE] = chances.alive, chances.no_purchase
    matrix[Feature.P_LAPSE] = chances.lapse
    matrix[Feature.SILENCE_SHARE] = model.silence_share(age - t_x)


def _value(matrix: Floats, states: States, now: Floats, model: ScoringModel) -> None:
    x, age = matrix[Feature.FREQUENCY], matrix[Feature.TENURE]
    known = states["purchase_days"] > 0
    alive = np.where(known, matrix[Feature.P_ALIVE], 0.0)
    matrix[Feature.MONETARY_VALUE] = monetary_value(states)
    spend = model.spend.expected_spend(x, matrix[Feature.MONETARY_VALUE])
    matrix[Feature.EXPECTED_SPEND] = np.where(known, spend, 0.0)
    matrix[Feature.EXPECTED_PURCHASES] = alive * model.purchases_ahead(x, age)
    earned, spent = _flows(states, now, model)
    matrix[Feature.CLV] = predictive_clv(
        alive,
        model.discounted_ahead(x, age),
        matrix[Feature.EXPECTED_SPEND],
        model.margin,
        indirect_revenue=earned,
        running_cost=spent,
    )
    matrix[Feature.VALUE_AT_STAKE] = _value_at_stake(states, matrix, model)
    matrix[Feature.NET_VALUE] = _net_value(states, model)


def _value_at_stake(states: States, matrix: Floats, model: ScoringModel) -> Floats:
    """CLV as of the last purchase day (T = t_x), so before any silence; minor units, at least 0.

    Yield and cost are those of the last event. No instant is asked for, which is why silence leaves
    it as it is; who never bought has no value to lose.
    """
    x, t_x = matrix[Feature.FREQUENCY], matrix[Feature.RECENCY]
    earned, spent = _flows(states, states["last_event"], model)
    value = predictive_clv(
        model.purchases.p_alive(x, t_x, t_x),
        model.discounted_ahead(x, t_x),
        matrix[Feature.EXPECTED_SPEND],
        model.margin,
        indirect_revenue=earned,
        running_cost=spent,
    )
    return np.where(states["purchase_days"] > 0, np.maximum(value, 0.0), 0.0)


def _flows(states: States, now: Floats, model: ScoringModel) -> tuple[Floats, Floats]:
    """What the account will earn and cost beside purchases, if it goes on as it did."""
    money = states["money"].T.astype(np.float64)
    observed = np.maximum((now - states["first_event"]) / DAY, LEAST_OBSERVED)
    ahead = model.flow_ahead / observed
    earned = money[MoneyTotal.DIRECT_REVENUE] + money[MoneyTotal.INDIRECT_REVENUE]
    spent = (
        money[MoneyTotal.SERVICE_COST]
        + money[MoneyTotal.MAINTENANCE_COST]
        + money[MoneyTotal.MARKETING_COST]
    )
    return earned * ahead, spent * ahead


def _net_value(states: States, model: ScoringModel) -> Floats:
    """Margin, fees and interest so far, less all cost and fraud."""
    money = states["money"].T.astype(np.float64)
    direct = model.margin * states["total_value"].astype(np.float64)
    return net_value(
        direct + money[MoneyTotal.DIRECT_REVENUE],
        money[MoneyTotal.INDIRECT_REVENUE],
        acquisition=money[MoneyTotal.ACQUISITION_COST],
        service=money[MoneyTotal.SERVICE_COST],
        maintenance=money[MoneyTotal.MAINTENANCE_COST],
        marketing=money[MoneyTotal.MARKETING_COST],
        fraud=money[MoneyTotal.FRAUD_LOSS],
    )


def troubles(matrix: Floats, sums: Floats) -> None:
    """Write the rows of a matrix (features, n) that fade, of decayed sums, shape (len(Sum), n)."""
    overdue, repaid = sums[Sum.OVERDUE], sums[Sum.REPAID]
    matrix[Feature.OVERDUE], matrix[Feature.REPAID] = overdue, repaid
    matrix[Feature.OVERDUE_RATE] = overdue / (overdue + repaid + 1.0)
    for feature, column in (
        (Feature.COMPLAINTS, Sum.COMPLAINTS),
        (Feature.LOW_SURVEYS, Sum.LOW_SURVEYS),
        (Feature.DETRACTIONS, Sum.DETRACTIONS),
    ):
        matrix[feature] = sums[column]
    # Added one by one: NumPy's sum over rows rounds differently for one customer and for many.
    heard = matrix[Feature.COMPLAINTS] + matrix[Feature.LOW_SURVEYS]
    heard += matrix[Feature.DETRACTIONS]
    matrix[Feature.DISSATISFACTION] = heard + sums[Sum.NEGATIVE_SENTIMENT]


def _answers(matrix: Floats, states: States) -> None:
    """What stays as it is in silence: rates over all time, and how bad the last answers were."""
    counts = states["counts"].T.astype(np.float64)
    bought, declined = counts[Count.PURCHASES], counts[Count.DECLINED]
    matrix[Feature.DECLINED_RATE] = declined / (bought + declined + 1.0)
    matrix[Feature.REFUND_RATE] = counts[Count.REFUNDS] / (bought + 1.0)
    asked = np.isfinite(states["survey_at"]), np.isfinite(states["nps_at"])
    matrix[Feature.BAD_SURVEY] = badness(states["survey"], asked[0], SURVEY_SCALE)
    matrix[Feature.BAD_NPS] = badness(states["nps"], asked[1], NPS_SCALE)


def badness(answer: Ints, has: Bools, scale: tuple[float, float]) -> Floats:
    """0 for the best answer to 1 for the worst; 0 where nothing was answered."""
    worst, best = scale
    bad = (best - answer.astype(np.float64)) / (best - worst)
    return np.where(has, bad, 0.0)
