"""Every event type, and what it does to the facts: a member of `Kind`, and a literal row.

Types without a row move `last_event` and the event count, as every event does, and nothing else.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import numpy as np

from scoring.facts.state import Count, MoneyTotal, Sum

NOWHERE: Final = 255


class Kind(IntEnum):
    """Every event type the contracts know; the name in lower case is the wire's `type`."""

    PURCHASE = 0
    REFUND = 1
    CASH_ADVANCE = 2
    REPAYMENT = 3
    FEE = 4
    INTEREST = 5
    CHARGEBACK = 6
    DECLINED = 7
    APP_SESSION = 8
    WEB_VISIT = 9
    BROWSE = 10
    CLICK = 11
    SHARE = 12
    CHAT = 13
    EMAIL = 14
    CALL = 15
    BRANCH_VISIT = 16
    ATM_VISIT = 17
    COMPLAINT = 18
    SURVEY = 19
    NPS = 20
    REFERRAL = 21
    CAMPAIGN_SENT = 22
    CAMPAIGN_OPENED = 23
    CAMPAIGN_CONVERTED = 24
    POINTS_EARNED = 25
    POINTS_SPENT = 26
    MEMBERSHIP_CHANGED = 27
    CARD_ACTIVATED = 28
    CARD_BLOCKED = 29
    CARD_CLOSED = 30
    ACCOUNT_CLOSED = 31
    INSTALMENT_OVERDUE = 32
    INSTALMENT_CURED = 33
    CREDIT_BUREAU_STATUS = 34
    BALANCE_SNAPSHOT = 35
    DEPOSIT_INTEREST = 36
    LOAN_INTEREST = 37
    ACQUISITION_COST = 38
    SERVICE_COST = 39
    MAINTENANCE_COST = 40
    MARKETING_COST = 41
    PROFILE_UPDATED = 42
    CONSENT_CHANGED = 43
    ACKNOWLEDGED = 44
    CONTACTED = 45
    OFFER_MADE = 46
    ACCEPTED = 47
    RETAINED = 48
    LOST = 49
    FALSE_ALARM = 50
    SNOOZED = 51
    REASSIGNED = 52


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
    money: MoneyTotal | None = None
    count: Count | None = None
    unit: tuple[Sum, ...] = ()


_USE = (Sum.COUNT_SHORT, Sum.COUNT_MIDDLE, Sum.COUNT_LONG)
_TOUCH = Effect(count=Count.TOUCHES)
_VISIT = Effect(count=Count.VISITS, unit=(Sum.VISITS_SHORT, Sum.VISITS_MIDDLE, Sum.VISITS_LONG))

EFFECTS: Final = {
    Kind.PURCHASE: Effect(value=1, count=Count.PURCHASES, unit=_USE),
    Kind.REFUND: Effect(value=-1, money=MoneyTotal.REFUNDED, count=Count.REFUNDS),
    Kind.CHARGEBACK: Effect(value=-1, money=MoneyTotal.FRAUD_LOSS),
    Kind.REPAYMENT: Effect(unit=(Sum.REPAID,)),
    Kind.FEE: Effect(money=MoneyTotal.DIRECT_REVENUE),
    Kind.INTEREST: Effect(money=MoneyTotal.DIRECT_REVENUE),
    Kind.DECLINED: Effect(count=Count.DECLINED),
    Kind.APP_SESSION: _VISIT,
    Kind.WEB_VISIT: _VISIT,
    Kind.CHAT: _VISIT,
    Kind.EMAIL: _VISIT,
    Kind.CALL: _VISIT,
    Kind.BRANCH_VISIT: _VISIT,
    Kind.ATM_VISIT: _VISIT,
    Kind.BROWSE: _TOUCH,
    Kind.CLICK: _TOUCH,
    Kind.SHARE: _TOUCH,
    Kind.SURVEY: _TOUCH,
    Kind.NPS: _TOUCH,
    Kind.CAMPAIGN_OPENED: _TOUCH,
    Kind.CAMPAIGN_CONVERTED: _TOUCH,
    Kind.POINTS_SPENT: _TOUCH,
    Kind.REFERRAL: Effect(count=Count.REFERRALS),
    Kind.COMPLAINT: Effect(count=Count.COMPLAINTS, unit=(Sum.COMPLAINTS,)),
    Kind.INSTALMENT_OVERDUE: Effect(count=Count.OVERDUE, unit=(Sum.OVERDUE,)),
    Kind.INSTALMENT_CURED: Effect(count=Count.CURED, unit=(Sum.REPAID,)),
    Kind.DEPOSIT_INTEREST: Effect(money=MoneyTotal.INDIRECT_REVENUE),
    Kind.LOAN_INTEREST: Effect(money=MoneyTotal.INDIRECT_REVENUE),
    Kind.ACQUISITION_COST: Effect(money=MoneyTotal.ACQUISITION_COST),
    Kind.SERVICE_COST: Effect(money=MoneyTotal.SERVICE_COST),
    Kind.MAINTENANCE_COST: Effect(money=MoneyTotal.MAINTENANCE_COST),
    Kind.MARKETING_COST: Effect(money=MoneyTotal.MARKETING_COST),
}

