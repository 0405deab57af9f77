"""Open cases by value at risk: pages of them, one of them, and how the routes stand."""

import asyncio
import time
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from ebbwatch.serve.queue.board import CaseBoard
from ebbwatch.serve.queue.columns import Columns
from ebbwatch.serve.queue.lines import STATES, CaseLine, RouteLine, day_of, number_of
from ebbwatch.serve.queue.waiting import why_all_wait, why_waits
from schemas import Route
from schemas.ids import case_id
from scoring.arrays import Bools, Ints
from scoring.warning.desk import ROUTES
from scoring.warning.desk.no_offers import REASONS

SIZE: Final = 50  # lines of a page
RESTS: Final = 10.0  # times as long as ranking took, until it is done again
QUEUED, TODAY = STATES.index("queued"), STATES.index("today")
SLOW: Final = 0.1  # seconds, below which it is done for whoever asks
CHOSEN_BY: Final = (
    *("case", "value", "route", "band", "officer", "progress", "is_snoozed", "is_holdout"),
    *("desk_case", "desk_status", "desk_route", "day", "opened"),
)
_WORDS: Final = ("currency", "rule", "band", "action", "kind", "route")


class ChosenCases(NamedTuple):
    """Which cases are to be shown; empty for any."""

    state: str = ""
    route: str = ""
    band: str = ""
    owner: str = ""
    customer: str = ""
    due: str = ""
    page: int = 1


@dataclass(frozen=True)
class CasePage:
    """Some cases by value at risk.

    Attributes:
        lines: the page's.
        routes: how each route stands.
        found: how many were chosen.
        all: how many are open.
        page: which it is, from 1.
        pages: of how many.
    """

    lines: tuple[CaseLine, ...]
    routes: tuple[RouteLine, ...]
    found: int
    all: int
    page: int
    pages: int


class _Ranked(NamedTuple):
    """Cases by value at risk, as of some news; each is where the others say.

    Attributes:
        news: day and count of what was heard.
        rows: places in the table.
        states: where they stand.
        places: in line for their route, from 1; 0 for those that do not wait.
        due: by which day they are to be answered, days since 1970; 0 for no day.
        of: what they are chosen by.
        waiting: how many wait for each route.
        least: where the least one is that went out today, by route.
    """

    news: tuple[int, int]
    rows: Ints
    states: Ints
    places: Ints
    due: Ints
    of: Columns
    waiting: dict[Route, int]
    least: dict[Route, int | None]


