"""The per-customer state: one record of fixed fields, so that thousands are stepped as arrays.

Facts are free of order (sums, maxima, bitmaps); the `Lifecycle` part depends on the order in which
the partition applied its events. Times are epoch seconds (UTC), money is minor units of the book
currency, days are calendar days since 1970-01-01 in the book's time zone. How it is stored is
`scoring.facts.packing`'s.
"""

from collections.abc import Mapping
from enum import IntEnum, IntFlag
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from scoring.arrays import NEVER, Horizon, Records
from scoring.facts.categories import Category

VERSION: Final = 12
DAYS_KEPT: Final = 64
RECENT_IDS: Final = 40  # as fingerprints: `scoring.facts.recent`
RULE_SLOTS: Final = 16
CARDS: Final = 4  # remembered: `scoring.facts.cards`
CHARGES: Final = 8  # likewise: `scoring.facts.charges`
CHARGE_DAYS: Final = 6  # of each
OFFERS: Final = 3  # remembered: `scoring.warning.offers`
FAMILIES: Final = 7  # of touchpoints: `scoring.facts.touchpoints`


class Sum(IntEnum):
    """Columns of `sums`: exponentially decayed totals as of `last_event`."""

    SPEND_SHORT = 0
    SPEND_LONG = 1
    SPEND_SQUARED_LONG = 2
    COUNT_SHORT = 3
    COUNT_MIDDLE = 4
    COUNT_LONG = 5
    VISITS_SHORT = 6
    VISITS_MIDDLE = 7
    VISITS_LONG = 8
    OVERDUE = 9
    REPAID = 10
    COMPLAINTS = 11
    LOW_SURVEYS = 12
    DETRACTIONS = 13
    NEGATIVE_SENTIMENT = 14


REMEMBERED: Final[Mapping[Sum, Horizon]] = MappingProxyType(
    {
        Sum.SPEND_SHORT: Horizon.SHORT,
        Sum.SPEND_LONG: Horizon.LONG,
        Sum.SPEND_SQUARED_LONG: Horizon.LONG,
        Sum.COUNT_SHORT: Horizon.SHORT,
        Sum.COUNT_MIDDLE: Horizon.MIDDLE,
        Sum.COUNT_LONG: Horizon.LONG,
        Sum.VISITS_SHORT: Horizon.SHORT,
        Sum.VISITS_MIDDLE: Horizon.MIDDLE,
        Sum.VISITS_LONG: Horizon.LONG,
        Sum.OVERDUE: Horizon.LONG,
        Sum.REPAID: Horizon.LONG,
        Sum.COMPLAINTS: Horizon.MIDDLE,
        Sum.LOW_SURVEYS: Horizon.MIDDLE,
        Sum.DETRACTIONS: Horizon.MIDDLE,
        Sum.NEGATIVE_SENTIMENT: Horizon.MIDDLE,
    }
)
SUM_HORIZONS: Final = np.array([REMEMBERED[column] for column in Sum])

# Horizons over which spend is remembered by category: now, and then.
CATEGORY_HORIZONS: Final = (Horizon.MIDDLE, Horizon.LONG)


class MoneyTotal(IntEnum):
    """Columns of `money`: running totals, minor units of the book currency."""

    DIRECT_REVENUE = 0
    INDIRECT_REVENUE = 1
    FRAUD_LOSS = 2
    ACQUISITION_COST = 3
    SERVICE_COST = 4
    MAINTENANCE_COST = 5
    MARKETING_COST = 6
    REFUNDED = 7


class Count(IntEnum):
    """Columns of `counts`: how many events of a sort were applied, or were not."""

    EVENTS = 0
    PURCHASES = 1
    REFUNDS = 2
    DECLINED = 3
    OVERDUE = 4
    CURED = 5
    COMPLAINTS = 6
    VISITS = 7
    REFERRALS = 8
    DUPLICATES = 9  # not applied
    TOUCHES = 10  # interactions that no other column counts


class Flag(IntFlag):
    """Bits of `flags`."""

    CLOSED = 1
    NO_MARKETING = 2
    NO_PROFILING = 4


