"""The demo on a terminal: stages, progress and the latest warnings, redrawn as it goes."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.padding import Padding
from rich.progress_bar import ProgressBar
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from ebbwatch.demo.listener import Warned
from ebbwatch.demo.progress import Reading
from ebbwatch.demo.report import BANDS, Report, by_band
from ebbwatch.demo.view.closing import BAND_STYLES, closing, grouped, standing_open
from streams.config import Settings

TITLE: Final = "A real purchase log, 18 months of it, through a real Kafka and a real Redis"
SHOWN: Final = 6  # latest warnings
NOTHING: Final = Reading(0, 0, 0, 0, 0.0)


@dataclass
class Stage:
    """A step of the demo and how long it took, seconds; None while it is under way."""

    name: str
    began: float
    seconds: float | None = None


class LiveView:
    """Implements `View` on a terminal.

    Args:
        console: the terminal.
        closing: whether to close with the summary; machines get theirs elsewhere.
    """

    def __init__(self, console: Console, *, closing: bool) -> None:
        self._console, self._closing = console, closing
        self._stages: list[Stage] = []
        self._progress, self._rate = NOTHING, 0.0
        self._warnings: list[Warned] = []
        self._spinner = Spinner("dots", style="cyan")
        self._live = Live(console=console, refresh_per_second=8, get_renderable=self._screen)

    def __enter__(self) -> Self:
        """Take the terminal."""
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Give it back."""
        self._end_stage()
        self._live.stop()

    def begin(self, stage: str) -> None:
        """See `View.begin`."""
        self._end_stage()
        self._stages.append(Stage(stage, time.monotonic()))

    def follow(self, progress: Reading, rate: float, warnings: list[Warned]) -> None:
        """See `Watcher.follow`."""
        self._progress, self._rate, self._warnings = progress, rate, warnings

    def finish(self, found: Report, settings: Settings, kept: Path | None) -> None:
        """See `View.finish`."""
        self._end_stage()
        self._live.stop()
        if self._closing:
            self._console.print(closing(found, settings, kept))

    def opened(self, address: str) -> None:
        """See `View.opened`."""
        self._console.print(Padding(standing_open(address), (0, 2, 1, 2)))

    def _end_stage(self) -> None:
        if self._stages and self._stages[-1].seconds is None:
            self._stages[-1].seconds = time.monotonic() - self._stages[-1].began

    def _screen(self) -> RenderableType:
        parts: list[RenderableType] = [_title(), Text(""), self._stage_list(), Text("")]
        if self._progress.total:
            parts += [_bar(self._progress), _figures(self._progress, self._rate), Text("")]
            parts += [_counts(self._warnings), Text(""), latest(self._warnings)]
        return Padding(Group(*parts), (1, 2, 0, 2))

    def _stage_list(self) -> Table:
        grid = Table.grid(padding=(0, 1))
        for stage in self._stages:
            grid.add_row(*self._stage(stage))
        return grid

    def _stage(self, stage: Stage) -> tuple[RenderableType, ...]:
        if stage.seconds is None:
            return self._spinner, Text(stage.name, style="bold"), Text("")
        return Text("✓", "green"), Text(stage.name), Text(f"{stage.seconds:5.1f} s", "dim")


def latest(warnings: list[Warned]) -> Table:
    """The last warning of every rule, newest first, with its reason."""
    raised = (w for w in warnings if w["lifecycle"] in ("raised", "escalated"))
    by_rule = {warning["rule"]: warning for warning in raised}
    newest = sorted(by_rule.values(), key=lambda w: w["event_time"], reverse=True)
    grid = Table.grid(padding=(0, 2, 0, 0), expand=True)
    for width in (10, 6, 17, None):
        grid.add_column(width=width, no_wrap=width is not None)
    for warning in newest[:SHOWN]:
        grid.add_row(*_told(warning))
    return grid


def _told(warning: Warned) -> tuple[Text, ...]:
    band = warning["band"]
    return (
        Text(warning["event_time"][:10], style="dim"),
        Text(band, style=BAND_STYLES[band]),
        Text(warning["customer_id"], style="bold"),
        Text(own_reason(warning)),
    )


def own_reason(warning: Warned) -> str:
    """What the warning's own rule says, in words.

    >>> reasons = [{"rule": "silence", "text": "Silent."}, {"rule": "overdue", "text": "Overdue."}]
    >>> own_reason({"rule": "overdue", "reasons": reasons})
    'Overdue.'
    """
    return next(str(r["text"]) for r in warning["reasons"] if r["rule"] == warning["rule"])


def _title() -> Text:
    return Text.assemble(("Ebbwatch", "bold cyan"), ("  " + TITLE, "dim"))


def _bar(progress: Reading) -> Table:
    grid = Table.grid(padding=(0, 2, 0, 0), expand=True)
    grid.add_column(width=10)
    grid.add_column(ratio=1)
    grid.add_column(width=5, justify="right")
    bar = ProgressBar(total=progress.total, completed=progress.stepped, complete_style="cyan")
    share = f"{progress.stepped / progress.total:.0%}"
    grid.add_row(Text(_day(progress.clock), style="bold"), bar, share)
    return grid


def _figures(progress: Reading, rate: float) -> Text:
    return Text.assemble(
        *_figure("events applied", progress.stepped),
        *_figure("events/s", rate),
        *_figure("customers", progress.customers),
        *_figure("lag", progress.lag),
        *_figure("outbox", progress.waiting),
    )


def _counts(warnings: list[Warned]) -> Text:
    counts = by_band(warnings)
    counted = [
        (f"{grouped(counts[band])} {band}   ", BAND_STYLES[band]) for band in reversed(BANDS)
    ]
    return Text.assemble(("Warnings   ", "bold"), *counted, ("the latest of each kind:", "dim"))


def _figure(name: str, value: float) -> tuple[tuple[str, str], tuple[str, str]]:
    return (grouped(value), "bold"), (f" {name}   ", "dim")


def _day(clock: float) -> str:
    return datetime.fromtimestamp(clock, UTC).date().isoformat() if clock else "waiting"
