"""Warnings and scores as they leave: valid, explained, the same on every run."""

import json
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from fakes import MODEL, ROUTES, START, Event, FakeStore, event, sequenced
from pydantic import ValidationError

from schemas import INTERVENTIONS, CustomerScore, EarlyWarning
from scoring.features import Feature
from scoring.lifecycle import COUNT, HIGH, LOW, MIDDLE
from scoring.rules import RULES
from scoring.state import DAY, new_states
from scoring.step import SCORE, WARNING, Outcome
from streams.headers import join_headers, split_headers
from streams.messages import Messages, _lifecycle, warning_id
from streams.store import Entry
from streams.wording import SLOT

MESSAGES = Messages(MODEL, ROUTES, "score", "/ebbwatch/test")
EMPTY = Outcome(new_states(0), np.empty(0, np.int64), np.empty(0, WARNING), np.empty(0, SCORE), 0)
CUSTOMERS = [b"b", b"a"]


def warning_rows(*changes: dict[str, Any]) -> Any:
    """Rows of dtype WARNING: a regular buyer's silence, raised, unless told otherwise."""
    rows = np.zeros(len(changes), WARNING)
    rows["now"], rows["raised_at"], rows["after"] = START, START - DAY, MIDDLE
    rows["episode"] = rows["sequence"] = 1
    rows["churn_risk"] = 0.4
    features = {
        Feature.FREQUENCY: 9, Feature.USUAL_GAP: 4, Feature.DAYS_SINCE_LAST: 30.5,
        Feature.P_NO_PURCHASE: 0.96, Feature.P_ALIVE: 0.06, Feature.CLV: 12_000,
        Feature.EXPECTED_PURCHASES: 0.1, Feature.EXPECTED_SPEND: 5_000,
        Feature.COMPLAINTS: 1.0, Feature.DISSATISFACTION: 1.0,
    }  # fmt: skip
    for feature, value in features.items():
        rows["features"][:, feature] = value
    for row, change in zip(rows, changes, strict=True):
        for name, value in change.items():
            row[name] = value
    return rows


def points(**by_rule: float) -> list[float]:
    return [by_rule.get(rule.name, 0.0) for rule in RULES]


def told(**changes: Any) -> EarlyWarning:
    """The one warning of one row."""
    (entry,) = MESSAGES.entries(EMPTY._replace(warnings=warning_rows(changes)), CUSTOMERS)
    return EarlyWarning.model_validate_json(entry.value)


def test_a_warning_says_who_what_why_and_what_to_do() -> None:
    warning = told(points=points(silence=40.0, dissatisfaction=3.0))
    text = (
        "No purchase for 30 days; usually buys every 4 days. "
        "96% likely to buy nothing in the next 28 days."
    )
    assert warning.model_dump(exclude={"reasons", "warning_id", "advisory", "model_version"}) == {
        "sequence": 1,
        "lifecycle": "raised",
        "customer_id": "b",
        "rule": "silence",
        "route": "relationship",
        "band": "middle",
        "intervention": "incentivise",
        "action": "reactivation_offer",
        "event_time": datetime.fromtimestamp(START, UTC),
        "raised_at": datetime.fromtimestamp(START - DAY, UTC),
        "severity": 4_800.0,
        "churn_risk": 0.4,
        "p_alive": 0.06,
        "p_no_purchase": 0.96,
        "horizon_days": 28.0,
        "expected_purchases": 0.1,
        "expected_spend": 5_000.0,
        "clv": 12_000.0,
        "currency": "USD",
        "confidence": "normal",
    }
    assert warning.model_version == MODEL.parameters.version
    first = warning.reasons[0]
    assert (first.rule, first.points, first.text) == ("silence", 40.0, text)
    assert (first.then, first.now, first.threshold) == (4.0, 30.5, 0.95)
    assert first.would_clear == "A purchase."


