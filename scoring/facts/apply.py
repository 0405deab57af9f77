"""Apply one event to each of several customers' facts: sums commute, time is data, not order."""

from enum import IntEnum
from typing import Final

import numpy as np

from scoring.arrays import DAY, Bools, Floats, Ints
from scoring.facts import kinds
from scoring.facts.calendar import BookCalendar
from scoring.facts.cards import keep_cards
from scoring.facts.charges import keep_charges
from scoring.facts.consent import keep_consent
from scoring.facts.events import Events
from scoring.facts.kinds import Kind
from scoring.facts.memory import Memory
from scoring.facts.recent import is_remembered, remember
from scoring.facts.state import CATEGORY_HORIZONS, DAYS_KEPT, SUM_HORIZONS, Count, Flag, States, Sum

KEPT_ANSWERS: Final = ((int(Kind.SURVEY), "survey_at", "survey"), (int(Kind.NPS), "nps_at", "nps"))
DISSATISFACTION: Final = (
    (int(Kind.SURVEY), Sum.LOW_SURVEYS, kinds.SURVEY_DISSATISFACTION),
    (int(Kind.NPS), Sum.DETRACTIONS, kinds.NPS_DISSATISFACTION),
)


class Applied(IntEnum):
    """What became of an event."""

    APPLIED = 0
    DUPLICATE = 1
    TOO_LATE = 2
    EARLIER = 3  # an answer to what was raised anew since, which changes nothing
    UNKNOWN = 4  # an answer to what was never raised


def outcomes(states: States, events: Events, days: Ints) -> Ints:
    """Tell for each customer's next event whether it can be applied.

    A purchase more than `DAYS_KEPT` days before the customer's last purchase day is too late: its
    day can no longer be told from one already counted.

    Args:
        states: shape (n,).
        events: the event of each state, shape (n,).
        days: the events' calendar days, shape (n,).

    Returns:
        `Applied` codes, shape (n,).
    """
    behind = states["last_day"] - days
    late = is_purchase(events) & (states["purchase_days"] > 0) & (behind >= DAYS_KEPT)
    codes = np.where(late, int(Applied.TOO_LATE), int(Applied.APPLIED))
    return np.where(is_remembered(states, events), int(Applied.DUPLICATE), codes)


def count_duplicates(states: States, rows: Ints, codes: Ints) -> None:
    """Count events that were applied before, in place: all that becomes of them.

    Args:
        states: of all customers.
        rows: distinct rows of those with an event, shape (n,).
        codes: what became of the events, as `outcomes` tells it, shape (n,).
    """
    states["counts"][rows[codes == Applied.DUPLICATE], Count.DUPLICATES] += 1


def apply(
    states: States, events: Events, days: Ints, calendar: BookCalendar, memory: Memory
) -> None:
    """Apply each event to its state, in place; one event a state.

    Args:
        states: shape (n,), dtype `STATE`.
        events: the event of each state, shape (n,).
        days: the events' calendar days, shape (n,).
        calendar: of the book.
        memory: how fast decayed sums are forgotten.
    """
    remember(states, events)
    _add_value(states, events, days, calendar)
    _add_day(states, days, is_purchase(events))
    _add_sums(states, events, memory)
    _add_counts(states, events)
    _keep_answers(states, events)
    _keep_last_visit(states, events)
    _keep_beginnings(states, events)
    keep_cards(states, events)
    keep_charges(states, events, days)
    keep_consent(states, events)
    closed = events["kind"] == Kind.ACCOUNT_CLOSED
    states["flags"] |= np.where(closed, int(Flag.CLOSED), 0).astype(np.uint16)


def is_purchase(events: Events) -> Bools:
    """Which events are purchases."""
    flags: Bools = events["kind"] == Kind.PURCHASE
    return flags


def _add_value(states: States, events: Events, days: Ints, calendar: BookCalendar) -> None:
    value = kinds.VALUE[events["kind"]] * events["amount"]
    purchase = is_purchase(events)
    first_yet = purchase & ((states["purchase_days"] == 0) | (days < states["first_day"]))
    earliest = purchase & (first_yet | _precedes_first(states, events))
    states["first_day_value"] = np.where(first_yet, 0, states["first_day_value"])
    value_day = np.where(purchase, days, calendar.day(events["reversed_time"]))
    on_first = (first_yet | (value_day == states["first_day"])) & (states["purchase_days"] > 0)
    named_first = (events["reverses"] != 0) & (events["reverses"] == states["first_id"])
    states["first_day_value"] += np.where(on_first | first_yet | named_first, value, 0)
    states["total_value"] += value
    states["first_id"] = np.where(earliest, events["id"], states["first_id"])
    states["first_purchase"] = np.where(earliest, events["time"], states["first_purchase"])


def _precedes_first(states: States, events: Events) -> Bools:
    """Of two purchases at one instant the one of the lower id is first, so order is moot."""
    tie = (events["time"] == states["first_purchase"]) & (events["id"] < states["first_id"])
    precedes: Bools = (events["time"] < states["first_purchase"]) | tie
    return precedes


