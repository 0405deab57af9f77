"""Logs laid down on disk, to be read again one by one."""

from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import polars as pl

from scoring.step.replay import EventLog


def spooled(logs: Iterable[EventLog], folder: Path) -> list[Callable[[], EventLog]]:
    """Write logs into a folder as they come; return what reads each of them again."""
    return [_Spooled(log, folder / f"{number:06d}") for number, log in enumerate(logs)]


class _Spooled:
    """One log."""

    def __init__(self, log: EventLog, path: Path) -> None:
        self._path = path
        customers = pl.Series("customer", log.customers, dtype=pl.Binary)
        pl.DataFrame([customers]).write_ipc(path.with_suffix(".ids"), compression="lz4")
        np.save(path.with_suffix(".rows.npy"), log.rows.astype(np.uint32))
        np.save(path.with_suffix(".events.npy"), log.events)

    def __call__(self) -> EventLog:
        customers = pl.read_ipc(self._path.with_suffix(".ids"))["customer"]
        rows = np.load(self._path.with_suffix(".rows.npy")).astype(np.int64)
        return EventLog(customers.to_list(), rows, np.load(self._path.with_suffix(".events.npy")))
