"""Charts as inline SVG: the same bytes for the same numbers, text as text, the page's colours."""

import re
from collections.abc import Callable, Mapping
from io import StringIO
from types import MappingProxyType
from typing import Any, Final, Literal

from markupsafe import Markup, escape
from matplotlib import rc_context, rcParamsDefault
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

WIDTH: Final = 852.0  # of the page's column, CSS pixels
PIXELS: Final = 72.0  # of an inch, so that a unit of the SVG is a pixel at full width

PAPER, INK, SOFT, LINE = "#fefefe", "#1d2229", "#5a6572", "#d9dee4"
MODEL, MARK, PALE = "#1f6aa5", "#c2571a", "#ccd4dc"
# Drawn colours, which stand for the page's own: those differ in dark mode and print.
COLOURS: Final[Mapping[str, str]] = MappingProxyType(
    {
        PAPER: "var(--paper)",
        INK: "var(--ink)",
        SOFT: "var(--soft)",
        LINE: "var(--line)",
        MODEL: "var(--model)",
        MARK: "var(--mark)",
        PALE: "var(--pale)",
    }
)
STYLE: Final[Mapping[Any, Any]] = MappingProxyType(
    {
        "svg.fonttype": "none",
        "svg.hashsalt": "ebbwatch",
        "text.parse_math": False,
        "text.color": INK,
        "font.size": 12.5,
        "figure.facecolor": "none",
        "axes.facecolor": "none",
        "axes.edgecolor": SOFT,
        "axes.linewidth": 0.8,
        "axes.labelcolor": SOFT,
        "axes.labelsize": 12.5,
        "axes.labelpad": 8.0,
        "axes.titlesize": 13.0,
        "axes.titleweight": "bold",
        "axes.titlecolor": INK,
        "axes.titlelocation": "left",
        "axes.titlepad": 12.0,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": True,
        "axes.grid.axis": "y",
        "axes.axisbelow": True,
        "grid.color": LINE,
        "grid.linewidth": 0.8,
        "xtick.color": SOFT,
        "ytick.color": SOFT,
        "xtick.labelcolor": SOFT,
        "ytick.labelcolor": SOFT,
        "xtick.major.size": 4.0,
        "ytick.major.size": 0.0,
        "xtick.minor.size": 0.0,
        "ytick.minor.size": 0.0,
        "xtick.major.width": 0.8,
        "lines.linewidth": 2.0,
        "lines.solid_capstyle": "round",
        "figure.constrained_layout.w_pad": 0.0,
        "figure.constrained_layout.h_pad": 0.02,
        "figure.constrained_layout.wspace": 0.06,
    }
)
MACHINE: Final = ("backend", "interactive", "toolbar", "webagg", "savefig.directory")
PLAIN: Final[Mapping[Any, Any]] = MappingProxyType(
    {name: value for name, value in rcParamsDefault.items() if not name.startswith(MACHINE)}
)
EXACT: Final = "{x:,.10g}"  # a tick's label; rounded ones might be alike
STEPS: Final = (1, 2, 2.5, 5, 10)  # of ticks, times a power of ten
NO_METADATA: Final = dict.fromkeys(("Date", "Creator", "Format", "Type"))

Paint = Callable[..., None]


def draw(name: str, words: str, paint: Paint, *, height: float = 300.0, panels: int = 1) -> Markup:
    """Draw a chart.

    Args:
        name: Of the chart, its own on the page.
        words: What it shows, for who cannot see it.
        paint: Given as many axes as there are panels.
        height: CSS pixels at full width.
        panels: Side by side.
    """
    with rc_context({**PLAIN, **STYLE}):
        size = (WIDTH / PIXELS, height / PIXELS)
        figure = Figure(figsize=size, dpi=PIXELS, layout="constrained")
        paint(*figure.subplots(1, panels, squeeze=False)[0])
        drawn = StringIO()
        figure.savefig(drawn, format="svg", metadata=NO_METADATA)
    return Markup(_inline(drawn.getvalue(), name, words))  # noqa: S704 - Matplotlib escapes texts


def label(axes: Axes, x: float, y: float, text: str, colour: str, **how: Any) -> None:  # noqa: ANN401
    """Write a word beside what it names."""
    axes.annotate(
        text,
        (x, y),
        xytext=how.pop("offset", (6, 0)),
        textcoords="offset points",
        color=colour,
        va=how.pop("va", "center"),
        annotation_clip=False,
        **how,
    )


def wholes(axis: Axis, most: int | Literal["auto"] = "auto") -> None:
    """Ticks at whole numbers, wherever two of them are in view.

    Args:
        axis: Of counts or days.
        most: Intervals between ticks, at most; "auto" for as many as there is room for.
    """
    axis.set_major_locator(MaxNLocator(most, steps=STEPS, integer=True))
    axis.set_major_formatter(EXACT)


def percents(axis: Axis) -> None:
    """Tick labels of shares."""
    axis.set_major_formatter(lambda share, _: f"{100.0 * share:.10g}%")


def _inline(svg: str, name: str, words: str) -> str:
    body = svg[svg.index(">", svg.index("<svg")) + 1 :]
    body = re.sub(r"<defs>\s*<style.*?</style>\s*</defs>", "", body, count=1, flags=re.DOTALL)
    body = re.sub(r"<!--.*?-->|font-family: [^;\"]*;? ?|\s*\n\s*", "", body, flags=re.DOTALL)
    body = body.replace("xlink:href", "href")
    for drawn, shown in COLOURS.items():
        body = body.replace(drawn, shown)
    return _head(svg, words) + _own_ids(body, name)


def _head(svg: str, words: str) -> str:
    found = re.search(r'viewBox="([0-9. ]+)"', svg)
    box = found[1] if found else ""
    return f'<svg class="chart" viewBox="{box}" role="img" aria-label="{escape(words)}">'


def _own_ids(body: str, name: str) -> str:
    """Ids that are used begin with the chart's name; the others go."""
    used = set(re.findall(r"url\(#([^)]+)\)|href=\"#([^\"]+)\"", body))
    kept = {one or other for one, other in used}

    def renamed(found: re.Match[str]) -> str:
        return f' id="{name}-{found[1]}"' if found[1] in kept else ""

    body = re.sub(r' id="([^"]+)"', renamed, body)
    return re.sub(r"(url\(#|href=\"#)", rf"\1{name}-", body)