class CaseRanking:
    """Shows a board.

    Args:
        board: what is known.
    """

    def __init__(self, board: CaseBoard) -> None:
        self.board, self._rests = board, 0.0
        self._ranked: _Ranked | None = None
        self._one_by_one = asyncio.Lock()

    async def page(self, chosen: ChosenCases) -> CasePage:
        """Some of the cases."""
        ranked, table = await self._rank(), self.board.table
        of = ranked.states, ranked.places, ranked.due
        at = np.flatnonzero(self._is_chosen(ranked, chosen))
        pages = max(-(-at.size // SIZE), 1)
        page = min(max(chosen.page, 1), pages)
        lines = tuple(
            self._line(row, each + 1, *(int(told[each]) for told in of))
            for each in at[(page - 1) * SIZE : page * SIZE].tolist()
            if table.columns["case"][row := int(ranked.rows[each])]  # else it closed meanwhile
        )
        return CasePage(lines, await self.routes(), at.size, ranked.rows.size, page, pages)

    async def routes(self) -> tuple[RouteLine, ...]:
        """How each route stands."""
        ranked = await self._rank()
        return tuple(self._route(route, ranked) for route in ROUTES)

    def find(self, customer: str) -> CaseLine | None:
        """A customer's open case; None for none."""
        board, of = self.board, self.board.table.columns
        row = board.table.place(customer.encode())
        if row is None or not of["case"][row]:
            return None
        value, opened = of["value"][row], of["opened"][row]
        alike = of["value"] == value
        before = (of["value"] > value) | alike & (of["opened"] < opened)
        before[:row] |= (alike & (of["opened"] == opened))[:row]
        before &= of["case"] > 0
        own = {name: each[row : row + 1] for name, each in of.items()}
        states = board.states(own)
        (state,), (due,), place = states.tolist(), board.due(own, states).tolist(), 0
        if state == QUEUED:
            ahead = {name: each[before] for name, each in of.items() if name in CHOSEN_BY}
            line = self._is_of(ahead, of["desk_route"][row]) & (board.states(ahead) == QUEUED)
            place = 1 + int(line.sum())
        return self._line(row, 1 + int(before.sum()), state, place, due)

    def _route(self, route: Route, ranked: _Ranked) -> RouteLine:
        room, least = self.board.room(route), ranked.least[route]
        of = self.board.table.columns
        return RouteLine(
            route=route,
            capacity=room.table.capacity,
            taken=room.taken,
            waiting=ranked.waiting[route],
            least=None if least is None else float(of["value"][least]),
            currency="" if least is None else self.board.codes.word(of["currency"][least]),
            why=why_all_wait(self.board.desk, room, self.board.clock),
        )

    def _line(self, row: int, rank: int, state: int, place: int, due: int) -> CaseLine:
        board, word = self.board, self.board.codes.word
        own = {name: each[row] for name, each in board.table.columns.items()}
        customer = bytes(board.table.customers[row])
        is_own = own["desk_case"] == own["case"]
        is_out = is_own and own["day"] != 0
        free_from = day_of(int(own["free_from"])) if is_own and own["free_from"] else None
        route = next((r for r in ROUTES if is_own and r == word(own["desk_route"])), None)
        why = None
        if state == QUEUED and route is not None:
            why = why_waits(board.desk, board.room(route), board.clock, free_from)
        return CaseLine(
            rank=rank,
            customer=customer.decode(),
            case_id=case_id(customer, int(own["case"])),
            since=float(own["since"]),
            opened=float(own["opened"]),
            value=float(own["value"]),
            severity=float(own["severity"]),
            **{name: word(own[name]) for name in _WORDS},
            progress=word(own["progress"]) or "new",
            state=STATES[state],
            snoozed_until=float(own["snoozed"]) if own["is_snoozed"] else None,
            officer=word(own["officer"]) if is_out else "",
            day=day_of(int(own["day"])) if is_out else None,
            day_rank=int(own["rank"]) if is_out else 0,
            desk_route=route,
            place=place,
            why=why,
            free_from=free_from if why == "contact" else None,
            no_offers=tuple(
                each for bit, each in enumerate(REASONS) if is_own and own["no_offers"] >> bit & 1
            ),
            due=day_of(due) if due else None,
            is_overdue=bool(self._is_overdue(np.array(due))),
        )

    async def _rank(self) -> _Ranked:
        """Cases ranked as of now, or of some seconds ago where there are very many."""
        last, news = self._ranked, (self.board.today.toordinal(), self.board.news)
        if last is not None:
            rests = time.monotonic() < self._rests or self._one_by_one.locked()
            if rests or last.news == news:
                return last
        async with self._one_by_one:
            began = time.monotonic()
            ranked = await asyncio.to_thread(self._all_ranked, news)
            self._ranked, took = ranked, time.monotonic() - began
            self._rests = time.monotonic() + (RESTS * took if took > SLOW else 0.0)
            return ranked

    def _all_ranked(self, news: tuple[int, int]) -> _Ranked:
        table = self.board.table.columns
        opened = np.flatnonzero(table["case"])
        value, since = table["value"][opened], table["opened"][opened]
        rows = opened[np.lexsort((since, -value))]
        of = {name: table[name][rows] for name in CHOSEN_BY}
        states = self.board.states(of)
        places, waiting, least = np.zeros(len(rows), np.int64), {}, {}
        for route in ROUTES:
            is_of = self._is_of(of, self.board.codes.known(route))
            line, out = is_of & (states == QUEUED), rows[is_of & (states == TODAY)]
            waiting[route] = int(line.sum())
            places[line] = np.arange(1, waiting[route] + 1)
            least[route] = int(out[-1]) if out.size else None
        return _Ranked(news, rows, states, places, self.board.due(of, states), of, waiting, least)

    def _is_overdue(self, due: Ints) -> Bools:
        """Whether the day by which a case is to be answered is over."""
        over: Bools = (due > 0) & (due < number_of(self.board.today))
        return over

    @staticmethod
    def _is_of(of: Columns, route: int) -> Bools:
        """Which cases are a route's at the desk."""
        return np.equal(of["desk_route"], route) & np.equal(of["desk_case"], of["case"])

    def _is_chosen(self, ranked: _Ranked, chosen: ChosenCases) -> Bools:
        known, of = self.board.codes.known, ranked.of
        found = np.ones(len(ranked.rows), bool)
        for name in ("route", "band"):
            word = getattr(chosen, name)
            if word:
                found &= of[name] == known(word)
        if chosen.state in STATES:
            found &= ranked.states == STATES.index(chosen.state)
        if chosen.owner:
            found &= (of["officer"] == known(chosen.owner)) & (of["desk_case"] == of["case"])
        if chosen.due == "overdue":
            found &= self._is_overdue(ranked.due)
        if chosen.customer:
            named = np.zeros(len(self.board.table.customers), bool)
            named[self.board.table.named(chosen.customer.encode())] = True
            found &= named[ranked.rows]
        return found
