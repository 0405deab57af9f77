import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ebbwatch.stack import kill_redis, stop


def _processes_in(folder: Path) -> list[str]:
    """Command lines of the living processes that name the folder."""
    commands = [_command(entry) for entry in Path("/proc").glob("[0-9]*/cmdline")]
    return [command for command in commands if str(folder) in command]


def _command(entry: Path) -> str:
    try:
        return entry.read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""


def _left_in(folder: Path) -> list[str]:
    """Processes and files that are still there."""
    return _processes_in(folder) + [str(path) for path in folder.iterdir()]


def _gone_within(folder: Path, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while (left := _left_in(folder)) and time.monotonic() < deadline:
        time.sleep(0.1)
    return not left


_RUN_AND_SLEEP = """
import signal
import time
from ebbwatch.stack import running
signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job inherits it ignored
with running() as stack:
    print(stack.folder, flush=True)
    time.sleep(600)
"""


def _run_in(folder: Path) -> "subprocess.Popen[str]":
    """A Python process that runs a stack under the folder and then prints where."""
    command = [sys.executable, "-c", _RUN_AND_SLEEP]
    environment = {**os.environ, "TMPDIR": str(folder)}
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)


def _started_in(folder: Path) -> "subprocess.Popen[str]":
    child = _run_in(folder)
    assert child.stdout is not None
    assert Path(child.stdout.readline().strip()).parent == folder
    return child


@pytest.mark.integration
@pytest.mark.slow
def test_ctrl_c_leaves_nothing(tmp_path: Path) -> None:
    child = _started_in(tmp_path)
    child.send_signal(signal.SIGINT)
    child.wait(240)
    assert _left_in(tmp_path) == []


@pytest.mark.integration
@pytest.mark.slow
def test_nothing_is_left_when_the_parent_is_killed(tmp_path: Path) -> None:
    child = _started_in(tmp_path)
    assert len(_processes_in(tmp_path)) == 3  # kafka, redis and the warden
    child.kill()
    child.wait(240)
    assert _gone_within(tmp_path, 240)


@pytest.mark.integration
@pytest.mark.slow
def test_nothing_is_left_when_the_parent_is_killed_while_starting(tmp_path: Path) -> None:
    child = _run_in(tmp_path)
    while not any("kafka" in command for command in _processes_in(tmp_path)):
        time.sleep(0.02)
    child.kill()
    child.wait(240)
    assert _gone_within(tmp_path, 240)


def test_a_reused_process_identifier_is_never_signalled(tmp_path: Path) -> None:
    bystander = subprocess.Popen(["sleep", "600"])
    try:
        for name in ("kafka", "redis"):
            (tmp_path / name).mkdir()
            (tmp_path / name / "pid").write_text(str(bystander.pid))
        kill_redis(tmp_path)
        stop(tmp_path)
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()
