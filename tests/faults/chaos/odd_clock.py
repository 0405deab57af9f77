"""A worker whose wall clock is wrong by as many seconds as a file says: CLOCK is its path."""

import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from streams.config import Settings
from streams.run import run


def off_by(file: Path, right: Callable[[], float]) -> Callable[[], float]:
    """A clock that anybody may set."""

    def wall() -> float:
        with suppress(FileNotFoundError, ValueError):
            return right() + float(file.read_text())
        return right()

    return wall


if __name__ == "__main__":
    time.time = off_by(Path(os.environ["CLOCK"]), time.time)
    run(Settings())
