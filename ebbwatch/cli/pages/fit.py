"""A fit, as `ebbwatch fit` shows it."""

from pathlib import Path
from typing import Any

from rich.console import Group
from rich.text import Text

from ebbwatch.cli.output import WholeTable
from ebbwatch.cli.pages.history import history_json, history_lines
from modelling.fit.file import FitResult, estimate, limit_reached


def document(found: FitResult, out: Path, seconds: float) -> dict[str, Any]:
    """The fit as one JSON value; `seconds` are the fit's, `seconds_in_all` with reading."""
    asked, provenance = found.fits.asked, found.document["fit"]
    return {
        "model": asked.model,
        **limit_reached(asked),
        "prior": asked.prior,
        "parameters": dict(asked.parameters),
        "log_likelihood": estimate(asked)["log_likelihood"],
        "customers": asked.customers,
        "time_unit": provenance["time_unit"],
        "seconds": found.fits.seconds,
        "seconds_in_all": seconds,
        "standard_errors": dict(asked.standard_errors),
        "diagnostics": [*asked.diagnostics, *provenance["diagnostics"]],
        "spend": found.fits.spend and estimate(found.fits.spend),
        "winsorised": provenance["winsorised"],
        "window": provenance["window"],
        "cleaning": provenance["counts"],
        "left_out": dict(found.data.cleaning.first) if found.data.cleaning else {},
        "history": history_json(found.data.cleaning),
        "holdout": provenance["holdout"],
        "chosen_by": provenance.get("chosen_by"),
        "tried": provenance.get("tried", []),
        "out": str(out),
        "version": found.parameters.version,
    }


def page(found: FitResult, result: dict[str, Any]) -> Group:
    """The fit for people."""
    fitted = [each for each in (found.fits.purchases, found.fits.spend) if each is not None]
    parameters = WholeTable("model", "parameter", "value", "standard error")
    for each in fitted:
        for name, value in each.parameters.items():
            error = each.standard_errors[name]
            parameters.add_row(each.model, name, f"{value:.6g}", f"{error:.2g}")
    return Group(parameters, Text(""), *_facts(found, result), *_notes(found, result))


def _facts(found: FitResult, result: dict[str, Any]) -> list[Text]:
    window, unit = result["window"], result["time_unit"]
    likely = result["log_likelihood"]
    likelihood = "" if likely is None else f"log-likelihood {likely:.4f}, "
    facts = [
        f"{likelihood}times in {unit}s, money in major units",
        f"{result['customers']} customers up to {window['until']}, {result['seconds']:.2f} s",
        f"{result['out']}: {result['version']}",
    ]
    if result["tried"]:
        facts.insert(0, chosen(result))
    if result["prior"] is not None:
        facts.insert(0, "with weak priors: values are the posterior's mode, errors its curvature's")
    if result["limit"] is not None:
        facts.insert(0, f"limit of {result['model']}: {result['limit']}")
    if found.holdout is not None:
        facts.insert(-1, _holdout(result["holdout"]))
    return [Text(fact) for fact in facts]


def chosen(result: dict[str, Any]) -> str:
    """Which model was taken, and what it was held against."""
    ranked = ", ".join(map(_one, result["tried"]))
    return f"{result['model']} was taken by {result['chosen_by']}: {ranked}"


def _one(each: dict[str, Any]) -> str:
    if each["log_likelihood"] is None:
        return f"{each['model']} does not fit"
    told, error = f"{each['model']} {each['log_likelihood']:.1f}", each["mean_absolute_error"]
    return told if error is None else f"{each['model']} {error:.4f}"


def _holdout(holdout: dict[str, Any]) -> str:
    related = holdout["correlation"]
    return (
        f"holdout of {holdout['days']} days: {holdout['expected']:.1f} purchases expected, "
        f"{holdout['actual']} made; a customer's correlation "
        f"{'none' if related is None else format(related, '.3f')}, "
        f"mean absolute error {holdout['mean_absolute_error']:.3f}"
    )


def _notes(found: FitResult, result: dict[str, Any]) -> list[Text]:
    spend = found.fits.spend.diagnostics if found.fits.spend and found.fits.purchases else ()
    lowered = result["winsorised"]["customers"]
    cap = result["winsorised"]["cap"]
    capped = [f"{lowered} mean spends were lowered to {cap:.2f}."] if lowered else []
    notes = [*result["diagnostics"], *spend, *(capped if lowered else [])]
    told = dict.fromkeys([*notes, *history_lines(found.data.cleaning)])
    return [Text(note, style="dim") for note in told]
