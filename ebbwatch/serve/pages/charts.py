"""Where things stand in drawings: per cent of their width, so that text keeps its size anywhere.

Lines are drawn in a square of 100 by 100 that is stretched; all else is placed by per cents.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from ebbwatch.serve.pages.wording import Wording
from ebbwatch.serve.portfolio import AliveCurve, Overview
from schemas.outputs.now import CustomerNow

FULL = 100.0
ROOM = 27.0  # per cent that a date takes on a phone, and the space beside it


@dataclass(frozen=True)
class Tick:
    """A label on an axis: place in per cent, text, and which end of it stands there."""

    at: float
    text: str
    anchor: str = "middle"


@dataclass(frozen=True)
class AliveChart:
    """P(alive): the line, what lies below it, the foretold line, purchases and labels."""

    line: str
    area: str
    ahead: str
    now: float
    now_height: float
    purchases: tuple[float, ...]
    ticks: tuple[Tick, ...]


@dataclass(frozen=True)
class Bar:
    """A bar: place, width and height in per cent, and what it says."""

    at: float
    width: float
    height: float
    text: str


@dataclass(frozen=True)
class BarChart:
    """Bars beside each other, with the highest one's height in words."""

    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]
    top: str


@dataclass(frozen=True)
class LorenzChart:
    """The curve, and the height it has where the top fifth begins, in per cent from above."""

    line: str
    below: float


@dataclass(frozen=True)
class PointsRow:
    """A row of points: words, points, the bar's beginning and width in per cent, evidence."""

    words: str
    points: float
    start: float
    width: float
    evidence: str


def alive_chart(curve: AliveCurve, words: Wording) -> AliveChart:
    """Draw P(alive)."""
    begin, end = float(curve.times[0]), float(curve.ahead_times[-1])
    span = max(end - begin, 1.0)

    def across(times: Iterable[float]) -> list[float]:
        return [FULL * (time - begin) / span for time in times]

    x = across(curve.times.tolist())
    y = [FULL * (1.0 - p) for p in curve.p_alive.tolist()]
    line = _path(x, y)
    ahead = _path(
        across(curve.ahead_times.tolist()), [FULL * (1.0 - p) for p in curve.ahead.tolist()]
    )
    return AliveChart(
        line=line,
        area=f"{line}L{x[-1]:.2f},{FULL:.0f}L{x[0]:.2f},{FULL:.0f}Z",
        ahead=ahead,
        now=x[-1],
        now_height=y[-1],
        purchases=tuple(across(curve.purchases.tolist())),
        ticks=_dates(begin, end, x[-1], words("alive.now")),
    )


def _dates(begin: float, end: float, now: float, word: str) -> tuple[Tick, ...]:
    """Label the days of a time line, epoch seconds, as far as there is room; `now` in per cent."""
    places = [(0.0, "start", now >= ROOM), (now / 2, "middle", now >= 2.5 * ROOM)]
    places.append((FULL, "end", now <= FULL - 1.5 * ROOM))
    shown = [(at, anchor) for at, anchor, has_room in places if has_room]
    dated = [Tick(at, day(begin + (end - begin) * at / FULL), anchor) for at, anchor in shown]
    return (*dated, Tick(now, word, "start" if now < ROOM else "middle"))


def clv_chart(overview: Overview, words: Wording) -> BarChart | None:
    """Draw how lifetime value is spread; None where nobody bought."""
    if not overview.clv:
        return None
    most, n = max(count for _, count in overview.clv), len(overview.clv)
    bars = tuple(
        Bar(
            FULL * place / n,
            FULL * 0.9 / n,
            FULL * count / most,
            words("clv.bar", value=words.money(value), count=words.count(count)),
        )
        for place, (value, count) in enumerate(overview.clv)
    )
    marked = {0: "start", n // 2: "middle", n - 1: "end"} if n > 2 else {0: "start"}  # noqa: PLR2004
    ticks = tuple(
        Tick(_edge(place, n, anchor), words.short_money(overview.clv[place][0]), anchor)
        for place, anchor in marked.items()
    )
    return BarChart(bars, ticks, words.count(most))


def lorenz_chart(overview: Overview) -> LorenzChart | None:
    """Draw the Lorenz curve; None where there is nothing to share."""
    if not overview.lorenz or overview.pareto_share is None:
        return None
    people, value = zip(*overview.lorenz, strict=True)
    line = _path([FULL * p for p in people], [FULL * (1.0 - v) for v in value])
    return LorenzChart(line, FULL * overview.pareto_share)


def points_rows(found: CustomerNow, words: Wording) -> list[PointsRow]:
    """The points behind a risk, which add up."""
    parts = [(words("points.base"), found.base_points, "")]
    parts += [(words.named("rule", r.rule), r.points, r.text) for r in found.reasons]
    parts.append((words("points.other"), found.other_points, ""))
    told = [part for part in parts if abs(part[1]) >= 0.05]  # noqa: PLR2004 - shown as 0.0
    high = max((points for _, points, _ in told), default=0.0)
    low = min((points for _, points, _ in told), default=0.0)
    high, low = max(high, 0.0), min(low, 0.0)
    span = max(high - low, 1e-9)
    return [
        PointsRow(
            name,
            points,
            FULL * (min(points, 0.0) - low) / span,
            FULL * abs(points) / span,
            evidence,
        )
        for name, points, evidence in told
    ]


def share_of(value: float, values: Iterable[float]) -> float:
    """A value in per cent of the largest."""
    most = max(values, default=0.0)
    return FULL * max(value, 0.0) / most if most > 0.0 else 0.0


def _edge(place: int, n: int, anchor: str) -> float:
    return FULL * {"start": place, "middle": place + 0.5, "end": place + 1}[anchor] / n


def _path(x: Sequence[float], y: Sequence[float]) -> str:
    return "M" + "L".join(f"{a:.2f},{b:.2f}" for a, b in zip(x, y, strict=True))


def day(seconds: float) -> str:
    """Its calendar day of UTC."""
    return datetime.fromtimestamp(seconds, UTC).date().isoformat()
