"""What long work tells of itself: on a terminal, in a log, to a machine."""

import os
import pty
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from ebbwatch.cli.output import progress, telling
from ebbwatch.cli.output.progress import WorkPace

CSI = "\x1b["


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(progress, "monotonic", made)
    return made


def test_how_far_how_fast_and_how_long_yet() -> None:
    clock = Clock()
    pace = WorkPace(clock)
    pace.take("Loading customers", 500, 2_000)  # a run that was stopped at 500
    clock.now = 4.0
    assert str(pace) == "Loading customers: 500 of 2,000, 4 s"
    pace.take("Loading customers", 700, 2_000)
    assert str(pace) == "Loading customers: 700 of 2,000, 50/s, 26 s left"
    clock.now = 10.0  # and nothing new
    assert str(pace) == "Loading customers: 700 of 2,000, 50/s, 20 s left"
    clock.now = 100.0  # far longer than it should
    assert str(pace).endswith(", 0 s left")
    pace.take("Fitting", 0, 0)
    clock.now = 165.0
    assert str(pace) == "Fitting: 1 min 5 s"
    pace.take("Reading rows", 100, 0)  # of how many is not known
    clock.now = 265.0
    pace.take("Reading rows", 105, 0)
    assert str(pace) == "Reading rows: 105, 3.0/min, 1 min 40 s"
    pace.take("Reading rows", 0, 10)  # anew, from the beginning
    assert str(pace) == "Reading rows: 0 of 10, 0 s"


def test_a_log_is_told_once_in_a_while_in_whole_lines_and_a_machine_nothing(
    clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    with telling() as say:
        for clock.now, done in ((0.0, 0), (59.0, 59), (61.0, 61), (100.0, 100), (121.0, 120)):
            say("Loading customers", done, 240)
    with telling(quiet=True) as say:
        clock.now = 1_000.0
        say("Loading customers", 200, 240)
    lines = (
        "Loading customers: 61 of 240, 1.0/s, 2 min 59 s left\n"
        "Loading customers: 120 of 240, 59.5/min, 2 min 1 s left\n"
    )
    assert capsys.readouterr() == ("", lines)


@pytest.mark.parametrize("terminal", ["xterm-256color", "dumb"])
def test_a_real_command_redraws_one_line_on_a_terminal_that_can(
    tmp_path: Path, terminal: str
) -> None:
    rows = "customer_id,event_time,amount\nann,1997-01-02,1.5\nann,1997-02-03,2\n"
    (tmp_path / "log.csv").write_text(rows, encoding="utf-8")
    ours, theirs = pty.openpty()
    words = ("features", "log.csv", "--at", "1997-12-01", "--out", "out.csv")
    done = subprocess.run(
        [sys.executable, "-m", "ebbwatch.cli", *words],
        cwd=tmp_path,
        env={**os.environ, "TERM": terminal},
        stdout=subprocess.PIPE,
        stderr=theirs,
        check=True,
    )
    os.set_blocking(ours, False)
    told = b"".join(iter(partial(_read, ours), b"")).decode()
    os.close(theirs)
    os.close(ours)
    assert done.stdout.startswith(b"out.csv: ")
    assert CSI.encode() not in done.stdout
    assert ("Replaying parts: 0 of 1, 0 s" in told) == (terminal != "dumb")
    assert (f"{CSI}2K" in told) == (terminal != "dumb")  # rubbed out in the end


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65_536)
    except BlockingIOError:
        return b""
