"""Answers as metrics: born at zero, counted by rule and band, with nobody's id in a label."""

import numpy as np
import pytest
from prometheus_client import CollectorRegistry

from schemas.events.examples import OUTCOME_EXAMPLES
from scoring.facts.kinds import Kind
from scoring.rules import shipped
from scoring.warning.answers import ANSWER, NO_SLOT
from streams.telemetry.answered import NO_RULE, Answered

NAMES = {slot: name for name, slot in shipped().slots.items()}
HOUR = 3_600.0


@pytest.fixture
def answered() -> Answered:
    made = Answered(CollectorRegistry())
    made.start_at_zero(NAMES.values())
    return made


def value(of: Answered, name: str, **labels: str) -> float | None:
    registry = of.answers.collect, of.reasons.collect, of.to_action.collect, of.lead.collect
    samples = [s for collect in registry for family in collect() for s in family.samples]
    found = [s.value for s in samples if (s.name, s.labels) == (f"ebbwatch_{name}", labels)]
    return found[0] if found else None


def row(kind: Kind, rule: int, level: int, *, hours: float = 1.0, reason: int = 0,
        first: bool = True) -> np.ndarray:  # fmt: skip
    made = np.zeros(1, ANSWER)
    made["kind"], made["rule"], made["level"], made["reason"] = kind, rule, level, reason
    made["raised_at"], made["time"], made["is_first"] = 1e9, 1e9 + hours * HOUR, first
    return made


def test_every_series_is_there_from_the_start(answered: Answered) -> None:
    for rule in (*NAMES.values(), NO_RULE):
        for band in ("low", "middle", "high"):
            for answer in OUTCOME_EXAMPLES:
                place = {"rule": rule, "band": band, "answer": answer}
                assert value(answered, "answers_total", **place) == 0.0
            for name in ("time_to_action_seconds_count", "warning_lead_seconds_count"):
                assert value(answered, name, rule=rule, band=band) == 0.0
        reason = {"rule": rule, "answer": "lost", "reason": "price"}
        assert value(answered, "answer_reasons_total", **reason) == 0.0


def test_answers_count_where_they_belong(answered: Answered) -> None:
    rows = [
        row(Kind.ACKNOWLEDGED, 0, 1, hours=2.0),
        row(Kind.FALSE_ALARM, 0, 1, reason=1, first=False),
        row(Kind.LOST, 0, 2, hours=48.0, reason=2, first=False),
        row(Kind.LOST, NO_SLOT, 0, reason=1),
        row(Kind.CONTACTED, 0, 0, hours=-3.0),  # an officer's clock that is behind
    ]
    answered.count(np.concatenate(rows), NAMES)
    middle, low = {"rule": "silence", "band": "middle"}, {"rule": "silence", "band": "low"}
    assert value(answered, "answers_total", **middle, answer="false_alarm") == 1
    assert value(answered, "answers_total", rule="silence", band="high", answer="lost") == 1
    assert value(answered, "answers_total", rule=NO_RULE, band="low", answer="lost") == 1
    of = {"rule": "silence", "answer": "false_alarm", "reason": "travelling"}
    assert value(answered, "answer_reasons_total", **of) == 1
    of = {"rule": "silence", "answer": "lost", "reason": "service"}
    assert value(answered, "answer_reasons_total", **of) == 1
    assert value(answered, "time_to_action_seconds_sum", **middle) == 2 * HOUR
    assert value(answered, "time_to_action_seconds_count", **middle) == 1
    assert value(answered, "time_to_action_seconds_sum", **low) == 0.0
    lead = {"rule": "silence", "band": "high"}
    assert value(answered, "warning_lead_seconds_sum", **lead) == 48 * HOUR
