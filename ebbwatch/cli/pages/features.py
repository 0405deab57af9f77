"""A table of features, as `ebbwatch features` tells of it."""

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

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
    }


def page(result: dict[str, Any], cleaning: Cleaning) -> str:
    """The same for people: a line, and one for each reason why rows were left out."""
    days = result["horizon_days"]
    missing = f"no labels: the history ends within {days} days"
    ahead = f"{days} days ahead" if result["labelled"] else missing
    lines = [f"{result['out']}: {result['customers']} customers at {result['at']}, {ahead}"]
    for reason, first in cleaning.first.items():
        lines.append(f"{cleaning.left_out[reason]} rows left out as {reason}; first {first}")
    return "\n".join(lines)
