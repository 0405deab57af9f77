import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary_event
from desk_cases import a_case
from pydantic import ValidationError

from schemas import (
    ADVISORY,
    INTERVENTIONS,
    CustomerScore,
    DeadLetter,
    EarlyWarning,
    Reason,
    cloud_event_headers,
    rejection,
)
from schemas.cloudevents import Published
from schemas.outputs.desk import DeskAssignment

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)

SCORES: dict[str, Any] = {
    "customer_id": "customer-7",
    "event_time": NOW,
    "churn_risk": 0.71,
    "churn_horizon_days": 91.0,
    "p_alive": 0.42,
    "p_no_purchase": 0.83,
    "horizon_days": 28.0,
    "expected_purchases": 0.4,
    "expected_spend": 4_680.5,
    "clv": -120.0,
    "currency": "EUR",
    "model_version": "cdnow-1",
}
REASON = Reason(
    rule="spend_decline",
    points=12.5,
    then=9_100.0,
    now=2_300.0,
    unit="money",
    value=0.75,
    threshold=0.5,
    value_unit="share",
    text="Spending fell to a quarter of what it was.",
)


def warning(**changes: Any) -> EarlyWarning:
    fields: dict[str, Any] = {
        **SCORES,
        "warning_id": f"{'9f3c' * 6}.silence.1",
        "sequence": 2,
        "lifecycle": "escalated",
        "rule": "churn",
        "route": "risk",
        "band": "high",
        "intervention": "win_back",
        "action": "call_customer",
        "raised_at": NOW - timedelta(days=2),
        "severity": 8_800.0,
        "value_at_stake": 12_400.0,
        "confidence": "normal",
        "score": 31.5,
        "base_points": 20.0,
        "other_points": -1.0,
        "reasons": (REASON,),
    }
    return EarlyWarning(**{**fields, **changes})


def score(**changes: Any) -> CustomerScore:
    fields: dict[str, Any] = {
        **SCORES,
        "frequency": 3,
        "recency_days": 200.0,
        "tenure_days": 240.5,
        "monetary_value": 4_100.0,
        "is_churn_flagged": True,
        "risk_band": "high",
        "relationship_band": "low",
    }
    return CustomerScore(**{**fields, **changes})


def assignment(**changes: Any) -> DeskAssignment:
    fields: dict[str, Any] = {
        "case_id": f"{'9f3c' * 6}.1",
        "sequence": 3,
        "customer_id": "customer-7",
        "status": "queued",
        "event_time": NOW,
        "opened_at": NOW - timedelta(days=2),
        "route": "risk",
        "band": "high",
        "action": "call_customer",
        "value_at_risk": 8_800.0,
        "currency": "EUR",
        "handed_out": None,
        "offers_allowed": True,
        "no_offers": (),
        "lately": (),
    }
    return DeskAssignment(**{**fields, **changes})


def dead_letter() -> DeadLetter:
    rejected = rejection(0, "card_number", "region", "no card number", "at 4111 1111 1111 1111")
    return DeadLetter.of(
        rejected, topic="bank.t.v1", partition=3, offset=41, timestamp=NOW, value_kept=False
    )


@pytest.mark.parametrize("output", [warning(), score(), assignment(), dead_letter()])
def test_an_output_survives_its_json(
    output: EarlyWarning | CustomerScore | DeskAssignment | DeadLetter,
) -> None:
    assert type(output).model_validate_json(output.model_dump_json()) == output


@pytest.mark.parametrize("output", [warning(), score(), assignment(), dead_letter(), REASON])
def test_an_output_is_frozen_and_closed(output: Any) -> None:
    with pytest.raises(ValidationError):
        setattr(output, next(iter(type(output).model_fields)), "x")
    with pytest.raises(ValidationError):
        type(output)(**dict(output), surprise=1)


def test_a_warning_says_that_it_is_advisory() -> None:
    assert warning().advisory == ADVISORY
    assert "person" in ADVISORY
    with pytest.raises(ValidationError):
        warning(advisory="Final.")


@pytest.mark.parametrize(("band", "intervention"), INTERVENTIONS.items())
def test_bands_that_warn_may_call_for_anything_and_a_low_one_for_nothing(
    band: str, intervention: str
) -> None:
    assert warning(band=band, intervention=intervention).intervention == intervention
    for other in set(INTERVENTIONS.values()) - {intervention}:
        if band == "low":
            with pytest.raises(ValidationError, match="expected maintain in band low"):
                warning(band=band, intervention=other)
        else:
            assert warning(band=band, intervention=other).intervention == other


