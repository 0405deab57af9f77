import json
from collections import Counter
from typing import Any

import numpy as np
import pytest
from driving import warned
from trying import few

from ebbwatch.demo.events.habits import Event
from ebbwatch.demo.events.personas import END, PERSONAS, START, Persona
from ebbwatch.demo.settings import PARAMETERS
from scoring.model import ScoringModel
from scoring.rules import shipped
from scoring.step.outcome import Outcome
from streams.config import Settings
from streams.outbox.messages import Messages
from streams.parameters.file import load_model

VARIATIONS = few(60)
EBBING = [persona for persona in PERSONAS if persona.expects]
HEALTHY = [persona for persona in PERSONAS if not persona.expects]
TWINS = list(zip(EBBING, HEALTHY, strict=True))
CLASSES = {
    "purchase": "card use",
    "app_session": "contact",
    "repayment": "instalment",
    "instalment_overdue": "instalment",
    "survey": "opinion",
    "nps": "opinion",
    "complaint": "opinion",
}


@pytest.fixture(scope="module")
def model() -> ScoringModel:
    return load_model(Settings(parameters_file=PARAMETERS))


def _named(persona: Persona) -> str:
    return persona.name


def _warnings(outcome: Outcome, name: str, model: ScoringModel) -> list[dict[str, Any]]:
    topics = {"risk": "risk", "relationship": "relationship"}
    rows = len(outcome.states)
    messages = Messages(model, topics, "score", "case", "/test")
    entries = messages.entries(outcome, [f"{name}:{row}".encode() for row in range(rows)])
    return [json.loads(entry.value) for entry in entries if entry.topic in topics]


@pytest.mark.by_lot(2, of="variations")
@pytest.mark.slow
@pytest.mark.parametrize("persona", EBBING, ids=_named)
def test_every_variation_is_warned_about_with_both_causes(
    persona: Persona, model: ScoringModel
) -> None:
    outcome = warned([persona.events(seed) for seed in range(VARIATIONS)], model)
    met = {
        warning["customer_id"]
        for warning in _warnings(outcome, persona.name, model)
        if persona.meets(warning)
    }
    assert len(met) == VARIATIONS


@pytest.mark.by_lot(2, of="variations")
@pytest.mark.slow
@pytest.mark.parametrize("persona", HEALTHY, ids=_named)
def test_no_variation_of_a_healthy_twin_raises_anything(
    persona: Persona, model: ScoringModel
) -> None:
    outcome = warned([persona.events(seed) for seed in range(VARIATIONS)], model)
    raised = Counter(shipped().rules[rule].name for rule in outcome.warnings["rule"].tolist())
    assert raised == {}
    assert (outcome.states["level"] == 0).all()


@pytest.mark.parametrize(("persona", "twin"), TWINS, ids=lambda p: p.name)
def test_a_twin_does_as_much_of_every_sort(persona: Persona, twin: Persona) -> None:
    for seed in range(20):
        assert _classes(persona.events(seed)) == _classes(twin.events(seed))


@pytest.mark.parametrize("persona", PERSONAS, ids=_named)
def test_lives_are_seeded_ordered_and_labelled_synthetic(persona: Persona) -> None:
    events = persona.events(3)
    assert events == persona.events(3)
    assert events != persona.events(4)
    times = [event["event_time"] for event in events]
    assert times == sorted(times)
    assert f"{START}" <= times[0]
    assert times[-1] < f"{END}T23"
    assert {event["customer_id"] for event in events} == {persona.name}
    assert all(event["event_id"].startswith("synthetic:") for event in events)
    assert len({event["event_id"] for event in events}) == len(events)


@pytest.mark.parametrize("persona", HEALTHY, ids=_named)
def test_a_twin_shops_unevenly_as_people_do(persona: Persona) -> None:
    purchases = [e["event_time"] for e in persona.events(5) if e["type"] == "purchase"]
    days = np.diff(np.array([when[:10] for when in purchases], "datetime64[D]").astype(int))
    assert 0.4 < days.std() / days.mean() < 1.2


def _classes(events: list[Event]) -> Counter[str]:
    return Counter(CLASSES[event["type"]] for event in events)
