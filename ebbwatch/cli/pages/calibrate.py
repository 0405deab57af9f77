"""A calibration, as `ebbwatch calibrate` shows it."""

from pathlib import Path
from typing import Any

from rich.console import Group
from rich.text import Text

from ebbwatch.cli.output import WholeTable, mark
from ebbwatch.cli.pages.thresholds import search_page
from modelling.backtest.as_json import backtest_json
from modelling.calibrate.answer import answer
from modelling.calibrate.outcome import Calibrated
from modelling.thresholds.search import search_json
from scoring.parameters import parse


def document(found: Calibrated, out: Path) -> dict[str, Any]:
    """The calibration as one JSON value, the answer first."""
    told = answer(found)
    search = found.churn.search if found.churn else None
    purchases = found.purchases
    return {
        "is_worth_it": told.is_worth_it,
        "answer": told.headline,
        "reasons": list(told.reasons),
        "is_complete": found.is_complete,
        "missing": [need._asdict() for need in found.missing],
        "steps": [step._asdict() for step in found.steps],
        "leaving": found.document["leaving"],
        "purchase_model": found.document["purchase_model"],
        "purchases": None
        if purchases is None
        else {"errors": dict(purchases.errors), "refused": list(purchases.refused)},
        "churn": found.churn and found.churn.found.scorecard,
        "notes": list(found.churn.notes) if found.churn else [],
        "recommended": search and search_json(search),
        "backtest": found.backtest and backtest_json(found.backtest),
        "out": str(out),
        "version": parse(found.document).version,
        "seconds": found.seconds,
    }


def page(found: Calibrated, out: Path) -> Group:
    """The calibration for people: the answer, the steps, the thresholds."""
    told = answer(found)
    steps = WholeTable("", "step", "what was found")
    for step in found.steps:
        steps.add_row(mark(step.is_done), step.name, Text(step.words))
    search, notes = (found.churn.search, found.churn.notes) if found.churn else (None, ())
    return Group(
        Text(f"Is it worth it? {told.headline}", "bold"),
        *(Text(reason) for reason in told.reasons),
        Text(""),
        steps,
        Text(""),
        *search_page(search, found.document["book_currency"], notes),
        Text(f"{out}: {parse(found.document).version}, {found.seconds:.1f} s", "dim"),
    )
