"""Charts of scores against outcomes: calibration, lift and gain."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from markupsafe import Markup
from matplotlib.axes import Axes
from scipy.stats import binom

from modelling.report.drawing import INK, LINE, MODEL, PALE, SOFT, draw, label, percents
from scoring.arrays import Floats
from scoring.evaluation import CalibrationBin, Decile

BAND: Final = (0.025, 0.975)
LINES: Final = ((MODEL, "-"), (INK, (0, (5, 2.5))), (SOFT, (0, (1.5, 1.8))))
CALIBRATED: Final = (
    "Each point is a tenth of the looks. On the line the risk means what it says; within the grey "
    "band, what is off may be chance (95% for each point on its own)."
)

Curve = Sequence[CalibrationBin]


def calibration(name: str, curves: Mapping[str, Curve]) -> Markup:
    """Foretold against happened, a panel for each score.

    Args:
        name: Of the chart.
        curves: Bins by what is shown as title, one score at least.
    """

    def paint(*panels: Axes) -> None:
        for axes, (title, curve) in zip(panels, curves.items(), strict=True):
            axes.set_title(title)
            _calibration(axes, curve)

    words = "Share lost against risk foretold, by bins of equal counts"
    return draw(name, words, paint, height=360, panels=len(curves))


def lift_and_gain(name: str, scores: Mapping[str, Sequence[Decile]]) -> Markup:
    """Lift by tenths of the first score, and how much each of the scores catches.

    Args:
        name: Of the chart.
        scores: Tenths by score's name, the riskiest first; three at most.
    """

    def paint(lift: Axes, gain: Axes) -> None:
        _lift(lift, next(iter(scores.values())))
        gain.set_title("Reached, the riskiest first")
        gain.plot((0, 1), (0, 1), color=LINE, linewidth=1.2)
        for row, (each, tenths) in enumerate(scores.items()):
            _gain(gain, each, tenths, row)
        gain.set_xlim(0.0, 1.0)
        gain.set_ylim(0.0, 1.02)
        gain.set_xlabel("Customers, the riskiest first")
        gain.set_ylabel("Share of the lost")
        percents(gain.xaxis)
        percents(gain.yaxis)

    words = "Lift by tenths of customers, and the share of the lost caught"
    return draw(name, words, paint, height=340, panels=2)


def chance_band(curve: Curve) -> tuple[Floats, Floats]:
    """Between which shares 95% of bins of perfect risks lie: binomial, rows taken as independent.

    Args:
        curve: Bins, n of them.

    Returns:
        Low and high, shape (n,) each.

    >>> low, high = chance_band([CalibrationBin(rows=100, foretold=0.2, happened=0.25)])
    >>> low.tolist(), high.tolist()
    ([0.12], [0.28])
    """
    rows = np.array([one.rows for one in curve])
    foretold = np.array([one.foretold for one in curve])
    low, high = (binom.ppf(quantile, rows, foretold) / rows for quantile in BAND)
    return np.asarray(low, np.float64), np.asarray(high, np.float64)


def _calibration(axes: Axes, curve: Curve) -> None:
    foretold = np.array([one.foretold for one in curve])
    happened = np.array([one.happened for one in curve])
    low, high = chance_band(curve)
    ends = _ends(np.concatenate([foretold, happened, low, high]))
    axes.plot(ends, ends, color=SOFT, linewidth=0.9)
    axes.fill_between(foretold, low, high, color=PALE, linewidth=0)
    axes.plot(foretold, happened, color=MODEL, marker="o", markersize=5)
    for limits in (axes.set_xlim, axes.set_ylim):
        limits(*ends)
    axes.set_xlabel("Risk foretold")
    axes.set_ylabel("Share lost")
    percents(axes.xaxis)
    percents(axes.yaxis)


def _ends(shares: Floats) -> tuple[float, float]:
    low, high = float(shares.min()), float(shares.max())
    room = 0.04 * max(high - low, 0.05)
    return max(low - room, 0.0), min(high + room, 1.0)


def _lift(axes: Axes, tenths: Sequence[Decile]) -> None:
    at = np.arange(1, len(tenths) + 1)
    lifts = [tenth.lift for tenth in tenths]
    axes.set_title("Lift by tenth")
    axes.bar(at, lifts, 0.78, color=MODEL, linewidth=0)
    axes.axhline(1.0, color=INK, linewidth=0.9)
    label(axes, at[-1] + 0.4, 1.0, "as all", INK, offset=(0, 9), ha="right")
    label(axes, 1, lifts[0], f"{lifts[0]:.2f}", INK, offset=(0, 9), ha="center")
    axes.set_ylim(0.0, 1.12 * max(*lifts, 1.0))
    axes.set_xticks(at)
    axes.tick_params(axis="x", length=0)
    axes.set_xlabel("Tenth of customers, the riskiest first")
    axes.set_ylabel("Share lost over that of all")


def _gain(axes: Axes, name: str, tenths: Sequence[Decile], row: int) -> None:
    colour, dashes = LINES[row]
    rows = np.cumsum([0, *(tenth.rows for tenth in tenths)])
    caught = [0.0, *(tenth.gain for tenth in tenths)]
    axes.plot(rows / rows[-1], caught, color=colour, linestyle=dashes, linewidth=1.8)
    y = 0.24 - 0.075 * row
    axes.plot((0.5, 0.57), (y, y), color=colour, linestyle=dashes, linewidth=1.8)
    label(axes, 0.57, y, name, colour)
