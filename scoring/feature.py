"""What can be known of a customer: names, units and how each moves, which every part may use."""

from collections.abc import Mapping
from enum import IntEnum, StrEnum
from types import MappingProxyType
from typing import Final, NamedTuple


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
    NEWCOMER_DAYS = 44
    CARD_UNUSED_DAYS = 45
    CARD_GAP = 46
    RECURRING_CHARGES = 47
    CHARGES_STOPPED = 48
    CHARGES_MOVED = 49


class InSilence(StrEnum):
    """How a rule's value moves while nothing happens, and so whether silence must be timed."""

    RISES = "rises"
    FALLS = "falls"
    MIXED = "mixed"  # some of it rises, some falls
    STEPS = "steps"  # stands still but for instants that are known beforehand
    HELD = "held"  # judged at the customer's own events only: silence has a rule of its own


class Unit(StrEnum):
    """What a step of one of a feature means."""

    DAYS = "days"
    SHARE = "share"  # of 1: shares, probabilities, and answers from best to worst
    TIMES = "times"  # counts, which fade or are of a month, and so are seldom whole
    MONEY = "money"  # minor units of the book currency


class Facet(NamedTuple):
    """What is known of a feature itself.

    Attributes:
        unit: of its values.
        in_silence: how it moves while nothing happens; HELD stands still until the next event.
        words: for people.
    """

    unit: Unit
    in_silence: InSilence
    words: str


