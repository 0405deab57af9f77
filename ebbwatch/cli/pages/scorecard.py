"""A churn scorecard, as `ebbwatch fit-churn` shows it."""

import math
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from rich.console import Group
from rich.table import Table
from rich.text import Text

from ebbwatch.cli.output import WholeTable
from modelling.churn.run import ChurnFitResult
from scoring.churn.inputs import BY_NAME
from scoring.parameters import parse

CHOSEN_BY: Final = MappingProxyType(
    {
        "rate": "historic churn rate",
        "budget": "budget",
        "profit": "expected profit, out of time",
        "replay": "worth of warnings, out of time",
    }
)
LEFT_OUT: Final = MappingProxyType(
    {
        "constant": "Left out, being the same for all",
        "sign": "Left out, since beside the others it would weigh against its meaning",
    }
)


def document(found: ChurnFitResult, out: Path, seconds: float) -> dict[str, Any]:
    """The scorecard as one JSON value: its section, where it is, and what it took."""
    version = parse(found.document).version
    return {**found.scorecard, "out": str(out), "version": version, "seconds": seconds}


def page(result: dict[str, Any]) -> Group:
    """The scorecard for people."""
    terms = WholeTable("input", "what it is", "unit", "points a unit", "at 0 points")
    for term, points in zip(result["terms"], points_a_unit(result), strict=True):
        row = BY_NAME[term["input"]]
        terms.add_row(row.name, row.words, row.unit, f"{points:+.1f}", f"{term['centre']:.3g}")
    return Group(terms, Text(""), _ranking(result), Text(""), *_facts(result), *_left_out(result))


def points_a_unit(result: dict[str, Any]) -> list[float]:
    """Points of a step of one of each term: its weight in the log of the odds, in doublings.

    >>> points_a_unit({"points_to_double": 20.0, "terms": [{"weight": 0.5 * math.log(2.0)}]})
    [10.0]
    """
    scale = result["points_to_double"] / math.log(2.0)
    return [term["weight"] * scale for term in result["terms"]]


def _ranking(result: dict[str, Any]) -> Table:
    fit = result["fit"]
    ranking = WholeTable("ranked by", "AUC", "95% interval", "scorecard's gain", "95% interval")
    ranking.add_row("scorecard, cross-validated", *_interval(fit["auc"], ""))
    for name, plain in fit["baselines"].items():
        area, gain = _interval(plain["auc"], ""), _interval(plain["gain"], "+")
        ranking.add_row(name.replace("_", " "), *area, *gain)
    return ranking


def _interval(estimate: dict[str, float], sign: str) -> tuple[str, str]:
    value, low, high = (f"{estimate[name]:{sign}.3f}" for name in ("value", "low", "high"))
    return value, f"{low} to {high}"


def _facts(result: dict[str, Any]) -> list[Text]:
    fit, thresholds = result["fit"], result["thresholds"]
    looked = f"{fit['customers']} customers at {', '.join(fit['dates'])}"
    limit = f"perfect risks stay below {fit['calibration_limit']:.4f} in 95 of 100 cases"
    bands = f"middle from {thresholds['middle']:.3f}, high from {thresholds['high']:.3f}"
    facts = (
        f"{looked}; {fit['churned']} of {fit['rows']} lost within {result['horizon_days']:g} days",
        (
            f"calibration {result['calibration']['type']}, "
            f"error {fit['calibration_error']:.4f}; {limit}"
        ),
        f"{bands}, by the {CHOSEN_BY[thresholds['chosen_by']]}",
        f"{result['out']}: {result['version']}, {result['seconds']:.1f} s",
    )
    return [Text(fact) for fact in facts]


def _left_out(result: dict[str, Any]) -> list[Text]:
    left_out: dict[str, str] = result["fit"]["left_out"]
    notes = []
    for reason, words in LEFT_OUT.items():
        names = [name for name, why in left_out.items() if why == reason]
        if names:
            notes.append(Text(f"{words}: {', '.join(names)}", style="dim"))
    return notes
