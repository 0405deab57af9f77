"""Commands against a real Kafka and a real Redis."""

import json
import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from harness import PATIENCE, await_that, unused_port
from traces import scrape
from typer.testing import CliRunner

from ebbwatch.cli import command_line
from ebbwatch.stack import Stack, status
from streams.config import Settings
from streams.parameters.file import read_document, write_document

run = partial(CliRunner().invoke, command_line())
PURCHASE = {
    "event_id": "e1",
    "customer_id": "c1",
    "event_time": "2026-03-01T12:00:00Z",
    "type": "purchase",
    "amount": 1234,
    "currency": "USD",
    "merchant_category": "5411",
    "merchant_id": "m",
    "card_id": "k",
    "channel": "pos",
}
SURVEY = {
    "event_id": "e2",
    "customer_id": "c1",
    "event_time": "2026-03-02T12:00:00Z",
    "type": "survey",
    "score": 1,
}


@pytest.fixture
def configured(stack: Stack, topic_prefix: str, monkeypatch: pytest.MonkeyPatch) -> None:
    inputs = ("transaction", "interaction", "outcome")
    names = (*inputs, "risk", "relationship", "case", "score", "assignment", "progress")
    topics = {f"EBBWATCH_{name.upper()}_TOPIC": topic_prefix + name for name in names}
    variables = {
        **topics,
        "EBBWATCH_KAFKA_BOOTSTRAP": stack.kafka_bootstrap,
        "EBBWATCH_REDIS_URL": stack.redis_url,
        "EBBWATCH_REDIS_PREFIX": topic_prefix.strip("."),
        "EBBWATCH_GROUP": f"{topic_prefix}group",
        "EBBWATCH_PARTITIONS": "3",
        "EBBWATCH_MODE": "replay",
        "EBBWATCH_METRICS_PORT": "0",
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)


@pytest.mark.usefixtures("configured")
def test_topics_are_missing_then_created_then_there() -> None:
    assert run(["topics", "list"]).exit_code == 1
    assert "is missing" in run(["doctor"]).output
    created = json.loads(run(["topics", "create", "--json"]).stdout)
    assert (len(created["created"]), created["existing"], created["partitions"]) == (13, [], 3)
    assert "exists, 3 partitions" in run(["topics", "create"]).output
    listed = run(["topics", "list", "--json"])
    assert listed.exit_code == 0
    assert set(json.loads(listed.stdout)["topics"].values()) == {3}
    assert json.loads(run(["doctor", "--json"]).stdout)["states"]["wrong"] == 0


@pytest.mark.usefixtures("configured")
def test_another_partition_count_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    run(["topics", "create"])
    monkeypatch.setenv("EBBWATCH_PARTITIONS", "4")
    refused = run(["topics", "create"])
    assert refused.exit_code == 1
    assert "expected 4 partitions, got 3" in refused.stderr
    assert run(["doctor"]).exit_code == 1
    assert run(["topics", "list"]).exit_code == 1


@pytest.mark.usefixtures("configured")
def test_what_topics_hold_is_a_history_to_calibrate_by(tmp_path: Path) -> None:
    asked = ["calibrate", "kafka", "--out", str(tmp_path / "bank.json"), "--json"]
    missing = run(asked)
    assert (missing.exit_code, "kafka: expected topic" in missing.stderr) == (1, True)
    run(["topics", "create"])
    file = tmp_path / "events.jsonl"
    file.write_text("".join(json.dumps(event) + "\n" for event in (PURCHASE, SURVEY)))
    run(["produce", str(file)])
    told = json.loads(run(asked).stdout)
    assert "2 events, 2026-03-01 to 2026-03-02" in told["steps"][0]["words"]
    assert told["answer"] == "This history cannot tell yet."
    assert read_document(tmp_path / "bank.json")["name"] == "bank"


