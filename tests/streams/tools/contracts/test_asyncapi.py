"""The AsyncAPI document: valid, not stale, in an installation's own names."""

import json
import warnings
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from schemas import EXAMPLES
from schemas.export import rendered
from streams.broker.topics import topic_specs
from streams.config import Settings
from streams.tools.contracts.asyncapi import asyncapi

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # its models shadow a method of pydantic's
    from asyncapi3 import AsyncAPI3

COMMITTED = Path(__file__).parents[4] / "docs" / "asyncapi.json"
DOCUMENT = asyncapi(Settings())


def test_the_committed_document_is_not_stale() -> None:
    told = "stale: run `python -m streams.tools.contracts.asyncapi` and commit docs/asyncapi.json"
    assert COMMITTED.read_text(encoding="utf-8") == rendered(DOCUMENT), told


def test_it_is_one_of_asyncapi_3() -> None:
    AsyncAPI3.model_validate(DOCUMENT)


@pytest.mark.parametrize(
    ("place", "name", "value"),
    [
        (("channels", "risk"), "adress", "elsewhere"),
        (("operations", "send_risk"), "action", "push"),
        (("operations", "send_risk", "channel"), "$ref", None),
        ((), "asyncapi", "4.0.0"),
    ],
)
def test_a_slip_in_it_is_refused(place: tuple[str, ...], name: str, value: Any) -> None:
    wrong = json.loads(rendered(DOCUMENT))
    at = wrong
    for key in place:
        at = at[key]
    at[name] = value
    with pytest.raises(ValidationError):
        AsyncAPI3.model_validate(wrong)


def references(part: Any) -> set[str]:
    if isinstance(part, list):
        return set().union(*map(references, part))
    if not isinstance(part, dict):
        return set()
    own = {part["$ref"]} if isinstance(part.get("$ref"), str) else set()
    return own.union(*map(references, part.values()))


def test_every_reference_leads_somewhere() -> None:
    for reference in references(DOCUMENT):
        found: Any = DOCUMENT
        for key in reference.removeprefix("#/").split("/"):
            found = found[key]
        assert found


def test_every_example_is_right_by_the_document_and_a_wrong_one_is_not() -> None:
    components = DOCUMENT["components"]
    for name, kinds in (("transaction", "purchase"), ("interaction", "survey")):
        payload = components["messages"][name]["payload"]
        validator = Draft202012Validator({**payload, "components": components})
        assert validator.is_valid(EXAMPLES[kinds])
        assert not validator.is_valid({**EXAMPLES[kinds], "type": "nothing"})
        assert not validator.is_valid({**EXAMPLES[kinds], "mood": "fine"})


def test_topics_are_those_of_the_installation() -> None:
    settings = Settings(
        transaction_topic="eu.cards.v2", risk_topic="eu.risk.v2", partitions=12, replication=3
    )
    channels = asyncapi(settings)["channels"]
    addresses = {channel["address"] for channel in channels.values()}
    internal = {settings.progress_topic, settings.position_topic}
    assert addresses == {spec.name for spec in topic_specs(settings)} - internal
    kafka = channels["transaction_dead"]["bindings"]["kafka"]
    assert (kafka["topic"], kafka["partitions"], kafka["replicas"]) == ("eu.cards.v2.dlq", 12, 3)
    assert kafka["topicConfiguration"]["retention.ms"] == settings.dead_letter_days * 86_400_000
    assert channels["case"]["bindings"]["kafka"]["topicConfiguration"] == {
        "cleanup.policy": ["compact"]
    }
