"""A look at a file, as `ebbwatch look` shows it."""

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Group
from rich.text import Text

from ebbwatch.cli.output import WholeTable
from ebbwatch.cli.pages.history import history_json, history_lines
from modelling.look import FileLook, options_text, typed


def document(
    found: FileLook, paths: Sequence[str], books: Mapping[str, str | None], written: Path | None
) -> dict[str, Any]:
    """The look as one JSON value.

    Args:
        found: the look.
        paths: the history as it was typed.
        books: currency and time zone, as they were typed.
        written: the options file that was written.
    """
    days = found.purchase_days
    options = {} if written else found.proposal.options
    return {
        "file": str(found.path),
        "columns": [{**one._asdict(), "could_be": one.could_be()} for one in found.columns],
        "rows_looked_at": found.sampled,
        "options": found.proposal.options,
        "questions": found.proposal.questions,
        "alternatives": found.proposal.alternatives,
        "missing": found.proposal.missing,
        "refused": found.refused or None,
        "history": history_json(found.cleaning),
        "purchase_days": None if not days.size else _spread(days),
        "written": written and str(written),
        "command": None if found.cleaning is None else _command(paths, books, options),
    }


def options_file(found: FileLook) -> str:
    """The options as a file, questions as comments."""
    comments = (f"How Ebbwatch reads {found.path.name} and its like.", *found.proposal.questions)
    return options_text(found.proposal.options, comments)


def page(found: FileLook, result: Mapping[str, Any]) -> Group:
    """The look for people."""
    columns = WholeTable("column", "type", "blank", "different", "examples", "could be")
    for one in found.columns:
        cells = (one.name, one.kind, f"{one.blank:.1%}", str(one.different))
        told = (", ".join(one.examples), "; ".join(one.could_be()))
        columns.add_row(*map(Text, (*cells, *told)))
    lines = [*_reading(found), *_asked(found), *history_lines(found.cleaning), *_bought(result)]
    return Group(columns, Text(""), *map(Text, lines), *_written(result))


def _reading(found: FileLook) -> list[str]:
    options = typed(found.proposal.options)
    lines = [f"Options: {options or 'none are needed'}"]
    if found.refused:
        lines.append(f"So it cannot be read: {found.refused}")
    return [*lines, *(f"Missing: {each}" for each in found.proposal.missing)]


def _asked(found: FileLook) -> list[str]:
    return [f"To be decided: {each}" for each in found.proposal.questions]


def _bought(result: Mapping[str, Any]) -> list[str]:
    days = result["purchase_days"]
    if days is None:
        return []
    many = f"{days['customers']} customers bought, on {days['mean']:.1f} days each"
    return [f"{many}; half on {days['median']:g} or fewer, {days['once']:.0%} on one alone"]


def _written(result: Mapping[str, Any]) -> list[Text]:
    return [] if result["written"] is None else [Text(f"Written: {result['written']}")]


def _spread(days: "np.ndarray[Any, np.dtype[np.float64]]") -> dict[str, float]:
    return {
        "customers": int(days.size),
        "mean": float(days.mean()),
        "median": float(np.median(days)),
        "once": float((days == 1.0).mean()),
        "most": float(days.max()),
    }


def _command(
    paths: Sequence[str], books: Mapping[str, str | None], options: Mapping[str, Any]
) -> str:
    words = [
        "ebbwatch fit",
        *map(shlex.quote, paths),
        "--out fitted.json --report fitted.html",
        *(f"--{name} {shlex.quote(value)}" for name, value in books.items() if value),
        typed(options),
    ]
    return " ".join(word for word in words if word)