@pytest.mark.usefixtures("configured")
def test_events_go_through_a_worker_to_inspect(tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl"
    file.write_text("".join(json.dumps(event) + "\n\n" for event in (PURCHASE, SURVEY)))
    missing = run(["produce", str(file)])
    assert (missing.exit_code, "no such topic" in missing.stderr) == (1, True)
    run(["topics", "create"])
    written = json.loads(run(["produce", str(file), "--json"]).stdout)["written"]
    assert sorted(written.values()) == [1, 1]
    worker = _worker(tmp_path / "worker.log")
    try:
        found = _inspected("c1")
    finally:
        worker.send_signal(signal.SIGINT)
        worker.wait(PATIENCE)
    assert found["facts"]["counts"]["events"] == 2
    assert found["at"] == "2026-03-02T12:00:00Z"
    assert found["score"]["frequency"] == 0
    assert [(w["rule"], w["band"]) for w in found["warnings"]] == [("dissatisfaction", "middle")]
    assert found["next_timer"] > found["at"]
    assert found["scored_with"] == found["score"]["model_version"]
    _look_around()
    _tell_segments(tmp_path / "with-cuts.json")
    _look_with_others(tmp_path / "others.json", found["scored_with"])


def _look_with_others(file: Path, scored_with: str) -> None:
    """What is told where the parameters here are not those that the workers had."""
    packaged = read_document(None)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EBBWATCH_PARAMETERS_FILE", str(file))
        write_document(file, {**packaged, "name": "other"})
        assert f"(workers: {scored_with})" in run(["inspect", "c1"]).output
        told = json.loads(run(["doctor", "--json"]).stdout)
        (scored,) = [check for check in told["checks"] if check["check"] == "scored"]
        assert (scored["state"], f"last by {scored_with}: " in scored["found"]) == ("ok", True)
        write_document(file, {**packaged, "book_timezone": "Europe/Zurich"})
        assert "expected book_timezone UTC" in run(["doctor", "--json"]).stdout


def _tell_segments(file: Path) -> None:
    told = json.loads(run(["segments", "--out", str(file), "--json"]).stdout)
    assert (told["customers"], told["as_of"], told["currency"]) == (1, "2026-03-02", "USD")
    assert (told["repeat_rate"], told["retention_rate"], told["pareto_share"]) == (0.0, 1.0, 0.2)
    assert told["cut_points"]["recency_days"] == [0.0] * 4
    written = json.loads(file.read_text())["segments"]
    assert (written["newcomer_days"], written["recency_days"]) == (90, [0.0] * 4)
    assert "pareto share" in run(["segments"]).output
    assert "lifecycle new" in run(["inspect", "c1"]).output


@pytest.mark.usefixtures("configured")
def test_an_empty_portfolio_is_told_in_one_line() -> None:
    refused = run(["segments"])
    assert (refused.exit_code, refused.stderr.count("\n")) == (1, 1)
    assert "expected customers with a purchase" in refused.stderr


def _look_around() -> None:
    page = run(["inspect", "c1"]).output
    assert "MIDDLE dissatisfaction" in page
    assert "12.34 USD" in page
    later = json.loads(run(["inspect", "c1", "--at", "2026-04-01", "--json"]).stdout)
    assert later["at"] == "2026-04-01T00:00:00Z"
    assert later["score"]["p_no_purchase"] > 0.9
    early = run(["inspect", "c1", "--at", "2026-03-01T00:00:00Z"])
    assert (early.exit_code, "from the last event on" in early.stderr) == (1, True)
    assert run(["inspect", "c1", "--at", "soon"]).exit_code == 1
    unknown = run(["inspect", "nobody"])
    assert (unknown.exit_code, unknown.stdout) == (1, "")


def _inspected(customer: str) -> Any:
    def applied() -> Any:
        result = run(["inspect", customer, "--json"])
        found = json.loads(result.stdout) if result.exit_code == 0 else None
        return found if found and found["facts"]["counts"]["events"] == 2 else None

    return await_that(f"{customer}'s events", applied)


def _worker(log: Path) -> "subprocess.Popen[bytes]":
    with log.open("wb") as console:
        command = [sys.executable, "-m", "ebbwatch.cli", "worker"]
        return subprocess.Popen(command, stdout=console, stderr=console)


START_A_WORKER = """
import os, subprocess, sys
command = [sys.executable, "-m", "ebbwatch.cli", "worker", "--parent", str(os.getpid())]
quiet = subprocess.DEVNULL
print(subprocess.Popen(command, stdout=quiet, stderr=quiet).pid, flush=True)
input()
"""


@pytest.mark.usefixtures("configured")
@pytest.mark.parametrize("works", [False, True], ids=["while it starts", "while it works"])
def test_a_worker_ends_with_the_process_that_started_it(
    monkeypatch: pytest.MonkeyPatch, *, works: bool
) -> None:
    monkeypatch.setenv("EBBWATCH_METRICS_PORT", str(unused_port()))
    run(["topics", "create"])
    parent = subprocess.Popen(
        [sys.executable, "-c", START_A_WORKER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    if works:
        await_that("readiness", lambda: scrape(Settings(), "/readyz")[0] == 200)
    assert _lives(pid)
    parent.kill()
    parent.communicate()
    await_that("its end", lambda: not _lives(pid))


def _lives(pid: int) -> bool:
    try:  # its command line would be empty while it turns into another program
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0]
    except OSError:
        return False
    return state not in "ZX"


@pytest.mark.integration
@pytest.mark.slow
def test_a_stack_comes_up_tells_how_to_use_it_and_goes_down(tmp_path: Path) -> None:
    folder = str(tmp_path / "stack")
    try:
        up = run(["stack", "up", "--folder", folder])
        assert up.exit_code == 0
        found = status(Path(folder))
        assert found is not None
        assert up.stdout.splitlines() == [
            f"export EBBWATCH_KAFKA_BOOTSTRAP={found.kafka_bootstrap}",
            f"export EBBWATCH_REDIS_URL={found.redis_url}",
        ]
        told = json.loads(run(["stack", "status", "--folder", folder, "--json"]).stdout)
        assert told["running"] == ["kafka", "redis"]
        os.kill(found.pids["redis"], signal.SIGKILL)
        assert run(["stack", "status", "--folder", folder]).exit_code == 1
    finally:
        down = run(["stack", "down", "--folder", folder])
    assert down.exit_code == 0
    assert status(Path(folder)) is None


@pytest.mark.usefixtures("configured")
def test_a_currency_without_a_rate_is_warned_of_before_and_after_it_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(["topics", "create"])
    file, rates = tmp_path / "events.jsonl", tmp_path / "rates.csv"
    abroad = {**PURCHASE, "currency": "AUD"}
    file.write_text("".join(json.dumps({**abroad, "event_id": f"e{n}"}) + "\n" for n in range(3)))
    said = run(["produce", str(file)])
    assert said.exit_code == 0
    assert "3 in AUD" in said.stderr
    assert "ebbwatch parameters new --currency AUD" in said.stderr
    assert "3 events written" in said.stdout
    again = run(["produce", str(file), "--json"])
    assert json.loads(again.stdout)["written"] == {}
    assert json.loads(again.stdout)["written_before"] == 3
    assert "3 lines were written before: nothing to write" in run(["produce", str(file)]).stdout
    checked = run(["doctor", "--json"])
    assert checked.exit_code == 1
    (found,) = [c for c in json.loads(checked.stdout)["checks"] if c["check"] == "currencies"]
    assert "got 3 in AUD" in found["found"]
    rates.write_text("date,currency,rate\n2026-01-01,AUD,0.65\n")
    monkeypatch.setenv("EBBWATCH_RATES_FILE", str(rates))
    assert json.loads(run(["doctor", "--json"]).stdout)["states"]["wrong"] == 0
    assert run(["produce", str(file)]).stderr == ""
    from_input = run(["produce", "-"], input=file.read_text())
    assert "3 lines were written before" in from_input.stdout
