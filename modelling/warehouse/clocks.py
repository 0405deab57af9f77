"""Times of a table as instants, and the days of the book they lie in, as the files' path has them.

A time without a zone is what the book's clocks showed: of an hour that they struck twice the first
is taken, a time that they skipped as much later as they did, which is a day after that time a day
before. Engines differ in both, so the query asks
each of its candidates what the clocks show then. How far clocks ever jumped is the zone's own.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import cache
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

from modelling.history.table.times import END, EPOCH, FIRST
from modelling.warehouse.dialects import Dialect, TimeType
from modelling.warehouse.stages import Stages, any_of, case, text

DAY: Final = 86_400_000_000
_FAR: Final = 1_000_000  # days, which make those before 1970 positive too
_WEEK: Final = timedelta(days=7)  # no zone changes its offset twice within one without a trace


def clock(dialect: Dialect, column: str, kind: TimeType) -> str:
    """Microseconds that a column tells, local ones unless it holds instants.

    The query fails, in words, where the column holds something else.
    """
    kinds = dialect.typed[kind]
    told = dialect.typeof.format(column)
    reads = (dialect.instant_us if kind == "instant" else dialect.naive_us).format(column)
    words = text(f"column of times: expected {' or '.join(kinds)} by --time-type {kind}, got ")
    return case([(f"{told} IN {any_of(kinds)}", reads)], dialect.fails.format(f"{words} || {told}"))


def place(stages: Stages, dialect: Dialect, column: str, zone: str) -> None:
    """Turn a column of local microseconds into one of instants, null where there is none."""
    back, skips = jumps(zone)
    placed, local = _in(dialect.placed_us, zone), _in(dialect.local_us, zone)
    at, before = f"{column}_at", f"{column}_before"
    stages.add(f"{column}_placed", {at: placed(column), before: placed(f"({column} - {DAY})")})
    earlier = [(f"{local(f'({at} - {size})')} = {column}", f"{at} - {size}") for size in back]
    stages.add(f"{column}_earliest", {f"{column}_first": case(earlier, at)})
    known = [(f"{local(f'{column}_first')} = {column}", f"{column}_first")] if skips else []
    skipped = f"{before} + {DAY}" if skips else f"{column}_first"
    stages.add(f"{column}_known", {f"{column}_us": case(known, skipped)})


def day(dialect: Dialect, instant: str, zone: str) -> str:
    """Days since 1970-01-01, by the book's calendar, of a column of instants."""
    shown = _in(dialect.local_us, zone)(instant)
    return f"({dialect.whole.format(f'({shown} + {_FAR * DAY})', str(DAY))} - {_FAR})"


def is_usable(instant: str) -> str:
    """Whether an instant lies in the years that events may be of."""
    return f"{instant} BETWEEN {FIRST} AND {END - 1}"


@cache
def jumps(zone: str) -> tuple[tuple[int, ...], bool]:
    """By how many microseconds a zone's clocks ever were put back, the most first; if ever on.

    >>> jumps("Europe/Zurich"), jumps("UTC")
    (((3600000000,), True), ((), False))
    """
    info, at = ZoneInfo(zone), EPOCH + timedelta(microseconds=FIRST)
    offsets = []
    while at < EPOCH + timedelta(microseconds=END):
        offset = at.astimezone(info).utcoffset() or timedelta()
        offsets.append(round(offset / timedelta(microseconds=1)))
        at += _WEEK
    steps = {after - before for before, after in pairwise(offsets)}
    back = sorted((-step for step in steps if step < 0), reverse=True)
    return tuple(back), any(step > 0 for step in steps)


def _in(template: str, zone: str) -> Callable[[str], str]:
    """A template of times with its zone filled in."""
    return lambda sql: template.format(sql, zone=zone)
