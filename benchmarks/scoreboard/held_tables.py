"""Markdown tables of warnings at equal lead, of calibration and of the truth."""

from collections.abc import Iterable
from typing import Final

from benchmarks.scoreboard.calibrated import Third
from benchmarks.scoreboard.tables import NONE, share, table
from benchmarks.scoreboard.truth import EARLY, GROUPS, KINDS, Caught, RuleTruth
from modelling.backtest.rivals import EqualLead, Rival
from modelling.backtest.rivals.resamples import Bounds

EQUAL: Final = (
    "churn from",
    "warnings",
    "precision",
    "recall",
    "stood",
    "mean lead",
    "plain rule as early",
    "its warnings",
    "its precision",
    "fewer by",
    "counting stood",
)
MANY: Final = "churn from", "warnings", "mean lead", "plain rule", "its longest mean lead", "gained"
THIRDS: Final = (
    "days of silence",
    "looks",
    "customers",
    "foretold",
    "happened",
    "error",
    "if calibrated",
)
TRUTH: Final = ("rule", "warnings", "precision", *KINDS)
HEALTHY: Final = ("rule", *GROUPS)


def equal(rows: Iterable[EqualLead]) -> str:
    """Each threshold beside `silent for D days`, and the best plain rule if that is another."""
    return table(EQUAL, [line for one in rows for line in _equal(one)])


def as_many(rows: Iterable[EqualLead]) -> str:
    """Each threshold beside the plain rule that leads longest by as many warnings."""
    return table(MANY, [_as_many(one) for one in rows if one.rivals])


def thirds(rows: Iterable[Third]) -> str:
    """Calibration by thirds of the silence."""
    return table(THIRDS, [_third(one) for one in rows])


def truth(rows: Iterable[RuleTruth]) -> str:
    """Precision, and recall with days after the onset by kind of leaver."""
    lines = [
        (one.rule, f"{one.warnings:,}", share(one.precision), *map(_caught, one.kinds.values()))
        for one in rows
    ]
    return table(TRUTH, lines)


def healthy(rows: Iterable[RuleTruth]) -> str:
    """Who stays, by trait: share warned of."""
    return table(HEALTHY, [(one.rule, *map(share, one.healthy.values())) for one in rows])


def early(rows: Iterable[RuleTruth]) -> str:
    """Ebbing leavers caught well before they stop."""
    head = "rule", "ebbing leavers", f"caught {EARLY:g} days before the last purchase"
    found = [(one.rule, one.kinds["ebbing"]) for one in rows]
    return table(head, [(rule, f"{one.leavers:,}", share(one.early)) for rule, one in found])


def _equal(one: EqualLead) -> list[tuple[str, ...]]:
    lead = NONE if one.mean_lead_days is None else f"{one.mean_lead_days:.1f}"
    own = (
        f"{one.threshold:g}",
        f"{one.warnings:,}",
        share(one.precision),
        share(one.recall),
        f"{one.stood:,}",
        lead,
    )
    lines = [(*own, *_rival(one.silent))]
    if one.best is not one.silent:
        lines.append((*[""] * len(own), *_rival(one.best)))
    return lines


def _rival(rival: Rival | None) -> tuple[str, ...]:
    if rival is None or rival.warnings is None:
        return NONE, NONE, NONE, NONE, NONE
    spared = _percents(rival.fewer), _percents(rival.fewer_told)
    return rival.rule, f"{rival.warnings:,.0f}", share(rival.precision), *spared


def _as_many(one: EqualLead) -> tuple[str, ...]:
    best = max(one.rivals, key=lambda rival: rival.lead_days)
    own = f"{one.threshold:g}", f"{one.warnings:,}", f"{one.mean_lead_days or 0.0:.1f}"
    gained = best.gained_days
    ends = "" if gained.low is None else f" [{gained.low:+.1f}, {gained.high:+.1f}]"
    name = best.rule.split(" of at most")[0]
    return *own, name, f"{best.lead_days:.1f}", f"{gained.value:+.1f}{ends}"


def _third(one: Third) -> tuple[str, ...]:
    low, high = one.band
    return (
        f"{one.low:.3g} to {one.high:.3g}",
        f"{one.looks:,}",
        f"{one.customers:,}",
        share(one.foretold),
        share(one.happened),
        f"{one.error:.4f}",
        f"{low:.4f} to {high:.4f}",
    )


def _caught(one: Caught) -> str:
    after = "" if one.days_after is None else f", {one.days_after:.0f} d"
    return f"{share(one.recall)} of {one.leavers:,}{after}"


def _percents(bounds: Bounds | None) -> str:
    if bounds is None:
        return NONE
    ends = "" if bounds.low is None else f" [{bounds.low:.1%}, {bounds.high:.1%}]"
    return f"{bounds.value:.1%}{ends}"
