"""Customers' packed states in words, scored at an instant by the functions of the step."""

import time
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import numpy as np

from schemas.ids import warning_id
from schemas.outputs.needs import CustomerNeeds
from schemas.outputs.now import CustomerNow, Facts, OpenWarning
from scoring.arrays import DAY, Floats
from scoring.facts.consent import Purpose, is_unscored
from scoring.facts.state import OFFER, RULE_SLOTS, Count, MoneyTotal, States, Sum
from scoring.feature import Feature
from scoring.features import decayed_sums, frequency, known, monetary_value, recency, tenure
from scoring.model import ScoringModel
from scoring.segments import Basis, needs, satisfaction_at
from scoring.step.counterfactual import would_clear
from scoring.step.doing import Doing
from scoring.step.outcome import Evaluated, scores
from scoring.warning import lifecycle
from scoring.warning.lifecycle import LOW, is_closed
from scoring.warning.risk import risks
from streams.config import Settings
from streams.outbox.messages import Messages
from streams.outbox.needs import needs as needs_told
from streams.outbox.parts import BANDS, Row, allowed, confidence, instant, rows, tier_told
from streams.outbox.phrases import Phrases, action_text
from streams.outbox.wording import clearing
from streams.store import Claim
from streams.tools.customers.at_touchpoints import at_touchpoints

COUNTS: Final = tuple(count.name.lower() for count in Count)
MONEY: Final = tuple(total.name.lower() for total in MoneyTotal)
SUMS: Final = tuple(column.name.lower() for column in Sum)


class TooEarlyError(ValueError):
    """Asked about an instant before the customer's last event."""


class NotScoredError(ValueError):
    """Asked to score who withdrew consent to profiling."""


def evaluated(states: States, now: Floats, messages: Messages) -> list[Row]:
    """Score states as the step does, changing nothing.

    Args:
        states: shape (n,).
        now: epoch seconds, shape (n,), not before the last event.
        messages: of the model.

    Returns:
        Rows of dtype `SCORE`, with `points` by rule and their `score` beside; for each state the
        same whatever others are asked about with it.
    """
    model = messages.model
    known_now = known(states, now, model)
    table = lifecycle.values(known_now.matrix, model)
    found = risks(known_now.matrix, known_now.contributions, table, model)
    told = scores(Evaluated(np.arange(len(states)), states, now, known_now, table), model)
    slots = np.zeros((len(states), RULE_SLOTS))
    slots[:, : model.rules.width] = found.points
    points = zip(slots.tolist(), found.score.tolist(), strict=True)
    return [
        {**row, "points": by_rule, "score": score}
        for row, (by_rule, score) in zip(rows(told), points, strict=True)
    ]


def views(
    customers: Sequence[bytes],
    states: States,
    now: Floats,
    claims: Sequence[Claim],
    messages: Messages,
    *,
    with_clearing: bool = False,
) -> list[CustomerNow]:
    """Tell all that is known of customers at an instant each.

    Args:
        customers: their ids.
        states: shape (n,).
        now: epoch seconds, shape (n,), not before the last event: `refuse_early` says so.
        claims: of the partition of each, shape (n,).
        messages: of the model in use, in whose words it is told.
        with_clearing: whether to find what would clear each warning, which takes most of the time.
    """
    told, held = evaluated(states, now, messages), facts(states, now, messages.model)
    matrix = np.array([row["features"] for row in told]).T
    basis = Basis(states, matrix, now, messages.model)
    satisfied = satisfaction_at(basis)
    met, wanted = at_touchpoints(states, satisfied), _needs(basis, satisfied, messages)
    open_ones = _open(customers, states, messages, told)
    if with_clearing:
        _clear(open_ones, states, now, messages)
    return [
        CustomerNow(
            customer_id=customer.decode(),
            at=instant(row["now"]),
            clock=instant(claims[place].clock),
            scored_with=_version(claims[place]),
            facts=held[place],
            score=messages.score(row, customer),
            value_at_stake=row["features"][Feature.VALUE_AT_STAKE],
            points=row["score"],
            confidence=confidence(row["features"]),
            touchpoints=met[place],
            needs=wanted[place],
            warnings=tuple(OpenWarning(**warning) for warning in open_ones[place].values()),
            next_timer=_instant_if_any(float(states["armed_at"][place])),
            **messages.reasons.behind(row),
        )
        for place, (customer, row) in enumerate(zip(customers, told, strict=True))
    ]


def _needs(basis: Basis, satisfied: Floats, messages: Messages) -> list[CustomerNeeds | None]:
    found = needs(basis, satisfied)
    columns = {**found._asdict(), **{name: basis.states[name] for name in OFFER}}
    rows = zip(*(codes.tolist() for codes in columns.values()), strict=True)
    known = (dict(zip(columns, row, strict=True)) for row in rows)
    return [needs_told(each, messages.say, messages.model.rules) for each in known]


def present(settings: Settings, claim: Claim, last_event: float) -> float:
    """The instant that is now for a customer, epoch seconds: by the wall, or the log's clock."""
    return max(claim.clock if settings.mode == "replay" else time.time(), last_event)