_OPPOSITE: Final = {InSilence.RISES: InSilence.FALLS, InSilence.FALLS: InSilence.RISES}
_DAYS, _SHARE, _TIMES, _MONEY = Unit.DAYS, Unit.SHARE, Unit.TIMES, Unit.MONEY
_RISES, _FALLS, _HELD = InSilence.RISES, InSilence.FALLS, InSilence.HELD
_STEPS = InSilence.STEPS
FACETS: Final[Mapping[Feature, Facet]] = MappingProxyType(
    {
        Feature.FREQUENCY: Facet(_DAYS, _HELD, "repeat purchase days"),
        Feature.RECENCY: Facet(_DAYS, _HELD, "first to last purchase"),
        Feature.TENURE: Facet(_DAYS, _RISES, "time since the first purchase"),
        Feature.DAYS_SINCE_LAST: Facet(_DAYS, _RISES, "time since the last purchase"),
        Feature.MONETARY_VALUE: Facet(_MONEY, _HELD, "value of a purchase day"),
        Feature.P_ALIVE: Facet(_SHARE, _FALLS, "probability of being active"),
        Feature.P_NO_PURCHASE: Facet(
            _SHARE, _RISES, "probability of no purchase within the horizon"
        ),
        Feature.EXPECTED_PURCHASES: Facet(_TIMES, _FALLS, "purchases to expect within the horizon"),
        Feature.EXPECTED_SPEND: Facet(_MONEY, _HELD, "value of a purchase to expect"),
        Feature.CLV: Facet(_MONEY, InSilence.MIXED, "lifetime value"),
        Feature.USUAL_GAP: Facet(_DAYS, _HELD, "usual gap between purchases"),
        Feature.SPEND_THEN: Facet(_MONEY, _HELD, "usual spend a month"),
        Feature.SPEND_NOW: Facet(_MONEY, _HELD, "spend a month lately"),
        Feature.SPEND_DECLINE: Facet(_SHARE, _HELD, "proven decline of spend"),
        Feature.USE_THEN: Facet(_TIMES, _HELD, "usual purchases a month"),
        Feature.USE_NOW: Facet(_TIMES, _HELD, "purchases a month lately"),
        Feature.USE_DECLINE: Facet(_SHARE, _HELD, "proven decline of card use"),
        Feature.VISITS_THEN: Facet(_TIMES, _HELD, "usual visits a month"),
        Feature.VISITS_NOW: Facet(_TIMES, _HELD, "visits a month lately"),
        Feature.VISITS_DECLINE: Facet(_SHARE, _HELD, "proven decline of visits"),
        Feature.OVERDUE: Facet(_TIMES, _FALLS, "instalments overdue, older ones counting less"),
        Feature.REPAID: Facet(_TIMES, _FALLS, "instalments repaid, older ones counting less"),
        Feature.OVERDUE_RATE: Facet(_SHARE, _FALLS, "share of instalments overdue"),
        Feature.COMPLAINTS: Facet(_TIMES, _FALLS, "complaints, older ones counting less"),
        Feature.LOW_SURVEYS: Facet(_TIMES, _FALLS, "low ratings, older ones counting less"),
        Feature.DETRACTIONS: Facet(_TIMES, _FALLS, "detractor's answers, older ones counting less"),
        Feature.DISSATISFACTION: Facet(
            _TIMES, _FALLS, "dissatisfaction heard, in complaints' worth"
        ),
        Feature.DECLINED_RATE: Facet(_SHARE, _HELD, "share of payments declined"),
        Feature.REFUND_RATE: Facet(_SHARE, _HELD, "share of purchases refunded"),
        Feature.BAD_SURVEY: Facet(_SHARE, _HELD, "last survey's answer, 0 best and 1 worst"),
        Feature.BAD_NPS: Facet(_SHARE, _HELD, "last answer on recommending, 0 best and 1 worst"),
        Feature.CHURN_RISK: Facet(_SHARE, InSilence.MIXED, "churn risk of the fitted scorecard"),
        Feature.NET_VALUE: Facet(_MONEY, _HELD, "margin and revenue so far less all cost"),
        Feature.VALUE_AT_STAKE: Facet(_MONEY, _HELD, "lifetime value as of the last purchase"),
        Feature.P_LAPSE: Facet(
            _SHARE, _RISES, "probability that this silence lasts as long as leaving does"
        ),
        Feature.SILENCE_SHARE: Facet(
            _SHARE, _RISES, "how far this silence is through the days that count as leaving"
        ),
        Feature.GAP_SHORT: Facet(_DAYS, _HELD, "gap between purchases to expect of very late"),
        Feature.GAP_MIDDLE: Facet(_DAYS, _HELD, "gap between purchases to expect of late"),
        Feature.GAP_LONG: Facet(_DAYS, _HELD, "gap between purchases to expect over long"),
        Feature.DAYS_LATELY: Facet(_DAYS, _HELD, "purchase days of four weeks"),
        Feature.DAYS_SINCE_VISIT: Facet(_DAYS, _RISES, "time since the last visit"),
        Feature.VISIT_GAP_SHORT: Facet(_DAYS, _HELD, "gap between visits to expect of very late"),
        Feature.VISIT_GAP_MIDDLE: Facet(_DAYS, _HELD, "gap between visits to expect of late"),
        Feature.VISIT_GAP_LONG: Facet(_DAYS, _HELD, "gap between visits to expect over long"),
        Feature.NEWCOMER_DAYS: Facet(
            _DAYS, _STEPS, "whole days that a new customer has left it at the first use"
        ),
        Feature.CARD_UNUSED_DAYS: Facet(
            _DAYS, _HELD, "time that a card has lain unused while another went on"
        ),
        Feature.CARD_GAP: Facet(_DAYS, _HELD, "usual gap between uses of a card that lies unused"),
        Feature.RECURRING_CHARGES: Facet(_TIMES, _STEPS, "charges that recur"),
        Feature.CHARGES_STOPPED: Facet(_TIMES, _STEPS, "charges that recur and are overdue"),
        Feature.CHARGES_MOVED: Facet(
            _TIMES, _STEPS, "charges that moved to another day, amount or merchant"
        ),
    }
)


def in_silence(feature: Feature, sign: int) -> InSilence:
    """How a feature, or what it lacks (sign -1), moves while nothing happens.

    >>> in_silence(Feature.P_ALIVE, -1)
    <InSilence.RISES: 'rises'>
    """
    moves = FACETS[feature].in_silence
    return moves if sign > 0 else _OPPOSITE.get(moves, moves)
