"""A backtest, as `ebbwatch backtest` shows it."""

from typing import Any

from rich.console import Group
from rich.text import Text

from ebbwatch.cli.output import WholeTable
from modelling.backtest.as_json import backtest_json
from modelling.backtest.run import BacktestRun
from streams.outbox.phrases import money

__all__ = ["backtest_json", "page"]


def page(report: BacktestRun) -> Group:
    """The backtest for people."""
    result = backtest_json(report)
    return Group(
        Text(
            f"{result['customers']} customers, {result['events']} events, {_span(result)}", "bold"
        ),
        Text(
            f"Lost is who buys nothing for {result['horizon_days']:g} days or closes the account: "
            f"{result['lapses']} lapses, {result['closures']} of them by closure."
        ),
        Text(""),
        *_worth(result["equal_lead"]),
        Text("Lead is the median from the first right warning to the lapse."),
        Text(""),
        *(part for setting in result["settings"] for part in _setting(setting, result["currency"])),
        *_scores(result["snapshots"]),
        Text(
            f"{result['events_per_second']} events/s, parameters {result['model_version']}", "dim"
        ),
    )


def _span(result: dict[str, Any]) -> str:
    return f"{result['from'][:10]} to {result['until'][:10]}"


def _worth(found: dict[str, Any]) -> list[Any]:
    """Is it worth it, first of all."""
    heading = [Text("Is this worth it for us?", "bold"), Text(found["answer"])]
    titles = (
        "rule",
        "from",
        "warnings",
        "precision",
        "mean lead",
        "best plain rule",
        "its",
        "fewer",
        "with stood",
    )
    shown = WholeTable(*titles)
    for one in found["rules"]:
        shown.add_row(*_beside(one))
    return [*heading, *([shown] if found["rules"] else []), Text("")]


def _beside(one: dict[str, Any]) -> list[str]:
    named = [one["rule"], f"{one['threshold']:.3g}", str(one["warnings"])]
    lead = one["mean_lead_days"]
    own = [*named, _percent(one["precision"]), "none" if lead is None else f"{lead:.1f} d"]
    best = next((each for each in one["rivals"] if each["rule"] == one["best_plain_rule"]), None)
    if best is None:
        return [*own, "none", "", "", ""]
    spared = (best[name] and best[name]["value"] for name in ("fewer", "fewer_told"))
    return [*own, best["rule"], f"{best['warnings']:.0f}", *map(_percent, spared)]


def _setting(setting: dict[str, Any], currency: str) -> list[Any]:
    given = ", ".join(
        f"{rule}={limit['middle']:g}:{limit['high']:g}"
        for rule, limit in setting["thresholds"].items()
    )
    titles = "rule", "band", "a day", "precision", "recall", "lead", "flaps", f"CLV, {currency}"
    shown = WholeTable(*titles)
    for one in setting["rules"]:
        if one["warnings"]:
            shown.add_row(*_cells(one, currency))
    return [Text(given or "thresholds of the parameter file", "bold"), shown, Text("")]


def _cells(one: dict[str, Any], currency: str) -> list[str]:
    quantiles = one["lead_days"]["quantiles"]
    return [
        one["rule"],
        one["band"],
        f"{one['warnings_per_day']:.2f}",
        _percent(one["precision"]),
        _percent(one["recall"]),
        f"{quantiles['0.5']:.0f} d" if quantiles else "none",
        str(one["flaps"]),
        money(one["warned_clv"], currency).split()[0],
    ]


def _scores(snapshots: dict[str, Any]) -> list[Any]:
    if not snapshots["customers"]:
        return []
    shown = WholeTable("score", "H", "lost", "AUC", "95%", "lift", "ECE")
    for each in snapshots["scores"]:
        if each["auc"] is not None:
            shown.add_row(*_score(each, snapshots["customers"]))
    customers, dates = snapshots["customers"], len(snapshots["dates"])
    heading = (
        f"Scores on {dates} dates, {customers} customers in all: lost is who buys nothing in H days"
    )
    return [Text(heading, "bold"), shown, Text("")]


def _score(each: dict[str, Any], customers: int) -> list[str]:
    auc, error = each["auc"], each["calibration_error"]
    return [
        each["score"],
        f"{each['horizon_days']:g}",
        f"{each['lost'] / customers:.0%}",
        f"{auc['value']:.3f}",
        f"{auc['low']:.3f} to {auc['high']:.3f}",
        f"{each['deciles'][0]['lift']:.2f}",
        "" if error is None else f"{error:.3f}",
    ]


def _percent(share: float | None) -> str:
    return "none" if share is None else f"{share:.1%}"
