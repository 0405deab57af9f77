"""The chart of a churn scorecard's bands."""

from typing import Final

import numpy as np
from markupsafe import Markup
from matplotlib.axes import Axes

from modelling.report.drawing import MARK, MODEL, PALE, draw, label, percents, wholes
from scoring.arrays import Bools, Floats

BARS: Final = 40


def risks(values: Floats, lost: Bools, middle: float, high: float) -> Markup:
    """Customers by risk, those who were lost apart, and where the bands begin."""

    def paint(axes: Axes) -> None:
        edges = np.linspace(0.0, max(float(values.max()), high), BARS + 1)
        stayed, left = (np.histogram(part, edges)[0] for part in (values[~lost], values[lost]))
        wide = 0.92 * float(edges[1])
        axes.bar(edges[:-1], stayed, wide, color=PALE, align="edge", linewidth=0)
        axes.bar(edges[:-1], left, wide, stayed, color=MODEL, align="edge", linewidth=0)
        axes.set_ylim(top=1.15 * axes.get_ylim()[1])
        axes.set_xlim(0.0, edges[-1])
        _limits(axes, middle, high)
        axes.set_xlabel("Risk foretold")
        axes.set_ylabel("Looks")
        percents(axes.xaxis)
        wholes(axes.yaxis)

    return draw("risks", "Customers by risk, with the bands' thresholds", paint)


def _limits(axes: Axes, middle: float, high: float) -> None:
    top = axes.get_ylim()[1]
    for at, name, side, shift in (middle, "middle", "right", -6), (high, "high", "left", 6):
        axes.axvline(at, color=MARK, linewidth=1.0)
        label(axes, at, top, name, MARK, offset=(shift, -2), ha=side, va="top")
