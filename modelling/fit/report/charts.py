"""Charts of how a purchase model's expectations did."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from markupsafe import Markup
from matplotlib.axes import Axes

from modelling.fit.ranges import Span, in_short
from modelling.fit.report.tracking import WEEK, Tracked
from modelling.report.drawing import EXACT, INK, LINE, MODEL, SOFT, draw, label, wholes
from scoring.arrays import Floats

DASHED: Final = (0, (5, 2.5))
BAR: Final = 0.38


def tracking(tracked: Tracked) -> Markup:
    """Repeat purchases week by week, and all so far."""

    def paint(weekly: Axes, total: Axes) -> None:
        end, expected, actual = tracked.weekly
        _pair(weekly, end / WEEK, expected, actual)
        _pair(total, tracked.days / WEEK, tracked.expected, tracked.actual)
        weekly.set_title("In each week")
        total.set_title("All so far")
        for axes in (weekly, total):
            _time(axes, tracked)
        _named(total, tracked)

    words = "Repeat purchases over time, actual and expected, in each week and in all"
    return draw("tracking", words, paint, height=320, panels=2)


def frequencies(spans: Sequence[Span], actual: Floats, expected: Floats) -> Markup:
    """Customers by ranges of repeat purchases in the fit's window."""

    def paint(axes: Axes) -> None:
        at = np.arange(len(actual))
        axes.bar(at - BAR / 2, actual, BAR * 0.94, color=INK, linewidth=0)
        axes.bar(at + BAR / 2, expected, BAR * 0.94, color=MODEL, linewidth=0)
        _bins(axes, spans, "Repeat purchase days in the fit's window")
        axes.set_ylabel("Customers")
        higher = np.maximum(actual, expected)
        axes.set_ylim(0.0, 1.1 * higher.max())
        wholes(axes.yaxis)
        highest = int(np.argmax(higher))
        label(axes, highest, higher.max(), "actual", INK, offset=(-4, 9), ha="right")
        label(axes, highest, higher.max(), "expected", MODEL, offset=(4, 9))

    return draw("frequencies", "Customers by repeat purchases, actual and expected", paint)


def conditional(bins: Sequence[Mapping[str, Any]]) -> Markup:
    """Mean purchases in the holdout by frequency in the fit's window."""

    def paint(axes: Axes) -> None:
        at = np.arange(len(bins))
        actual, expected = ([one[name] for one in bins] for name in ("actual", "expected"))
        axes.plot(at, actual, color=INK, marker="o", markersize=5)
        axes.plot(at, expected, color=MODEL, linestyle=DASHED, marker="o", markersize=5)
        spans = [(one["frequency"], one["most"]) for one in bins]
        _bins(axes, spans, "Repeat purchase days before")
        axes.set_ylabel("Purchases in the holdout, mean")
        axes.set_ylim(bottom=0.0)
        axes.yaxis.set_major_formatter(EXACT)
        _apart(axes, float(at[-1]), (actual[-1], "actual", INK), (expected[-1], "expected", MODEL))

    return draw("conditional", "Holdout purchases by frequency, actual and expected", paint)


def _pair(axes: Axes, at: Floats, expected: Floats, actual: Floats) -> None:
    axes.plot(at, actual, color=INK, linewidth=1.6)
    axes.plot(at, expected, color=MODEL, linestyle=DASHED)
    axes.set_ylim(0.0, 1.08 * max(float(max(actual.max(), expected.max())), 1.0))


def _time(axes: Axes, tracked: Tracked) -> None:
    axes.set_xlabel("Weeks since the first purchase")
    axes.set_xlim(0.0, tracked.days[-1] / WEEK)
    wholes(axes.xaxis)
    wholes(axes.yaxis, most=5)
    if tracked.fitted < tracked.days[-1]:
        axes.axvline(tracked.fitted / WEEK, color=SOFT, linewidth=0.9)
        top = axes.get_ylim()[1]
        label(axes, tracked.fitted / WEEK, top, "holdout", SOFT, offset=(6, -6))
        label(axes, tracked.fitted / WEEK, top, "fitted", SOFT, offset=(-6, -6), ha="right")


def _named(axes: Axes, tracked: Tracked) -> None:
    end = float(tracked.days[-1] / WEEK)
    actual, expected = float(tracked.actual[-1]), float(tracked.expected[-1])
    _apart(axes, end, (actual, "actual", INK), (expected, "expected", MODEL))


def _apart(axes: Axes, x: float, *ends: tuple[float, str, str]) -> None:
    """Name lines at their ends, the higher one above."""
    high, low = sorted(ends, key=lambda end: -end[0])
    label(axes, x, high[0], high[1], high[2], offset=(7, 6))
    label(axes, x, low[0], low[1], low[2], offset=(7, -7))


def _bins(axes: Axes, spans: Sequence[Span], title: str) -> None:
    axes.set_xticks(range(len(spans)), [in_short(*span) for span in spans])
    axes.tick_params(axis="x", length=0)
    axes.set_xlabel(title)
    axes.spines["left"].set_color(LINE)