def refuse_early(last_event: float, now: float) -> None:
    """Refuse to tell of an instant when not all that a state holds had happened.

    Raises:
        TooEarlyError: it lies before the last event.
    """
    if now < last_event:
        expected = f"an instant from the last event on, {instant(last_event).isoformat()}"
        raise TooEarlyError(f"at: expected {expected}, got {instant(now).isoformat()}")


def refuse_unscored(states: States, say: Phrases) -> None:
    """Refuse in words to score one customer, shape (1,), who does not want it.

    Raises:
        NotScoredError: they withdrew consent to profiling.
    """
    if is_unscored(states)[0]:
        since = instant(float(states["consent_at"][0, Purpose.PROFILING])).isoformat()
        raise NotScoredError(say("not_scored", since=since))


def facts(states: States, now: Floats, model: ScoringModel) -> list[Facts]:
    """The facts of states in words, as of `now` (epoch seconds), shapes (n,)."""
    sums = np.round(decayed_sums(states, now, model), 4).T
    bought = (states["purchase_days"] > 0).tolist()
    asked = np.isfinite(states["nps_at"]).tolist()
    columns = {
        "closed": is_closed(states).tolist(),
        "first_event": map(instant, states["first_event"].tolist()),
        "last_event": map(instant, states["last_event"].tolist()),
        "first_purchase_day": map(_day, states["first_day"].tolist(), bought),
        "last_purchase_day": map(_day, states["last_day"].tolist(), bought),
        "frequency": frequency(states).astype(np.int64).tolist(),
        "recency_days": recency(states).tolist(),
        "tenure_days": tenure(states, now, model).tolist(),
        "monetary_value": monetary_value(states).tolist(),
        "total_value": states["total_value"].tolist(),
        "clv": states["clv"].tolist(),
        "clv_peak": states["clv_peak"].tolist(),
        "last_survey": (answer or None for answer in states["survey"].tolist()),
        "last_nps": (
            n if has else None for n, has in zip(states["nps"].tolist(), asked, strict=True)
        ),
        "counts": (dict(zip(COUNTS, row, strict=True)) for row in states["counts"].tolist()),
        "money": (dict(zip(MONEY, row, strict=True)) for row in states["money"].tolist()),
        "decayed": (dict(zip(SUMS, row, strict=True)) for row in sums.tolist()),
    }
    return [
        Facts(**dict(zip(columns, row, strict=True))) for row in zip(*columns.values(), strict=True)
    ]


def _open(
    customers: Sequence[bytes], states: States, messages: Messages, told: list[Row]
) -> list[dict[int, dict[str, Any]]]:
    """Fields of the open warnings of each customer, by slot."""
    found: list[dict[int, dict[str, Any]]] = [{} for _ in customers]
    for place, slot in np.argwhere(states["level"] > LOW).tolist():
        state, row = states[place], told[place]
        found[place][slot] = _warning(customers[place], slot, state, row, messages)
    return found


def _warning(
    customer: bytes, slot: int, state: np.void, row: Row, messages: Messages
) -> dict[str, Any]:
    rule, level = messages.model.rules[slot], int(state["level"][slot])
    episode, severity = int(state["episode"][slot]), float(state["severity"][slot])
    flags, at_stake = int(state["flags"]), row["features"][Feature.VALUE_AT_STAKE]
    tier = tier_told(at_stake, flags, messages.model)
    called = messages.model.rules.calls_for(slot, level, tier)
    action = allowed(called.action, flags)
    return {
        "rule": rule.name,
        "route": rule.route,
        "band": BANDS[level],
        "intervention": called.intervention,
        "action": action,
        "action_text": action_text(action, messages.say.language, messages.model.rules.texts),
        "warning_id": warning_id(customer, rule.name, episode),
        "episode": episode,
        "sequence": int(state["sequence"][slot]),
        "since": instant(float(state["since"][slot])),
        "severity": severity if np.isfinite(severity) else None,
        "reason": messages.reasons.reason(row["features"], slot, row["points"][slot]),
    }


def _clear(
    found: list[dict[int, dict[str, Any]]], states: States, now: Floats, messages: Messages
) -> None:
    """Add what would clear each warning, in place."""
    at = [(place, slot) for place, own in enumerate(found) for slot in own]
    rows, slots = (np.array([each[k] for each in at], np.int64) for k in (0, 1))
    least = would_clear(states.take(rows), now[rows], slots, messages.model)
    for (place, slot), doing, times, days, then in zip(
        at, *(each.tolist() for each in least), strict=True
    ):
        told = clearing(Doing(doing), times, int(days), then, messages.say)
        found[place][slot]["would_clear"] = told


def _version(claim: Claim) -> str | None:
    return claim.activated and claim.activated.version


def _instant_if_any(seconds: float) -> datetime | None:
    return instant(seconds) if np.isfinite(seconds) else None


def _day(day: int, bought: bool) -> str | None:  # noqa: FBT001 - one of two columns
    return instant(day * DAY).date().isoformat() if bought else None
