"""`ebbwatch worker`."""

import gc
import os
import signal
import threading
import time
from enum import StrEnum
from typing import Annotated, Any, Final

import typer

POLL: Final = 0.3  # seconds


class Mode(StrEnum):
    """Whether the clock follows the wall where all is applied."""

    LIVE = "live"
    REPLAY = "replay"


def worker(
    mode: Annotated[Mode | None, typer.Option(help="Overrides EBBWATCH_MODE.")] = None,
    partitions: Annotated[
        int | None, typer.Option(help="Overrides EBBWATCH_PARTITIONS; final for a store.")
    ] = None,
    metrics_port: Annotated[
        int | None, typer.Option(help="Overrides EBBWATCH_METRICS_PORT; 0 serves nothing.")
    ] = None,
    parent: Annotated[int | None, typer.Option(hidden=True)] = None,
) -> None:
    """Run one worker until it is stopped: events in, warnings out."""
    if parent is not None:
        end_with(parent)
    given = {
        "mode": mode and mode.value,
        "partitions": partitions,
        "metrics_port": metrics_port,
    }
    _run({name: value for name, value in given.items() if value is not None})


def end_with(parent: int) -> None:
    """End this process when the one that started it is gone, however that went.

    Args:
        parent: Its process id; it may be gone already.
    """
    threading.Thread(target=_watch, args=(parent,), daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(POLL)
    os.kill(os.getpid(), signal.SIGKILL)  # any moment is a good one: a crash loses nothing


def _run(given: dict[str, Any]) -> None:
    from streams.config import Settings

    settings = Settings(**given)  # a wrong one is told before the long imports
    gc.disable()  # what is imported stays: it is looked through for garbage in vain
    from streams.run import run

    gc.enable()
    run(settings)
