"""What people answer: every type's example is valid, and what cannot be used says why."""

import json
from typing import Any

import pytest

from schemas import BatchAdapter, validate_batch
from schemas.events.examples import OUTCOME_EXAMPLES
from schemas.events.outcomes import CustomerOutcome

WARNING = OUTCOME_EXAMPLES["retained"]["warning_id"]
OUTCOMES = BatchAdapter[Any](CustomerOutcome)


@pytest.mark.parametrize("kind", OUTCOME_EXAMPLES)
def test_every_answer_has_a_valid_example(kind: str) -> None:
    events, rejections = validate_batch(OUTCOMES, [json.dumps(OUTCOME_EXAMPLES[kind]).encode()])
    assert rejections == []
    assert events[0] is not None


@pytest.mark.parametrize("note", ["x" * 500, "<b>Überweisung</b> 客户 €5", "'; --"])
def test_a_note_is_a_text_of_any_script(note: str) -> None:
    made = {**OUTCOME_EXAMPLES["contacted"], "note": note}
    (event,), rejections = validate_batch(OUTCOMES, [json.dumps(made).encode()])
    assert (rejections, event["note"]) == ([], note)


@pytest.mark.parametrize(
    ("kind", "changes", "reason", "where"),
    [
        ("acknowledged", {"warning_id": None}, "bad_id", "warning_id"),
        ("acknowledged", {"warning_id": "silence.1"}, "bad_id", "warning_id"),
        ("acknowledged", {"case_id": WARNING}, "bad_id", "case_id"),
        ("acknowledged", {"warning_id": ...}, "missing_field", "$"),
        ("acknowledged", {"answered_by": ...}, "missing_field", "answered_by"),
        ("acknowledged", {"answered_by": "Ann Other"}, "bad_id", "answered_by"),
        ("lost", {"reason": "boredom"}, "unknown_value", "reason"),
        ("false_alarm", {"reason": ...}, "missing_field", "reason"),
        ("snoozed", {"until": "2026-03-08T08:00:00"}, "naive_time", "until"),
        ("snoozed", {"until": 1_772_956_800}, "wrong_type", "until"),
        ("snoozed", {"until": "2027-03-08T08:00:00Z"}, "out_of_range", "$"),
        ("snoozed", {"until": "2026-03-01T12:00:00Z"}, "out_of_range", "$"),
        ("retained", {"note": "4111 1111 1111 1111"}, "card_number", "note"),
        ("retained", {"note": "\uff14111 1111 1111 1111"}, "card_number", "note"),
        ("retained", {"note": "two\nlines"}, "bad_text", "note"),
        ("retained", {"note": "\u0085"}, "bad_text", "note"),
        ("retained", {"note": ""}, "bad_text", "note"),
        ("retained", {"note": "x" * 501}, "bad_text", "note"),
        ("retained", {"note": None}, "bad_text", "note"),
        ("retained", {"note": 5}, "bad_text", "note"),
        ("contacted", {"touchpoint": "by phone"}, "bad_text", "touchpoint"),
        ("contacted", {"touchpoint": "4111111111111111"}, "card_number", "touchpoint"),
        ("retained", {"touchpoint": "phone"}, "extra_field", "touchpoint"),
        ("reassigned", {"case_id": ..., "warning_id": WARNING}, "missing_field", "$"),
        ("reassigned", {"officer": ...}, "missing_field", "officer"),
        ("reassigned", {"officer": "Ann Other"}, "bad_id", "officer"),
        ("forgotten", {}, "unknown_type", "type"),
    ],
)  # fmt: skip
def test_an_answer_that_cannot_be_used_says_why(
    kind: str, changes: dict[str, Any], reason: str, where: str
) -> None:
    made = {**OUTCOME_EXAMPLES.get(kind, OUTCOME_EXAMPLES["retained"]), "type": kind, **changes}
    made = {name: value for name, value in made.items() if value is not ...}
    _, (rejected,) = validate_batch(OUTCOMES, [json.dumps(made).encode()])
    assert (rejected.reason, rejected.where) == (reason, where)
