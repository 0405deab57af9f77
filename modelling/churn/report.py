"""The report of a churn scorecard."""

import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from modelling.churn import charts as churn_charts
from modelling.churn.run import ChurnFitResult
from modelling.report import ranking_charts
from modelling.report.figures import counted, day, decimal, interval, percent, signed, whole
from modelling.report.page import Block, Cell, Chart, Fact, Notes, Page, PageSection, Table, write
from modelling.report.ranking_tables import calibration_table, tenths_table
from scoring.churn.inputs import BY_NAME
from scoring.evaluation import calibration_curve, deciles, flagged
from scoring.parameters import parse

SCORECARD: Final = "scorecard"
PLAINER: Final[Mapping[str, str]] = MappingProxyType(
    {"no_purchase": "P(no purchase)", "days_since_last": "days since last purchase"}
)
CALIBRATIONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "none": "The regression's odds are taken as they are.",
        "platt": "The regression's odds are set right by a straight line (Platt).",
        "isotonic": "The regression's odds are set right by a rising curve (isotonic regression).",
    }
)
CHOSEN: Final[Mapping[str, str]] = MappingProxyType(
    {
        "rate": "so that as large a share of the customers is flagged as was lost in the past",
        "budget": "so that the warnings keep within the budget a day",
        "profit": "by the profit expected of warnings on days the fit had not seen",
        "replay": "by what warnings were worth on days the fit had not seen",
    }
)
LEFT_OUT: Final[Mapping[str, str]] = MappingProxyType(
    {
        "sign": "Left out, since beside the others it would weigh against its meaning",
        "constant": "Left out, being the same for all",
    }
)


def write_churn_report(path: Path, found: ChurnFitResult, more: Sequence[PageSection] = ()) -> None:
    """Write the report of a churn scorecard, and more sections, as one HTML file.

    Raises:
        OSError: It cannot be written.
    """
    write(path, churn_page(found, more))


def churn_page(found: ChurnFitResult, more: Sequence[PageSection] = ()) -> Page:
    """The report of a churn scorecard."""
    scorecard, fit = found.scorecard, found.scorecard["fit"]
    return Page(
        kind="churn scorecard",
        title=f"Churn scorecard over {scorecard['horizon_days']:g} days",
        lead=(
            f"Parameters “{found.document['name']}”. {counted(fit['customers'], 'customer')}, "
            f"looked at on {_dates(fit['dates'])}. All figures of quality are cross-validated: "
            "each customer was judged by a scorecard fitted, chosen and calibrated without that "
            "customer."
        ),
        facts=_facts(scorecard),
        sections=[
            _ranking(scorecard),
            _lift_and_gain(found),
            _calibration(found),
            _points(scorecard),
            _thresholds(found),
            *more,
        ],
        made_by=f"Ebbwatch · {parse(found.document).version}",
    )


def _dates(dates: list[str]) -> str:
    texts = [day(date) for date in dates]
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} and {texts[-1]}"


def _facts(scorecard: dict[str, Any]) -> list[Fact]:
    fit, terms = scorecard["fit"], scorecard["terms"]
    auc, lost = fit["auc"], f"{fit['churned']:,} of {fit['rows']:,} looks"
    limit = f"by chance up to {fit['calibration_limit']:.4f}"
    return [
        Fact("AUC", decimal(auc["value"], 3), f"95%: {interval(auc['low'], auc['high'])}"),
        Fact("Lost", percent(scorecard["base_rate"]), lost),
        Fact("Calibration error", decimal(fit["calibration_error"], 4), limit),
        Fact("Brier score", decimal(fit["brier"], 4), "0 is perfect"),
        Fact("Inputs", whole(len(terms)), f"{len(fit['left_out'])} left out"),
    ]


def _ranking(scorecard: dict[str, Any]) -> PageSection:
    fit = scorecard["fit"]
    columns = ("Ranked by", "AUC", "95% interval", "Scorecard's gain", "95% interval of the gain")
    own: list[Cell] = ["Scorecard, cross-validated", *_estimate(fit["auc"]), "", ""]
    plainer = [_plainer(name, one) for name, one in fit["baselines"].items()]
    lead = (
        "AUC is the chance that of two customers, one lost and one not, the lost one is ranked "
        "riskier; 0.5 is a coin. Gains are paired, as all ranked the same customers: where the "
        "interval of a gain lies above 0, the scorecard ranks better by more than chance."
    )
    return PageSection("Ranking", lead, [Table(columns, [own, *plainer])])


