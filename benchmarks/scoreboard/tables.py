"""Results as Markdown tables."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Final

from benchmarks.scoreboard.holdout import Expected
from benchmarks.scoreboard.ranking import RIVALS, Ranked
from benchmarks.scoreboard.warned import MEDIAN, Line, Warned
from modelling.backtest import RulePerformance
from scoring.evaluation import Estimate

NONE: Final = "-"
RANKED: Final = ("ranked by", "AUC", *(f"over {name}" for name in RIVALS), "ECE", "perfect below")
EXPECTED: Final = ("model", "customers", "expected", "actual", "correlation", "MAE")
WARNED: Final = (
    "rule",
    "band",
    "from",
    "a day",
    "precision",
    "recall",
    "standing",
    "lead",
    "flaps",
    "right",
    "wrong",
    "late",
    "open",
)
SCORES: Final = ("score", "H, days", "lost", "AUC", "ECE")


def ranking(rows: Iterable[Ranked]) -> str:
    """How scores ranked."""
    return table(RANKED, [_ranked(row) for row in rows])


def holdout(rows: Iterable[Expected]) -> str:
    """Purchases expected and come."""
    return table(EXPECTED, [_expected(row) for row in rows])


def warnings(lines: Iterable[Line]) -> str:
    """Each rule, and below it the plain rules it is held against."""
    cells = []
    for line in lines:
        cells.append(_warned(line.own, standing=line.standing))
        named = {"as often": line.as_often, "as early": line.as_early}
        cells += [_warned(rival, why) for why, rival in named.items() if rival is not None]
    return table(WARNED, cells)


def rivals(rows: Iterable[RulePerformance]) -> str:
    """The plain rule by itself."""
    return table(WARNED, [_warned(row, "rival") for row in rows])


def scores(found: Warned) -> str:
    """The file's scores on dates in the holdout."""
    rows = [
        (
            one.score,
            f"{one.days:g}",
            f"{one.lost:,}",
            _interval(one.auc, ""),
            NONE if one.calibration_error is None else f"{one.calibration_error:.4f}",
        )
        for one in found.result.snapshots.scores
        if one.auc is not None
    ]
    return table(SCORES, rows)


def dates(found: Warned) -> str:
    """The dates of those."""
    days = (datetime.fromtimestamp(date, UTC).date() for date in found.result.snapshots.dates)
    return ", ".join(day.isoformat() for day in days)


def _ranked(row: Ranked) -> tuple[str, ...]:
    name = row.score if not row.left_out else f"{row.score} (none for {row.left_out:,} customers)"
    error, limit = (NONE if one is None else f"{one:.4f}" for one in (row.error, row.limit))
    gains = (_interval(row.over.get(rival), "+") for rival in RIVALS)
    return name, _interval(row.auc, ""), *gains, error, limit


def _expected(row: Expected) -> tuple[str, ...]:
    if not row.customers:
        return row.model, *[NONE] * (len(EXPECTED) - 1)
    customers = f"{row.customers:,}" + (f", none for {row.left_out:,}" if row.left_out else "")
    sums = f"{row.expected:,.1f}", f"{row.actual:,}"
    return row.model, customers, *sums, f"{row.correlation:.4f}", f"{row.error:.4f}"


def _warned(
    one: RulePerformance, rival: str = "", standing: float | None = None
) -> tuple[str, ...]:
    """A rule's line, or that of a plain rival, which says what it is there for."""
    quantiles = one.lead_days.quantiles
    name = (one.rule, one.band, "" if one.threshold is None else f"{one.threshold:.3g}")
    return (
        *((f"*{one.rule}*", "" if rival == "rival" else rival, "") if rival else name),
        NONE if one.warnings_per_day is None else f"{one.warnings_per_day:.2f}",
        share(one.precision),
        share(one.recall),
        share(standing),
        NONE if quantiles is None else f"{quantiles[MEDIAN]:.0f}",
        *(f"{count:,}" for count in (one.flaps, one.right, one.wrong, one.late, one.open)),
    )


def share(part: float | None) -> str:
    """A share of 1, in percent."""
    return NONE if part is None else f"{part:.1%}"


def _interval(estimate: Estimate | None, sign: str) -> str:
    if estimate is None:
        return NONE
    figures = (estimate.value, estimate.low, estimate.high)
    value, low, high = (f"{round(one, 4) + 0.0:{sign}.4f}" for one in figures)  # no minus nought
    return f"{value} [{low}, {high}]"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Rows under a head, numbers to the right."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
