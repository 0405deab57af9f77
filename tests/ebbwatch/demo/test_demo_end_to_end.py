"""The demo as a user starts it: a process of its own, with its own Kafka and Redis."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from urllib.request import urlopen

import pytest
from harness import PATIENCE

from ebbwatch.demo.events.log import synthetic
from streams.parameters.file import read_document, write_document

pytestmark = [pytest.mark.integration, pytest.mark.slow]
# The NBD of Fader, Hardie and Lee 2005 on the sample of this log, weeks: nobody leaves.
NBD = {"type": "bgnbd", "limit": "nobody leaves", "r": 0.385, "alpha": 12.072}
COMMAND = [sys.executable, "-m", "ebbwatch.cli", "demo", "--json"]
FIRST_OUT = r"officer-[234], no. 1\b"
FIRST_WAITING = r"The day&#39;s 140 have gone out. No. 1 of 1,\d{3} that wait."


def _started(folder: Path, *options: str) -> "subprocess.Popen[str]":
    """The demo in a process group of its own, its stack under the folder."""
    return subprocess.Popen(
        [*COMMAND, *options],
        env={**os.environ, "TMPDIR": str(folder), "EBBWATCH_TRANSACTION_TOPIC": "ignored"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        process_group=0,
    )


def _queue(address: str) -> str:
    """Whose cases are and why others wait, once the page has heard all that the desk decided."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        queue = "".join(_said(f"{address}/queue?state={state}") for state in ("today", "queued"))
        if re.search(FIRST_OUT, queue) and re.search(FIRST_WAITING, queue):
            return queue
        time.sleep(0.2)
    raise AssertionError("nothing was handed out")


def _said(address: str) -> str:
    with urlopen(address) as answer:  # noqa: S310 - our own
        said: str = answer.read().decode()
    return said


class Told(NamedTuple):
    """What a demo said on standard output, where it worked, and what its pages showed."""

    out: str
    folder: Path
    page: str
    queue: str


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    folder = tmp_path_factory.mktemp("demo")
    demo = _started(folder, "--page", "--port", "0")
    assert demo.stderr is not None
    try:
        while "The page on this data: " not in (line := demo.stderr.readline()):
            assert line, "the demo ended early"
        address = line.partition("data: ")[2].split()[0]
        page, queue = _said(f"{address}/customers/persona-a"), _queue(address)
        demo.send_signal(signal.SIGINT)
        out, errors = demo.communicate(timeout=240)
    finally:
        demo.kill()
    assert demo.returncode == 0, errors
    return Told(out, folder, page, queue)


@pytest.fixture(scope="module")
def shown(told: Told) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(told.out)
    return found


def test_standard_output_is_one_json_object(told: Told) -> None:
    assert told.out.count("\n") == 1


def test_the_page_stands_open_on_the_demo_s_data(told: Told) -> None:
    assert "Customer persona-a" in told.page
    assert "instalments overdue" in told.page
    assert "high: win back" in told.page


def test_the_queue_says_whose_cases_are_and_why_others_wait(told: Told) -> None:
    assert "140 / 140" in told.queue
    assert re.search(FIRST_OUT, told.queue)
    assert re.search(FIRST_WAITING, told.queue)


def test_everything_produced_is_applied(shown: dict[str, Any]) -> None:
    assert shown["produced"] == shown["applied"] == 69_659 + len(synthetic())
    assert shown["dead_lettered"] == 0
    assert shown["customers"] == 23_570 + 4
    assert 0 < shown["replay_seconds"] < shown["seconds"]


def test_a_is_warned_on_the_risk_topic_with_both_causes(shown: dict[str, Any]) -> None:
    a = shown["personas"]["persona-a"]
    assert (a["route"], a["band"], a["rule"]) == ("risk", "high", "overdue")
    assert {"overdue", "card_use_decline"} <= set(a["rules"])
    assert a["action"].startswith("win_back")


def test_b_is_warned_on_the_relationship_topic_with_both_causes(shown: dict[str, Any]) -> None:
    b = shown["personas"]["persona-b"]
    assert (b["route"], b["rule"]) == ("relationship", "dissatisfaction")
    assert "dissatisfaction" in b["rules"]
    assert {"card_use_decline", "engagement_decline"} & set(b["rules"])
    assert b["action"].startswith("service_recovery")