def _plainer(name: str, one: dict[str, Any]) -> list[Cell]:
    words = PLAINER.get(name, name)
    return [words[:1].upper() + words[1:], *_estimate(one["auc"]), *_estimate(one["gain"])]


def _estimate(found: dict[str, float]) -> tuple[Cell, Cell]:
    return decimal(found["value"], 3), interval(found["low"], found["high"])


def _lift_and_gain(found: ChurnFitResult) -> PageSection:
    validated = found.cross_validation
    scores = {
        SCORECARD: validated.risks,
        PLAINER["no_purchase"]: validated.observed.no_purchase,
        PLAINER["days_since_last"]: validated.observed.silence,
    }
    tenths = {name: deciles(score, validated.churned) for name, score in scores.items()}
    caption = (
        "Left: how much more often each tenth is lost than all. Right: who acts on the riskiest "
        "first reaches that share of the lost; the grey line is acting at random."
    )
    chart = Chart(ranking_charts.lift_and_gain("card-lift", tenths), caption)
    lead = "A look is one customer on one of the dates; all looks are ranked together."
    return PageSection("Lift and gain", lead, [chart, tenths_table(tenths[SCORECARD])])


def _calibration(found: ChurnFitResult) -> PageSection:
    curve = calibration_curve(found.cross_validation.risks, found.cross_validation.churned)
    chart = ranking_charts.calibration("card-calibration", {"": curve})
    blocks: list[Block] = [Chart(chart, ranking_charts.CALIBRATED), calibration_table(curve)]
    lead = CALIBRATIONS[found.scorecard["calibration"]["type"]]
    return PageSection("Do the risks mean what they say", lead, blocks)


def _points(scorecard: dict[str, Any]) -> PageSection:
    double = scorecard["points_to_double"]
    scale = double / math.log(2.0)
    base = signed(scorecard["intercept"] * scale, 1).text
    lead = (
        f"A customer's points are the base points, {base}, "
        "and for each input its points a unit times the distance from its centre. "
        f"{double:g} points double the odds of being lost; 0 points are even "
        "odds, before calibration. The weight is in log odds a unit."
    )
    columns = ("Input", "What it is", "Unit", "Weight", "Centre", "Points a unit")
    table = Table(columns, [_term(term, scale) for term in scorecard["terms"]])
    notes = list(_left_out(scorecard["fit"]["left_out"]))
    return PageSection("The scorecard", lead, [table, *([Notes(notes)] if notes else [])])


def _term(term: dict[str, Any], scale: float) -> list[Cell]:
    row, points = BY_NAME[term["input"]], signed(term["weight"] * scale, 1)
    weight, centre = signed(term["weight"], 3), decimal(term["centre"], 3)
    return [row.name, row.words, row.unit, weight, centre, points]


def _left_out(left_out: dict[str, str]) -> Iterator[str]:
    for reason, words in LEFT_OUT.items():
        names = [BY_NAME[name].words for name, why in left_out.items() if why == reason]
        if names:
            yield f"{words}: {'; '.join(names)}."


def _thresholds(found: ChurnFitResult) -> PageSection:
    validated, limits = found.cross_validation, found.scorecard["thresholds"]
    lead = (
        f"Chosen {CHOSEN[limits['chosen_by']]}. Counted here are the looks. A band is kept until "
        f"the risk has fallen {limits['hysteresis']:.3f} below its threshold."
    )
    caption = (
        "Looks by risk, the lost ones in blue. What is right of a line is warned of: the grey "
        "there in vain. The blue left of it is missed."
    )
    chart = churn_charts.risks(validated.risks, validated.churned, limits["middle"], limits["high"])
    columns = ("Band", "Risk from", "Looks", "Of all", "Lost among them", "Precision", "Recall")
    table = Table(columns, [_band(found, name) for name in ("middle", "high")])
    return PageSection("Thresholds", lead, [table, Chart(chart, caption)])


def _band(found: ChurnFitResult, name: str) -> list[Cell]:
    threshold, all_of = found.scorecard["thresholds"][name], found.cross_validation.churned
    caught = flagged(found.cross_validation.risks, all_of, threshold)
    return [
        name,
        decimal(threshold, 3),
        whole(caught.rows),
        percent(caught.rows / len(all_of)),
        whole(caught.churned),
        percent(caught.precision if caught.rows else None),
        percent(caught.recall),
    ]
