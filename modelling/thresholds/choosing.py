"""Choosing among thresholds that were tried; pure, and every choice with its reason in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from modelling.thresholds.aim import Aim

ChosenBy = Literal["budget", "profit", "replay"]
NOBODY: Final = 0.999_999  # a risk that nobody reaches
ALIKE: Final = 0.05  # share of the best by which others are as good, and the earliest is taken
HIGH_SHARE: Final = 0.5  # of the recall at band middle that band high keeps


class ThresholdChoice(NamedTuple):
    """What warnings at a threshold would have been worth; ratios None where nothing is divided by.

    Attributes:
        threshold: risk at which a warning is raised.
        warnings_per_day: counted up to all customers where some were looked at.
        precision: right warnings over right, wrong and late ones.
        recall: lapses warned of over all.
        lead_days: median, from the first right warning to the lapse.
        profit: a day, minor units of the book currency, of warnings of which the end is known;
            None where nothing is known of what they bring and cost.
    """

    threshold: float
    warnings_per_day: float
    precision: float | None
    recall: float | None
    lead_days: float | None
    profit: float | None

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall, 0 where there is none."""
        both = (self.precision or 0.0) + (self.recall or 0.0)
        return 2.0 * (self.precision or 0.0) * (self.recall or 0.0) / both if both else 0.0


@dataclass(frozen=True)
class Recommended:
    """Thresholds, and why these.

    Attributes:
        chosen_by: what decided.
        middle: risk at which band middle begins.
        high: risk at which band high begins: that of the highest precision among those tried which
            still have half of the recall.
        at: what was found at `middle`; None where nobody is to be warned of.
        why: a sentence.
        notes: what else to know, sentences.
    """

    chosen_by: ChosenBy
    middle: float
    high: float
    at: ThresholdChoice | None
    why: str
    notes: tuple[str, ...] = ()

    @property
    def warns_nobody(self) -> bool:
        """Whether the advice is to warn of nobody."""
        return self.at is None


def choose(tried: Sequence[ThresholdChoice], aim: Aim) -> Recommended:
    """Choose by profit where bringing and cost are known, else by budget, else by precision.

    What is as good but for chance is decided by lead: who is warned of late can hardly be kept.

    Args:
        tried: by rising threshold, one at least.
        aim: what to achieve. Profit is sought within the budget where there is one.

    >>> low = ThresholdChoice(0.2, 4.0, 0.4, 0.9, 20.0, None)
    >>> high = ThresholdChoice(0.6, 1.0, 0.7, 0.5, 9.0, None)
    >>> choose([low, high], Aim(budget=2.0)).middle, choose([low, high], Aim(budget=9.0)).middle
    (0.6, 0.2)
    >>> choose([low, high], Aim()).why
    'At least 50% of the warnings are right; of such thresholds it misses few lapses and is early.'
    """
    if aim.economics is not None:
        return _by_profit(tried, aim)
    if aim.budget is not None:
        return _by_warnings(tried, aim.budget)
    return _by_precision(tried, aim.least_precision)


def _by_profit(tried: Sequence[ThresholdChoice], aim: Aim) -> Recommended:
    within, notes = _affordable(tried, aim.budget)
    most = max(one.profit or 0.0 for one in within)
    if most <= 0.0:
        why = "At no threshold do warnings bring what they cost: the advice is to warn of nobody."
        return Recommended("profit", NOBODY, NOBODY, None, why, notes)
    best = _earliest([one for one in within if (one.profit or 0.0) >= (1.0 - ALIKE) * most])
    limit = "" if aim.budget is None else f" within {aim.budget:g} warnings a day"
    why = (
        f"Of the thresholds whose expected profit is within {ALIKE:.0%} of the highest{limit}, it "
        "warns earliest."
    )
    return _found("profit", best, tried, why, notes)


def _by_warnings(tried: Sequence[ThresholdChoice], budget: float) -> Recommended:
    within, notes = _affordable(tried, budget)
    why = f"It is the lowest threshold within {budget:g} warnings a day."
    if notes:
        why = f"It is the highest threshold tried, as none is within {budget:g} warnings a day."
    return _found("budget", within[0], tried, why, notes)


def _affordable(
    tried: Sequence[ThresholdChoice], budget: float | None
) -> tuple[Sequence[ThresholdChoice], tuple[str, ...]]:
    """Those from which on no threshold is above the budget; the highest where none is within.

    A threshold so low that warnings stay up through purchases raises few as well, and is no choice.
    """
    if budget is None:
        return tried, ()
    dear = [at for at, one in enumerate(tried) if one.warnings_per_day > budget]
    within = tried[dear[-1] + 1 :] if dear else tried
    if within:
        return within, ()
    least = tried[-1]
    note = f"Even at {least.threshold:.4g} there are {least.warnings_per_day:.2f} warnings a day."
    return [least], (note,)


def _by_precision(tried: Sequence[ThresholdChoice], least: float) -> Recommended:
    good = [one for one in tried if one.precision is not None and one.precision >= least]
    if good:
        most = max(one.recall or 0.0 for one in good)
        best = _earliest([one for one in good if (one.recall or 0.0) >= (1.0 - ALIKE) * most])
        why = (
            f"At least {least:.0%} of the warnings are right; of such thresholds it misses few "
            "lapses and is early."
        )
        return _found("replay", best, tried, why)
    best = max(tried, key=lambda one: (one.f1, one.threshold))
    why = (
        f"At no threshold are {least:.0%} of the warnings right; precision and recall together "
        "(F1) are best there."
    )
    return _found("replay", best, tried, why)


def _found(
    by: ChosenBy,
    best: ThresholdChoice,
    tried: Sequence[ThresholdChoice],
    why: str,
    notes: tuple[str, ...] = (),
) -> Recommended:
    least = HIGH_SHARE * (best.recall or 0.0)
    still = [
        one for one in tried if one.threshold >= best.threshold and (one.recall or 0.0) >= least
    ]
    high = max(still, key=lambda one: (one.precision or 0.0, -one.threshold)).threshold
    return Recommended(by, best.threshold, high, best, why, notes)


def _earliest(alike: Sequence[ThresholdChoice]) -> ThresholdChoice:
    return max(alike, key=lambda one: (one.lead_days or 0.0, one.precision or 0.0))
