"""What was done with a history's rows, as every command that reads one tells it."""

from typing import Any

from modelling.history import Cleaning


def history_json(cleaning: Cleaning | None) -> dict[str, Any] | None:
    """What became of the rows as one JSON value; None where no rows were read."""
    if cleaning is None:
        return None
    left_out = {
        reason: {"rows": many, "first": cleaning.first.get(reason)}
        for reason, many in cleaning.left_out.items()
    }
    return {
        "rows": cleaning.rows,
        "used": cleaning.used,
        "left_out": left_out,
        "refunds": cleaning.refunds,
        "zero_purchases": cleaning.zero_purchases,
        "customers": cleaning.customers,
        "first_day": cleaning.first_day and cleaning.first_day.isoformat(),
        "last_day": cleaning.last_day and cleaning.last_day.isoformat(),
        "notes": list(cleaning.notes),
        "options_file": cleaning.options_file and str(cleaning.options_file),
    }


def history_lines(cleaning: Cleaning | None) -> list[str]:
    """The same for people: a line, one for each reason to leave rows out, and notes."""
    if cleaning is None:
        return []
    span = f"{cleaning.first_day} to {cleaning.last_day}"
    taken = f"{cleaning.used} used" if cleaning.left_out else "all used"
    counted = (
        f"{cleaning.rows} rows read, {taken}: {cleaning.customers} customers, {span}, "
        f"{cleaning.refunds} refunds, {cleaning.zero_purchases} purchases of nothing"
    )
    told = [counted]
    for reason, many in cleaning.left_out.items():
        first = cleaning.first.get(reason)
        told.append(f"{many} rows left out as {reason}" + (f"; first {first}" if first else ""))
    options = [f"Options of {cleaning.options_file}"] if cleaning.options_file else []
    return [*told, *cleaning.notes, *options]
