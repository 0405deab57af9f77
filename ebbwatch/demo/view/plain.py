"""The demo without a terminal: a line now and then."""

import time
from pathlib import Path
from typing import Final, Self, TextIO

from rich.console import Console

from ebbwatch.demo.listener import Warned
from ebbwatch.demo.progress import Reading
from ebbwatch.demo.report import Report, by_band
from ebbwatch.demo.view.closing import closing, grouped
from streams.config import Settings

EVERY: Final = 1.0  # seconds between two lines of progress
WIDTH: Final = 100


class PlainView:
    """Implements `View` by lines.

    Args:
        out: where they go.
        closing: whether to close with the summary; machines get theirs elsewhere.
    """

    def __init__(self, out: TextIO, *, closing: bool) -> None:
        self._out, self._closing = out, closing
        self._began, self._told = time.monotonic(), 0.0

    def __enter__(self) -> Self:
        """Nothing to take."""
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing to give back."""

    def begin(self, stage: str) -> None:
        """See `View.begin`."""
        self._say(stage)

    def follow(self, progress: Reading, rate: float, warnings: list[Warned]) -> None:
        """See `Watcher.follow`."""
        now = time.monotonic()
        if now - self._told < EVERY and not progress.is_done:
            return
        self._told = now
        counts = ", ".join(f"{grouped(n)} {band}" for band, n in by_band(warnings).items())
        self._say(
            f"{grouped(progress.stepped)} of {grouped(progress.total)} events applied, "
            f"{grouped(rate)} events/s, {grouped(progress.customers)} customers; warnings: {counts}"
        )

    def finish(self, found: Report, settings: Settings, kept: Path | None) -> None:
        """See `View.finish`."""
        if self._closing:
            Console(file=self._out, width=WIDTH, highlight=False).print(
                closing(found, settings, kept)
            )

    def opened(self, address: str) -> None:
        """See `View.opened`."""
        self._say(f"The page on this data: {address} (Ctrl-C ends it)")

    def _say(self, line: str) -> None:
        self._out.write(f"{time.monotonic() - self._began:5.1f} s  {line}\n")
        self._out.flush()
