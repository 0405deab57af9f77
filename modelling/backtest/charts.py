"""Charts of a backtest's warnings."""

from collections.abc import Mapping, Sequence
from datetime import UTC
from math import ceil
from typing import Any, Final, NamedTuple

import numpy as np
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

from modelling.backtest.measures.performance import WEEK
from modelling.backtest.rivals.curves import CurvePoint, PlainCurve
from modelling.report.drawing import (
    EXACT,
    INK,
    LINE,
    MARK,
    MODEL,
    SOFT,
    draw,
    label,
    percents,
    wholes,
)
from scoring.arrays import DAY, Floats

HALF: Final = 0.5
TICKS: Final = 10  # of leads, at most
LEAST: Final = 0.052  # of an axis, between labels
PLAIN: Final = (
    (INK, "-"),
    (INK, (0, (5, 2.5))),
    (SOFT, (0, (1.5, 1.8))),
    (SOFT, (0, (6, 2, 1.5, 2))),
)


class Weekly(NamedTuple):
    """Warnings by week.

    Attributes:
        start, end: of the period, epoch seconds.
        middle, high: counts of each week, the last of which may be cut.
    """

    start: float
    end: float
    middle: Sequence[int]
    high: Sequence[int]


class Choice(NamedTuple):
    """What thresholds bring and cost: recall, precision and warnings a day."""

    name: str
    recall: float
    precision: float
    per_day: float


def warnings_a_day(weekly: Weekly) -> Markup:
    """Warnings a day, week by week."""

    def paint(axes: Axes) -> None:
        days = _days(weekly)
        at = weekly.start / DAY + WEEK * np.arange(len(days))  # as Matplotlib counts days
        middle, high = (np.array(counts) / days for counts in (weekly.middle, weekly.high))
        for rates, colour, wide in ((middle, MODEL, 0.92), (high, MARK, 0.46)):
            axes.bar(at + days / 2, rates, days * wide, color=colour, linewidth=0)
        top = 1.18 * max(float(middle.max()), float(high.max()), 1e-9)
        axes.set_ylim(0.0, top)
        axes.set_xlim(at[0], at[-1] + days[-1])
        _bands(axes, at[0], top)
        _dates(axes)
        axes.set_ylabel("Warnings a day")

    return draw("weekly", "Warnings a day, week by week, into both bands", paint)


def leads(edges: Sequence[float], counts: Sequence[int], median: float) -> Markup:
    """Lapses by how many days before the first right warning came."""

    def paint(axes: Axes) -> None:
        wide = edges[1] - edges[0]
        axes.bar(edges[:-1], counts, 0.94 * wide, color=MODEL, align="edge", linewidth=0)
        axes.set_xlim(edges[0], edges[-1])
        axes.set_ylim(0.0, 1.15 * max(counts))
        _lead_days(axes, edges[-1])
        axes.axvline(min(median, edges[-1]), color=INK, linewidth=1.0)
        side, shift = ("left", 6) if median < sum(edges[:: len(edges) - 1]) / 2 else ("right", -6)
        text = f"median {median:.0f} days"
        spot = (min(median, edges[-1]), axes.get_ylim()[1])
        label(axes, *spot, text, INK, offset=(shift, -2), ha=side, va="top")
        axes.set_xlabel("Days from the first right warning to the lapse")
        axes.set_ylabel("Lapses")
        wholes(axes.yaxis)

    return draw("leads", "Lapses by days of warning", paint)


def choices(own: Sequence[Choice]) -> Markup:
    """Settings by recall and precision."""

    def paint(axes: Axes) -> None:
        axes.grid(visible=True, axis="both")
        ranked = sorted(own, key=lambda choice: choice.precision)
        for choice, y in zip(ranked, apart([one.precision for one in ranked]), strict=True):
            axes.plot(choice.recall, choice.precision, color=MODEL, marker="o", markersize=7)
            text = f"{choice.name}: {choice.per_day:.2f} a day"
            side, shift = ("right", -10) if choice.recall > HALF else ("left", 10)
            label(axes, choice.recall, y, text, INK, offset=(shift, 0), ha=side)
        axes.set_xlim(0.0, 1.02)
        axes.set_ylim(0.0, 1.02)
        axes.set_xlabel("Recall")
        axes.set_ylabel("Precision")
        percents(axes.xaxis)
        percents(axes.yaxis)

    return draw("choices", "Precision and recall of settings", paint, height=400)


