"""What became of warnings, and whom acting helps, for machines and for people."""

from collections.abc import Sequence
from math import isnan
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from ebbwatch.cli.output import WholeTable
from modelling.leaving import consenting
from modelling.uplift import UpliftRanking, Waiting
from scoring.evaluation import Bounded
from streams.outbox.phrases import money
from streams.tools.desk import OutcomeReport


def outcomes_document(of: OutcomeReport) -> dict[str, Any]:
    """What became of warnings, as one JSON value; amounts in minor units."""
    up = of.uplift
    return {
        "answers": of.answers,
        "reasons": of.reasons,
        "precision": [{**each._asdict(), **interval(each.share)} for each in of.precision],
        "hours_to_action": of.hours_to_action,
        "uplift": {**up._asdict(), **interval(up.share), "interval": "Newcombe, 95%"},
        "expected_profit": interval(up.profit),
        "currency": of.currency,
    }


def interval(share: Bounded) -> dict[str, float | None]:
    """A share with its interval, as one JSON value; null where it is of none."""
    known = not isnan(share.value)
    return {"value": share.value if known else None, "lower": share.lower, "upper": share.upper}


def outcomes_page(of: OutcomeReport) -> RenderableType:
    """What became of warnings, for people."""
    counts = WholeTable("answers", "")
    for kind, count in of.answers.items():
        why = ", ".join(f"{reason} {n}" for reason, n in of.reasons.get(kind, {}).items())
        counts.add_row(kind, f"{count}{f'  ({why})' if why else ''}")
    right = WholeTable("right", "band", "precision", "95%", "of", "hours to the first answer")
    for each in of.precision:
        share, hours = each.share, of.hours_to_action.get(each.rule)
        told = "" if hours is None else f"{hours:,.1f}"
        of_all = str(each.right + each.wrong)
        right.add_row(each.rule, each.band, percent(share.value), span(share), of_all, told)
    nothing = Text("No warning was answered by retained, lost or false_alarm.")
    parts = (counts, right if of.precision else nothing, Group(*map(Text, _worth(of))))
    return Group(*(Group(part, Text("")) for part in parts))


def _worth(of: OutcomeReport) -> list[str]:
    up = of.uplift
    (k, n), (held_k, held_n) = up.treated, up.holdout
    said = [
        (
            f"Of {n} treated {k} bought again within {up.days:g} days of their first warning, "
            f"of {held_n} held out {held_k}; {up.waiting} are waiting."
        )
    ]
    if not (n and held_n):
        return [
            *said,
            "Uplift: unknown; [holdout] share of the rules file leaves some alone.",
        ]
    share, profit = up.share, up.profit
    said.append(f"Uplift: {percent(share.value)}, {span(share)} (95%, Newcombe).")
    if of.currency is not None:
        value, lower, upper = (money(bound, of.currency) for bound in profit)
        said.append(f"Expected profit of each treated: {value}, {lower} to {upper}.")
    return said


def ranking_document(
    found: UpliftRanking, waiting: Sequence[Waiting], withdrew: int
) -> dict[str, Any]:
    """A ranking by uplift as one JSON value."""
    return {
        "customers": found.customers,
        "qini": {**interval(found.qini), "interval": "bootstrap, 95%"},
        "is_worth_it": found.is_worth_it,
        "fifths": [
            {**each._asdict(), "observed": interval(each.observed)} for each in found.fifths
        ],
        "weights": found.weights,
        "waiting": len(waiting),
        "withdrew_consent": withdrew,
    }


def ranking_page(found: UpliftRanking, waiting: Sequence[Waiting], withdrew: int) -> RenderableType:
    """A ranking by uplift for people."""
    fifths = WholeTable("fifth", "predicted", "observed", "95%", "treated", "held out")
    for number, each in enumerate(found.fifths, 1):
        told, arms = each.observed, (each.treated, each.holdout)
        counts = [f"{back} of {many}" for back, many in arms]
        predicted = percent(each.predicted)
        fifths.add_row(str(number), predicted, percent(told.value), span(told), *counts)
    value, lower, upper = (f"{100.0 * bound:+.2f}" for bound in found.qini)
    advice = (
        f"It finds whom acting helps: {len(waiting)} are waiting to be ranked by it (--out)."
        if found.is_worth_it
        else "It is no better than chance: rank by value at risk."
    )
    return Group(
        Text("Uplift of customers by the ranking, judged by those it had not seen", style="bold"),
        fifths,
        Text(f"Qini coefficient: {value}, {lower} to {upper} (95%, bootstrap), in returns of"),
        Text(f"100 treated; by chance it is 0. {advice}"),
        *map(Text, consenting.told(withdrew)),
    )


def percent(value: float) -> str:
    """A share in percent."""
    return f"{value:.1%}"


def span(share: Bounded) -> str:
    """The interval of a share in percent."""
    return f"{share.lower:.1%} to {share.upper:.1%}"
