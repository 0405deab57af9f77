"""What each event type does to the facts: one literal row a type, types without a row do nothing.

Every event, also one without a row, moves `last_event` and the event count.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from scoring.facts.events import Kind
from scoring.facts.state import Count, Money, Sum

NOWHERE: Final = 255


@dataclass(frozen=True)
class Effect:
    """What one event of a type adds.

    Attributes:
        value: factor of the amount in the customer's spend (1 adds, -1 takes back, 0 neither).
        money: running total the amount is added to.
        count: counter it raises.
        unit: decayed sums it raises by one.
    """

    value: int = 0
    money: Money | None = None
    count: Count | None = None
    unit: tuple[Sum, ...] = ()


_USE = (Sum.COUNT_SHORT, Sum.COUNT_MIDDLE, Sum.COUNT_LONG)
_VISIT = Effect(count=Count.VISITS, unit=(Sum.VISITS_SHORT, Sum.VISITS_MIDDLE, Sum.VISITS_LONG))

EFFECTS: Final = {
    Kind.PURCHASE: Effect(value=1, count=Count.PURCHASES, unit=_USE),
    Kind.REFUND: Effect(value=-1, money=Money.REFUNDED, count=Count.REFUNDS),
    Kind.CHARGEBACK: Effect(value=-1, money=Money.FRAUD_LOSS),
    Kind.REPAYMENT: Effect(unit=(Sum.REPAID,)),
    Kind.FEE: Effect(money=Money.DIRECT_REVENUE),
    Kind.INTEREST: Effect(money=Money.DIRECT_REVENUE),
    Kind.DECLINED: Effect(count=Count.DECLINED),
    Kind.APP_SESSION: _VISIT,
    Kind.WEB_VISIT: _VISIT,
    Kind.CHAT: _VISIT,
    Kind.EMAIL: _VISIT,
    Kind.CALL: _VISIT,
    Kind.BRANCH_VISIT: _VISIT,
    Kind.ATM_VISIT: _VISIT,
    Kind.REFERRAL: Effect(count=Count.REFERRALS),
    Kind.COMPLAINT: Effect(count=Count.COMPLAINTS, unit=(Sum.COMPLAINTS,)),
    Kind.INSTALMENT_OVERDUE: Effect(count=Count.OVERDUE, unit=(Sum.OVERDUE,)),
    Kind.INSTALMENT_CURED: Effect(count=Count.CURED, unit=(Sum.REPAID,)),
    Kind.DEPOSIT_INTEREST: Effect(money=Money.INDIRECT_REVENUE),
    Kind.LOAN_INTEREST: Effect(money=Money.INDIRECT_REVENUE),
    Kind.ACQUISITION_COST: Effect(money=Money.ACQUISITION_COST),
    Kind.SERVICE_COST: Effect(money=Money.SERVICE_COST),
    Kind.MAINTENANCE_COST: Effect(money=Money.MAINTENANCE_COST),
    Kind.MARKETING_COST: Effect(money=Money.MARKETING_COST),
}

# How dissatisfied an answer is, 0 (not at all) to 1: survey scores 1 to 5, NPS answers 0 to 10.
SURVEY_DISSATISFACTION: Final = np.array([0.0, 1.0, 0.7, 0.0, 0.0, 0.0])
NPS_DISSATISFACTION: Final = np.array([0.7] * 7 + [0.0] * 4)
SENTIMENT_WEIGHT: Final = 0.3

_ROWS = [EFFECTS.get(kind, Effect()) for kind in Kind]
VALUE: Final = np.array([row.value for row in _ROWS], np.int64)
MONEY: Final = np.array([NOWHERE if row.money is None else row.money for row in _ROWS], np.intp)
COUNT: Final = np.array([NOWHERE if row.count is None else row.count for row in _ROWS], np.intp)
UNIT: Final = np.array([[float(column in row.unit) for column in Sum] for row in _ROWS])
