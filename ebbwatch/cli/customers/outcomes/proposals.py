"""What answers propose of thresholds, for machines, for people, and for a rules file."""

from collections.abc import Sequence
from math import isnan
from typing import Any, Final

from rich.console import Group, RenderableType
from rich.text import Text

from ebbwatch.cli.customers.outcomes.page import interval, percent, span
from ebbwatch.cli.output import WholeTable
from modelling.thresholds.answers import APART, LEAST, TOO_EARLY, Change, ThresholdProposal, needed
from scoring.evaluation import Bounded

LAXER: Final = (
    "What was short of a threshold was never warned about, so that no answer speaks for a laxer "
    "one: stricter ones alone are proposed."
)
COUNTED: Final = (
    "What would be kept and spared is counted on answers that had no say in the threshold (ten "
    "folds of customers)."
)
SET_APART: Final = (
    f"Too early: {', '.join(TOO_EARLY)}. Set apart, since they do not speak about thresholds: "
    f"{', '.join(APART)}."
)
NOT_IN_FORCE: Final = (
    "Nothing is in force by this: ebbwatch rules diff with a history tells what it would change."
)


def proposals_document(proposals: Sequence[ThresholdProposal]) -> list[dict[str, Any]]:
    """Proposals as one JSON value."""
    return [_document(each) for each in proposals]


def _document(of: ThresholdProposal) -> dict[str, Any]:
    own, found = of.separation, of.then is not None
    return {
        "rule": of.rule,
        "threshold": of.edge,
        "now": of.now,
        "proposed": of.then,
        "finding": of.finding,
        "why": why(of),
        "right": own.right,
        "dismissed": {"too_early": own.wrong, "apart": of.apart, "reasons": dict(of.reasons)},
        "unknown": of.unknown,
        "left_out": of.left_out,
        "median_days_followed": of.days and dict(zip(("right", "too_early"), of.days, strict=True)),
        "precision_now": interval(own.precision_now),
        "precision_then": interval(own.precision_then) if found else None,
        "kept": interval(own.kept_share) if found else None,
        "spared": {"too_early": own.spared, "apart": of.apart_spared} if found else None,
        "interval": "Wilson, 95%",
    }


def proposals_page(proposals: Sequence[ThresholdProposal]) -> RenderableType:
    """Proposals for people."""
    if not proposals:
        return Text("No warning was answered whose raise is known: nothing is proposed.")
    counts = WholeTable("from", "right", "dismissed", "right of both", "95%", "why dismissed")
    for each in proposals:
        reasons = ", ".join(f"{reason} {n}" for reason, n in each.reasons.items())
        own = each.separation
        counts.add_row(
            f"{each.rule} {each.edge}", str(own.right), f"{own.wrong}, {each.apart} apart",
            *_told(own.precision_now), reasons,
        )  # fmt: skip
    said = [Text(f"{each.rule} {each.edge}: {why(each)}") for each in proposals]
    return Group(
        Text("What answers say of thresholds", style="bold"),
        counts,
        Text(""),
        *said,
        Text(""),
        *(Text(caution, style="dim") for caution in (LAXER, COUNTED, SET_APART, NOT_IN_FORCE)),
    )


def _told(share: Bounded) -> tuple[str, str]:
    return ("", "") if isnan(share.value) else (percent(share.value), span(share))


def why(of: ThresholdProposal) -> str:
    """What is proposed, or why nothing is, in words."""
    own, known = of.separation, _unknown(of)
    if of.finding == "turned_off":
        return "the rule is turned off."
    if of.finding == "by_segment":
        return "its thresholds differ by segment, and messages do not tell which one held."
    if of.finding == "too_few":
        return (
            f"too few answers, {own.right} right and {own.wrong} dismissed as too early: expected "
            f"{needed(of.keep)} and {LEAST} at least.{_left_out(of)}"
        )
    if of.finding == "none_apart":
        return (
            f"no stricter threshold than {of.now:.9g} keeps {percent(of.keep)} of the right ones "
            f"and surely spares one that was too early.{known}{_left_out(of)}"
        )
    if of.finding == "no_better":
        return (
            "no threshold separates them: a stricter one spares of the dismissed hardly more than "
            f"it loses of the right ones (difference {span(own.gain)}).{known}{_left_out(of)}"
        )
    return (
        f"{of.now:.9g} -> {of.then:.9g} keeps {percent(own.kept_share.value)} of the right ones "
        f"({span(own.kept_share)}) and spares {own.spared} of {own.wrong} that were too early; "
        f"right are {percent(own.precision_now.value)} ({span(own.precision_now)}) now, "
        f"{percent(own.precision_then.value)} ({span(own.precision_then)}) then."
        f"{known}{_left_out(of)}{_haste(of)}"
    )


def _unknown(of: ThresholdProposal) -> str:
    if not of.unknown:
        return ""
    return (
        f" Of {of.unknown} too early nobody knows how far they would have gone, since the value "
        "rises in silence or turned between two messages: none of them counts as spared."
    )


def _left_out(of: ThresholdProposal) -> str:
    if not of.left_out:
        return ""
    return f" Left out: {of.left_out} raised by a stricter threshold, or by a segment's."


def _haste(of: ThresholdProposal) -> str:
    if of.days is None or of.days[1] >= of.days[0]:
        return ""
    right, early = (f"{days:.1f}" for days in of.days)
    return (
        f" The right ones were followed for {right} days and those too early for {early} "
        "(medians): what is dismissed sooner had less time to go further."
    )


def changes(proposals: Sequence[ThresholdProposal]) -> list[Change]:
    """What a rules file is to say otherwise."""
    return [
        Change(each.rule, each.edge, each.then, f"proposed by answers: {why(each)}")
        for each in proposals
        if each.then is not None
    ]
