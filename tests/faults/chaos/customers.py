"""The suite's customers: a portfolio's lives, and what else a bank's log holds."""

import math
import time
from collections.abc import Iterator
from itertools import count, repeat
from typing import Any, NamedTuple

import numpy as np
from judge.facts import instant
from judge.laws import Law
from portfolio import DAY, START, Log, at, portfolio, purchase, visit

Event = dict[str, Any]
LATER = START + 600.0 * DAY  # behind everything that `lives` deals
REGULARLY = 182  # events of a regular, of each sort
WHERE = ("app:home", "Hotline", "BRANCH:042", "email", "Kiosk/7 [north]")
CODES = ("5411", "5812", "4511", "5541", "5311", "7832", "4900", "0000")


class Odds(NamedTuple):
    """Chances, one an event."""

    again: float = 0.01  # of being sent twice
    refund: float = 0.03
    fee: float = 0.01
    nps: float = 0.03
    closed: float = 0.002
    consent: float = 0.01
    too_late: float = 0.002


def lives(customers: int, seed: int, per_customer: float = 14.0, regulars: int = 8) -> Log:
    """Deal lives whose events need every way of being counted, and of not being counted.

    Args:
        customers: of a portfolio.
        seed: of everything.
        per_customer: their mean number of events.
        regulars: customers beside them who come every other day for months, then hardly any more.
    """
    rng = np.random.default_rng(seed)
    log = portfolio(customers, seed, per_customer)
    transactions = [each for event in log.transactions for each in _told(rng, event)]
    interactions = [each for event in log.interactions for each in _felt(rng, event)]
    for number in range(regulars):
        name = f"regular-{number:03d}"
        amounts = rng.integers(1_000, 5_000, REGULARLY).tolist()
        moments = [_ebbing(rng), _ebbing(rng)]
        transactions += map(purchase, repeat(name), count(), moments[0], amounts)
        interactions += map(visit, repeat(name), count(), moments[1])
    return Log(_merged(transactions), _merged(interactions))


def purchases_later(seed: int, customers: int, start: int, size: int) -> list[Event]:
    """Purchases after `lives`, one every five minutes, some of whom ebbed long ago coming back."""
    rng = np.random.default_rng((seed, start))
    names = rng.integers(0, customers, size).tolist()
    amounts = rng.integers(0, 20_000, size).tolist()
    return [
        purchase(f"customer-{name:06d}", 1_000_000 + start + place, _moment(start + place), amount)
        for place, (name, amount) in enumerate(zip(names, amounts, strict=True))
    ]


def lives_until(now: float, seed: int, law: Law, customers: int, window: float) -> Log:
    """The same lives, the last event of which is of just now, and some more who fall silent.

    Args:
        now: epoch seconds.
        seed: of everything.
        law: by which a silence is long enough.
        customers: of a portfolio.
        window: seconds from now on in which, one after another, silences become long enough.
    """
    log = lives(customers, seed)
    last = max(instant(event["event_time"]) for events in log for event in events)
    transactions, interactions = ([_later(event, now - last) for event in part] for part in log)
    fading = [event for life in _fading(law, now, window) for event in life]
    return Log(_merged([*transactions, *fading]), interactions)


def _fading(law: Law, now: float, window: float) -> Iterator[Iterator[Event]]:
    """Purchases of customers whose silence will be long enough for a rule's next level by a second.

    An instant depends on how many purchase days there were, and over how many days: of all these
    those are chosen that come within the window.
    """
    for x in range(2, 20):
        for t_x in range(60, 600):
            for threshold in (law.limits["silence"].middle, law.limits["silence"].high):
                root = law.silence_root(x, float(t_x), float(t_x), 1e4, threshold)
                first = math.floor((now + window) / DAY - root)
                if now < (first + root) * DAY:
                    days = first + np.linspace(0, t_x, x + 1).round() + 0.5
                    name = repeat(f"regular-fading-{x}-{t_x}-{threshold}")
                    yield map(purchase, name, count(), (days * DAY).tolist(), repeat(4_250))


def _later(event: Event, seconds: float) -> Event:
    """An event at another time."""
    told = [name for name in ("event_time", "reversed_time") if name in event]
    return event | {name: at(instant(event[name]) + seconds) for name in told}


def purchases_now(seed: int, customers: int, start: int, size: int) -> list[Event]:
    """As of `purchases_later`, a millisecond apart, the last of them just now."""
    now = time.time()
    told = purchases_later(seed, customers, start, size)
    return [
        event | {"event_time": at(round(now - (size - place) / 1_000, 3))}
        for place, event in enumerate(told)
    ]


def _ebbing(rng: np.random.Generator) -> list[float]:
    """Moments of a rhythm that slows down and recovers."""
    gaps = rng.exponential(1.0, REGULARLY) * np.repeat([1.5, 12.0, 1.2], [110, 12, 60])
    return (START + rng.uniform(0.0, 60.0) * DAY + np.cumsum(gaps * DAY).round(3)).tolist()


def _merged(events: list[Event]) -> list[Event]:
    """Events in the order in which they arrive: by the latest instant told of so far."""
    times = np.array([instant(event["event_time"]) for event in events])
    arrived = times.copy()
    own = np.array([event["customer_id"].startswith("regular") for event in events])
    arrived[~own] = np.maximum.accumulate(times[~own])
    return [events[place] for place in np.argsort(arrived, kind="stable").tolist()]


def _moment(number: int) -> float:
    return LATER + 300.0 * number + number % 7 / 8


def _told(rng: np.random.Generator, event: Event) -> Iterator[Event]:
    odds, draw = Odds(), rng.random(5).tolist()
    if event["type"] == "purchase":
        event = {**event, "merchant_category": str(rng.choice(CODES))}
    yield event
    if draw[0] < odds.again:
        yield event
    seconds = instant(event["event_time"])
    if event["type"] == "purchase" and event["amount"] and draw[1] < odds.refund:
        yield {
            **_common(event, "refund", seconds + 3_600.0),
            "amount": event["amount"],
            "currency": "USD",
            "card_id": event["card_id"],
            "reverses": event["event_id"],
            "reversed_time": event["event_time"],
        }
    if draw[2] < odds.fee:
        yield {**_common(event, "fee", seconds + 60.0), "amount": 500, "currency": "USD"}
    if draw[3] < odds.too_late:
        yield {
            **event,
            "event_id": f"{event['event_id']}:late",
            "event_time": at(seconds - 80 * DAY),
        }


def _felt(rng: np.random.Generator, event: Event) -> Iterator[Event]:
    odds, draw = Odds(), rng.random(2).tolist()
    yield event
    seconds = instant(event["event_time"])
    if draw[0] < odds.nps:
        asked = {**_common(event, "nps", seconds + 30.0), "score": int(rng.integers(0, 11))}
        yield {**asked, "touchpoint": WHERE[int(seconds) % len(WHERE)]}
    if draw[1] < odds.closed:
        yield _common(event, "account_closed", seconds + 90.0)
    elif draw[1] < odds.closed + odds.consent:
        granted = draw[1] < odds.closed + odds.consent / 2.0
        about = {"purpose": "profiling", "granted": granted, "legal_basis": "consent"}
        yield {**_common(event, "consent_changed", seconds + 90.0), **about}


def _common(event: Event, kind: str, seconds: float) -> Event:
    return {
        "event_id": f"{event['event_id']}:{kind}",
        "customer_id": event["customer_id"],
        "event_time": at(seconds),
        "type": kind,
    }
