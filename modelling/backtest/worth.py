"""Whether a rule is worth its warnings: what a backtest says of it first."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any, Final, NamedTuple

from modelling.backtest.replays import Backtest
from modelling.backtest.rivals.comparison import EqualLead
from scoring.rules import CHURN, RULES, SILENCE

FIRST: Final = (RULES[CHURN].name, RULES[SILENCE].name)  # whose worth is asked for first


class HeldRule(NamedTuple):
    """A rule beside plain ones, and the setting whose thresholds it had, by place."""

    setting: int
    beside: EqualLead


def held_rules(result: Backtest) -> Iterator[HeldRule]:
    """Every rule that did something, the file's own thresholds first."""
    for place, setting in enumerate(result.settings):
        for beside in setting.equal_lead:
            if beside.warnings or beside.caught:
                yield HeldRule(place, beside)


def headline(result: Backtest) -> EqualLead | None:
    """The rule that answers for the parameter file: that of the scorecard if it warned in time."""
    able = {
        held.beside.rule: held.beside
        for held in held_rules(result)
        if held.setting == 0 and held.beside.best is not None
    }
    named = [able[name] for name in FIRST if name in able]
    return next(iter([*named, *able.values()]), None)


def answer(result: Backtest) -> str:
    """Is it worth it, in two sentences."""
    found = headline(result)
    best = found.best if found else None
    if found is None or best is None or best.warnings is None:
        return "No rule warned of a lapse in time, so that there is nothing to hold against others."
    lead = f"{found.mean_lead_days or 0.0:.1f} days"
    return (
        f"Rule {found.rule} warned {found.warnings:,} times to be {lead} early on average over all "
        f"{found.lapses:,} lapses. The best plain rule, {best.rule}, needs {best.warnings:,.0f} "
        f"for that: {fewer_words(found)}."
    )


def fewer_words(found: EqualLead) -> str:
    """By how much a rule warns less than the best plain one, with the 95% interval."""
    best = found.best
    if best is None or best.fewer is None:
        return "not to be told by how many"
    share = best.fewer
    ends = "" if share.low is None else f" [{share.low:.0%}, {share.high:.0%}]"
    return f"fewer by {share.value:.0%}{ends}"


def equal_lead_json(result: Backtest) -> dict[str, Any]:
    """The comparison as one JSON value: `rules` by setting and rule, `plain` over all figures."""
    found = headline(result)
    return {
        "answer": answer(result),
        "rule": found.rule if found else None,
        "rules": [
            {
                "setting": held.setting,
                **asdict(held.beside),
                "best_plain_rule": held.beside.best.rule if held.beside.best else None,
            }
            for held in held_rules(result)
        ],
        "plain": [asdict(curve) for curve in result.plain],
    }
