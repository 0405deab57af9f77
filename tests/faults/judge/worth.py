"""What warnings say of money: expected purchases by quadrature, many warnings at once."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import roots_jacobi, roots_legendre

from judge.laws import LOW, Law
from judge.life import Due

Floats = NDArray[np.float64]
POINTS = 96
PIECE = 256


class Worth(NamedTuple):
    """Figures of warnings, shape (n,) each; money in minor units."""

    p_alive: Floats
    p_no_purchase: Floats
    expected_purchases: Floats
    expected_spend: Floats
    clv: Floats
    value_at_stake: Floats


def worth(dues: Sequence[Due], law: Law) -> Worth:
    """Figures of warnings under one law."""
    x = np.array([due.x for due in dues], float)
    t_x = np.array([due.t_x for due in dues])
    tenure = np.array([due.tenure for due in dues])
    of, horizon = law.document, law.document["clv_horizon_days"]
    discount = math.log1p(of["annual_discount_rate"]) / 365.0
    ahead = (1.0 - math.exp(-discount * horizon)) / discount
    unit = 10.0 ** of["currency_exponent"] if of["money_unit"] == "major" else 1.0
    spend = _spend(x, np.array([due.monetary_value for due in dues]), of["spend_model"], unit)
    has_bought = np.array([due.has_bought for due in dues])
    alive = np.array([1.0 / (1.0 + law.odds_gone(d.x, d.t_x, d.tenure)) for d in dues])
    alive = np.where(has_bought, alive, 0.0)
    alive_then = np.array([1.0 / (1.0 + law.odds_gone(d.x, d.t_x, d.t_x)) for d in dues])
    spend = np.where(has_bought, spend, 0.0)
    flows = [np.array([(f[0] - f[1]) * ahead for f in each]) for each in
             ([d.flows_now for d in dues], [d.flows_then for d in dues])]  # fmt: skip
    margin = of["margin"] * spend
    clv = margin * alive * purchases(law, x, tenure, horizon, discount) + flows[0]
    stake = margin * alive_then * purchases(law, x, t_x, horizon, discount) + flows[1]
    stake = np.where(has_bought, np.maximum(stake, 0.0), 0.0)
    return Worth(
        np.array([1.0 / (1.0 + law.odds_gone(d.x, d.t_x, d.tenure)) for d in dues]),
        np.array([law.p_no_purchase(d.x, d.t_x, d.tenure) for d in dues]),
        alive * purchases(law, x, tenure, law.horizon, 0.0),
        spend,
        clv,
        stake,
    )


def purchases(law: Law, x: Floats, tenure: Floats, horizon: float, discount: float) -> Floats:
    """Discounted purchases to come of who is alive: the mean over their rates and their coins.

    The rate is gamma distributed with r + x and alpha + T, the coin, thrown after each purchase,
    beta distributed with a and b + x; a purchase falls into each moment with the rate of who is
    still there then.
    """
    r, alpha, a, b = law.buying
    nodes, weights = roots_legendre(POINTS)
    # In the square of the distance from now the integrand is smooth where the rate is not.
    ahead, spread = horizon * ((nodes + 1.0) / 2.0) ** 2, horizon * (nodes + 1.0) / 2.0 * weights
    found = np.empty(len(x))
    for count in np.unique(x):
        coins, shares = roots_jacobi(POINTS, b + count - 1.0, a - 1.0)
        coins, shares = (coins + 1.0) / 2.0, shares / shares.sum()
        own = np.flatnonzero(x == count)
        for rows in np.split(own, range(PIECE, len(own), PIECE)):
            age = (alpha + tenure[rows])[:, None, None]
            rate = (r + count) / age * (1.0 + coins[:, None] * ahead / age) ** -(r + count + 1.0)
            mean = np.einsum("ijk,j->ik", rate, shares)
            found[rows] = mean @ (spread * np.exp(-discount * ahead))
    return found


def _spend(x: Floats, mean: Floats, model: dict[str, float], unit: float) -> Floats:
    p, q, v = model["p"], model["q"], model["v"] * unit
    found: Floats = p * (v + x * mean) / (p * x + q - 1.0)
    return found


def severities(dues: Sequence[Due], stakes: Sequence[float]) -> list[float]:
    """Value at risk; an escalation never tells less than was told last, an easing never more.

    Args:
        dues: in the order in which each customer was told.
        stakes: the value at stake at each.
    """
    told: dict[tuple[str, str], float] = {}
    found = []
    for due, stake in zip(dues, stakes, strict=True):
        name = due.customer, due.rule
        now = float(np.float32(np.rint(due.churn_risk * stake)))
        if due.after == LOW:
            now = 0.0
        elif due.before != LOW:
            now = (max if due.after > due.before else min)(told[name], now)
        told[name] = now
        found.append(now)
    return found
