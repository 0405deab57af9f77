"""The promise as a worker shows it: by outcomes of the panels of its partitions."""

import asyncio
from typing import Any

import numpy as np
import pytest
from fakes import using
from panel_stage import PLAN, Stage
from prometheus_client import CollectorRegistry

from scoring.arrays import DAY
from scoring.model import ScoringModel
from scoring.monitoring import Evidence, Panel, together
from scoring.monitoring.warned import WARNED
from scoring.parameters import Parameters, Promise, parse
from streams.panel.promise_board import PromiseBoard
from streams.parameters.file import read_document

WEEKLY = PLAN._replace(period=7 * DAY, share=1.0)


def promising(precision: float = 0.6, **changes: Any) -> Parameters:
    return parse({**read_document(None), "promise": {"precision": precision}, **changes})


def stage_of(parameters: Parameters) -> Stage:
    stage = Stage(plan=WEEKLY)
    stage.in_use.current = using(ScoringModel(parameters))
    return stage


async def played(parameters: Parameters) -> Stage:
    stage = stage_of(parameters)
    await stage.claim()
    return await stage.finish()


@pytest.fixture(scope="module")
def undisturbed() -> Stage:
    return asyncio.run(played(promising()))


def panel_of(parameters: Parameters, *weeks: tuple[int, int, int]) -> Panel:
    """A panel that was told outcomes by (week, stayed, churned)."""
    made = np.zeros(len(weeks), WARNED)
    for at, (week, *outcomes) in enumerate(weeks):
        made[at] = week, outcomes
    return Panel.new((parameters.version, ""))._replace(warned=made)


class Board:
    """A board and what it shows of the champion."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.board = PromiseBoard(self.registry)

    def shown(self) -> dict[str, float]:
        samples = (s for family in self.registry.collect() for s in family.samples)
        return {
            "_".join(
                [s.name.removeprefix("ebbwatch_promise_"), *list(s.labels.values())[1:]]
            ): s.value
            for s in samples
        }


def test_a_run_is_judged_by_what_came_of_its_warnings(undisturbed: Stage) -> None:
    warned = undisturbed.panel.warned
    outcomes = undisturbed.shown("ebbwatch_promise_outcomes")
    assert outcomes[("champion", "stayed")] == warned["outcomes"][:, 0].sum() > 20
    assert outcomes[("champion", "churned")] == warned["outcomes"][:, 1].sum() > 20
    evidence = Evidence.of(warned["outcomes"], Promise(precision=0.6))
    for name, value in {
        "evidence": evidence.lately,
        "lifetime_evidence": evidence.lifetime,
        "precision_lower_ratio": evidence.lower,
        "precision_upper_ratio": evidence.upper,
        "precision_ratio": 0.6,
        "evidence_limit": 2.0,
    }.items():
        assert undisturbed.shown(f"ebbwatch_promise_{name}") == {
            ("champion",): pytest.approx(value)
        }


@pytest.mark.slow
async def test_new_owners_after_every_batch_tell_the_same(undisturbed: Stage) -> None:
    stage = stage_of(promising())
    await stage.claim()
    while await stage.sequencer.partition._advance():
        await stage.claim(anew=True)
    await stage.sequencer.partition._settle()
    assert stage.panels.panels == undisturbed.panels.panels
    for name in ("ebbwatch_promise_evidence", "ebbwatch_promise_outcomes"):
        assert stage.shown(name) == undisturbed.shown(name) != {}


@pytest.mark.slow
async def test_a_crash_before_the_panel_is_written_counts_no_outcome_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stage = stage_of(promising())
    await stage.finish_through_crashes(monkeypatch)
    panel = stage.panel
    told = panel.rounds["at"][panel.rounds["warned"].any(axis=1)]
    own = np.isin(panel.warned["week"], told // (7 * DAY))
    assert panel.warned["outcomes"][own].sum() == panel.rounds["warned"].sum() > 0


async def test_without_a_promise_nothing_is_shown() -> None:
    stage = await played(parse(read_document(None)))
    assert stage.panel.warned["outcomes"].sum() > 40
    names = {name for name in stage.metrics.registry._names_to_collectors if "promise" in name}
    assert len(names) == 7
    for name in names:
        assert stage.shown(name) == {}


def test_before_the_first_outcome_there_is_a_promise_and_no_evidence() -> None:
    board, parameters = Board(), promising()
    board.board.show(0, panel_of(parameters), parameters)
    assert board.shown() == {"precision_ratio": 0.6, "evidence_limit": 2.0}


def test_partitions_are_judged_together_and_whatever_their_order() -> None:
    parameters = promising()
    first, second = panel_of(parameters, (2_900, 30, 30)), panel_of(parameters, (2_900, 60, 5))
    there, back = Board(), Board()
    for at, panel in enumerate((first, second)):
        there.board.show(at, panel, parameters)
    for at, panel in enumerate((second, first)):
        back.board.show(at, panel, parameters)
    assert there.shown() == back.shown()
    assert there.shown()["outcomes_stayed"] == 90.0
    both = together(first.warned, second.warned)
    assert there.shown()["evidence"] == Evidence.of(both["outcomes"], Promise(precision=0.6)).lately
    there.board.show(1, second, parameters)
    assert there.shown() == back.shown(), "a partition counts once"


def test_outcomes_of_other_parameters_do_not_count() -> None:
    board, before, after = Board(), promising(), promising(0.5)
    board.board.show(0, panel_of(before, (2_900, 60, 5)), before)
    board.board.show(1, panel_of(before, (2_900, 60, 5)), after)
    assert board.shown() == {"precision_ratio": 0.5, "evidence_limit": 2.0}
    board.board.show(1, panel_of(after, (2_900, 1, 4)), after)
    assert board.shown()["outcomes_stayed"] == 1.0


def test_partitions_that_were_let_go_are_no_longer_judged() -> None:
    board, parameters = Board(), promising()
    board.board.show(0, panel_of(parameters, (2_900, 60, 5)), parameters)
    board.board.forget()
    assert board.shown() == {}
    board.board.show(1, panel_of(parameters, (2_900, 1, 4)), parameters)
    assert board.shown()["outcomes_stayed"] == 1.0


def test_evidence_stays_a_number_to_who_takes_ten_to_its_power() -> None:
    board, parameters = Board(), promising()
    board.board.show(0, panel_of(parameters, (2_900, 10**9, 0)), parameters)
    assert board.shown()["evidence"] == board.shown()["lifetime_evidence"] == 300.0
