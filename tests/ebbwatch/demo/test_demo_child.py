import subprocess
import sys
from pathlib import Path

import pytest

from ebbwatch.demo.child import Child, DemoError, last_line


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "nothing in its log"),
        ("first\nlast\n\n", "last"),
        ('{"event": "ending", "error": "OSError()", "exception": "..."}\n', "ending OSError()"),
        ("7" * 400, "7" * 300),
    ],
)
def test_a_log_is_told_by_its_last_line(tmp_path: Path, text: str, told: str) -> None:
    log = tmp_path / "log"
    log.write_text(text)
    assert last_line(log) == told


def test_a_worker_that_ended_is_told_with_its_last_words(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("no more memory\n")
    process = subprocess.Popen([sys.executable, "-c", "raise SystemExit(70)"])
    process.wait(240)
    with pytest.raises(DemoError, match="exit code 70: no more memory"):
        Child(process, log).check()


def test_a_living_worker_is_ended(tmp_path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    child = Child(process, tmp_path / "log")
    child.check()
    child.end()
    assert process.poll() is not None
    child.end()
