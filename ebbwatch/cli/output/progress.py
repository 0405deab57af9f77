"""How far long work is, how fast it goes and how long it takes yet, on standard error."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Final

import typer
from rich.console import Console
from rich.live import Live
from rich.text import Text

EVERY: Final = 60.0  # seconds between lines in a log
A_SECOND: Final = 4  # times that a terminal's line is drawn anew
MINUTE, HOUR = 60, 3_600

Say = Callable[[str, int, int], None]  # what is done or counted, how much is done, of how much


class WorkPace:
    """What is being done; it begins anew with other words, or where less is done than before.

    >>> clock = iter([0.0, 0.0, 20.0, 21.0])
    >>> pace = WorkPace(lambda: next(clock))
    >>> pace.take("Loading customers", 0, 10_000)
    >>> pace.take("Loading customers", 2_000, 10_000)
    >>> str(pace)
    'Loading customers: 2,000 of 10,000, 100/s, 1 min 19 s left'
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._doing, self._first, self._done, self._of = "", 0, 0, 0
        self._began = self._latest = clock()

    def take(self, doing: str, done: int, of: int) -> None:
        """Take note of how far it is.

        Args:
            doing: what is done, or what of is counted.
            done: how much so far.
            of: how much in all, 0 if that is not known.
        """
        self._latest = self._clock()
        if doing != self._doing or done < self._done:
            self._doing, self._first, self._began = doing, done, self._latest
        self._done, self._of = done, of

    def __str__(self) -> str:
        """In a line: how far, how fast, and how long yet if that can be told, else since when."""
        now, gone = self._clock(), self._latest - self._began
        rate = (self._done - self._first) / gone if gone > 0.0 else 0.0
        count = f"{self._done:,} of {self._of:,}" if self._of else f"{self._done:,}"
        told = [count] if self._of or self._done else []
        if rate > 0.0:
            told.append(_rate(rate))
        if rate > 0.0 and self._of:
            left = (self._of - self._done) / rate - (now - self._latest)
            told.append(f"{_time(left)} left")
        else:
            told.append(_time(now - self._began))
        return f"{self._doing}: {', '.join(told)}"

    def __rich__(self) -> Text:
        """In one line, however narrow the terminal."""
        return Text(str(self), no_wrap=True, overflow="ellipsis") if self._doing else Text()


@contextmanager
def telling(*, quiet: bool = False) -> Iterator[Say]:
    """Tell how far work is, beside what a command prints: on a terminal in a line that is redrawn.

    In a log, or on a terminal that cannot redraw, it is told once in a while in lines of its own,
    and nothing of what is done sooner.

    Args:
        quiet: Tell nothing.

    Yields:
        To be called with what is done, and how far it is.
    """
    told, pace = Console(stderr=True, highlight=False), WorkPace(monotonic)
    if quiet:
        yield lambda *_: None
    elif told.is_terminal and not told.is_dumb_terminal:
        with Live(
            get_renderable=lambda: pace,
            console=told,
            refresh_per_second=A_SECOND,
            transient=True,
            # What is printed meanwhile stays above the line, and is piped where it is piped.
            redirect_stdout=sys.stdout.isatty(),
        ):
            yield pace.take
    else:
        yield _once_in_a_while(pace)


def _once_in_a_while(pace: WorkPace) -> Say:
    last = monotonic()

    def tell(doing: str, done: int, of: int) -> None:
        nonlocal last
        pace.take(doing, done, of)
        if monotonic() - last >= EVERY:
            last = monotonic()
            typer.echo(str(pace), err=True)

    return tell


def _rate(a_second: float) -> str:
    """As few figures as tell it.

    >>> _rate(12_345.6), _rate(3.21), _rate(0.05)
    ('12,346/s', '3.2/s', '3.0/min')
    """
    if a_second >= 1.0:
        return f"{a_second:,.0f}/s" if a_second >= 10.0 else f"{a_second:.1f}/s"  # noqa: PLR2004
    return f"{MINUTE * a_second:.1f}/min"


def _time(seconds: float) -> str:
    """As a person says it.

    >>> _time(42.4), _time(200.0), _time(7_500.0)
    ('42 s', '3 min 20 s', '2 h 5 min')
    """
    whole = max(round(seconds), 0)
    if whole < MINUTE:
        return f"{whole} s"
    if whole < HOUR:
        return f"{whole // MINUTE} min {whole % MINUTE} s"
    return f"{whole // HOUR} h {whole % HOUR // MINUTE} min"
