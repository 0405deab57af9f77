"""Workers, backfill and backtest on a limit of the purchase model: nobody leaves, the NBD."""

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from harness import Worker
from recorded import beside, files, finish, streamed, timers
from traces import (
    differences,
    progress,
    run_undisturbed,
    states,
    warnings_by_id,
    without_feeds,
)

from ebbwatch.stack import Stack
from streams.broker.message import partition_of
from streams.config import Settings
from streams.parameters.file import read_document, write_document

CUT = "1997-09-16T12:00:00Z"
# The NBD's optimum on CDNOW, weeks, in Fader, Hardie and Lee 2005, Marketing Science 24(2).
NBD = {"type": "bgnbd", "limit": "nobody leaves", "r": 0.385, "alpha": 12.072}


def is_reached(warning: bytes, clocks: list[float]) -> bool:
    """Whether a replaying worker's clock, which its last event ends, has come so far."""
    told = json.loads(warning)
    own = clocks[partition_of(told["customer_id"].encode(), len(clocks))]
    return datetime.fromisoformat(told["event_time"]).timestamp() <= own


@pytest.mark.slow
def test_a_limit_runs_live_and_backfill_and_backtest_come_to_the_same(
    stack: Stack, topic_prefix: str, start: Callable[..., Worker], tmp_path: Path
) -> None:
    file = tmp_path / "nbd.json"
    write_document(file, {**read_document(None), "name": "nbd", "purchase_model": NBD})
    limit = {"parameters_file": file}
    live = streamed(stack, topic_prefix).model_copy(update=limit)
    run_undisturbed(live, start)
    published = {name: value for name, (_, value) in warnings_by_id(live).items()}
    told = [json.loads(value) for value in published.values()]
    silent = [each for each in told if each["rule"] == "silence" and each["sequence"] == 1]
    assert len(silent) > 100
    assert {each["p_alive"] for each in told} == {1.0}
    assert all(each["p_no_purchase"] >= 0.95 for each in silent)
    assert all(each["model_version"].startswith("nbd-") for each in told)

    record = files(tmp_path)
    written = tmp_path / "warnings.jsonl"
    finish(live, start, "-m", "ebbwatch.cli", "backtest", *record, "--warnings", str(written))
    clocks = [claim.clock for claim in progress(live).claims]
    found = [line for line in written.read_bytes().splitlines() if is_reached(line, clocks)]
    assert without_feeds(found) == without_feeds(published.values())

    loaded: Settings = beside(stack, f"{topic_prefix}loaded.", live).model_copy(update=limit)
    finish(loaded, start, "-m", "ebbwatch.cli", "backfill", *record, "--until", CUT)
    run_undisturbed(loaded, start)
    assert differences(states(loaded), states(live)) == {}
    assert timers(loaded) == timers(live)
