"""Charts of what thresholds bring and cost."""

from collections.abc import Callable, Sequence
from typing import Final

from markupsafe import Markup
from matplotlib.axes import Axes

from modelling.report.drawing import EXACT, INK, MARK, MODEL, SOFT, draw, label, percents
from modelling.thresholds.choosing import ThresholdChoice

FEW: Final = 2  # points, below which there is no line to draw


def shares(tried: Sequence[ThresholdChoice], chosen: float | None) -> Markup:
    """Precision and recall, and beside them warnings a day, against the threshold."""

    def paint(left: Axes, right: Axes) -> None:
        _line(left, tried, lambda one: one.precision, MODEL, "precision", chosen)
        _line(left, tried, lambda one: one.recall, SOFT, "recall", None)
        left.set_ylim(0.0, 1.05)
        percents(left.yaxis)
        _line(right, tried, lambda one: one.warnings_per_day, MODEL, "", chosen)
        right.set_ylim(bottom=0.0)
        right.set_ylabel("Warnings a day")
        for axes in (left, right):
            _across(axes)

    words = "Precision, recall and warnings a day against the threshold"
    return draw("threshold-shares", words, paint, height=320, panels=2)


def profits(tried: Sequence[ThresholdChoice], chosen: float | None, unit: float) -> Markup:
    """Expected profit a day against the threshold, in `unit` minor units."""

    def paint(axes: Axes) -> None:
        axes.axhline(0.0, color=INK, linewidth=0.9)
        profit = [(one.profit or 0.0) / unit for one in tried]
        axes.plot([one.threshold for one in tried], profit, color=MODEL, marker="o", markersize=4)
        best = max(profit)
        # What a low threshold loses is told by the table; the chart is of what can be gained.
        axes.set_ylim(bottom=max(min(profit), -2.0 * max(abs(best), 1e-9)))
        if chosen is not None:
            axes.axvline(chosen, color=MARK, linewidth=1.0)
        _across(axes)
        axes.set_ylabel("Expected profit a day")
        axes.yaxis.set_major_formatter(EXACT)

    return draw("threshold-profits", "Expected profit a day against the threshold", paint)


def _line(
    axes: Axes,
    tried: Sequence[ThresholdChoice],
    figure: Callable[[ThresholdChoice], float | None],
    colour: str,
    name: str,
    chosen: float | None,
) -> None:
    found = [(one.threshold, figure(one)) for one in tried]
    known = [(x, y) for x, y in found if y is not None]
    if len(known) >= FEW:
        axes.plot(*zip(*known, strict=True), color=colour, marker="o", markersize=4)
        label(axes, *known[len(known) // 3], name, colour, offset=(4, 9))
    if chosen is not None:
        axes.axvline(chosen, color=MARK, linewidth=1.0)


def _across(axes: Axes) -> None:
    axes.set_xlim(0.0, 1.0)
    axes.set_xlabel("Risk from which is warned")
