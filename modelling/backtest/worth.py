"""Whether a rule is worth its warnings: what a backtest says of it first."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any, Final, NamedTuple

from modelling.backtest.replays import Backtest
from modelling.backtest.rivals.comparison import EqualLead
from modelling.backtest.rivals.resamples import Bounds
from scoring.rules import BUILT_IN, CHURN, SILENCE

FIRST: Final = (BUILT_IN[CHURN], BUILT_IN[SILENCE])  # whose worth is asked for first


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
    """Is it worth it, in two or three sentences."""
    found = headline(result)
    best = found.best if found else None
    if found is None or best is None or best.warnings is None:
        return "No rule warned of a lapse in time, so that there is nothing to hold against others."
    lead = f"{found.mean_lead_days or 0.0:.1f} days"
    told = (
        f" Counted anew in each of {found.stood:,} silences that began under it, a standing "
        f"warning makes that {fewer_words(best.fewer_told)}."
    )
    return (
        f"Rule {found.rule} warned {found.warnings:,} times to be {lead} early on average over all "
        f"{found.lapses:,} lapses. The best plain rule, {best.rule}, needs {best.warnings:,.0f} "
        f"for that: {fewer_words(best.fewer)}.{told if found.stood else ''}"
    )


def fewer_words(share: Bounds | None) -> str:
    """By how much a rule warns less than another, or more, with the 95% interval.

    >>> fewer_words(Bounds(0.25, 0.2, 0.3)), fewer_words(Bounds(-1.5, -2.0, -1.0))
    ('fewer by 25% [20%, 30%]', 'more by 150% [100%, 200%]')
    """
    if share is None:
        return "nobody knows by how many"
    value, low, high, word = share.value, share.low, share.high, "fewer"
    if value < 0.0:
        value, low, high, word = -value, high and -high, low and -low, "more"
    ends = "" if low is None or high is None else f" [{low:.0%}, {high:.0%}]"
    return f"{word} by {value:.0%}{ends}"


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
