import asyncio
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import numpy as np
import pytest
from cases import churn_section
from fakes import MODEL, using
from panel_fakes import Plain
from panel_oracle import Expected, ExpectedSilences, log_of
from panel_stage import EVENTS, PLAN, Stage, played
from redis.exceptions import ConnectionError as RedisConnectionError

from scoring.arrays import DAY
from scoring.model import ScoringModel
from scoring.monitoring import Panel, pack_panel, sample
from scoring.monitoring.tallies import CHURNED
from scoring.parameters import parse
from streams.parameters.file import read_document
from streams.retry import patience
from streams.store import Fenced


@pytest.fixture(scope="module")
def undisturbed() -> Stage:
    return asyncio.run(played(Plain()))


def expected(
    closed: Iterable[float], of: type[Expected] = Expected, model: ScoringModel = MODEL
) -> Expected:
    """What the panel's closed rounds should have found."""
    log = log_of(EVENTS)
    members = set(sample(log.customers, PLAN.share, PLAN.size).ids)
    rows = [row for row, customer in enumerate(log.customers) if customer in members]
    chosen = np.isin(log.rows, rows)
    own = log._replace(rows=log.rows[chosen], events=log.events[chosen])
    made = of(own, model, Plain().risk, 0.5)
    for at in closed:
        made.add(at)
    return made


async def test_the_figures_are_those_computed_from_the_log(undisturbed: Stage) -> None:
    stage = undisturbed
    rounds = stage.panel.rounds
    closed = rounds["at"][rounds["status"] == 1]
    assert len(closed) == 13
    should = expected(closed.tolist())
    outcomes = stage.shown("ebbwatch_panel_outcomes")
    assert outcomes == {key: should.counts[key] for key in outcomes}
    assert sum(outcomes.values()) == 2 * rounds["members"][rounds["status"] == 1].sum() > 5_000
    for model in ("champion", "challenger"):
        shown = stage.shown("ebbwatch_panel_precision_ratio")[(model,)]
        assert shown == should.precision(model)
        assert 0.0 < shown < 1.0
    assert stage.shown("ebbwatch_panel_unknown") == {(): 0.0}
    last = rounds[-1]
    share = last["disagreed"] / last["compared"]
    assert stage.shown("ebbwatch_panel_disagreement_ratio") == {("challenger",): share}
    assert stage.shown("ebbwatch_panel_customers") == {(): last["members"]}


async def test_with_a_scorecard_a_silence_is_judged_by_its_own_end() -> None:
    section = churn_section(80, intercept=-3.0, centre=0.0, middle=0.5)
    leaving = {"type": "silence", "days": 80}
    model = ScoringModel(parse({**read_document(None), "churn": section, "leaving": leaving}))
    stage = Stage(Plain())
    stage.in_use.current = using(model)
    await stage.claim()
    await stage.finish()
    rounds = stage.panel.rounds
    closed = rounds[rounds["status"] == 1]
    should = expected(closed["at"].tolist(), ExpectedSilences, model)
    outcomes = stage.shown("ebbwatch_panel_outcomes")
    assert outcomes == {key: should.counts[key] for key in outcomes}
    assert sum(outcomes.values()) == 2 * closed["members"].sum() > 500
    assert 0.0 < stage.shown("ebbwatch_panel_precision_ratio")[("champion",)] < 1.0


