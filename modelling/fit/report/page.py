"""The report of a fit."""

from math import isnan
from pathlib import Path

from modelling.fit.file import FitResult
from modelling.fit.report.models import NAMES, data_section, models_section
from modelling.fit.report.purchases import conditional_section, frequency_section, tracking_section
from modelling.fit.report.value import alive_section, customer_values, value_section
from modelling.report.figures import counted, day, decimal, percent, whole
from modelling.report.page import Fact, Page, PageSection, write


def write_fit_report(path: Path, found: FitResult) -> None:
    """Write the report of a fit as one HTML file.

    Raises:
        OSError: It cannot be written.
    """
    write(path, fit_page(found))


def fit_page(found: FitResult) -> Page:
    """The report of a fit."""
    asked, provenance = found.fits.asked, found.document["fit"]
    customers = len(found.data.summary.ids)
    return Page(
        kind="fit",
        title=f"{NAMES[asked.model]} fitted to {counted(customers, 'customer')}",
        lead=_lead(found),
        facts=_facts(found),
        sections=_sections(found),
        made_by=f"{provenance['fitted_by']} · {found.parameters.version}",
    )


def _lead(found: FitResult) -> str:
    provenance = found.document["fit"]
    window = provenance["window"]
    first = f"from {day(window['first_day'])} " if window["first_day"] else ""
    holdout = (
        f", judged on the days up to {day(found.holdout.until.isoformat())}"
        if found.holdout
        else ""
    )
    return (
        f"Parameters “{found.document['name']}”. "
        f"History {first}up to {day(window['until'])}{holdout}. "
        f"Times in {provenance['time_unit']}s, money in {found.parameters.book_currency}."
    )


def _facts(found: FitResult) -> list[Fact]:
    summary, worth = found.data.summary, customer_values(found)
    facts = [
        Fact("Customers", whole(len(summary.ids)), f"{_came_back(found)} of them came back"),
        Fact("Repeat purchases", whole(int(summary.x.sum())), "days, in the fit's window"),
    ]
    likelihood = found.fits.asked.log_likelihood
    if not isnan(likelihood):
        facts.append(Fact("Log-likelihood", decimal(likelihood, 1)))
    if found.fits.asked.limit is not None:
        facts.append(Fact("Limit", found.fits.asked.limit.name, "of the model fitted"))
    if found.holdout is not None:
        holdout = found.holdout.section()
        note = f"{holdout['expected']:,.0f} expected in {holdout['days']} days"
        facts.append(Fact("Holdout purchases", whole(holdout["actual"]), note))
    if worth.top is not None:
        facts.append(Fact("Top 20% hold", percent(worth.top), "of the value to come"))
    return facts


def _came_back(found: FitResult) -> str:
    return f"{(found.data.summary.x > 0).mean():.0%}"


def _sections(found: FitResult) -> list[PageSection]:
    worth = customer_values(found)
    return [
        models_section(found),
        *tracking_section(found),
        *frequency_section(found),
        *conditional_section(found),
        *alive_section(found),
        value_section(found, worth),
        data_section(found),
    ]
