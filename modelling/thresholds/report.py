"""The part of a report that tells what thresholds bring and cost."""

from collections.abc import Iterator
from typing import Final

from modelling.report.figures import bare_money, decimal, percent
from modelling.report.page import Block, Cell, Chart, Notes, PageSection, Table
from modelling.thresholds import charts
from modelling.thresholds.choosing import ThresholdChoice
from modelling.thresholds.search import ThresholdSearch
from modelling.thresholds.words import advice, complaint
from schemas import MINOR_UNITS

COUNTED: Final = (
    "Each threshold was tried by a replay of the period through the live step. The line is the "
    "threshold recommended. At a low one many are warned of in vain; at a high one warnings come "
    "after the lapse, and are late."
)
PROFIT: Final = (
    "A right warning brings the chance to keep the value at stake and costs a contact; every other "
    "costs a contact and the offer. Warnings of which the end is not known count for nothing."
)


def choice_sections(
    found: ThresholdSearch | None, currency: str, notes: tuple[str, ...] = ()
) -> list[PageSection]:
    """What each threshold brings and costs, and which is recommended.

    Args:
        found: the search; None where thresholds were not tried.
        currency: of the books.
        notes: what else to know.
    """
    if found is None:
        return [PageSection("What thresholds bring", " ".join(notes))] if notes else []
    own = complaint(found, currency)
    said = [*([own] if own else []), *found.recommended.notes, *notes]
    blocks: list[Block] = [*([Notes(said)] if said else []), *_blocks(found, currency)]
    return [PageSection("What thresholds bring", advice(found, currency), blocks)]


def _blocks(found: ThresholdSearch, currency: str) -> Iterator[Block]:
    chosen = None if found.recommended.at is None else found.recommended.middle
    yield Chart(charts.shares(found.tried, chosen), COUNTED)
    if found.tried[0].profit is not None:
        unit = 10.0 ** MINOR_UNITS[currency]
        yield Chart(charts.profits(found.tried, chosen, unit), PROFIT)
    columns = ("Risk from", "Warnings a day", "Precision", "Recall", "Lead, days")
    shown = (*columns, f"Profit a day, {currency}")
    yield Table(shown, [_row(one, currency) for one in found.tried])


def _row(one: ThresholdChoice, currency: str) -> list[Cell]:
    profit: Cell = "" if one.profit is None else bare_money(one.profit, currency)
    return [
        decimal(one.threshold, 3),
        decimal(one.warnings_per_day, 2),
        percent(one.precision),
        percent(one.recall),
        decimal(one.lead_days, 0),
        profit,
    ]
