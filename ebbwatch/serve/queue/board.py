"""What is kept of open cases and of what the desk has made of each."""

import time
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import Final, Literal

import numpy as np

from ebbwatch.serve.queue.columns import OF_CASE, CaseTable, Codes, Columns
from ebbwatch.serve.queue.lines import STATES, CaseLine, day_of, number_of, states_of
from schemas import Route
from schemas.ids import names
from schemas.outputs.cases import CustomerCase
from schemas.outputs.desk import DeskAssignment
from scoring.arrays import Ints
from scoring.warning.desk import ROUTES, CaseDesk, due_day
from scoring.warning.desk.no_offers import REASONS
from scoring.warning.desk.room import Room

OUT: Final = [STATES.index(each) for each in ("today", "earlier")]
TO_ANSWER: Final = [*OUT, *(STATES.index(each) for each in ("undecided", "queued"))]
_BANDS: Final[tuple[Literal["middle", "high"], ...]] = ("middle", "high")


class CaseBoard:
    """Hears of cases and assignments, in any order between the two.

    Args:
        desk: its rules and its calendar; it decides nothing here.
        is_replay: whether the clock is that of the topics.

    Attributes:
        desk: as given.
        table: the open cases.
        codes: of the words in it.
        news: counts what was heard.
    """

    def __init__(self, desk: CaseDesk, *, is_replay: bool) -> None:
        self.desk, self.table, self.codes, self.news = desk, CaseTable(), Codes(), 0
        self._is_replay, self._latest = is_replay, 0.0
        self._statuses = [self.codes(each) for each in ("handed_out", "queued", "minor")]
        self._given: dict[str, tuple[date, Route, str | None]] = {}
        self._newest = date.min  # day of any hand-out

    def hear(self, case: CustomerCase) -> None:
        """Take a case as it was last told."""
        self._note(case.event_time)
        customer, number = case.customer_id.encode(), names(case.case_id).number
        if case.status == "closed":
            self._clear(customer, number, "case")
            return
        code = self.codes
        rule = next((w.rule for w in case.warnings if w.warning_id == case.leading), "")
        told = (
            number,
            case.event_time.timestamp(),
            case.opened_at.timestamp(),
            case.value_at_risk,
            case.severity,
            case.snoozed_until.timestamp() if case.snoozed_until else 0.0,
            *(code(each) for each in (rule, case.action, case.currency, case.route, case.band)),
            code(case.kind),
            0 if case.progress == "new" else code(case.progress),
            case.status == "snoozed",
            case.arm == "holdout",
        )
        self.table.put(customer, zip(OF_CASE, told, strict=True))

    def recall(self, told: DeskAssignment) -> None:
        """Take a customer's last assignment."""
        self._note(told.event_time)
        customer, number = told.customer_id.encode(), names(told.case_id).number
        self._count(told)
        if told.status == "withdrawn":
            self._clear(customer, number, "desk_case")
            return
        out = told.handed_out
        own = {
            "desk_case": number,
            "desk_status": self.codes(told.status),
            "day": 0 if out is None else number_of(out.day),
            "rank": 0 if out is None else out.rank,
            "officer": self.codes("" if out is None else out.officer or ""),
            "desk_route": self.codes(told.route),
            "free_from": self._free_from(told),
            "no_offers": sum(1 << REASONS.index(each) for each in told.no_offers),
        }
        self.table.put(customer, own.items())

    def erase(self, customer: str) -> None:
        """Forget all that is known of a customer."""
        self.news += 1
        self._given.pop(customer, None)
        self.table.drop(customer.encode("utf-8", "replace"))

    @property
    def clock(self) -> datetime:
        """Now, as the desk has it."""
        return datetime.fromtimestamp(self._latest if self._is_replay else time.time(), UTC)

    @property
    def today(self) -> date:
        """The desk's calendar day now."""
        return self.desk.moment(self.clock).day

    @property
    def officers(self) -> list[str]:
        """Who is in the desk's file, and whom cases of the newest days were handed to."""
        named = {name for route in ROUTES for name in self.desk.rules.route.of(route).officer}
        return sorted(named | {officer for _, _, officer in self._given.values() if officer})

    def states(self, of: Columns) -> Ints:
        """Where cases stand today, as places in `lines.STATES`."""
        return states_of(of, number_of(self.today), *self._statuses)

    def due(self, of: Columns, states: Ints) -> Ints:
        """By which day cases are to be answered, days since 1970; 0 for those with no such day.

        Args:
            of: columns of the table, shape (n,) each.
            states: where they stand, likewise.
        """
        opened = self.desk.calendar.day(of["opened"])
        since = np.where(np.isin(states, OUT), of["day"], opened)
        is_own = of["desk_case"] == of["case"]
        routes = np.where(is_own, of["desk_route"], of["route"])
        waits, due = np.isin(states, TO_ANSWER), np.zeros(len(states), np.int64)
        for route, band in product(ROUTES, _BANDS):
            is_of = (routes == self.codes.known(route)) & (of["band"] == self.codes.known(band))
            rows = np.flatnonzero(waits & is_of)
            days, places = np.unique(since[rows], return_inverse=True)
            found = [due_day(self.desk.rules, route, band, day_of(day)) for day in days.tolist()]
            numbers = [0 if day is None else number_of(day) for day in found]
            due[rows] = np.array(numbers, np.int64)[places]
        return due

    def takers(self, line: CaseLine) -> list[str]:
        """Officers of its route, there today, whom a case that is handed out may go to."""
        if line.day is None or line.desk_route is None:
            return []
        return sorted(name for name in self.room(line.desk_route).officers if name != line.officer)

    def room(self, route: Route) -> Room:
        """What a route can take today still."""
        given = Counter(self._given.values())
        return Room(self.desk.rules.route.of(route), route, self.today, given)

    def _note(self, at: datetime) -> None:
        self.news += 1
        self._latest = max(self._latest, at.timestamp())

    def _clear(self, customer: bytes, number: int, field: str) -> None:
        """Let go of a case or an assignment, unless it is of a later case already."""
        place = self.table.place(customer)
        if place is None:
            return
        columns = self.table.columns
        if columns[field][place] <= number:
            columns[field][place] = 0
        if not columns["case"][place] and not columns["desk_case"][place]:
            self.table.drop(customer)

    def _count(self, told: DeskAssignment) -> None:
        """Note a hand-out of the newest days, which a day's capacity counts whatever came of it."""
        self._given.pop(told.customer_id, None)
        if told.lately:
            last = told.lately[-1]
            if last.day > self._newest:
                self._newest = last.day
                kept = {who: each for who, each in self._given.items() if self._is_new(each[0])}
                self._given = kept
            if self._is_new(last.day):
                self._given[told.customer_id] = (last.day, last.route, last.officer)

    def _is_new(self, day: date) -> bool:
        return (self._newest - day).days <= 1

    def _free_from(self, told: DeskAssignment) -> int:
        """When the limit of contacts lets a customer out, 0 for always."""
        limit, lately = self.desk.rules.contact, told.lately
        free = [lately[-1].day + timedelta(days=1)] if lately else []
        if len(lately) >= limit.hand_outs:
            free.append(lately[-limit.hand_outs].day + timedelta(days=limit.days))
        return max(map(number_of, free), default=0)