def worth(
    plain: Sequence[PlainCurve], own: Mapping[str, Sequence[CurvePoint]], early: float
) -> Markup:
    """Precision by mean lead, and warnings by the share of lapses caught early.

    Args:
        plain: plain rules over their figures, four at most.
        own: points by rule, of its thresholds.
        early: days before, for the words.
    """

    def paint(lead: Axes, cost: Axes) -> None:
        for curve, (colour, dashes) in zip(plain, PLAIN, strict=False):
            how: dict[str, Any] = {"color": colour, "linestyle": dashes, "linewidth": 1.5}
            lead.plot(*_by_lead(curve.points), label=curve.rule, **how)
            cost.plot(*_by_early(curve.points), **how)
        for (rule, points), colour in zip(own.items(), (MODEL, MARK, *[SOFT] * 16), strict=False):
            ranked = sorted(points, key=lambda one: one.at)
            how = {"color": colour, "marker": "o", "markersize": 6, "linewidth": 1.0}
            lead.plot(*_by_lead(ranked), label=rule.replace("_", " "), **how)
            cost.plot(*_by_early(ranked), **how)
        _axes_of_worth(lead, cost, early)

    words = "Precision by mean lead, and warnings by lapses caught early"
    return draw("worth", words, paint, height=400, panels=2)


def _lead_days(axes: Axes, most: float) -> None:
    """Ticks at whole days, ten at most, and at the last, from which the last bar is open."""
    step = ceil(most / TICKS)
    days = [*np.arange(0.0, most - step / 2, step).tolist(), most]
    axes.set_xticks(days, [EXACT.format(x=day) for day in days[:-1]] + [f"{EXACT.format(x=most)}+"])


def _by_lead(points: Sequence[CurvePoint]) -> tuple[list[float], list[float]]:
    shown = [one for one in points if one.precision is not None and one.mean_lead_days]
    return [one.mean_lead_days or 0.0 for one in shown], [one.precision or 0.0 for one in shown]


def _by_early(points: Sequence[CurvePoint]) -> tuple[list[float], list[float]]:
    shown = [one for one in points if one.early]
    return [one.early or 0.0 for one in shown], [one.warnings for one in shown]


def _axes_of_worth(lead: Axes, cost: Axes, early: float) -> None:
    for axes in (lead, cost):
        axes.set_ylim(bottom=0.0)
        axes.set_xlim(left=0.0)
    lead.set_xlabel("Mean lead, days")
    lead.set_ylabel("Precision")
    percents(lead.yaxis)
    cost.set_xlabel(f"Lapses caught {early:g} days early or more")
    cost.set_ylabel("Warnings")
    percents(cost.xaxis)
    cost.set_ylim(top=max(cost.get_ylim()[1], 1.0))
    wholes(lead.xaxis)
    wholes(cost.yaxis)
    lead.legend(frameon=False, fontsize=10.5, labelcolor=SOFT)


def apart(heights: Sequence[float], least: float = LEAST) -> list[float]:
    """Rising heights of labels, moved up so far that none covers another.

    >>> apart([0.1, 0.11, 0.5], 0.05)
    [0.1, 0.15000000000000002, 0.5]
    """
    moved: list[float] = []
    for height in heights:
        moved.append(max(height, moved[-1] + least) if moved else height)
    return moved


def _days(weekly: Weekly) -> Floats:
    """Days of each week, the last one's fewer where the period cuts it."""
    days = np.full(len(weekly.middle), WEEK)
    days[-1] = (weekly.end - weekly.start) / DAY - WEEK * (len(days) - 1)
    return days


def _bands(axes: Axes, x: float, top: float) -> None:
    label(axes, x, top, "into middle or above", MODEL, offset=(7, -6))
    label(axes, x, top, "into high", MARK, offset=(7, -23))


def _dates(axes: Axes) -> None:
    locator = AutoDateLocator(tz=UTC, minticks=3, maxticks=9)  # type: ignore[no-untyped-call]
    formatter = ConciseDateFormatter(locator, tz=UTC, show_offset=False)  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(formatter)
    axes.spines["left"].set_color(LINE)
