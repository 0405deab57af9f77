"""What can be known of a customer: names only, which every part may use."""

from enum import IntEnum, StrEnum


class Feature(IntEnum):
    """Rows of the feature matrix; times in days, money in minor units of the book currency."""

    FREQUENCY = 0
    RECENCY = 1
    TENURE = 2
    DAYS_SINCE_LAST = 3
    MONETARY_VALUE = 4
    P_ALIVE = 5
    P_NO_PURCHASE = 6
    EXPECTED_PURCHASES = 7
    EXPECTED_SPEND = 8
    CLV = 9
    USUAL_GAP = 10
    SPEND_THEN = 11
    SPEND_NOW = 12
    SPEND_DECLINE = 13
    USE_THEN = 14
    USE_NOW = 15
    USE_DECLINE = 16
    VISITS_THEN = 17
    VISITS_NOW = 18
    VISITS_DECLINE = 19
    OVERDUE = 20
    REPAID = 21
    OVERDUE_RATE = 22
    COMPLAINTS = 23
    LOW_SURVEYS = 24
    DETRACTIONS = 25
    DISSATISFACTION = 26
    DECLINED_RATE = 27
    REFUND_RATE = 28
    BAD_SURVEY = 29
    BAD_NPS = 30
    CHURN_RISK = 31
    NET_VALUE = 32
    VALUE_AT_STAKE = 33
    P_LAPSE = 34
    SILENCE_SHARE = 35
    GAP_SHORT = 36
    GAP_MIDDLE = 37
    GAP_LONG = 38
    DAYS_LATELY = 39
    DAYS_SINCE_VISIT = 40
    VISIT_GAP_SHORT = 41
    VISIT_GAP_MIDDLE = 42
    VISIT_GAP_LONG = 43


class InSilence(StrEnum):
    """How a rule's value moves while nothing happens, and so whether silence must be timed."""

    RISES = "rises"
    FALLS = "falls"
    MIXED = "mixed"  # some of it rises, some falls
    HELD = "held"  # judged at the customer's own events only: silence has a rule of its own
