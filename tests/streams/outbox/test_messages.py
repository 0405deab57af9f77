"""Warnings and scores as they leave: valid, explained, the same on every run."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from churn_cases import card
from fakes import MODEL, ROUTES
from pydantic import ValidationError
from stream_events import START

from schemas import INTERVENTIONS, CustomerScore, EarlyWarning, Feed
from scoring.arrays import DAY
from scoring.facts.state import RULE_SLOTS, new_states
from scoring.feature import Feature
from scoring.model import ScoringModel
from scoring.rules import shipped
from scoring.step.doing import Doing
from scoring.step.outcome import SCORE, WARNING, Outcome
from scoring.warning.lifecycle import HIGH, LOW, MIDDLE
from streams.broker.headers import split_headers
from streams.config import Settings
from streams.outbox.messages import Messages, _lifecycle, rows
from streams.outbox.phrases import action_text
from streams.store import Entry

MESSAGES = Messages(MODEL, ROUTES, "score", "case", "/ebbwatch/test")
EMPTY = Outcome(new_states(0), np.empty(0, np.int64), np.empty(0, WARNING), np.empty(0, SCORE), 0)
CUSTOMERS = [b"b", b"a"]


def warning_rows(*changes: dict[str, Any]) -> Any:
    """Rows of dtype WARNING: a regular buyer's silence, raised, unless told otherwise."""
    rows = np.zeros(len(changes), WARNING)
    rows["now"], rows["raised_at"], rows["after"] = START, START - DAY, MIDDLE
    rows["episode"] = rows["sequence"] = 1
    rows["churn_risk"], rows["severity"] = 0.4, 5_200.0
    features = {
        Feature.FREQUENCY: 9, Feature.USUAL_GAP: 4, Feature.DAYS_SINCE_LAST: 30.5,
        Feature.P_NO_PURCHASE: 0.96, Feature.P_ALIVE: 0.06, Feature.CLV: 12_000,
        Feature.VALUE_AT_STAKE: 13_000,
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
    return by_slot([by_rule.get(rule.name, 0.0) for rule in shipped().rules])


def by_slot(values: list[Any]) -> list[Any]:
    """Of every slot: nothing of those that have no rule."""
    return [*values, *[0] * (RULE_SLOTS - len(values))]


def told(**changes: Any) -> EarlyWarning:
    """The one warning of one row."""
    (entry,) = MESSAGES.entries(EMPTY._replace(warnings=warning_rows(changes)), CUSTOMERS)
    return EarlyWarning.model_validate_json(entry.value)


def test_a_warning_says_who_what_why_and_what_to_do() -> None:
    given = {"score": 43.0, "doing": Doing.PURCHASE, "times": 2, "days": 14}
    warning = told(points=points(silence=40.0, dissatisfaction=3.0), **given)
    text = (
        "No purchase for 30 days; usually buys every 4 days. "
        "96% likely to buy nothing in the next 28 days."
    )
    assert warning.model_dump(
        exclude={"reasons", "warning_id", "advisory", "model_version", "rules_version"}
    ) == {
        "score": 43.0,
        "base_points": 0.0,
        "other_points": 0.0,
        "would_clear": {
            "doing": "purchase",
            "times": 2,
            "within_days": 14,
            "then_days": 0,
            "text": "2 purchases of the usual amount in the next 14 days would clear this.",
        },
        "sequence": 1,
        "previous": None,
        "lifecycle": "raised",
        "closed_by": None,
        "customer_id": "b",
        "rule": "silence",
        "route": "relationship",
        "band": "middle",
        "intervention": "incentivise",
        "action": "reactivation_offer",
        "action_text": "Make the customer an offer that gives a reason to buy again.",
        "event_time": datetime.fromtimestamp(START, UTC),
        "raised_at": datetime.fromtimestamp(START - DAY, UTC),
        "severity": 5_200.0,
        "value_at_stake": 13_000.0,
        "tier": "high",
        "churn_risk": 0.4,
        "churn_horizon_days": 28.0,
        "p_alive": 0.06,
        "p_no_purchase": 0.96,
        "horizon_days": 28.0,
        "expected_purchases": 0.1,
        "expected_spend": 5_000.0,
        "clv": 12_000.0,
        "currency": "USD",
        "arm": "treated",
        "confidence": "normal",
        "consent_withdrawn": (),
        "weakest_touchpoint": None,
        "feed": None,
    }
    assert warning.model_version == MODEL.parameters.version
    assert warning.rules_version == shipped().version
    first = warning.reasons[0]
    assert (first.rule, first.points, first.text) == ("silence", 40.0, text)
    assert (first.then, first.now, first.unit) == (4.0, 30.5, "days")
    assert (first.value, first.threshold, first.value_unit) == (0.96, 0.95, "share")


MANY = pytest.mark.parametrize(
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


def test_what_else_is_warned_of_is_a_reason_even_without_points() -> None:
    levels = by_slot([int(rule.name == "overdue") for rule in shipped().rules])
    warning = told(points=points(silence=5), levels=levels)
    assert [reason.rule for reason in warning.reasons] == ["silence", "overdue"]


def test_four_reasons_are_told_and_the_rule_itself_is_one() -> None:
    given = points(
        silence=0.1, spend_decline=9, card_use_decline=8, engagement_decline=7, overdue=6, churn=5
    )
    warning = told(points=given, score=40.0)
    assert [reason.rule for reason in warning.reasons] == [
        "spend_decline", "card_use_decline", "engagement_decline", "silence",
    ]  # fmt: skip
    shown = sum(reason.points for reason in warning.reasons)
    assert warning.base_points + shown + warning.other_points == pytest.approx(40.0, abs=1e-9)


def test_what_speaks_against_has_points_below_none() -> None:
    (reason,) = told(points=points(silence=-2.0)).reasons
    assert reason.points == -2.0


def test_a_cleared_warning_needs_nothing_to_clear_it() -> None:
    assert told(before=MIDDLE, after=LOW, sequence=2).would_clear is None


@MANY
def test_reasons_come_most_points_first_and_include_the_rule_itself(
    given: list[float], reasons: list[str]
) -> None:
    warning = told(points=given)
    assert [reason.rule for reason in warning.reasons] == reasons
    assert [reason.points for reason in warning.reasons] == sorted(
        (reason.points for reason in warning.reasons), reverse=True
    )


@pytest.mark.parametrize("rule", shipped().rules, ids=lambda rule: rule.name)
@pytest.mark.parametrize(("level", "band"), [(LOW, "low"), (MIDDLE, "middle"), (HIGH, "high")])
def test_every_rule_has_its_route_and_an_action_at_each_band(
    rule: Any, level: int, band: str
) -> None:
    before = MIDDLE if level == LOW else LOW
    slot = shipped().slots[rule.name]
    warning = told(rule=slot, before=before, after=level, sequence=2)
    assert (warning.rule, warning.route, warning.band) == (rule.name, rule.route, band)
    assert warning.intervention == INTERVENTIONS[warning.band]
    actions = {"low": "keep_in_touch", "middle": rule.actions[0], "high": rule.actions[1]}
    assert warning.action == actions[band]
    assert warning.action_text == action_text(actions[band], "en")


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
    assert told(before=before, after=after, sequence=2).lifecycle == lifecycle


@pytest.mark.parametrize(("repeats", "confidence"), [(0, "low"), (2, "low"), (3, "normal")])
def test_a_thin_history_is_marked(repeats: int, confidence: str) -> None:
    features = warning_rows({})["features"][0].copy()
    features[Feature.FREQUENCY] = repeats
    assert told(features=features).confidence == confidence


def test_messages_are_ordered_by_time_customer_and_rule_then_scores_by_customer() -> None:
    warnings = warning_rows(
        {"row": 0, "now": START + 1},
        {"row": 0, "now": START, "rule": shipped().slots["overdue"]},
        {"row": 0, "now": START, "rule": shipped().slots["dissatisfaction"]},
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
    *,
    flagged: bool,
    risk: str,
    relationship: str,
) -> None:
    table = np.zeros(1, SCORE)
    table["now"], table["churn_risk"] = START, 0.25
    table["features"][0, [Feature.FREQUENCY, Feature.RECENCY, Feature.TENURE]] = 3, 20, 25.5
    table["features"][0, Feature.MONETARY_VALUE] = 4_200
    for rule, level in levels.items():
        table["levels"][0, shipped().slots[rule]] = level
    (row,) = rows(table)
    score = MESSAGES.score(row, b"c")
    assert (score.is_churn_flagged, score.risk_band, score.relationship_band) == (
        flagged,
        risk,
        relationship,
    )
    assert (score.frequency, score.recency_days, score.tenure_days) == (3, 20.0, 25.5)
    assert (score.monetary_value, score.churn_risk, score.currency) == (4_200.0, 0.25, "USD")
    assert score == CustomerScore.model_validate_json(score.model_dump_json())


@pytest.mark.parametrize("odd", [np.nan, np.inf])
def test_a_number_that_is_none_cannot_leave(odd: float) -> None:
    features = warning_rows({})["features"][0].copy()
    features[Feature.EXPECTED_SPEND] = odd
    with pytest.raises(ValidationError, match="finite"):
        told(features=features)


def test_a_fitted_risk_is_told_with_the_scorecards_own_horizon() -> None:
    fitted = replace(MODEL.parameters, churn=replace(card(), horizon_days=91.0))
    messages = replace(MESSAGES, model=ScoringModel(fitted))
    table = np.zeros(1, SCORE)
    (entry,) = messages.entries(EMPTY._replace(warnings=warning_rows({})), CUSTOMERS)
    warning = EarlyWarning.model_validate_json(entry.value)
    score = messages.score(next(rows(table)), b"c")
    for told_of in (warning, score):
        assert (told_of.churn_horizon_days, told_of.horizon_days) == (91.0, 28.0)


def test_a_warning_of_silence_tells_what_its_feed_brought() -> None:
    heard = START - 60.0
    feeds = [(np.nan, *[np.nan] * 3), (0.0, 0.0, np.nan, 0.0), (heard, 40.0, np.nan, 31.4)]
    feeds += [(heard, 49.0, 100.0, 31.6), (heard, 50.0, 100.0, 31.6)]
    found = [told(rule=0, feed=feed) for feed in feeds]
    assert [one.feed for one in found[:2]] == [None, None]
    assert found[2].feed == Feed(
        heard_at=datetime.fromtimestamp(heard, UTC), events=40, usual=None, customers=31
    )
    assert [one.feed.customers for one in found[3:] if one.feed] == [32, 32]
    assert [one.confidence for one in found[1:]] == ["normal", "normal", "low", "normal"]
    overdue = next(rule for rule in shipped().rules if not rule.rises_in_silence)
    assert told(rule=overdue.slot, feed=feeds[-1]).feed is None


def test_messages_speak_the_language_of_the_settings() -> None:
    chinese = Messages.of(Settings(language="zh"), MODEL)
    row = next(iter(rows(warning_rows({"doing": Doing.PURCHASE, "times": 1, "days": 14}))))
    warned = chinese._warning(row, b"b")
    assert warned.reasons[0].text == (
        "已有 30 天没有消费；平常每 4 天消费一次。未来 28 天内不再消费的可能为 96%。"  # noqa: RUF001
    )
    assert warned.action_text == "向客户提供优惠，促使其再次消费。"  # noqa: RUF001
    assert warned.would_clear is not None
    assert warned.would_clear.text == "未来 14 天内按平常金额消费 1 次即可解除。"
    assert chinese.in_language("en")._warning(row, b"b").reasons[0].text.startswith("No purchase")
