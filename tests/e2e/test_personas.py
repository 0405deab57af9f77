"""People as the sources have them live through a real Kafka and Redis: what is told of each."""

from collections.abc import Sequence
from typing import NamedTuple

import pytest
from harness import crew, fresh
from persona_page import BEGIN, PAGE, Told, case_lines, of, tables, told, warning_lines
from personas import EVERYBODY, A, B

from ebbwatch.demo.events.personas import Persona
from ebbwatch.stack import Stack


class Run(NamedTuple):
    """What a run told."""

    warnings: Sequence[Told]
    cases: Sequence[Told]


@pytest.fixture(scope="module")
def run(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Run:
    with crew(tmp_path_factory.mktemp("personas")) as start:
        return Run(*told(stack, fresh("personas"), start))


def test_of_each_persona_is_told_what_is_expected_under_one_case(run: Run) -> None:
    warned = {persona.name: warning_lines(of(persona, run.warnings)) for persona in EVERYBODY}
    assert warned == {persona.name: persona.tells for persona in EVERYBODY}
    for persona in EVERYBODY:
        about = of(persona, run.cases)
        assert tuple(line for _, line in case_lines(about)) == persona.case, persona.name
        assert len({case["case_id"] for case in about}) == bool(persona.tells), persona.name


@pytest.mark.parametrize("scenario", [A, B], ids=lambda scenario: scenario.name)
def test_a_scenario_is_warned_about_on_its_route_with_both_causes(
    run: Run, scenario: Persona
) -> None:
    about = [each for each in run.warnings if each["customer_id"] == scenario.name]
    assert any(map(scenario.meets, about)), about


def test_the_page_shows_what_was_told(run: Run) -> None:
    written = PAGE.read_text(encoding="utf-8").partition(BEGIN)[2].strip()
    stale = "stale: PYTHONPATH=tests/support python -m persona_page, and look at what changed"
    assert written == tables(*run).strip(), stale
