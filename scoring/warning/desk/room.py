"""What a route can take on a day, and whom the next case goes to."""

from collections import Counter
from dataclasses import dataclass
from datetime import date

from schemas import Route
from scoring.warning.desk.moving import is_there
from scoring.warning.desk.sections import RouteTable


@dataclass(frozen=True)
class Room:
    """A route's room on a day.

    Attributes:
        table: the route's rules.
        route: which.
        day: the desk's calendar day.
        given: how many were handed out, by day, route and officer.
    """

    table: RouteTable
    route: Route
    day: date
    given: Counter[tuple[date, Route, str | None]]

    @property
    def taken(self) -> int:
        """How many were handed out."""
        of_today = (n for (day, route, _), n in self.given.items() if (day, route) == self._which)
        return sum(of_today)

    @property
    def left(self) -> int:
        """How many more can be."""
        if self.table.is_closed(self.day):
            return 0
        room = max(self.table.capacity - self.taken, 0)
        return min(room, sum(self.officers.values())) if self.table.officer else room

    @property
    def officers(self) -> dict[str, int]:
        """How many more each officer can take, those who are there."""
        found = {}
        for name, officer in self.table.officer.items():
            if is_there(self.table, name, self.day):
                found[name] = max(officer.capacity - self.given[*self._which, name], 0)
        return found

    def next_officer(self, before: str | None) -> str | None:
        """Whom the next case goes to, None where the route names nobody.

        Args:
            before: who had the customer's last one, who has it again if there is room.
        """
        free = self.officers
        if before is not None and free.get(before):
            return before
        return min(free, key=lambda name: (-free[name], name), default=None)

    @property
    def _which(self) -> tuple[date, Route]:
        return self.day, self.route