@pytest.mark.parametrize(
    "changes",
    [
        {"churn_risk": 1.01},
        {"p_alive": float("nan")},
        {"clv": float("inf")},
        {"severity": -1.0},
        {"value_at_stake": -1.0},
        {"churn_horizon_days": 0.0},
        {"sequence": 0},
        {"currency": "XXX"},
        {"event_time": datetime(2026, 3, 1)},  # noqa: DTZ001 - the naive time is the attack
        {"customer_id": "4111 1111 1111 1111"},
        {"lifecycle": "forgotten"},
        {"reasons": [REASON, "x"]},
    ],
)
def test_a_warning_that_breaks_the_contract_is_not_built(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as caught:
        warning(**changes)
    assert "4111" not in str(caught.value)


def test_a_dead_letter_has_kip_1034_headers() -> None:
    letter = dead_letter()
    assert letter.id == "bank.t.v1-3-41"
    assert letter.headers() == [
        ("__streams.errors.exception", b"card_number"),
        ("__streams.errors.message", b"region: expected no card number, got at ****"),
        ("__streams.errors.topic", b"bank.t.v1"),
        ("__streams.errors.partition", b"3"),
        ("__streams.errors.offset", b"41"),
    ]


@pytest.mark.parametrize(
    ("output", "ce_id", "ce_type"),
    [
        (warning(), f"{'9f3c' * 6}.silence.1.2".encode(), b"bank.customer.warning.risk.v1"),
        (
            warning(route="relationship"),
            f"{'9f3c' * 6}.silence.1.2".encode(),
            b"bank.customer.warning.relationship.v1",
        ),
        (score(), b"customer-7.2026-03-01T12:00:00+00:00", b"bank.customer.score.v1"),
        (assignment(), f"{'9f3c' * 6}.1.3".encode(), b"bank.desk.assignment.v1"),
        (
            a_case("c", case_id=f"{'9f3c' * 6}.1", sequence=2, event_time=NOW),
            f"{'9f3c' * 6}.1.2".encode(),
            b"bank.customer.case.v1",
        ),
    ],
)
def test_cloud_event_headers_are_the_same_after_any_replay(
    output: Published, ce_id: bytes, ce_type: bytes
) -> None:
    assert cloud_event_headers(output, "/ebbwatch")[:6] == [
        ("ce_specversion", b"1.0"),
        ("ce_id", ce_id),
        ("ce_type", ce_type),
        ("ce_source", b"/ebbwatch"),
        ("ce_time", b"2026-03-01T12:00:00+00:00"),
        ("content-type", b"application/json"),
    ]


def test_times_are_iso_8601_on_the_wire() -> None:
    assert json.loads(warning().model_dump_json())["event_time"] == "2026-03-01T12:00:00Z"


@pytest.mark.parametrize("output", [warning(), score()])
def test_others_read_a_message_as_a_cloud_event(output: EarlyWarning | CustomerScore) -> None:
    value = output.model_dump_json().encode()
    headers = dict(cloud_event_headers(output, "/ebbwatch"))
    event = from_binary_event(KafkaMessage(headers, b"customer-7", value))
    assert (event.get_source(), event.get_time()) == ("/ebbwatch", NOW)
    assert event.get_type() == headers["ce_type"].decode()
    assert event.get_data() == json.loads(value)
    assert event.get_extension("partitionkey") == "customer-7"
    assert event.get_extension("band") == getattr(output, "band", None)


def test_warnings_can_be_filtered_by_their_headers() -> None:
    extensions = cloud_event_headers(warning(), "/ebbwatch")[6:]
    assert extensions == [("ce_rule", b"churn"), ("ce_band", b"high"), ("ce_route", b"risk")]
    assert cloud_event_headers(score(), "/ebbwatch")[6:] == []


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"offers_allowed": False}, "no_offers: expected reasons"),
        ({"no_offers": ("hardship",)}, "no_offers: expected reasons"),
        ({"withdrawn_by": "cleared"}, "withdrawn_by: expected a reason"),
        ({"status": "withdrawn"}, "withdrawn_by: expected a reason"),
        ({"status": "handed_out"}, "handed_out: expected when"),
        ({"customer_id": ""}, "customer_id"),
    ],
)
def test_an_assignment_says_one_thing(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        assignment(**changes)


def test_an_assignment_s_cloud_event_is_told_from_its_case_s_by_source_and_type() -> None:
    headers = dict(cloud_event_headers(assignment(), "/ebbwatch/desk"))
    assert headers["ce_id"] == f"{'9f3c' * 6}.1.3".encode()
    assert headers["ce_type"] == b"bank.desk.assignment.v1"
    assert (headers["ce_status"], headers["ce_route"]) == (b"queued", b"risk")
