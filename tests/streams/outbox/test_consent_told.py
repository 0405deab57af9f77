"""What is told of who withdrew consent, from the event on the wire to message and assignment."""

import json
from collections.abc import Iterator

import numpy as np
import pytest
from cases import MODEL, event, log, purchases, run

from schemas.outputs.cases import CustomerCase
from schemas.outputs.messages import EarlyWarning
from scoring.facts.kinds import Kind
from scoring.facts.state import Flag
from scoring.rules import shipped
from scoring.step.outcome import Outcome
from streams.config import Settings
from streams.outbox.messages import Messages
from streams.outbox.parts import INSTEAD, allowed

WEEKLY = purchases(*(20_000 + 7 * week for week in range(12)))
REFUSES, WITHDRAWS = 1, 3


def told(day: float, code: int) -> Iterator[EarlyWarning | CustomerCase]:
    """Every warning and case of a weekly buyer who falls silent and says something of consent."""
    said = event(Kind.CONSENT_CHANGED, day, 0, score=code, id=5)
    events = log(*WEEKLY.reshape(-1, 1), said)
    ended = run(events[np.argsort(events["time"], kind="stable")], until=20_400)
    outcome = Outcome(ended.states, ended.applied, ended.warnings, ended.scores, 0, ended.cases)
    for entry in Messages.of(Settings(), MODEL).entries(outcome, [b"c-1"]):
        body = json.loads(entry.value)
        if "rule" in body:
            yield EarlyWarning.model_validate_json(entry.value)
        elif "case_id" in body:
            yield CustomerCase.model_validate_json(entry.value)


def test_the_last_message_of_who_withdrew_says_why_and_nothing_else() -> None:
    messages = list(told(20_150, WITHDRAWS))
    raised, cleared = (each for each in messages if isinstance(each, EarlyWarning))
    opened, closed = (each for each in messages if isinstance(each, CustomerCase))
    assert raised.consent_withdrawn == opened.consent_withdrawn == ()
    assert cleared.consent_withdrawn == closed.consent_withdrawn == ("profiling",)
    assert (cleared.lifecycle, cleared.band, cleared.closed_by) == ("cleared", "low", None)
    assert (closed.status, closed.closed_by) == ("closed", "cleared")
    figures = (
        *("severity", "value_at_stake", "churn_risk", "p_alive", "p_no_purchase"),
        *("expected_purchases", "expected_spend", "clv", "score"),
    )
    assert {getattr(cleared, name) for name in figures} == {0.0}
    assert {closed.severity, closed.value_at_risk, closed.value_at_stake, closed.churn_risk} == {0}
    assert cleared.reasons == ()
    assert cleared.base_points + cleared.other_points == 0.0


def test_who_refused_marketing_is_warned_of_and_no_action_is_an_offer() -> None:
    messages = list(told(20_100, REFUSES))
    assert len(messages) == 4
    assert {each.consent_withdrawn for each in messages} == {("marketing",)}
    by_band = {each.band: each.action for each in messages}
    assert by_band == {"middle": INSTEAD, "high": "win_back_call"}
    reasons = [each.reasons for each in messages if isinstance(each, EarlyWarning)]
    assert all(reasons)


def test_of_the_shipped_actions_those_that_offer_are_replaced() -> None:
    rules = shipped().rules
    codes = {code for rule in rules for code in rule.actions}
    replaced = {code for code in codes if allowed(code, Flag.NO_MARKETING) != code}
    assert replaced == {
        *("reactivation_offer", "win_back_offer", "retention_offer", "welcome_offer"),
        *("spend_incentive", "usage_incentive", "card_usage_incentive", "card_offer_review"),
    }
    assert INSTEAD in codes
    assert all(allowed(code, Flag.NO_PROFILING | Flag.CLOSED) == code for code in codes)


@pytest.mark.parametrize("code", ["Summer_OFFER", "incentives_2026", "offer"])
def test_a_bank_s_own_offer_is_known_by_its_code(code: str) -> None:
    assert allowed(code, Flag.NO_MARKETING) == INSTEAD
    assert allowed(code.replace("_", ""), 0) == code.replace("_", "")