@pytest.mark.parametrize(
    ("given", "reasons"),
    [
        (
            points(silence=40, overdue=8, dissatisfaction=20),
            ["silence", "dissatisfaction", "overdue"],
        ),
        (points(silence=5, overdue=8), ["overdue", "silence"]),
        (points(silence=5, overdue=5), ["silence", "overdue"]),
        (points(overdue=8, dissatisfaction=0.49), ["overdue", "silence"]),
        (points(), ["silence"]),
    ],
)
def test_reasons_come_most_points_first_and_include_the_rule_itself(
    given: list[float], reasons: list[str]
) -> None:
    warning = told(points=given)
    assert [reason.rule for reason in warning.reasons] == reasons
    assert [reason.points for reason in warning.reasons] == sorted(
        (reason.points for reason in warning.reasons), reverse=True
    )


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
@pytest.mark.parametrize(("level", "band"), [(LOW, "low"), (MIDDLE, "middle"), (HIGH, "high")])
def test_every_rule_has_its_route_and_an_action_at_each_band(
    rule: Any, level: int, band: str
) -> None:
    before = MIDDLE if level == LOW else LOW
    warning = told(rule=SLOT[rule.name], before=before, after=level)
    assert (warning.rule, warning.route, warning.band) == (rule.name, rule.route, band)
    assert warning.intervention == INTERVENTIONS[warning.band]
    actions = {"low": "keep_in_touch", "middle": rule.actions[0], "high": rule.actions[1]}
    assert warning.action == actions[band]


@pytest.mark.parametrize(
    ("before", "after", "lifecycle"),
    [
        (LOW, MIDDLE, "raised"),
        (LOW, HIGH, "raised"),
        (MIDDLE, HIGH, "escalated"),
        (HIGH, MIDDLE, "eased"),
        (MIDDLE, LOW, "cleared"),
        (HIGH, LOW, "cleared"),
    ],
)
def test_every_move_has_its_name(before: int, after: int, lifecycle: str) -> None:
    assert _lifecycle(before, after) == lifecycle
    assert told(before=before, after=after).lifecycle == lifecycle


@pytest.mark.parametrize(("repeats", "confidence"), [(0, "low"), (2, "low"), (3, "normal")])
def test_a_thin_history_is_marked(repeats: int, confidence: str) -> None:
    features = warning_rows({})["features"][0].copy()
    features[Feature.FREQUENCY] = repeats
    assert told(features=features).confidence == confidence


def test_messages_are_ordered_by_time_customer_and_rule_then_scores_by_customer() -> None:
    warnings = warning_rows(
        {"row": 0, "now": START + 1},
        {"row": 0, "now": START, "rule": SLOT["overdue"]},
        {"row": 0, "now": START, "rule": SLOT["dissatisfaction"]},
        {"row": 1, "now": START},
        {"row": 1, "now": START, "sequence": 2},
    )
    scores = np.zeros(2, SCORE)
    scores["row"], scores["now"] = [0, 1], START
    entries = MESSAGES.entries(EMPTY._replace(warnings=warnings, scores=scores), CUSTOMERS)
    assert [(entry.topic, entry.key) for entry in entries] == [
        ("relationship", b"a"),
        ("relationship", b"a"),
        ("relationship", b"b"),
        ("risk", b"b"),
        ("relationship", b"b"),
        ("score", b"a"),
        ("score", b"b"),
    ]
    parsed = [json.loads(entry.value) for entry in entries[:5]]
    assert [(w["rule"], w["sequence"]) for w in parsed] == [
        ("silence", 1),
        ("silence", 2),
        ("dissatisfaction", 1),
        ("overdue", 1),
        ("silence", 1),
    ]


def headers(entry: Entry) -> dict[str, str]:
    return {name: value.decode() for name, value in split_headers(entry.headers)}


def test_warnings_and_scores_carry_cloud_event_headers() -> None:
    scores = np.zeros(1, SCORE)
    scores["now"] = START
    outcome = EMPTY._replace(warnings=warning_rows({}), scores=scores)
    warning, score = MESSAGES.entries(outcome, CUSTOMERS)
    shared = {
        "ce_specversion": "1.0",
        "ce_source": "/ebbwatch/test",
        "ce_time": "2025-06-15T15:06:40+00:00",
        "content-type": "application/json",
    }
    told_as = {
        "ce_id": f"{told().warning_id}.1",
        "ce_type": "bank.customer.warning.relationship.v1",
    }
    filters = {"ce_rule": "silence", "ce_band": "middle", "ce_route": "relationship"}
    scored_as = {"ce_id": "b.2025-06-15T15:06:40+00:00", "ce_type": "bank.customer.score.v1"}
    assert headers(warning) == {**shared, **told_as, **filters}
    assert headers(score) == {**shared, **scored_as}


