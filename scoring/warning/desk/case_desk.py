"""All cases at the desk, and how room is dealt out among them."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Final

import numpy as np

from schemas import Route
from schemas.outputs.cases import CustomerCase
from schemas.outputs.desk import DeskAssignment, HandOut
from scoring.facts.calendar import BookCalendar
from scoring.rules.making import quiet_of
from scoring.rules.quiet import Quiet
from scoring.warning.desk.moving import Move, is_there, may_move, moved
from scoring.warning.desk.no_offers import Listed
from scoring.warning.desk.room import Room
from scoring.warning.desk.sections import DeskRules
from scoring.warning.desk.standing import PUT_OFF, Moment, handed, standing, within

ROUTES: Final[tuple[Route, ...]] = ("risk", "relationship")


@dataclass
class CaseDesk:
    """What the desk knows: every customer's last assignment, and cases that are news.

    The same assignments, cases and clock give the same decisions, whatever order cases of different
    customers come in. A desk that is told its own assignments again, and all cases, goes on where
    it was.

    Attributes:
        rules: the desk's.
        calendar: its time zone.
        no_offers: the bank's own list of whom nothing may be offered.
        handed_out: how many cases this desk has handed out, by route.
        refused: moves to whom is no officer of the route, or was absent, since it was last emptied.
    """

    rules: DeskRules
    calendar: BookCalendar
    no_offers: Listed = field(default_factory=dict)
    handed_out: Counter[Route] = field(default_factory=Counter)
    refused: list[Move] = field(default_factory=list)
    _moves: dict[str, Move] = field(default_factory=dict)
    _assignments: dict[str, DeskAssignment] = field(default_factory=dict)
    _news: dict[str, CustomerCase] = field(default_factory=dict)
    _waiting: dict[Route, set[str]] = field(
        default_factory=lambda: {each: set() for each in ROUTES}
    )
    _given: Counter[tuple[date, Route, str | None]] = field(default_factory=Counter)
    _pruned: date = date.min
    _looked: tuple[date, bool] | None = None

    def hear(self, case: CustomerCase) -> None:
        """Take a case as it was last told; what follows is decided later."""
        self._news[case.customer_id] = case

    def move(self, move: Move) -> None:
        """Take somebody's word that a case goes to another officer; a later one replaces it."""
        self._moves[move.customer] = move

    def recall(self, assignment: DeskAssignment) -> None:
        """Take a customer's last assignment, decided before."""
        self.forget(assignment.customer_id, news=False)
        self._assignments[assignment.customer_id] = assignment
        if assignment.status == "queued":
            self._waiting[assignment.route].add(assignment.customer_id)
        for each in assignment.lately:
            self._given[each.day, each.route, each.officer] += 1

    def forget(self, customer: str, *, news: bool = True) -> bool:
        """Let go of all that is known of a customer; tell whether an assignment was.

        Args:
            customer: whose.
            news: whether of what they were last told of as well.
        """
        if news:
            self._news.pop(customer, None)
            self._moves.pop(customer, None)
        known = self._assignments.pop(customer, None)
        if known is None:
            return False
        self._waiting[known.route].discard(customer)
        for each in known.lately:
            self._given[each.day, each.route, each.officer] -= 1
        return True

    def decide(self, at: datetime) -> list[DeskAssignment]:
        """Bring every assignment to where news and clock put it; what is returned was decided.

        Args:
            at: the instant, aware.

        Returns:
            What is to be told, in order.
        """
        now, is_quiet = self.moment(at), self.is_quiet(at)
        if not (self._news or self._moves) and self._looked == (now.day, is_quiet):
            return []  # room, contacts and absences are a day's
        self._looked = now.day, is_quiet
        told: list[DeskAssignment] = []
        for customer in sorted(self._news):
            before = self._assignments.get(customer)
            case = self._news[customer]
            told += self._decided(standing(case, before, self.rules, now, self.no_offers))
        self._news.clear()
        told += self._decided(self._moved(now))
        if not is_quiet:
            for route in ROUTES:
                told += self._decided(self._handed_out(route, now))
        self._prune(now.day)
        return told

    def moment(self, at: datetime) -> Moment:
        """An instant with its calendar day at the desk."""
        (day,) = self.calendar.day(np.array([at.timestamp()])).tolist()
        return Moment(at.astimezone(UTC), date.fromordinal(date(1970, 1, 1).toordinal() + day))

    def is_quiet(self, at: datetime) -> bool:
        """Whether nothing is handed out at an instant."""
        quiet = quiet_of(self.rules.quiet) or Quiet()
        return bool(quiet.holds(np.array([at.timestamp()]), self.calendar)[0])

    def room(self, route: Route, day: date) -> Room:
        """What a route can take on a day still."""
        return Room(self.rules.route.of(route), route, day, self._given)

    def waiting(self, route: Route) -> list[DeskAssignment]:
        """Who waits for a route, the most value at risk first."""
        queued = (self._assignments[customer] for customer in self._waiting[route])
        return sorted(queued, key=lambda a: (-a.value_at_risk, a.opened_at, a.case_id))

    def all_of(self, status: str) -> list[DeskAssignment]:
        """Assignments of a status, in no order."""
        return [each for each in self._assignments.values() if each.status == status]

    @property
    def customers(self) -> frozenset[str]:
        """Whose assignments are known."""
        return frozenset(self._assignments)

    def _decided(self, told: Iterable[DeskAssignment]) -> Iterator[DeskAssignment]:
        for assignment in told:
            self.recall(assignment)
            yield assignment

    def _moved(self, now: Moment) -> Iterator[DeskAssignment]:
        """What goes from one officer to another, in the order of customers."""
        for _, move in sorted(self._moves.items()):
            before, day = self._assignments.get(move.customer), self.moment(move.at).day
            if before is None or not may_move(before, move, day):
                continue
            if is_there(self.rules.route.of(before.route), move.officer, day):
                yield moved(before, move, now.at)
            else:
                self.refused.append(move)
        self._moves.clear()

    def _handed_out(self, route: Route, now: Moment) -> Iterator[DeskAssignment]:
        room = self.room(route, now.day)
        if not room.left:
            return
        for waits in self.waiting(route):
            lately = within(waits.lately, self.rules.contact, now.day)
            is_today = any(each.day == now.day for each in lately)
            if is_today or len(lately) >= self.rules.contact.hand_outs:
                continue
            officer = room.next_officer(lately[-1].officer if lately else None)
            place = HandOut(
                case_id=waits.case_id,
                at=now.at,
                day=now.day,
                route=route,
                rank=room.taken + 1,
                officer=officer,
            )
            self.handed_out[route] += 1
            yield handed(waits.model_copy(update={"lately": lately}), place, now)
            if not room.left:  # once that one is counted
                return

    def _prune(self, day: date) -> None:
        """Once a day, let go of whom nothing is left to do about and no limit counts."""
        if day <= self._pruned:
            return
        self._pruned = day
        self._given = +self._given
        for each in self.all_of("withdrawn"):
            if each.withdrawn_by not in PUT_OFF and not within(
                each.lately, self.rules.contact, day
            ):
                self.forget(each.customer_id)
