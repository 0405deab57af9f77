"""What a view shows, made ready for its template."""

import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import numpy as np

from ebbwatch.serve.pages import charts
from ebbwatch.serve.pages.wording import Wording
from ebbwatch.serve.portfolio import AliveCurve, Overview, alive_curve
from ebbwatch.serve.queue import CaseFeed, HistoryFeed
from schemas.outputs.now import CustomerNow, OpenWarning
from scoring.feature import Feature
from scoring.features import features
from scoring.warning.desk import ROUTES
from streams.outbox.messages import Messages
from streams.outbox.parts import BANDS
from streams.tools.customers.finding import Held, told

SHADES: Final = 6  # of the RFM map
CLASSES: Final = ("lifecycle", "value_tier", "standing", "loyalty")


@dataclass(frozen=True)
class Habit:
    """What a customer does a month: usually, and lately, with how much of a decline is proven."""

    name: str
    then: float
    now: float
    proven: float
    is_money: bool = False


@dataclass(frozen=True)
class Sheet:
    """All that the view of a customer shows.

    Attributes:
        found: what is known of them.
        curve: P(alive) then, now and on; None before the first purchase.
        habits: short against long.
    """

    found: CustomerNow
    curve: AliveCurve | None
    habits: tuple[Habit, ...]


def sheet(held: Held, messages: Messages) -> Sheet:
    """Work out a customer's view, which takes some tens of milliseconds."""
    whole = told([held], messages, with_clearing=True)
    own = features(held.states, np.array([held.now]), messages.model)[:, 0].tolist()
    return Sheet(whole[0], alive_curve(held.states, held.now, messages.model), _habits(own))


def _habits(own: list[float]) -> tuple[Habit, ...]:
    return tuple(
        Habit(
            name.lower(),
            own[Feature[f"{name}_THEN"]],
            own[Feature[f"{name}_NOW"]],
            own[Feature[f"{name}_DECLINE"]],
            is_money=name == "SPEND",
        )
        for name in ("SPEND", "USE", "VISITS")
    )


def customer_view(shown: Sheet, words: Wording) -> dict[str, Any]:
    """Names of the customer's template."""
    found, curve = shown.found, shown.curve
    return {
        "found": found,
        "warnings": sorted(found.warnings, key=_gravest),
        "score": found.score,
        "then": _then(found),
        "habits": shown.habits,
        "points": charts.points_rows(found, words),
        "curve": curve,
        "alive": None if curve is None else charts.alive_chart(curve, words),
        "first_known": None if curve is None else charts.day(float(curve.times[0])),
        "highest": max((w.band for w in found.warnings), key=BANDS.index, default=""),
    }


def _then(found: CustomerNow) -> str:
    """An instant to look back at: behind the raise of the gravest warning, or the last event."""
    raised = [
        warning.since + timedelta(minutes=1) for warning in sorted(found.warnings, key=_gravest)
    ]
    return f"{[*raised, found.facts.last_event][0]:%Y-%m-%dT%H:%MZ}"


def _gravest(warning: OpenWarning) -> tuple[int, float]:
    return -BANDS.index(warning.band), -(warning.severity or 0.0)


def portfolio_view(overview: Overview, words: Wording) -> dict[str, Any]:
    """Names of the portfolio's template."""
    cells = [count for row in overview.rfm for count in row]
    return {
        "overview": overview,
        "age": max(time.time() - overview.at, 0.0),
        "clv": charts.clv_chart(overview, words),
        "lorenz": charts.lorenz_chart(overview),
        "rfm": _rfm(overview, max(cells, default=0)),
        "rules": sorted({rule for (rule, _), count in overview.warnings.items() if count}),
        "routes": sorted({route for (route, _), count in overview.warned.items() if count}),
    }


def today_view(feed: CaseFeed, past: HistoryFeed) -> dict[str, Any] | None:
    """What the portfolio's template says of the desk's day; None before all is known."""
    if feed.cases is None or past.raised is None:
        return None
    board = feed.cases.board
    return {
        "day": board.today,
        "zone": board.desk.calendar.zone,
        "rooms": [board.room(route) for route in ROUTES],
        "raised": past.raised.on(board.today, board.desk.calendar),
        "since": feed.heard if feed.is_away else None,
    }


def _rfm(overview: Overview, most: int) -> list[list[tuple[int, int, int, float, int]]]:
    """Recency, frequency, customers, value and shade of each cell, the best recency on top."""
    return [
        [
            (r + 1, f + 1, count, value, 0 if not count else 1 + (SHADES - 1) * count // most)
            for f, (count, value) in enumerate(
                zip(overview.rfm[r], overview.rfm_value[r], strict=True)
            )
        ]
        for r in reversed(range(len(overview.rfm)))
    ]
