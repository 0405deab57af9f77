"""One customer as Redis holds them: the packed state in words, and scores at an instant."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np

from schemas import CustomerScore
from schemas.ids import warning_id
from scoring.arrays import DAY
from scoring.facts.packing import unpack
from scoring.facts.state import Count, Flag, MoneyTotal, States, Sum
from scoring.features import decayed_sums, frequency, monetary_value, recency, tenure
from scoring.model import ScoringModel
from scoring.step.counterfactual import Doing, would_clear
from scoring.step.outcome import score
from scoring.warning.lifecycle import LOW
from streams.broker.partitioner import partitioner
from streams.config import Settings
from streams.outbox.messages import BANDS, Messages, rows
from streams.outbox.own_words import words_of
from streams.outbox.wording import clearing
from streams.parameters.file import load_model
from streams.store import Claim
from streams.store.opening import opened
from streams.tools.set_aside import NotUsed, of_customer, of_partition


class TooEarlyError(ValueError):
    """Asked about an instant before the customer's last event."""


@dataclass(frozen=True)
class OpenWarning:
    """A rule whose level is up."""

    rule: str
    route: str
    band: str
    warning_id: str
    episode: int
    sequence: int
    since: str
    text: str
    would_clear: str


@dataclass(frozen=True)
class Customer:
    """What is held of a customer, ready to be shown.

    Attributes:
        customer_id: pseudonymous id.
        partition: number of the partition that holds the state.
        at: the instant the scores are about, ISO 8601.
        clock: the partition's clock.
        facts: the state in words; days, minor units and ISO 8601 throughout.
        score: scores at `at`.
        warnings: open ones.
        next_timer: when silence alone may change a level, None for never.
        scored_with: version of the parameters that the partition's workers last scored with.
        set_aside: records of the customer among the partition's last dead letters; None where
            they could not be read.
        partition_set_aside: records of all its customers that were set aside.
    """

    customer_id: str
    partition: int
    at: str
    clock: str
    facts: dict[str, Any]
    score: CustomerScore
    warnings: tuple[OpenWarning, ...]
    next_timer: str | None
    scored_with: str | None
    set_aside: tuple[NotUsed, ...] | None
    partition_set_aside: tuple[NotUsed, ...]


class UnknownCustomerError(LookupError):
    """No state is held of a customer; what was set aside may tell why.

    Attributes:
        customer: the id asked for.
        set_aside: as of `Customer`.
        partition_set_aside: likewise.
    """

    def __init__(
        self,
        settings: Settings,
        customer: str,
        set_aside: tuple[NotUsed, ...] | None,
        partition_set_aside: tuple[NotUsed, ...],
    ) -> None:
        place = f"{settings.partitions} partitions under prefix {settings.redis_prefix}"
        told = f"{customer}: expected a customer with a state in {place}, found none"
        for whose, all_of in (("their", set_aside), ("the partition's", partition_set_aside)):
            told += "".join(
                f"; {each.records} of {whose} records were set aside, {each.reason}, "
                f"{each.where}: expected {each.expected}, got {each.got} ({each.help})"
                for each in all_of or ()
            )
        super().__init__(told)
        self.customer, self.set_aside = customer, set_aside
        self.partition_set_aside = partition_set_aside


async def inspect(settings: Settings, customer: str, at: datetime | None) -> Customer:
    """Read one customer's state from Redis and score it; nothing is changed.

    Args:
        settings: Where Redis is, and the parameters in use.
        customer: The customer's id.
        at: The instant to score at; None takes the present, in replay mode the partition's clock.

    Raises:
        UnknownCustomerError: nothing is held of the customer.
        TooEarlyError: `at` lies before the customer's last event.
        redis.exceptions.RedisError: Redis cannot be reached.
    """
    number = partitioner(settings.partitioner).one(customer.encode(), settings.partitions)
    async with opened(settings) as store:
        packed = await store.state(number, customer.encode())
        claim = await store.peek(number)
    refused = of_partition(claim.set_aside)
    own = await of_customer(settings, customer, number) if refused else ()
    if packed is None:
        raise UnknownCustomerError(settings, customer, own, refused)
    present = claim.clock if settings.mode == "replay" else time.time()
    now = at.timestamp() if at else present
    view = _View(unpack([packed]), now, load_model(settings))
    return view.customer(customer, number, claim, own)


