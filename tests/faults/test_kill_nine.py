from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from harness import Worker, await_that, make_settings
from portfolio import portfolio
from traces import (
    as_messages,
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

DYING_WORKER = (str(Path(__file__).with_name("dying_worker.py")),)
SEED = 20_260_301
ENOUGH_LAG = 10_000
BETWEEN, UNDER_FIRE = 1.0, 0.1  # seconds of rest: while a worker starts, and before a kill
KILLS = ("signal", "committed", "signal", "transaction", "signal")


@dataclass
class Assault:
    """Two workers, one of which is killed again and again.

    Attributes:
        settings: theirs.
        start: starts a worker.
        brake: file that tells how slowly they go, so that much is left at the last kill.
        rng: tells whom to kill, and when.
    """

    settings: Settings
    start: Callable[..., Worker]
    brake: Path
    rng: np.random.Generator

    def run(self) -> list[int]:
        """Kill five times, then let two workers finish; returns the lag at each death."""
        self.upto = ends(self.settings)
        self._rest(BETWEEN)
        survivor, lags = self._recruit(), []
        for kind in self.rng.permutation(KILLS).tolist():
            survivor = self._kill(kind, survivor)
            lags.append(lag(self.settings, self.upto))
        pair = survivor, self._recruit()
        self.brake.unlink()
        await_that("all applied", lambda: is_done(self.settings, self.upto), *pair)
        assert [worker.stop() for worker in pair] == [0, 0]
        return lags

    def _kill(self, kind: str, mate: Worker) -> Worker:
        if kind != "signal":
            victim = self._recruit(f"{kind}:{self.rng.integers(2, 6)}")
            await_that(f"death: {kind}", victim.was_killed, mate)
            return mate
        pair = mate, self._recruit()
        await_that("a share", lambda: '"claimed"' in pair[1].log.read_text(), *pair)
        target = lag(self.settings, self.upto) - self.rng.integers(200, 3_000)
        self._rest(UNDER_FIRE)
        await_that("progress", lambda: lag(self.settings, self.upto) <= target, *pair)
        survivor, victim = self.rng.permutation(2).tolist()
        pair[victim].kill()
        self._rest(BETWEEN)
        return pair[survivor]

    def _recruit(self, dies: str = "") -> Worker:
        extra = {"BRAKE": str(self.brake), "DIES": dies}
        return self.start(self.settings, DYING_WORKER, extra)

    def _rest(self, seconds: float) -> None:
        """Tell the workers, whole at once, how long to rest after a batch."""
        draft = self.brake.with_suffix(".draft")
        draft.write_text(str(seconds))
        draft.replace(self.brake)


@pytest.fixture
def calm(stack: Stack, topic_prefix: str) -> Settings:
    """Settings of the undisturbed run, its input written."""
    settings = make_settings(stack, topic_prefix, partitions=8)
    log = portfolio(5_000, SEED, per_customer=19.0)
    write(settings, settings.transaction_topic, as_messages(log.transactions))
    write(settings, settings.interaction_topic, as_messages(log.interactions))
    assert len(log.transactions) + len(log.interactions) >= 60_000
    return settings


@pytest.fixture
def harassed(stack: Stack, topic_prefix: str, calm: Settings) -> Settings:
    """Settings of the disturbed run: the same input, all else its own, and small batches."""
    return make_settings(
        stack,
        f"{topic_prefix}harassed.",
        partitions=8,
        transaction_topic=calm.transaction_topic,
        interaction_topic=calm.interaction_topic,
        batch_records=100,
        inbox_records=1_000,
        fetch_bytes=65_536,
    )


@pytest.mark.timeout(300)
def test_five_kills_leave_states_and_warnings_as_an_undisturbed_run_does(
    calm: Settings, harassed: Settings, start: Callable[..., Worker], tmp_path: Path
) -> None:
    run_undisturbed(calm, start)

    lags = Assault(harassed, start, tmp_path / "brake", np.random.default_rng(SEED)).run()

    assert len(lags) == len(KILLS)
    assert min(lags) > ENOUGH_LAG
    expected, got = progress(calm), progress(harassed)
    assert [c.offsets for c in got.claims] == [c.offsets for c in expected.claims]
    assert [c.clock for c in got.claims] == [c.clock for c in expected.claims]
    assert differences(states(harassed), states(calm)) == {}
    assert warnings_by_id(harassed) == warnings_by_id(calm)
