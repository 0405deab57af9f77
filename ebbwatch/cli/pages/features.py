"""A table of features, as `ebbwatch features` tells of it."""

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from ebbwatch.cli.pages.history import history_json, history_lines
from modelling.history import Cleaning


def document(
    table: pl.DataFrame, cleaning: Cleaning, out: Path, at: date, days: int, version: str
) -> dict[str, Any]:
    """The table that was written as one JSON value.

    Args:
        table: a customer each.
        cleaning: of the history.
        out: where it was written.
        at: day at whose beginning customers were looked at.
        days: that the labels are about.
        version: of the parameters.
    """
    return {
        "out": str(out),
        "at": at.isoformat(),
        "horizon_days": days,
        "customers": table.height,
        "labelled": table["label_bought_nothing"].null_count() == 0,
        "parameters": version,
        "cleaning": cleaning.counts(),
        "history": history_json(cleaning),
    }


def page(result: dict[str, Any], cleaning: Cleaning) -> str:
    """The same for people: a line, and what became of the history's rows."""
    days = result["horizon_days"]
    missing = f"no labels: the history ends within {days} days"
    ahead = f"{days} days ahead" if result["labelled"] else missing
    lines = [f"{result['out']}: {result['customers']} customers at {result['at']}, {ahead}"]
    return "\n".join([*lines, *history_lines(cleaning)])
