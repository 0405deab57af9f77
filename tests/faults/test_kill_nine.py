from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from harness import (
    Worker,
    as_messages,
    await_that,
    crew,
    differences,
    ends,
    is_done,
    lag,
    make_settings,
    progress,
    read_all,
    states,
    write,
)
from portfolio import portfolio

from streams.config import Settings
from streams.stack import Stack

DYING_WORKER = (str(Path(__file__).with_name("dying_worker.py")),)
SEED = 20_260_301
ENOUGH_LAG = 10_000
KILLS = ("signal", "committed", "signal", "transaction", "signal")


@dataclass
class Assault:
    """Two workers, one of which is killed again and again.

    Attributes:
        settings: theirs.
        start: starts a worker.
        slow_while: file during whose existence they go slowly.
    """

    settings: Settings
    start: Callable[..., Worker]
    slow_while: Path

    def run(self, rng: np.random.Generator) -> list[int]:
        """Kill five times, then let two workers finish; returns the lag at each death."""
        self.upto = ends(self.settings)
        self.slow_while.touch()
        survivor = self._recruit()
        lags = []
        for kind in rng.permutation(KILLS).tolist():
            survivor, lag_at_death = self._kill(kind, survivor, rng)
            lags.append(lag_at_death)
        survivor_too = self._recruit()
        self.slow_while.unlink()
        await_that("all applied", lambda: is_done(self.settings, self.upto), survivor, survivor_too)
        assert survivor.stop() == survivor_too.stop() == 0
        return lags

    def _recruit(self, dies: str = "") -> Worker:
        extra = {"SLOW_WHILE": str(self.slow_while), "DIES": dies}
        return self.start(self.settings, DYING_WORKER, extra)

    def _kill(self, kind: str, mate: Worker, rng: np.random.Generator) -> tuple[Worker, int]:
        if kind != "signal":
            victim = self._recruit(f"{kind}:{rng.integers(2, 6)}")
            await_that(f"death: {kind}", victim.was_killed, mate)
            return mate, lag(self.settings, self.upto)
        pair = mate, self._recruit()
        await_that("a share", lambda: '"claimed"' in pair[1].log.read_text(), *pair)
        target = lag(self.settings, self.upto) - rng.integers(500, 4_000)
        await_that("progress", lambda: lag(self.settings, self.upto) <= target, *pair)
        survivor, victim = rng.permutation(2).tolist()
        pair[victim].kill()
        return pair[survivor], lag(self.settings, self.upto)


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


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Worker]]:
    """Starts workers that do not outlive the test."""
    with crew(tmp_path) as start_worker:
        yield start_worker


def warnings_by_id(settings: Settings) -> dict[tuple[Any, Any], tuple[bytes, bytes]]:
    """Every published warning; none may be there twice."""
    records = [
        record
        for topic in (settings.risk_topic, settings.relationship_topic)
        for record in read_all(settings, topic)
    ]
    found = {}
    for record in records:
        headers = dict(record.headers)
        found[headers["ce_id"]] = (record.key, record.value)
    assert len(found) == len(records), f"{len(records) - len(found)} warnings came twice"
    return found


@pytest.mark.timeout(300)
def test_five_kills_leave_states_and_warnings_as_an_undisturbed_run_does(
    calm: Settings, harassed: Settings, start: Callable[..., Worker], tmp_path: Path
) -> None:
    undisturbed = start(calm)
    await_that("all applied", lambda: is_done(calm, ends(calm)), undisturbed)
    assert undisturbed.stop() == 0

    lags = Assault(harassed, start, tmp_path / "slow").run(np.random.default_rng(SEED))

    assert len(lags) == len(KILLS)
    assert min(lags) > ENOUGH_LAG
    expected, got = progress(calm), progress(harassed)
    assert [c.offsets for c in got.claims] == [c.offsets for c in expected.claims]
    assert [c.clock for c in got.claims] == [c.clock for c in expected.claims]
    assert differences(states(harassed), states(calm)) == {}
    assert warnings_by_id(harassed) == warnings_by_id(calm)