@pytest.mark.parametrize("headers", [[], [("a", b"")], [("a", b"1"), ("b", "ä".encode())]])
def test_headers_come_out_of_the_outbox_as_they_went_in(headers: list[tuple[str, bytes]]) -> None:
    assert split_headers(join_headers(headers)) == headers


@pytest.mark.parametrize(
    ("levels", "flagged", "risk", "relationship"),
    [
        ({}, False, "low", "low"),
        ({"silence": MIDDLE}, True, "low", "middle"),
        ({"silence": HIGH, "overdue": MIDDLE}, True, "middle", "high"),
        ({"dissatisfaction": HIGH, "spend_decline": MIDDLE}, False, "low", "high"),
        ({"overdue": HIGH}, False, "high", "low"),
    ],
)
def test_a_score_carries_the_flag_and_the_highest_band_of_each_route(
    levels: dict[str, int],
    flagged: bool,
    risk: str,
    relationship: str,  # noqa: FBT001
) -> None:
    (row,) = np.zeros(1, SCORE)
    row["now"], row["churn_risk"] = START, 0.25
    row["features"][[Feature.FREQUENCY, Feature.RECENCY, Feature.TENURE]] = 3, 20, 25.5
    row["features"][Feature.MONETARY_VALUE] = 4_200
    for rule, level in levels.items():
        row["levels"][SLOT[rule]] = level
    score = MESSAGES.score(row, b"c")
    assert (score.is_churn_flagged, score.risk_band, score.relationship_band) == (
        flagged,
        risk,
        relationship,
    )
    assert (score.frequency, score.recency_days, score.tenure_days) == (3, 20.0, 25.5)
    assert (score.monetary_value, score.churn_risk, score.currency) == (4_200.0, 0.25, "USD")
    assert score == CustomerScore.model_validate_json(score.model_dump_json())


def test_ids_tell_customer_rule_and_episode_apart_and_nothing_else() -> None:
    named = [
        (c, r, e) for c in (b"c", b"c\0", b"") for r in ("silence", "overdue") for e in (1, 12)
    ]
    ids = [warning_id(*each) for each in named]
    assert len(set(ids)) == len(named)
    assert ids == [warning_id(*each) for each in named]
    assert warning_id(b"c1", "silence", 1) == "8d66004f518ead963d38a09d1c35dcbc"


@pytest.mark.parametrize("odd", [np.nan, np.inf])
def test_a_number_that_is_none_cannot_leave(odd: float) -> None:
    features = warning_rows({})["features"][0].copy()
    features[Feature.EXPECTED_SPEND] = odd
    with pytest.raises(ValidationError, match="finite"):
        told(features=features)


def story() -> tuple[list[Event], list[Event]]:
    """A regular buyer who complains, stops, comes back, and pays late."""
    purchases = [event("purchase", day) for day in (*range(0, 90, 3), 200, 203)]
    troubles = [
        *(event("complaint", day) for day in (60, 61, 62)),
        *(event("instalment_overdue", day, instalment_id=str(day)) for day in (70, 75, 80)),
        *(event("instalment_cured", day, instalment_id=str(day)) for day in (201, 202, 203)),
        event("app_session", 400),
    ]
    return purchases, troubles


async def run() -> FakeStore:
    store, _ = await sequenced(*story())
    return store


async def test_a_whole_story_is_told_in_valid_warnings_with_every_lifecycle() -> None:
    warnings = (await run()).warnings()
    assert {w.lifecycle for w in warnings} == {"raised", "escalated", "eased", "cleared"}
    for episode in {w.warning_id for w in warnings}:
        told_of = [w for w in warnings if w.warning_id == episode]
        assert [w.sequence for w in told_of] == list(range(1, len(told_of) + 1))
        assert [w.lifecycle == "raised" for w in told_of] == [True] + [False] * (len(told_of) - 1)
        assert {w.raised_at for w in told_of} == {told_of[0].event_time}
        assert all(w.rule in {reason.rule for reason in w.reasons} for w in told_of)
    assert len({(w.warning_id, w.sequence) for w in warnings}) == len(warnings)


async def test_the_same_log_tells_the_same_bytes() -> None:
    first, second = await run(), await run()
    assert first.parts[0].outbox == second.parts[0].outbox


def test_all_rules_have_a_slot_in_a_warning() -> None:
    assert warning_rows({})["points"].shape == (1, COUNT)
