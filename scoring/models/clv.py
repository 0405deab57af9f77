"""What a customer was worth, and is expected to be; money in one unit throughout, never mixed."""

import numpy.typing as npt
from scipy.special import exprel

from scoring.arrays import Floats
from scoring.models._checks import column


def historic_clv(
    frequency: npt.ArrayLike,
    average_order_value: npt.ArrayLike,
    margin: npt.ArrayLike,
    acquisition_cost: npt.ArrayLike,
) -> Floats:
    """Return frequency x average order value x margin - acquisition cost.

    Args:
        frequency: Purchases made, the first one too; a count. All shapes broadcast.
        average_order_value: Their mean value, money.
        margin: Share of it that is kept, 0 to 1.
        acquisition_cost: Spent once to win the customer, money.

    Example:
        50 purchases of 20 000 at a margin of one half, won at 100 000:

        >>> float(historic_clv(50, 20_000, 0.5, 100_000))
        400000.0
    """
    earned = column(frequency) * column(average_order_value) * column(margin)
    value: Floats = earned - column(acquisition_cost)
    return value


def net_value(
    direct_revenue: npt.ArrayLike,
    indirect_revenue: npt.ArrayLike,
    *,
    acquisition: npt.ArrayLike = 0.0,
    service: npt.ArrayLike = 0.0,
    maintenance: npt.ArrayLike = 0.0,
    marketing: npt.ArrayLike = 0.0,
    fraud: npt.ArrayLike = 0.0,
) -> Floats:
    """Return all revenue less all cost so far; money.

    Args:
        direct_revenue: What purchases left: their value times the margin. All shapes broadcast.
        indirect_revenue: What else the account earned: interest, fees, referrals.
        acquisition: Spent once to win the customer.
        service: Spent on calls, branch visits, complaints.
        maintenance: Spent on keeping the account: card, statements, licences.
        marketing: Spent on campaigns, points, gifts.
        fraud: Lost by chargebacks and write-offs.

    Example:
        >>> float(net_value(450_000, 50_000, acquisition=60_000, service=25_000, fraud=15_000))
        400000.0
    """
    value = column(direct_revenue) + column(indirect_revenue)
    for cost in (acquisition, service, maintenance, marketing, fraud):
        value = value - column(cost)
    return value


def predictive_clv(
    p_alive: npt.ArrayLike,
    discounted_purchases: npt.ArrayLike,
    expected_spend: npt.ArrayLike,
    margin: npt.ArrayLike,
    *,
    indirect_revenue: npt.ArrayLike = 0.0,
    running_cost: npt.ArrayLike = 0.0,
) -> Floats:
    """Return what is still to come: margin on purchases, and the account's own yield and cost.

    Margin x spend x purchases is Fader, Hardie and Lee 2005, "RFM and CLV". The account earns and
    costs as long as it is open, whether or not its holder still buys; so only purchases hang on
    P(alive), and the value rises with it.

    Args:
        p_alive: 0 to 1. All shapes broadcast.
        discounted_purchases: Of who is alive, `PurchaseModel.purchases_if_alive`; a count.
        expected_spend: Mean value of a purchase, `GammaGamma.expected_spend`; money.
        margin: Share of it that is kept, 0 to 1.
        indirect_revenue: `present_value` of interest and fees to come, money.
        running_cost: `present_value` of service, maintenance and marketing to come, money.

    Example:
        >>> float(predictive_clv(0.8, 10.0, 5_000, 0.25, indirect_revenue=900, running_cost=400))
        10500.0
    """
    purchases = column(p_alive) * column(discounted_purchases)
    earned = column(margin) * column(expected_spend) * purchases
    value: Floats = earned + column(indirect_revenue) - column(running_cost)
    return value


def present_value(run_rate: npt.ArrayLike, life: npt.ArrayLike, discount_rate: float) -> Floats:
    """Return what a steady flow over the expected life is worth today.

    The integral of run_rate exp(-discount_rate t) over 0 < t < life, which is
    run_rate (1 - exp(-discount_rate life)) / discount_rate.

    Args:
        run_rate: Money per unit of time, such as a year. All shapes broadcast.
        life: How long it still flows, in that unit, >= 0.
        discount_rate: Continuous, per that unit; 0 adds up undiscounted.

    Example:
        >>> present_value(120.0, [0.0, 1.0, 10.0], 0.1).round(2)
        array([  0.  , 114.2 , 758.54])
    """
    life = column(life)
    value: Floats = column(run_rate) * life * exprel(-discount_rate * life)
    return value