def test_the_healthy_twins_raise_nothing(shown: dict[str, Any]) -> None:
    for name in ("persona-a-healthy", "persona-b-healthy"):
        assert shown["personas"][name]["warnings"] == 0


def test_they_are_few_enough_to_read_and_fewer_than_a_plain_rule_s(shown: dict[str, Any]) -> None:
    found = shown["worth"]
    assert 0.0 < found["most_a_month"] <= 0.02
    assert 0 < found["warnings"] < found["plain_warnings"]


def test_warnings_of_every_band_arrive(shown: dict[str, Any]) -> None:
    assert all(shown["warnings"][band] > 0 for band in ("low", "middle", "high"))
    by_rule = shown["warnings_by_rule"].values()
    assert sum(shown["warnings"].values()) == sum(sum(bands.values()) for bands in by_rule)


def test_nothing_is_left_behind(told: Told) -> None:
    assert _left_in(told.folder) == []


@contextmanager
def _demo_at(folder: Path, moment: str) -> "Iterator[subprocess.Popen[str]]":
    """A demo that has just told of a moment; killed at the end if it still runs."""
    demo = _started(folder)
    assert demo.stderr is not None
    try:
        while moment not in (line := demo.stderr.readline()):
            assert line, "the demo ended early"
        yield demo
    finally:
        demo.kill()
        demo.communicate(timeout=240)


@pytest.mark.parametrize(
    ("moment", "signum", "to_group"),
    [
        ("events applied", signal.SIGINT, True),
        ("events applied", signal.SIGINT, False),
        ("events applied", signal.SIGTERM, False),
        ("Starting Kafka", signal.SIGTERM, False),
    ],
)
def test_a_signal_in_the_middle_leaves_nothing(
    tmp_path: Path, moment: str, signum: signal.Signals, *, to_group: bool
) -> None:
    for _ in range(3):
        with _demo_at(tmp_path, moment) as demo:
            (os.killpg if to_group else os.kill)(demo.pid, signum)
            out, errors = demo.communicate(timeout=240)
        if demo.returncode:
            break  # else it was done before the signal came, as on a busy machine
    assert demo.returncode == 128 + signum
    assert out == ""
    assert "Traceback" not in errors
    assert _stays_in(tmp_path) == []


def test_a_killed_demo_takes_its_worker_and_stack_along(tmp_path: Path) -> None:
    with _demo_at(tmp_path, "events applied"):
        assert any("ebbwatch.cli worker" in command for command in _processes_of(tmp_path))
    assert _stays_in(tmp_path) == []


def _stays_in(folder: Path) -> list[str]:
    """What is left once the stack's warden, who comes after a demo cut short, had time."""
    deadline = time.monotonic() + 240
    while (left := _left_in(folder)) and time.monotonic() < deadline:
        time.sleep(0.2)
    return left


def _left_in(folder: Path) -> list[str]:
    return [*_processes_of(folder), *(str(path) for path in folder.iterdir())]


def _processes_of(folder: Path) -> list[str]:
    """Command lines of living processes whose temporary folder is the test's or in it."""
    temporary = f"TMPDIR={folder}".encode()
    return [
        _read(entry / "cmdline").replace(b"\0", b" ").decode(errors="replace")
        for entry in Path("/proc").glob("[0-9]*")
        if temporary in _read(entry / "environ")
    ]


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def test_the_demo_runs_on_any_parameter_file_such_as_a_limits(tmp_path: Path) -> None:
    base = read_document(None)
    rules = {
        **base["rules"],
        "silence": {**base["rules"]["silence"], "middle": 0.98, "high": 0.999},
        "newcomer": {
            "middle": 900,
            "high": 999,
            "hysteresis": 1,
            "points": 1,
        },  # or two in three warnings are theirs
    }
    limit = {**base, "name": "nbd", "purchase_model": NBD, "rules": rules}
    write_document(tmp_path / "nbd.json", limit)
    command = [*COMMAND, "--params", str(tmp_path / "nbd.json")]
    own = {**os.environ, "TMPDIR": str(tmp_path)}
    done = subprocess.run(
        command, env=own, capture_output=True, text=True, timeout=240, check=False
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["produced"] == found["applied"] == 69_659 + len(synthetic())
    assert found["dead_lettered"] == 0
    assert found["warnings_by_rule"]["silence"]["middle"] > 1_000
