"""Charts of who is still there, and what they are worth."""

from typing import Final

import numpy as np
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.ticker import LogLocator, NullFormatter

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
from scoring.arrays import Floats
from scoring.evaluation import lorenz_curve, top_share
from scoring.evaluation.concentration import PARETO
from scoring.models import PurchaseModel

GRID: Final = 80
CURVE: Final = 200  # points of a curve, at most
BINS: Final = 40
FAR: Final = 100.0  # from the least to the largest value, from where ticks at powers of ten suffice
LARGE: Final = 1_000.0  # amounts from which decimals say nothing
STEPS: Final = tuple(np.linspace(0.0, 1.0, 11).tolist())
LEAST: Final = 0.005  # quantile that the spread of values begins at, the lesser being put there
WEEKS_FROM: Final = 60.0  # days of tenure from which the map's axis is in weeks
BLUES: Final = ("#eef4fa", "#c3daee", "#86b6dc", "#4388be", "#1c5a92", "#0c3358")


def alive_map(model: PurchaseModel, tenure: float, most: int) -> Markup:
    """P(alive) by frequency and recency of who first bought `tenure` days ago."""
    x, t_x = np.linspace(1.0, most, GRID), np.linspace(0.0, tenure, GRID)
    alive = model.p_alive(x[None, :], t_x[:, None], tenure)
    unit, name = (7.0, "weeks") if tenure > WEEKS_FROM else (1.0, "days")

    def paint(axes: Axes) -> None:
        colours = LinearSegmentedColormap.from_list("blues", BLUES)
        filled = axes.contourf(x, t_x / unit, alive, STEPS, cmap=colours)
        filled.set_edgecolor("face")
        for levels, colour in ((0.1, 0.3), "#0c3358"), ((0.5, 0.7, 0.9), "#ffffff"):
            lines = axes.contour(x, t_x / unit, alive, levels, colors=colour, linewidths=0.9)
            axes.clabel(lines, fmt=lambda level: f"{level:.0%}", fontsize=12)
        axes.set_xlabel("Repeat purchase days")
        axes.set_ylabel(f"First to last purchase, {name}")
        axes.grid(visible=False)
        wholes(axes.xaxis)
        wholes(axes.yaxis)

    return draw("alive", "P(alive) over frequency and recency", paint, height=400)


def value_spread(values: Floats, currency: str) -> Markup:
    """Customers by value, log scale; `values` are major units above 0."""

    def paint(axes: Axes) -> None:
        edges = _edges(values)
        axes.hist(
            np.maximum(values, edges[0]), edges.tolist(), color=MODEL, linewidth=0, rwidth=0.94
        )
        axes.set_ylim(top=1.12 * axes.get_ylim()[1])
        axes.set_xscale("log")
        subs = (1.0,) if edges[-1] > FAR * edges[0] else (1.0, 2.0, 5.0)
        axes.xaxis.set_major_locator(LogLocator(subs=subs, numticks=9))
        axes.xaxis.set_major_formatter(EXACT)
        axes.xaxis.set_minor_formatter(NullFormatter())
        axes.set_xlabel(f"Value of a customer, {currency}, log scale")
        axes.set_ylabel("Customers")
        wholes(axes.yaxis)
        _middle(axes, float(np.median(values)), "median", "right")
        _middle(axes, float(values.mean()), "mean", "left")

    return draw("values", "Customers by value, on a log scale", paint)


def lorenz(values: Floats) -> Markup:
    """Share of all value held by the richest share of customers."""
    customers, held = lorenz_curve(values)
    picked = np.unique(np.linspace(0, len(customers) - 1, CURVE).astype(np.int64))
    top, richest = top_share(values), 1.0 - customers[picked]

    def paint(axes: Axes) -> None:
        axes.plot((0, 1), (0, 1), color=SOFT, linewidth=0.9)
        axes.plot(richest, 1.0 - held[picked], color=MODEL)
        axes.plot((PARETO, PARETO, 0), (0, top, top), color=MARK, linewidth=1.0)
        axes.plot(PARETO, top, color=MARK, marker="o", markersize=6)
        text = f"the top {PARETO:.0%} hold {top:.1%}"
        label(axes, PARETO, top, text, MARK, offset=(12, -8), weight="bold")
        label(axes, 0.62, 0.62, "all alike", SOFT, offset=(6, -10))
        shares(axes, "Customers, the most valuable first", "Share of all value")

    return draw("lorenz", "Share of value by share of customers", paint, height=360)


def shares(axes: Axes, x: str, y: str) -> None:
    """Both axes from 0 to 100%."""
    axes.set_xlim(0.0, 1.0)
    axes.set_ylim(0.0, 1.02)
    percents(axes.xaxis)
    percents(axes.yaxis)
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    axes.spines["left"].set_color(LINE)


def _edges(values: Floats) -> Floats:
    low, high = np.log10(np.quantile(values, LEAST)), np.log10(values.max())
    if high - low < 1e-9:  # noqa: PLR2004 - all alike
        low, high = low - 0.5, high + 0.5
    edges: Floats = np.logspace(low, high, BINS + 1)
    edges[-1] = max(edges[-1], values.max())
    return edges


def _middle(axes: Axes, value: float, name: str, side: str) -> None:
    top = axes.get_ylim()[1]
    axes.axvline(value, color=INK, linewidth=0.9)
    offset = (-6 if side == "right" else 6, -4)
    text = f"{name} {value:,.{0 if value >= LARGE else 2}f}"
    label(axes, value, top, text, INK, offset=offset, ha=side, va="top")
