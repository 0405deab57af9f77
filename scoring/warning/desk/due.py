"""By which day a case is to be answered."""

from datetime import date, timedelta
from itertools import islice
from typing import Final, Literal

from schemas import Route
from scoring.warning.desk.sections import DeskRules

LONGEST: Final = 3_660  # calendar days that are looked through for working days


def due_day(
    rules: DeskRules, route: Route, band: Literal["middle", "high"], since: date
) -> date | None:
    """By which day a case is to be answered.

    Args:
        rules: the desk's.
        route: on whose calendar working days are counted.
        band: the case's.
        since: the desk's day on which it was handed out, or opened while it was not.

    Returns:
        The working day that is as many after `since` as the rules say; with 0 the first from
        `since` on; None where a route that is closed for years has none.

    >>> from scoring.warning.desk import desk_rules
    >>> due_day(desk_rules(b"due.middle = 2"), "risk", "middle", date(2026, 3, 6))
    datetime.date(2026, 3, 10)
    """
    table = rules.route.of(route)
    within = rules.due.high if band == "high" else rules.due.middle
    ahead = (since + timedelta(days=each) for each in range(min(within, 1), LONGEST))
    working = (day for day in ahead if not table.is_closed(day))
    return next(islice(working, max(within - 1, 0), None), None)
