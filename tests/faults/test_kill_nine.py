import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from answers import answers
from brake import DYING_WORKER, Brake
from harness import Worker, await_that, inputs_of, make_settings
from portfolio import portfolio
from traces import (
    as_messages,
    cases_by_id,
    differences,
    ends,
    is_done,
    lag,
    progress,
    run_undisturbed,
    states,
    warnings_by_id,
    write,
)

from ebbwatch.stack import Stack
from streams.config import Settings

SEED = 20_260_301
ENOUGH_LAG = 10_000
STRIDE = 800  # records of each partition that are let go for each kill
KILLS = ("signal", "committed", "signal", "transaction", "signal")


@dataclass
class Assault:
    """Two workers, one of which is killed again and again.

    Attributes:
        settings: theirs.
        start: starts a worker.
        brake: how far they may go, so that much is left at the last kill.
        rng: tells whom to kill, and when.
    """

    settings: Settings
    start: Callable[..., Worker]
    brake: Brake
    rng: np.random.Generator

    def run(self) -> list[int]:
        """Kill five times, then let two workers finish; returns the lag at each death."""
        self.upto = ends(self.settings)
        self.brake.hold_at(0)
        survivor, lags = self._recruit(), []
        for number, kind in enumerate(self.rng.permutation(KILLS).tolist(), 1):
            survivor = self._kill(kind, survivor, number * STRIDE)
            lags.append(lag(self.settings, self.upto))
        pair = survivor, self._recruit()
        self.brake.release()
        await_that("all applied", lambda: is_done(self.settings, self.upto), *pair)
        assert [worker.stop() for worker in pair] == [0, 0]
        return lags

    def _kill(self, kind: str, mate: Worker, upto: int) -> Worker:
        """Bring a second worker in, let both go on up to a number of records, kill one of them."""
        dies = "" if kind == "signal" else f"{kind}:{self.rng.integers(2, 6)}"
        pair = mate, self._recruit(dies)
        living = (mate,) if dies else pair
        await_that("a share", lambda: '"claimed"' in pair[1].log.read_text(), *living)
        target = lag(self.settings, self.upto) - self.rng.integers(200, 3_000)
        self.brake.hold_at(upto)
        if dies:
            await_that(f"death: {kind}", pair[1].was_killed, mate)
            return mate
        await_that("progress", lambda: lag(self.settings, self.upto) <= target, *pair)
        survivor, victim = self.rng.permutation(2).tolist()
        pair[victim].kill()
        return pair[survivor]

    def _recruit(self, dies: str = "") -> Worker:
        return self.start(self.settings, DYING_WORKER, {**self.brake.variables, "DIES": dies})


@pytest.fixture
def calm(stack: Stack, topic_prefix: str) -> Settings:
    """Settings of the undisturbed run, its input written."""
    settings = make_settings(stack, topic_prefix, partitions=8)
    log = portfolio(3_500, SEED, per_customer=19.0)
    write(settings, settings.transaction_topic, as_messages(log.transactions))
    write(settings, settings.interaction_topic, as_messages(log.interactions))
    write(settings, settings.outcome_topic, as_messages(answers(250, SEED, 1_500)))
    assert len(log.transactions) + len(log.interactions) >= 40_000
    return settings


@pytest.fixture
def harassed(stack: Stack, topic_prefix: str, calm: Settings) -> Settings:
    """Settings of the disturbed run: the same input, all else its own, and small batches."""
    return make_settings(
        stack,
        f"{topic_prefix}harassed.",
        partitions=8,
        batch_records=100,
        inbox_records=1_000,
        fetch_bytes=65_536,
        **inputs_of(calm),
    )


@pytest.mark.slow
def test_five_kills_leave_states_and_warnings_as_an_undisturbed_run_does(
    calm: Settings, harassed: Settings, start: Callable[..., Worker], tmp_path: Path
) -> None:
    run_undisturbed(calm, start)

    lags = Assault(harassed, start, Brake(tmp_path / "brake"), np.random.default_rng(SEED)).run()

    assert len(lags) == len(KILLS)
    assert min(lags) > ENOUGH_LAG
    expected, got = progress(calm), progress(harassed)
    assert [c.offsets for c in got.claims] == [c.offsets for c in expected.claims]
    assert [c.clock for c in got.claims] == [c.clock for c in expected.claims]
    assert differences(states(harassed), states(calm)) == {}
    assert warnings_by_id(harassed) == warnings_by_id(calm)
    cases = cases_by_id(calm)
    assert cases_by_id(harassed) == cases
    ways = {said["closed_by"] for said in map(json.loads, cases.values())}
    assert ways == {None, "cleared", "retained", "false_alarm", "lost", "returned"}