# What is known of a customer at one family of touchpoints.
CONTACT: Final = np.dtype(
    [
        ("last", "<u4"),  # contact, epoch seconds; 0 where there was none
        ("answered_at", "<u4", (2,)),  # survey and NPS, likewise
        ("sums", "<f4", (len(Horizon),)),  # decayed, as of `last`: visits, complaints, visits
        ("answers", "u1", (2,)),  # the last and one, 0 for none
    ]
)
STATE: Final = np.dtype(
    [
        ("contacts", CONTACT, (FAMILIES,)),  # by family of touchpoints; first, to be left aside
        ("version", "<u2"),
        ("flags", "<u2"),
        ("first_event", "<f8"),
        ("last_event", "<f8"),
        ("first_day", "<i4"),
        ("last_day", "<i4"),
        ("purchase_days", "<u4"),
        ("day_bits", "<u8"),
        ("total_value", "<i8"),
        ("first_day_value", "<i8"),
        ("first_id", "<u8"),
        ("first_purchase", "<f8"),
        ("money", "<i8", (len(MoneyTotal),)),
        ("counts", "<u4", (len(Count),)),
        ("sums", "<f8", (len(Sum),)),
        ("categories", "<f8", (len(CATEGORY_HORIZONS), len(Category))),  # as `sums`, of spend
        ("last_visit", "<f8"),
        ("survey_at", "<f8"),
        ("nps_at", "<f8"),
        ("survey", "u1"),
        ("nps", "u1"),
        ("begun", "<f8"),  # first purchase, interaction or activation of a card; NEVER before it
        ("known_since", "<f8"),  # first sign of an earlier life with the bank; NEVER without one
        ("consent_at", "<f8", (2,)),  # of the latest word by `Purpose`; -NEVER before any
        # The cards seen last, the latest first.
        ("card", "<u4", (CARDS,)),  # 0 where there is none
        ("card_first", "<u4", (CARDS,)),  # epoch seconds, likewise the others
        ("card_last", "<u4", (CARDS,)),
        ("card_ended", "<u4", (CARDS,)),  # blocked or closed; 0 where it was not
        ("card_uses", "<u2", (CARDS,)),
        # Charges that recur, or may turn out to, the latest first.
        ("charge", "<u4", (CHARGES,)),  # the merchant; 0 where there is none
        ("charge_amount", "<f4", (CHARGES,)),  # the latest
        # The last days of each, latest first; 0 for none.
        ("charge_days", "<u2", (CHARGES, CHARGE_DAYS)),
        ("charge_late", "<u2", (CHARGES,)),  # the day on which it is overdue; 0 where none recurs
        ("recent_low", "<u4", (RECENT_IDS,)),
        ("recent_high", "u1", (RECENT_IDS,)),
        # Lifecycle: order-bound from here on.
        ("armed_at", "<f8"),
        ("score_at", "<f8"),
        ("score_value", "<f8"),
        ("clv", "<f8"),
        ("clv_peak", "<f8"),
        # The customer's last case; stored with the slots of rules.
        ("case", "<u4"),  # counts the customer's cases, 0 before the first
        ("case_sequence", "<u4"),  # of its messages
        ("case_opened", "<f8"),
        ("snoozed_until", "<f8"),  # NEVER where it is not
        ("case_status", "u1"),  # as last told, likewise the rest
        ("case_mark", "u1"),
        ("case_leading", "u1"),  # slot of a rule, and one
        ("case_leading_episode", "<u4"),
        ("case_no_offers", "u1"),  # marketing was refused
        ("case_reason", "u1"),  # why the customer was lost, and one; 0 where they are not
        # What they were offered, the latest first, in this case or an earlier one.
        ("offer", "<u4", (OFFERS,)),  # `short` hash of its code; 0 where none is named
        ("offer_day", "<u2", (OFFERS,)),  # since 1970; 0 where there is none
        ("offer_taken", "u1", (OFFERS,)),
        # A slot for each rule; stored are those up to the last that ever warned.
        ("level", "u1", (RULE_SLOTS,)),
        ("sequence", "<u2", (RULE_SLOTS,)),
        ("episode", "<u4", (RULE_SLOTS,)),
        ("since", "<f8", (RULE_SLOTS,)),  # when it was raised, or cleared
        ("raised", "<f8", (RULE_SLOTS,)),  # when the last episode was
        ("severity", "<f4", (RULE_SLOTS,)),  # as last told; NaN before anything was
        ("quiet_until", "<u4", (RULE_SLOTS,)),  # epoch seconds: an answer keeps the rule silent
        ("below_since", "<u4", (RULE_SLOTS,)),  # likewise: out of the band told; 0 while within
    ]
)
SLOTTED: Final = (
    "level", "sequence", "episode", "since", "raised", "severity", "quiet_until", "below_since",
)  # fmt: skip
CASED: Final = (
    "case", "case_sequence", "case_opened", "snoozed_until", "case_status", "case_mark",
    "case_leading", "case_leading_episode", "case_no_offers", "case_reason",
    "offer", "offer_day", "offer_taken",
)  # fmt: skip
OFFER: Final = ("offer", "offer_day", "offer_taken")
CARD: Final = ("card", "card_first", "card_last", "card_ended", "card_uses")
CHARGE: Final = ("charge", "charge_amount", "charge_days", "charge_late")
RECENT: Final = ("recent_low", "recent_high")
LIFECYCLE: Final = (*SLOTTED, *CASED, "armed_at")
LIFECYCLE_SCORES: Final = ("score_at", "score_value", "clv", "clv_peak")

States = Records
Bytes = NDArray[np.uint8]

_ORDER_BOUND: Final = STATE.fields["armed_at"][1] if STATE.fields else 0  # offset of the first such


def new_states(count: int) -> States:
    """Make `count` states of customers nothing is known about.

    Returns:
        Structured array of shape (count,), dtype `STATE`.

    >>> new_states(2)["purchase_days"].tolist()
    [0, 0]
    """
    states = np.zeros(count, STATE)
    states["version"] = VERSION
    states["armed_at"] = NEVER
    states["score_at"] = -NEVER
    states["last_visit"] = states["survey_at"] = states["nps_at"] = -NEVER
    states["since"] = states["raised"] = states["consent_at"] = -NEVER
    states["snoozed_until"] = states["begun"] = states["known_since"] = NEVER
    states["severity"] = np.nan
    return states


def order_free(states: States) -> Bytes:
    """View the facts of states: what applying events alone changes, shape (n, bytes)."""
    return _bytes(states)[:, :_ORDER_BOUND]


def order_bound(states: States) -> Bytes:
    """View the rest: what judging changes, shape (n, bytes)."""
    return _bytes(states)[:, _ORDER_BOUND:]


def _bytes(states: States) -> Bytes:
    return states.view(np.uint8).reshape(len(states), STATE.itemsize)
