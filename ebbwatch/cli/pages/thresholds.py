"""Thresholds that were tried, as commands show them.

They are a part of what `fit-churn`, `backtest` and `calibrate` show.
"""

from rich.table import Table
from rich.text import Text

from ebbwatch.cli.output import WholeTable
from modelling.thresholds.choosing import ThresholdChoice
from modelling.thresholds.search import ThresholdSearch
from modelling.thresholds.words import advice, complaint, share
from streams.outbox.phrases import money


def search_page(
    found: ThresholdSearch | None, currency: str, notes: tuple[str, ...] = ()
) -> list[Text | Table]:
    """What each threshold brings, and which to take."""
    said: list[Text | Table] = [Text(note, "dim") for note in notes]
    if found is None:
        return said
    own = complaint(found, currency)
    warned: list[Text | Table] = [Text(own, "bold yellow")] if own else []
    more: list[Text | Table] = [Text(note) for note in found.recommended.notes]
    best = Text(advice(found, currency), "bold")
    return [_tried(found, currency), Text(""), best, *warned, *more, *said, Text("")]


def _tried(found: ThresholdSearch, currency: str) -> Table:
    has_profit = found.tried[0].profit is not None
    titles = ("risk from", "a day", "precision", "recall", "lead")
    shown = WholeTable(*titles, *([f"profit a day, {currency}"] if has_profit else []))
    for one in found.tried:
        is_best = found.recommended.at == one
        shown.add_row(*_cells(one, currency), style="bold" if is_best else "")
    return shown


def _cells(one: ThresholdChoice, currency: str) -> list[str]:
    lead = "none" if one.lead_days is None else f"{one.lead_days:.0f} d"
    profit = [] if one.profit is None else [money(one.profit, currency).rsplit(maxsplit=1)[0]]
    shares = share(one.precision), share(one.recall)
    return [f"{one.threshold:.4g}", f"{one.warnings_per_day:.2f}", *shares, lead, *profit]