async def test_rounds_come_once_a_period_of_the_partitions_clock() -> None:
    rare = await played(period=91 * DAY)
    periods = rare.panel.rounds["at"] // (91 * DAY)
    assert (np.diff(periods) == 1).all()
    assert rare.panels.kept == len(periods) == len(set(log_of(EVENTS).times // (91 * DAY)))


async def test_rounds_take_no_more_than_their_share_of_the_time() -> None:
    stage = Stage(plan=PLAN._replace(effort=0.1))
    clock = iter(range(10_000))
    stage.now = lambda: float(next(clock))
    stage.sequencer.services = stage._services()
    panel = stage.sequencer.services.panel
    assert panel is not None
    owner = (await stage.store.claim(0)).owner
    kept = []
    for week in range(1, 200):
        await panel.after(0, owner, week * PLAN.period, MODEL)
        kept.append(stage.panels.kept)
    assert kept[:3] == [1, 1, 1]
    assert 15 <= kept[-1] <= 25, "each takes a second of about ten"


async def test_without_a_challenger_only_the_champion_is_shown() -> None:
    stage = await played()
    assert set(stage.shown("ebbwatch_panel_auc_ratio")) == {("champion",)}
    assert stage.shown("ebbwatch_panel_disagreement_ratio") == {}
    assert stage.shown("ebbwatch_challenger_errors_total") == {}
    assert ("challenger_risk",) not in stage.shown("ebbwatch_drift_psi")
    assert ("churn_risk",) in stage.shown("ebbwatch_drift_psi")


@pytest.mark.slow
async def test_new_owners_after_every_batch_make_the_same_panel(undisturbed: Stage) -> None:
    stage = Stage(Plain())
    await stage.claim()
    while await stage.sequencer.partition._advance():
        await stage.claim(anew=True)
    assert stage.panels.panels == undisturbed.panels.panels
    await stage.sequencer.partition._settle()
    for name in ("ebbwatch_panel_outcomes", "ebbwatch_drift_psi"):
        assert stage.shown(name) == undisturbed.shown(name) != {}


@pytest.mark.slow
async def test_a_crash_before_the_panel_is_written_counts_nothing_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stage = Stage(Plain())
    await stage.finish_through_crashes(monkeypatch)
    rounds = stage.panel.rounds
    assert len(np.unique(rounds["at"])) == len(rounds)
    closed = rounds[rounds["status"] == 1]
    assert (closed["tally"]["rows"][:, 0].sum(axis=1) == closed["members"]).all()
    should = expected(closed["at"].tolist())
    outcomes = stage.shown("ebbwatch_panel_outcomes")
    assert outcomes == {key: should.counts[key] for key in outcomes}


async def test_an_owner_that_was_replaced_writes_no_panel() -> None:
    stage = Stage()
    await stage.claim()
    await stage.sequencer.partition._advance()
    panel = stage.sequencer.services.panel
    assert panel is not None
    before = dict(stage.panels.panels)
    replaced = stage.store.parts[0].owner
    await stage.store.claim(0)
    with pytest.raises(Fenced):
        await panel.after(0, replaced, 1e10, MODEL)
    assert stage.panels.panels == before


async def test_a_panel_that_cannot_be_read_begins_anew(undisturbed: Stage) -> None:
    stage = Stage(Plain())
    stage.panels.panels[0] = b"\1\0garbage"
    await stage.claim()
    await stage.finish()
    assert stage.panels.panels == undisturbed.panels.panels


async def test_while_redis_is_away_the_panel_waits(
    monkeypatch: pytest.MonkeyPatch, undisturbed: Stage
) -> None:
    monkeypatch.setattr(patience, "FIRST", 0.0)
    stage = Stage(Plain())
    for name in ("customers", "panel", "keep"):
        call = getattr(stage.panels, name)
        monkeypatch.setattr(stage.panels, name, partial(_flaky, call, [RedisConnectionError()] * 2))
    await stage.claim()
    await stage.finish()
    assert stage.panels.panels == undisturbed.panels.panels


async def _flaky(call: Callable[..., Any], errors: list[Exception], *args: Any) -> Any:
    if errors:
        raise errors.pop()
    return await call(*args)


async def test_nothing_a_challenger_does_is_seen_in_states_and_messages() -> None:
    class Failing(Plain):
        def risk(self, *_: Any) -> Any:
            raise RuntimeError

    failing, alone = await played(Failing()), await played(share=0.0)
    one, other = failing.store.parts[0], alone.store.parts[0]
    assert (one.states, one.outbox, one.due, one.clock) == (
        other.states,
        other.outbox,
        other.due,
        other.clock,
    )
    errors = failing.shown("ebbwatch_challenger_errors_total")
    assert errors[("exception",)] > 1_000
    assert sum(errors.values()) == errors[("exception",)]
    figures = failing.panel.rounds["tally"]["flagged"]
    assert figures[:, 0].sum() > 1_000
    assert figures[:, 1].sum() == 0


async def test_other_parameters_begin_anew() -> None:
    stage = Stage(Plain())
    await stage.claim()
    for _ in range(20):
        await stage.sequencer.partition._advance()
    before = stage.panel
    assert before.rounds["tally"]["flagged"][:, :, :, CHURNED].sum() > 0
    document = read_document(None)
    other = ScoringModel(parse({**document, "name": "another"}))
    stage.in_use.current = using(other)
    while stage.panel.models == before.models:
        assert await stage.sequencer.partition._advance()
    after = stage.panel
    assert after.models == (other.parameters.version, "plain-1")
    assert after.rounds["tally"]["flagged"].sum() == 0
    assert set(before.rounds["at"][-3:]) <= set(after.rounds["at"])


async def test_partitions_that_were_let_go_are_no_longer_shown(undisturbed: Stage) -> None:
    stage = Stage()
    stage.board.show(0, undisturbed.panel)
    assert stage.shown("ebbwatch_panel_outcomes") == undisturbed.shown("ebbwatch_panel_outcomes")
    stage.board.forget()
    assert stage.shown("ebbwatch_panel_outcomes") == stage.shown("ebbwatch_drift_psi") == {}
    assert stage.shown("ebbwatch_panel_customers") == {(): 0.0}


async def test_partitions_are_shown_together(undisturbed: Stage) -> None:
    stage = Stage()
    stage.board.show(0, undisturbed.panel)
    once = stage.shown("ebbwatch_panel_outcomes")
    precision = stage.shown("ebbwatch_panel_precision_ratio")
    stage.board.show(1, undisturbed.panel)
    assert stage.shown("ebbwatch_panel_outcomes") == {key: 2 * n for key, n in once.items()}
    assert stage.shown("ebbwatch_panel_precision_ratio") == precision
    stage.board.show(1, Panel.new(("", "")))
    assert stage.shown("ebbwatch_panel_outcomes") == once


def test_the_value_stays_small(undisturbed: Stage) -> None:
    assert len(pack_panel(undisturbed.panel)) < 100_000
