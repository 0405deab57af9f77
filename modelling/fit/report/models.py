"""What a fit found, and what it was made on."""

from math import exp, isnan
from types import MappingProxyType
from typing import Any, Final

from modelling.fit.file import FitResult
from modelling.fit.likelihood import Fitted
from modelling.history import ROW_REASONS
from modelling.report.figures import decimal, significant, whole
from modelling.report.page import Block, Cell, Notes, PageSection, Table
from schemas import REASONS

NAMES: Final = MappingProxyType(
    {
        "bgnbd": "BG/NBD",
        "mbgnbd": "MBG/NBD",
        "paretonbd": "Pareto/NBD",
        "gammagamma": "Gamma-Gamma",
    }
)
MEANINGS: Final = MappingProxyType(
    {
        "r": "shape of the purchase rates between customers; the lower, the more they differ",
        "alpha": "their scale, a time; the mean rate is r / alpha",
        "a": "with b: how the chance to stop after a purchase spreads between customers",
        "b": "with a: its mean is a / (a + b)",
        "s": "shape of the rates of stopping between customers",
        "beta": "their scale, a time; the mean rate is s / beta",
        "rate": "purchases per unit of time, of every customer",
        "leave_probability": "chance to stop after a purchase, of every customer",
        "leave_rate": "rate of stopping per unit of time, of every customer",
        "leave_share": "share of those who leave as soon as they may; the others never do",
        "mean": "mean value of a purchase, of every customer",
        "p": "how alike one customer's purchases are",
        "q": "how alike the customers' mean purchases are",
        "v": "scale of the amounts; the mean purchase is p v / (q - 1)",
    }
)
COUNTED: Final = MappingProxyType(
    {
        "rows": "Rows read.",
        "used": "Rows that became events.",
        "refunds": "Refunds among them, taken off the purchases they reverse.",
        "zero_purchases": "Purchases of nothing among them: they count as purchases, not as spend.",
    }
)


def models_section(found: FitResult) -> PageSection:
    """Parameters with their errors, and what to know of them."""
    fits = [one for one in (found.fits.purchases, found.fits.spend) if one is not None]
    rows = [row for one in fits for row in _parameters(one)]
    columns = ("Model", "Parameter", "Value", "Standard error", "Meaning")
    lead = (
        "By maximum likelihood. A parameter lies within two standard errors of its value with "
        "about 95% confidence, if the model is right."
    )
    notes = _diagnostics(found)
    blocks: list[Block] = [Table(columns, rows), Table(FITTED, [_fitted(one) for one in fits])]
    return PageSection("Parameters", lead, [*blocks, *([Notes(notes)] if notes else [])])


FITTED: Final = ("Model", "Log-likelihood", "Customers", "Distinct kinds", "Steps")


def _parameters(fitted: Fitted) -> list[list[Cell]]:
    return [
        [
            NAMES[fitted.model] if name == next(iter(fitted.parameters)) else "",
            name,
            significant(value),
            significant(fitted.standard_errors[name], 2),
            MEANINGS[name],
        ]
        for name, value in fitted.parameters.items()
    ]


def _fitted(one: Fitted) -> list[Cell]:
    counts = (one.customers, one.cells, one.iterations)
    likelihood = None if isnan(one.log_likelihood) else one.log_likelihood
    return [NAMES[one.model], decimal(likelihood, 4), *map(whole, counts)]


def prior_words(fitted: Fitted) -> list[str]:
    """What was believed before the data."""
    if fitted.prior is None:
        return []
    beliefs = (
        f"{name} about {each['median']:.3g}{' a day' if each['per_day'] else ''}, within a factor "
        f"of {exp(2.0 * each['log_sd']):.0f}"
        for name, each in fitted.prior.items()
    )
    words = (
        f"A weak prior went into the {NAMES[fitted.model]}: {'; '.join(beliefs)}. Values are the "
        "posterior's mode, errors its curvature's; the likelihood is told without it."
    )
    return [words]


def _diagnostics(found: FitResult) -> list[str]:
    spend = found.fits.spend.diagnostics if found.fits.spend and found.fits.purchases else ()
    asked, whole = found.fits.asked, found.document["fit"]["diagnostics"]
    priors = [
        words
        for one in (found.fits.purchases, found.fits.spend)
        if one
        for words in prior_words(one)
    ]
    own = (*priors, *limit_words(asked), *asked.diagnostics, *whole, *spend)
    capped = found.fits.capped
    lowered = (
        f"{capped.customers} mean spends above the {capped.quantile:.2%} quantile were lowered to "
        f"it, {capped.cap:,.2f} {found.parameters.book_currency}."
        if capped.cap is not None and capped.customers
        else ""
    )
    return [*own, *filter(None, [lowered])]


def limit_words(fitted: Fitted) -> list[str]:
    """What it means that a fit ended in a limit."""
    if fitted.limit is None or not fitted.limit.interior:
        return []
    words = (
        f"The likelihood of the {NAMES[fitted.model]} rises to an edge of its parameters, so its "
        f"limit there is the model: {fitted.limit.name}. Twice the log-likelihood is higher by "
        f"{fitted.limit.likelihood_ratio:.3g} than at the nearest point inside."
    )
    return [words]


def data_section(found: FitResult) -> PageSection:
    """What became of the rows of the history."""
    cleaning = found.data.cleaning
    if cleaning is None:
        return PageSection("Data", "The states of a live system, which have been checked before.")
    rows = [_count(name, how_many) for name, how_many in cleaning.counts().items()]
    table = Table(("Rows", "Count", "What it means"), rows)
    first = [f"First {name}: {text}" for name, text in cleaning.first.items()]
    lead = "What was read, and what was left out and why. Nothing is repaired by guessing."
    return PageSection("Data", lead, [table, *([Notes(first)] if first else [])])


def _count(name: str, how_many: int) -> list[Cell]:
    meanings: dict[str, Any] = {**REASONS, **ROW_REASONS, **COUNTED}
    return [name.replace("_", " "), whole(how_many), str(meanings.get(name, ""))]
