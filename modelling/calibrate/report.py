"""The report of a calibration: the answer first, then what it rests on."""

from collections.abc import Iterator
from pathlib import Path

from modelling.backtest.report import backtest_page
from modelling.calibrate.answer import answer
from modelling.calibrate.outcome import Calibrated
from modelling.churn.report import churn_page
from modelling.fit.report.page import fit_page
from modelling.report.figures import decimal, percent
from modelling.report.page import Fact, Notes, Page, PageSection, Table, write
from modelling.thresholds.report import choice_sections
from scoring.parameters import parse


def write_calibration_report(path: Path, found: Calibrated) -> None:
    """Write the report of a calibration as one HTML file.

    Raises:
        OSError: It cannot be written.
    """
    write(path, calibration_page(found))


def calibration_page(found: Calibrated) -> Page:
    """The report of a calibration."""
    told = answer(found)
    return Page(
        kind="calibration",
        title=f"Is it worth it? {told.headline}",
        lead=f"Parameters “{found.document['name']}”. Lost is who {found.leaving.words}.",
        facts=_facts(found),
        sections=[
            PageSection("Why", "", [Notes(told.reasons)] if told.reasons else []),
            _steps(found),
            *_thresholds(found),
            *_parts(found),
        ],
        made_by=f"Ebbwatch · {parse(found.document).version}",
    )


def _facts(found: Calibrated) -> list[Fact]:
    searched = found.churn.search if found.churn else None
    if searched is None or searched.recommended.at is None:
        return []
    best = searched.recommended.at
    return [
        Fact("Warn from a risk of", decimal(best.threshold, 3)),
        Fact("Warnings a day", decimal(best.warnings_per_day, 2)),
        Fact("Precision", percent(best.precision), "of the warnings were right"),
        Fact("Recall", percent(best.recall), "of the lapses warned of"),
        Fact("Median lead", decimal(best.lead_days, 0), "days before the lapse"),
    ]


def _steps(found: Calibrated) -> PageSection:
    rows = [[step.name, "done" if step.is_done else "kept", step.words] for step in found.steps]
    blocks = [Table(("Step", "Status", "What was found"), rows)]
    return PageSection("What was done", "", blocks)


def _thresholds(found: Calibrated) -> list[PageSection]:
    if found.churn is None:
        return []
    return choice_sections(found.churn.search, found.document["book_currency"], found.churn.notes)


def _parts(found: Calibrated) -> Iterator[PageSection]:
    """The sections of each step's own report; where two have one title, it says whose it is."""
    pages = []
    if found.backtest is not None:
        pages.append(("Out of time", backtest_page(found.backtest)))
    if found.churn is not None:
        pages.append(("Scorecard", churn_page(found.churn.found)))
    if found.purchases is not None and found.purchases.found is not None:
        pages.append(("Purchases", fit_page(found.purchases.found)))
    for name, page in pages:
        for section in page.sections:
            yield PageSection(f"{name}: {section.title}", section.lead, section.blocks)
