"""What the queue says of one case and of one route."""

from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

import numpy as np

from ebbwatch.serve.queue.columns import Columns
from schemas import Route
from scoring.arrays import Ints

State = Literal[
    "today", "earlier", "queued", "minor", "undecided", "answered", "snoozed", "holdout"
]
STATES: Final[tuple[State, ...]] = (
    "undecided",
    "minor",
    "queued",
    "earlier",
    "today",
    "answered",
    "holdout",
    "snoozed",
)
Why = Literal["contact", "quiet", "closed", "capacity", "absent", "officers", "soon"]
EPOCH: Final = date(1970, 1, 1).toordinal()


@dataclass(frozen=True)
class CaseLine:
    """An open case as the queue shows it. Instants are epoch seconds, amounts minor units.

    Attributes:
        rank: its place among all open cases by value at risk, from 1.
        customer: whose it is.
        case_id: as published.
        kind: retention or win_back.
        since: its last change.
        opened: when it was opened.
        value: at risk.
        severity: of the leading warning.
        currency: of both.
        rule: of the leading warning, "" for none.
        band: its own.
        action: the next best.
        route: whose it is.
        progress: the last thing that somebody did about it.
        state: where it stands.
        snoozed_until: when it comes back; None where it is not put off.
        officer: whom it was handed to, "" for nobody in particular.
        day: when it was handed out, None where it never was.
        day_rank: its place among that day's hand-outs of its route.
        desk_route: whose capacity it takes or waits for, None where the desk has not seen it.
        place: among those that wait for that, from 1; 0 where it does not wait.
        why: it waits; None where it does not.
        free_from: the first day on which the limit of contacts lets it out, None for any.
        no_offers: why nothing may be offered.
        due: by which day it is to be answered, None where nobody is to, or somebody has.
        is_overdue: whether that day is over.
    """

    rank: int
    customer: str
    case_id: str
    kind: str
    since: float
    opened: float
    value: float
    severity: float
    currency: str
    rule: str
    band: str
    action: str
    route: str
    progress: str
    state: State
    snoozed_until: float | None
    officer: str
    day: date | None
    day_rank: int
    desk_route: Route | None
    place: int
    why: Why | None
    free_from: date | None
    no_offers: tuple[str, ...]
    due: date | None
    is_overdue: bool


@dataclass(frozen=True)
class RouteLine:
    """How a route stands today.

    Attributes:
        route: which.
        capacity: cases of a business day.
        taken: handed out today.
        waiting: cases that wait for it.
        least: the least value at risk that went out today, minor units; None where none is open.
        currency: of that.
        why: what holds all of them back, None for nothing.
    """

    route: Route
    capacity: int
    taken: int
    waiting: int
    least: float | None
    currency: str
    why: Why | None


def states_of(of: Columns, today: int, is_out: int, waits: int, minor: int) -> Ints:
    """Where each case stands, as a place in `STATES`.

    Args:
        of: columns of the table, shape (n,) each.
        today: the desk's day since 1970.
        is_out: code of the assignment's status handed_out.
        waits: likewise of queued.
        minor: likewise of minor.
    """
    own = of["desk_case"] == of["case"]
    out = own & (of["desk_status"] == is_out)
    chosen = (
        (of["is_snoozed"], "snoozed"),
        (of["is_holdout"], "holdout"),
        (of["progress"] > 0, "answered"),
        (out & (of["day"] == today), "today"),
        (out, "earlier"),
        (own & (of["desk_status"] == waits), "queued"),
        (own & (of["desk_status"] == minor), "minor"),
    )
    places = [STATES.index(name) for _, name in chosen]
    return np.select([mask for mask, _ in chosen], places, STATES.index("undecided"))


def day_of(number: int) -> date:
    """The calendar day of a number of days since 1970."""
    return date.fromordinal(EPOCH + number)


def number_of(day: date) -> int:
    """The other way round."""
    return day.toordinal() - EPOCH
