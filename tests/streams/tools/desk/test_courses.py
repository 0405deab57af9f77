"""How far answered warnings went: by their messages in any order, and why they were dismissed."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from stream_events import START

from schemas import EarlyWarning, Reason
from schemas.ids import case_id, customer_hash, warning_id
from streams.tools.desk import UNTOLD, AnsweredWarning, Costs
from streams.tools.desk.story import Story

NOW = datetime.fromtimestamp(START, UTC)


def heard(number: int, value: float | None, day: float, **more: Any) -> EarlyWarning:
    """A message of customer c1's warning of silence."""
    own = Reason(
        rule="silence", points=1.0, now=9.0, unit="days", value=value or 0.0,
        threshold=more.pop("threshold", 0.95), value_unit="share", text="Silent.",
    )  # fmt: skip
    other = own.model_copy(update={"rule": "overdue", "value": 7.0})
    given = {
        "warning_id": warning_id(b"c1", "silence", 1), "sequence": number, "lifecycle": "raised",
        "customer_id": "c1", "rule": "silence", "route": "relationship", "band": "middle",
        "intervention": "incentivise", "action": "a", "event_time": NOW + timedelta(days=day),
        "raised_at": NOW, "severity": 1.0, "churn_risk": 0.6, "p_alive": 0.4, "p_no_purchase": 0.8,
        "horizon_days": 28.0, "expected_purchases": 0.4, "expected_spend": 1.0, "clv": 1.0,
        "currency": "USD", "confidence": "normal", "score": 1.0, "base_points": 0.0,
        "other_points": 0.0, "reasons": (other, own) if value is not None else (other,),
        "model_version": "cards-1", "rules_version": "own-1", **more,
    }  # fmt: skip
    return EarlyWarning.model_validate(given)


def cleared(number: int, value: float, day: float, by: str | None) -> EarlyWarning:
    more = {"lifecycle": "cleared", "band": "low", "intervention": "maintain", "closed_by": by,
            "previous": {"band": "high", "sequence": number - 1}}  # fmt: skip
    return heard(number, value, day, **more)


def said(kind: str, day: float, **more: Any) -> dict[str, Any]:
    return {"customer_id": "c1", "event_id": f"o{kind}{day}", "type": kind, "answered_by": "o1",
            "event_time": NOW + timedelta(days=day), **more}  # fmt: skip


def answered(messages: list[EarlyWarning], *events: dict[str, Any], seed: int = 0) -> Any:
    story = Story(28.0)
    for message in random.Random(seed).sample(messages, len(messages)):
        story.warning(message)
        story.warning(message)
    for event in events:
        story.answer(event)
    return story.told(Costs()).answered


NAME = {"warning_id": warning_id(b"c1", "silence", 1)}
CASE = {"case_id": case_id(b"c1", 1)}
HIGH = {"lifecycle": "escalated", "band": "high", "intervention": "win_back"}
DISMISSED = [heard(1, 0.95, 0.0), heard(2, 0.98, 4.0, **HIGH), cleared(3, 0.99, 6.0, "false_alarm")]


@pytest.mark.parametrize("seed", range(4))
def test_a_course_is_its_messages_in_whatever_order_they_are_read(seed: int) -> None:
    answer = said("false_alarm", 5.0, reason="still_active", **NAME)
    assert answered(DISMISSED, answer, seed=seed) == [
        AnsweredWarning(
            customer_hash(b"c1"), "silence", False, "still_active", 0.95, (0.95, 0.98, 0.99),
            was_high=True, ended_by_itself=False, days=6.0, versions=("cards-1", "own-1"),
        )
    ]  # fmt: skip


def test_what_had_cleared_by_itself_says_so() -> None:
    messages = [heard(1, 0.95, 0.0, threshold=None), cleared(2, 0.1, 2.0, None)]
    (late,) = answered(messages, said("retained", 9.0, **NAME))
    assert (late.is_right, late.reason, late.ended_by_itself) == (True, None, True)
    assert (late.threshold, late.values, late.days) == (None, (0.95, 0.1), 2.0)


def test_the_reason_is_its_own_answer_s_or_else_that_of_its_case() -> None:
    own = said("false_alarm", 5.0, reason="seasonal", **NAME)
    later = said("false_alarm", 5.5, reason="other", **NAME)
    case = said("false_alarm", 5.2, reason="travelling", **CASE)
    before = said("false_alarm", -1.0, reason="data_error", **CASE)
    behind = said("false_alarm", 7.0, reason="data_error", **CASE)
    elsewhere = said("false_alarm", 5.0, reason="data_error", **CASE) | {"customer_id": "c2"}
    for events, reason in (
        ((later, own, case), "seasonal"),
        ((case, before, behind, elsewhere), "travelling"),
        ((before, behind, elsewhere), UNTOLD),
        ((), UNTOLD),
    ):
        assert [each.reason for each in answered(DISMISSED, *events)] == [reason]


def test_what_nobody_answered_or_whose_raise_is_forgotten_is_not_told_of() -> None:
    assert answered(DISMISSED[:2]) == []
    assert answered(DISMISSED[1:], said("false_alarm", 5.0, reason="other", **NAME)) == []
    mute = [heard(1, None, 0.0), *DISMISSED[1:]]
    assert answered(mute) == []
