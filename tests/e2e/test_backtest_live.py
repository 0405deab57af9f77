"""The backtest's warnings against those a live worker published, but for their partition's feed."""

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from harness import Worker
from recorded import files, finish
from traces import progress, warnings_by_id, without_feeds

from streams.broker.message import partition_of
from streams.config import Settings


@pytest.mark.slow
def test_a_backtest_warns_as_the_live_worker_did(
    lived: Settings, start: Callable[..., Worker], tmp_path: Path
) -> None:
    live = [value for _, value in warnings_by_id(lived).values()]

    told = tmp_path / "warnings.jsonl"
    finish(
        lived, start, "-m", "ebbwatch.cli", "backtest", *files(tmp_path), "--warnings", str(told)
    )

    # A replaying worker's partition ends with its last event, the backtest with the whole record.
    clocks = [claim.clock for claim in progress(lived).claims]
    lines = told.read_bytes().splitlines()
    times = [_time(json.loads(line)) for line in lines]
    assert times == sorted(times)
    found = [line for line in lines if _is_reached(json.loads(line), clocks)]
    assert without_feeds(found) == without_feeds(live)
    assert len(live) > 300
    assert {json.loads(line)["route"] for line in live} == {"risk", "relationship"}


def _is_reached(warning: dict[str, str], clocks: list[float]) -> bool:
    own = clocks[partition_of(warning["customer_id"].encode(), len(clocks))]
    return _time(warning) <= own


def _time(warning: dict[str, str]) -> float:
    return datetime.fromisoformat(warning["event_time"]).timestamp()