# Counters of interactions: what customers do of their own accord, beside buying.
INTERACTIONS: Final = (Count.VISITS, Count.COMPLAINTS, Count.REFERRALS, Count.TOUCHES)
# What only happens to who was a customer before.
SIGNS: Final = frozenset(
    {
        *(Kind.REFUND, Kind.CHARGEBACK, Kind.REPAYMENT, Kind.INTEREST, Kind.LOAN_INTEREST),
        *(Kind.INSTALMENT_OVERDUE, Kind.INSTALMENT_CURED, Kind.CARD_BLOCKED, Kind.CARD_CLOSED),
    }
)
CARD_USES: Final = (Kind.PURCHASE, Kind.CASH_ADVANCE)
CARD_ENDS: Final = (Kind.CARD_BLOCKED, Kind.CARD_CLOSED)

# How dissatisfied an answer is, 0 (not at all) to 1: survey scores 1 to 5, NPS answers 0 to 10.
SURVEY_DISSATISFACTION: Final = np.array([0.0, 1.0, 0.7, 0.0, 0.0, 0.0])
NPS_DISSATISFACTION: Final = np.array([0.7] * 7 + [0.0] * 4)
SENTIMENT_WEIGHT: Final = 0.3

# What people answer to warnings: no doing of the customer's, so no fact is moved by it.
ANSWERS: Final = frozenset(kind for kind in Kind if Kind.ACKNOWLEDGED <= kind <= Kind.REASSIGNED)
IS_ANSWER: Final = np.array([kind in ANSWERS for kind in Kind])
# What may change a case though no level moves.
TOUCHES_CASE: Final = IS_ANSWER | (np.arange(len(Kind)) == Kind.CONSENT_CHANGED)

_ROWS = [EFFECTS.get(kind, Effect()) for kind in Kind]
VALUE: Final = np.array([row.value for row in _ROWS], np.int64)
MONEY: Final = np.array([NOWHERE if row.money is None else row.money for row in _ROWS], np.intp)
COUNT: Final = np.array([NOWHERE if row.count is None else row.count for row in _ROWS], np.intp)
UNIT: Final = np.array([[float(column in row.unit) for column in Sum] for row in _ROWS])
_BEGINS = [
    kind in {Kind.PURCHASE, Kind.CARD_ACTIVATED} or row.count in INTERACTIONS
    for kind, row in zip(Kind, _ROWS, strict=True)
]
BEGINS: Final = np.array(_BEGINS)
IS_SIGN: Final = np.array([kind in SIGNS for kind in Kind])
USES_CARD: Final = np.array([kind in CARD_USES for kind in Kind])
ENDS_CARD: Final = np.array([kind in CARD_ENDS for kind in Kind])
SHOWS_CARD: Final = USES_CARD | ENDS_CARD | (np.arange(len(Kind)) == Kind.CARD_ACTIVATED)