def _add_day(states: States, days: Ints, purchase: Bools) -> None:
    """Count distinct purchase days: bit k of `day_bits` is the day `last_day - k`."""
    fresh = states["purchase_days"] == 0
    last = np.where(fresh, days, states["last_day"])
    ahead = np.where(purchase, np.maximum(days - last, 0), 0)
    behind = np.where(purchase, np.maximum(last - days, 0), 0)
    kept = np.where(ahead < DAYS_KEPT, states["day_bits"] << (ahead % DAYS_KEPT).astype("u8"), 0)
    bit = np.where(purchase, np.left_shift(np.uint64(1), behind.astype("u8")), np.uint64(0))
    new = purchase & ((kept & bit) == 0)
    states["day_bits"] = kept | bit
    states["purchase_days"] += new.astype(np.uint32)
    first = np.where(fresh, days, np.minimum(states["first_day"], days))
    states["first_day"] = np.where(purchase, first, states["first_day"])
    states["last_day"] = np.where(purchase, last + ahead, states["last_day"])


def _add_sums(states: States, events: Events, memory: Memory) -> None:
    """Decay the sums to the later of both times, the event's own weight where it came late."""
    times = events["time"]
    fresh = states["counts"][:, Count.EVENTS] == 0
    before = np.where(fresh, times, states["last_event"])
    after = np.maximum(before, times)
    kept, weight = memory.decay((after - before) / DAY), memory.decay(_value_age(events, after))
    sums = states["sums"].T * kept[SUM_HORIZONS] + _weights(events) * weight[SUM_HORIZONS]
    states["sums"] = sums.T
    _add_categories(states, events, kept, weight)
    states["first_event"] = np.where(fresh, times, np.minimum(states["first_event"], times))
    states["last_event"] = after


def _add_categories(states: States, events: Events, kept: Floats, weight: Floats) -> None:
    rows = np.flatnonzero(is_purchase(events))
    spent, group = events["amount"][rows].astype(np.float64), events["category"][rows]
    for place, horizon in enumerate(CATEGORY_HORIZONS):
        states["categories"][:, place] *= kept[horizon][:, None]
        states["categories"][rows, place, group] += spent * weight[horizon][rows]


def _value_age(events: Events, after: Floats) -> Floats:
    """Days from when the event's value counts to `after`: a refund counts when its purchase did."""
    age: Floats = np.maximum(after - np.minimum(events["time"], events["reversed_time"]), 0.0)
    return age / DAY


def _weights(events: Events) -> Floats:
    weights: Floats = kinds.UNIT[events["kind"]].T.copy()
    value = (kinds.VALUE[events["kind"]] * events["amount"]).astype(np.float64)
    weights[Sum.SPEND_SHORT] = weights[Sum.SPEND_LONG] = value
    weights[Sum.SPEND_SQUARED_LONG] = value * np.abs(value)
    kind, score, sentiment = events["kind"], events["score"], events["sentiment"]
    for answer, column, table in DISSATISFACTION:
        rows = np.flatnonzero(kind == answer)
        if rows.size:
            weights[column, rows] = table[np.minimum(score[rows], len(table) - 1)]
    if sentiment.any():
        bad = np.maximum(-sentiment.astype(np.float64), 0.0)
        weights[Sum.NEGATIVE_SENTIMENT] = kinds.SENTIMENT_WEIGHT * bad
    return weights


def _add_counts(states: States, events: Events) -> None:
    states["counts"][:, Count.EVENTS] += 1
    for table, field, amounts in (
        (kinds.COUNT, "counts", np.ones(len(events), np.int64)),
        (kinds.MONEY, "money", events["amount"]),
    ):
        column = table[events["kind"]]
        rows = np.flatnonzero(column != kinds.NOWHERE)
        states[field][rows, column[rows]] += amounts[rows].astype(states[field].dtype)


def _keep_answers(states: States, events: Events) -> None:
    """Keep the latest survey and NPS answer; of two at one instant the worse, so order is moot."""
    for kind, at, answer in KEPT_ANSWERS:
        rows = np.flatnonzero(events["kind"] == kind)
        if not rows.size:
            continue
        times, scores = events["time"][rows], events["score"][rows]
        before, said = states[at][rows], states[answer][rows]
        newer = (times > before) | ((times == before) & (scores < said))
        states[answer][rows] = np.where(newer, scores, said)
        states[at][rows] = np.where(newer, times, before)


def _keep_last_visit(states: States, events: Events) -> None:
    visited = kinds.COUNT[events["kind"]] == Count.VISITS
    latest = np.maximum(states["last_visit"], events["time"])
    states["last_visit"] = np.where(visited, latest, states["last_visit"])


def _keep_beginnings(states: States, events: Events) -> None:
    """When the customer's own doing begins, and since when they have been one at the latest."""
    kind, times = events["kind"], events["time"]
    begun = np.minimum(states["begun"], times)
    states["begun"] = np.where(kinds.BEGINS[kind], begun, states["begun"])
    known = np.minimum(states["known_since"], np.minimum(times, events["reversed_time"]))
    states["known_since"] = np.where(kinds.IS_SIGN[kind], known, states["known_since"])