@dataclass(frozen=True)
class _View:
    states: States
    now: float
    model: ScoringModel

    def customer(
        self, customer: str, number: int, claim: Claim, set_aside: tuple[NotUsed, ...] | None
    ) -> Customer:
        last = float(self.states["last_event"][0])
        if self.now < last:
            expected = f"an instant from the last event on, {instant(last)}"
            raise TooEarlyError(f"at: expected {expected}, got {instant(self.now)}")
        (row,) = rows(score(self.states, np.array([self.now]), self.model))
        messages = Messages(self.model, {}, "", "")
        return Customer(
            customer_id=customer,
            partition=number,
            at=str(instant(self.now)),
            clock=str(instant(claim.clock)),
            facts=facts(self.states, self.now, self.model),
            score=messages.score(row, customer.encode()),
            warnings=self._warnings(customer, row["features"]),
            next_timer=instant(float(self.states["armed_at"][0])),
            scored_with=claim.activated and claim.activated.version,
            set_aside=set_aside,
            partition_set_aside=of_partition(claim.set_aside),
        )

    def _warnings(self, customer: str, features: Any) -> tuple[OpenWarning, ...]:  # noqa: ANN401
        up = np.flatnonzero(self.states["level"][0] > LOW).tolist()
        return tuple(self._warning(customer, slot, features) for slot in up)

    def _warning(self, customer: str, slot: int, features: Any) -> OpenWarning:  # noqa: ANN401
        rule, state = self.model.rules[slot], self.states[0]
        episode = int(state["episode"][slot])
        return OpenWarning(
            rule=rule.name,
            route=rule.route,
            band=BANDS[int(state["level"][slot])],
            warning_id=warning_id(customer.encode(), rule.name, episode),
            episode=episode,
            sequence=int(state["sequence"][slot]),
            since=str(instant(float(state["since"][slot]))),
            text=words_of(rule)(features, self.model),
            would_clear=self._clearing(slot),
        )

    def _clearing(self, slot: int) -> str:
        place = np.array([self.now]), np.array([slot])
        doing, times, days = would_clear(self.states, *place, self.model)
        return clearing(Doing(int(doing[0])), int(times[0]), int(days[0])).text


def facts(states: States, now: float, model: ScoringModel) -> dict[str, Any]:
    """The facts of one state in words, as of `now` (epoch seconds)."""
    state = states[0]
    return {
        "closed": bool(state["flags"] & Flag.CLOSED),
        "first_event": instant(float(state["first_event"])),
        "last_event": instant(float(state["last_event"])),
        "first_purchase_day": _day(state["first_day"]) if state["purchase_days"] else None,
        "last_purchase_day": _day(state["last_day"]) if state["purchase_days"] else None,
        "frequency": int(frequency(states)[0]),
        "recency_days": float(recency(states)[0]),
        "tenure_days": float(tenure(states, np.array([now]), model)[0]),
        "monetary_value": float(monetary_value(states)[0]),
        "total_value": int(state["total_value"]),
        "clv": float(state["clv"]),
        "clv_peak": float(state["clv_peak"]),
        "last_survey": int(state["survey"]) or None,
        "last_nps": int(state["nps"]) if np.isfinite(state["nps_at"]) else None,
        "counts": {count.name.lower(): int(state["counts"][count]) for count in Count},
        "money": {money.name.lower(): int(state["money"][money]) for money in MoneyTotal},
        "decayed": _decayed(states, now, model),
    }


def instant(seconds: float) -> str | None:
    """Epoch seconds as ISO 8601, None where there is no such instant."""
    return datetime.fromtimestamp(seconds, UTC).isoformat() if np.isfinite(seconds) else None


def _day(day: Any) -> str:  # noqa: ANN401 - a NumPy integer
    return datetime.fromtimestamp(int(day) * DAY, UTC).date().isoformat()


def _decayed(states: States, now: float, model: ScoringModel) -> dict[str, float]:
    sums = decayed_sums(states, np.array([now]), model)[:, 0]
    return {column.name.lower(): round(float(sums[column]), 4) for column in Sum}
