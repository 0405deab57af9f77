"""Files up to a cut and topics from it on, with a real Kafka and Redis: as if all was streamed."""

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from harness import PATIENCE, Worker, await_that
from recorded import beside, files, finish, histograms, timers
from traces import differences, progress, run_undisturbed, states, warnings_by_id

from ebbwatch.stack import Stack
from streams.broker.message import partition_of
from streams.config import Settings

COMMAND = str(Path(__file__).with_name("dying_backfill.py"))
CUT = "1997-09-16T12:00:00Z"


def after(settings: Settings, clocks: list[float]) -> dict[tuple[str, int], tuple[bytes, bytes]]:
    """The published warnings about instants after each partition's clock."""

    def is_later(key: bytes, value: bytes) -> bool:
        told = datetime.fromisoformat(json.loads(value)["event_time"]).timestamp()
        return told > clocks[partition_of(key, settings.partitions)]

    told = warnings_by_id(settings)
    return {name: pair for name, pair in told.items() if is_later(*pair)}


@pytest.mark.slow
def test_files_up_to_a_cut_and_topics_from_it_on_equal_topics_alone_despite_a_kill(
    stack: Stack,
    lived: Settings,
    topic_prefix: str,
    start: Callable[..., Worker],
    tmp_path: Path,
) -> None:
    loaded = beside(stack, topic_prefix, lived)
    load = COMMAND, "backfill", *files(tmp_path), "--until", CUT

    dying = start(loaded, load, {"LIVES": "5"})
    await_that("death", dying.was_killed)
    half = progress(loaded).claims
    assert sum(claim.sequence for claim in half) == 5
    assert any(claim.backfill is not None and claim.backfill.left for claim in half)

    refused = start(loaded, load)
    assert refused.process.wait(timeout=PATIENCE) == 1
    assert "--resume goes on with it" in refused.tail()

    early = start(loaded)  # a worker finds a half-loaded partition and ends
    assert early.process.wait(timeout=PATIENCE) != 0
    assert "expected a finished backfill" in early.tail()

    finish(loaded, start, *load, "--resume")
    clocks = [claim.clock for claim in progress(loaded).claims]
    cut = datetime.fromisoformat(CUT).timestamp()
    assert all(cut - 3 * 86_400 < clock < cut for clock in clocks)
    assert (warnings_by_id(loaded), progress(loaded).waiting) == ({}, 0)

    run_undisturbed(loaded, start)

    assert differences(states(loaded), states(lived)) == {}
    assert timers(loaded) == timers(lived)
    assert histograms(loaded) == histograms(lived)
    expected, got = progress(lived), progress(loaded)
    assert [c.clock for c in got.claims] == [c.clock for c in expected.claims]
    assert [c.offsets for c in got.claims] == [c.offsets for c in expected.claims]
    assert warnings_by_id(loaded) == after(lived, clocks)
    assert len(warnings_by_id(loaded)) > 100


@pytest.mark.slow
def test_past_warnings_are_published_once_if_asked_for(
    stack: Stack,
    lived: Settings,
    topic_prefix: str,
    start: Callable[..., Worker],
    tmp_path: Path,
) -> None:
    loaded = beside(stack, topic_prefix, lived)
    finish(loaded, start, COMMAND, "backfill", *files(tmp_path), "--until", CUT, "--publish")
    run_undisturbed(loaded, start)
    assert warnings_by_id(loaded) == warnings_by_id(lived)
