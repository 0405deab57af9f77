"""What warnings and cases call for, by the value tier of their customers."""

from typing import Any

import pytest
from cases import MODEL, answer, event, log, purchases, run

from schemas.outputs.cases import CustomerCase
from schemas.outputs.messages import EarlyWarning
from scoring.facts.kinds import Kind
from scoring.model import ScoringModel
from scoring.rules import read_rules
from scoring.step.outcome import Outcome
from streams.config import Settings
from streams.outbox.messages import Messages
from streams.outbox.parts import NO_MARKETING, NO_PROFILING, rows, tier_told

SETTINGS = Settings()
RULES = """
tiers = { unit = "USD", middle = 20, high = 100 }
[[interventions]]
band = "middle"
tier = "high"
intervention = "win_back"
action = "own_offer"
route = "risk"
[[interventions]]
band = "middle"
tier = "low"
intervention = "maintain"
"""


def model_of(text: str) -> ScoringModel:
    return ScoringModel(MODEL.parameters, read_rules(text.encode()))


def told(model: ScoringModel, amount: int, *more: Any) -> list[EarlyWarning | CustomerCase]:
    """All of a weekly buyer of an amount who falls silent."""
    bought = purchases(*(20_000 + 7 * week for week in range(12)), amount=amount)
    ended = run(log(bought, *more), until=20_150, model=model)
    outcome = Outcome(ended.states, ended.applied, ended.warnings, ended.scores, 0, ended.cases)
    topics: dict[str, type[EarlyWarning | CustomerCase]] = {
        SETTINGS.relationship_topic: EarlyWarning,
        SETTINGS.case_topic: CustomerCase,
    }
    return [
        topics[entry.topic].model_validate_json(entry.value)
        for entry in Messages.of(SETTINGS, model).entries(outcome, [b"c-1"])
        if entry.topic in topics
    ]


@pytest.mark.parametrize(
    ("amount", "tier", "calls_for", "route"),
    [
        (0, "low", ("maintain", "reactivation_offer"), "relationship"),
        (1_000, "middle", ("incentivise", "reactivation_offer"), "relationship"),
        (100_000, "high", ("win_back", "own_offer"), "risk"),
    ],
)
def test_a_warning_and_its_case_call_for_what_their_tier_does(
    amount: int, tier: str, calls_for: tuple[str, str], route: str
) -> None:
    warning, case = told(model_of(RULES), amount)
    assert isinstance(warning, EarlyWarning)
    assert isinstance(case, CustomerCase)
    for each in (warning, case):
        assert (each.tier, each.band) == (tier, "middle")
        assert (each.intervention, each.action) == calls_for
        assert each.action in (each.action_text or "") or tier != "high"
    assert (warning.route, case.route) == ("relationship", route)  # the topic is the rule's


def test_by_the_shipped_rules_the_tier_is_told_and_changes_nothing() -> None:
    found = [told(MODEL, amount) for amount in (1, 1_000, 100_000)]
    assert [[each.tier for each in both] for both in found] == [["middle"] * 2, *[["high"] * 2] * 2]
    said = {(e.intervention, e.action, e.route) for all_of in found for e in all_of}
    assert said == {("incentivise", "reactivation_offer", "relationship")}


def test_a_lost_customer_s_case_keeps_what_the_reason_calls_for() -> None:
    lost = answer(Kind.LOST, 20_147, score=1)
    *_, case = told(model_of(RULES.replace('middle"', 'high"')), 100_000, lost)
    assert (case.tier, case.intervention, case.action, case.route) == (
        *("high", "win_back", "win_back_offer"),
        "relationship",
    )


def test_who_is_not_scored_is_of_no_tier() -> None:
    assert tier_told(0.0, NO_PROFILING, MODEL) is None
    assert tier_told(0.0, NO_MARKETING, MODEL) == 0
    assert tier_told(-5.0, 0, MODEL) == 0


def test_a_case_s_first_warning_is_the_one_that_leads_it() -> None:
    """Of equal value at risk, here none, the graver: the complaints, not the overdue rate."""
    repaid = [event(Kind.REPAYMENT, 19_990 + day) for day in range(2)]
    overdue = [event(Kind.INSTALMENT_OVERDUE, 20_000 + day) for day in range(2)]
    complaints = [event(Kind.COMPLAINT, 20_003 + day) for day in range(9)]
    ended = run(log(*repaid, *overdue, *complaints), model=MODEL, until=20_013)
    case = Messages.of(SETTINGS, MODEL)._case(list(rows(ended.cases))[-1], b"c-1")
    ranked = [(each.rule, each.band) for each in case.warnings]
    assert ranked == [("dissatisfaction", "high"), ("overdue", "middle")]
    assert (case.leading, case.band) == (case.warnings[0].warning_id, "high")
    assert case.route == "relationship"
