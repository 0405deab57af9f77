"""Contracts in a schema registry; the one made here and a real one are asked the same."""

import json
import re
from collections.abc import Iterator
from functools import partial

import pytest
from registries import answering, apicurio, made_here, put_there, telling
from typer.testing import CliRunner

from ebbwatch.cli import command_line
from streams.config import Settings
from streams.tools.contracts.registry import (
    DRAFT,
    ContractStanding,
    RegisteredContract,
    Registry,
    RegistryError,
    contracts,
    register,
)

run = partial(CliRunner().invoke, command_line())
WORDS = re.compile(r'"([a-zA-Z$]+)":')
LATER_WORDS = {"prefixItems", "unevaluatedProperties", "dependentRequired", "$dynamicRef",
               "dependentSchemas", "minContains", "unevaluatedItems"}  # fmt: skip


@pytest.fixture(
    scope="module", params=["made here", pytest.param("apicurio", marks=pytest.mark.registry)]
)
def url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    real = apicurio(tmp_path_factory.mktemp("apicurio"))
    with answering(made_here()) if request.param == "made here" else real as address:
        yield address


def settings_of(name: str) -> Settings:
    """Settings whose topics no other test has."""
    topics = ("transaction", "interaction", "outcome", "risk", "relationship", "case", "score",
              "assignment")  # fmt: skip
    return Settings(**{f"{topic}_topic": f"{name}.{topic}" for topic in topics})


def of_case(entries: list[RegisteredContract]) -> RegisteredContract:
    (found,) = (each for each in entries if each.subject.endswith(".case-value"))
    return found


async def test_all_contracts_are_registered_once(url: str) -> None:
    settings = settings_of("once")
    asked = await register(settings, url, only_compared=True)
    assert {each.subject for each in asked} == contracts(settings).keys()
    assert {(each.standing, each.number) for each in asked} == {(ContractStanding.NEW, None)}
    first = await register(settings, url)
    assert all(each.standing is ContractStanding.NEW and each.number for each in first)
    again = await register(settings, url)
    assert {each.standing for each in again} == {ContractStanding.SAME}


async def test_a_contract_that_grew_is_registered_beside_the_one_before(url: str) -> None:
    settings = settings_of("grew")
    before = json.loads(contracts(settings)["grew.case-value"])
    put_there(url, "grew.case-value", {**before, "description": "As it was."})
    assert (
        of_case(await register(settings, url, only_compared=True)).standing
        is ContractStanding.CHANGED
    )
    assert of_case(await register(settings, url)).standing is ContractStanding.CHANGED
    assert of_case(await register(settings, url)).standing is ContractStanding.SAME


async def test_where_one_is_refused_none_is_registered(url: str) -> None:
    settings = settings_of("refused")
    before = json.loads(contracts(settings)["refused.case-value"])
    before["properties"]["sequence"] = {"type": "string"}
    put_there(url, "refused.case-value", before)
    with pytest.raises(RegistryError, match=r"refused\.case-value: expected a contract .*, got "):
        await register(settings, url)
    others = {**contracts(settings)}
    del others["refused.case-value"]
    async with Registry(url) as registry:
        for each in others.items():
            assert (await registry.compared(*each)).standing is ContractStanding.NEW


def test_contracts_use_no_word_that_the_draft_named_does_not_know() -> None:
    for text in contracts(Settings()).values():
        assert json.loads(text)["$schema"] == DRAFT
        assert not LATER_WORDS & set(WORDS.findall(text))


@pytest.mark.parametrize(
    ("status", "text", "told"),
    [
        (200, "<html>", "expected a schema registry's answer, got status 200 and no JSON object"),
        (200, "[]", "got status 200 and no JSON object"),
        (302, "", "got status 302 and no JSON object"),
        (401, '{"message": "who?"}', "expected status 200, got 401: who?"),
        (404, '{"error_code": 404, "message": "no such page"}', "got 404: no such page"),
        (500, '{"error_code": 50001}', "got 500: 50001"),
        (404, '{"error_code": 40403}', "expected an id, got None"),
    ],
)
async def test_whoever_is_no_registry_is_told_of(status: int, text: str, told: str) -> None:
    with answering(telling(status, text)) as url, pytest.raises(RegistryError) as refused:
        await register(Settings(), url)
    assert told in str(refused.value)


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "registry:8081", "", "ftp://a"])
async def test_an_address_where_nobody_answers_is_told_of(url: str) -> None:
    with pytest.raises(RegistryError, match="expected a schema registry, got"):
        await register(Settings(), url)


def test_the_command_says_what_became_of_each(monkeypatch: pytest.MonkeyPatch) -> None:
    registry = made_here()
    monkeypatch.setenv("EBBWATCH_REGISTRY_USER", "ops")
    monkeypatch.setenv("EBBWATCH_REGISTRY_PASSWORD", "p\u00e4ss")
    with answering(registry) as url:
        checked = run(["register", url, "--check"])
        assert not any(registry.subjects.values())
        done = run(["register", url, "--json"])
        again = run(["register", url])
    assert checked.stdout.count("new, not written") == len(contracts(Settings()))
    told = json.loads(done.stdout)
    assert {each["was"] for each in told} == {"new"}
    assert all(isinstance(each["id"], int) for each in told)
    assert again.stdout.count("same, id 1") == len(told)
    (asked,) = {each["authorization"] for each in registry.asked}
    assert asked == "Basic b3BzOnDDpHNz"


def test_one_of_name_and_password_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EBBWATCH_REGISTRY_USER", "ops")
    told = run(["register", "http://127.0.0.1:1"])
    assert told.exit_code == 1
    assert "EBBWATCH_REGISTRY_PASSWORD: expected both, got one" in told.stderr
