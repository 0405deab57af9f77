"""The next thresholds, as far as answers speak for any, or why they do not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import isinf
from typing import Final, Literal

import numpy as np

from modelling.thresholds.answers.told import AnswersAtEdge, Edge, told
from scoring.evaluation import Separation, Wanted, least_right, separate
from scoring.model import ScoringModel
from scoring.model.thresholds import minor_units
from scoring.rules import Rule
from streams.tools.desk import AnsweredWarning

LEAST: Final = 20  # right ones, and as many that were dismissed as too early
EDGES: Final[tuple[Edge, ...]] = ("middle", "high")

Finding = Literal["proposed", "turned_off", "by_segment", "too_few", "none_apart", "no_better"]


@dataclass(frozen=True)
class ThresholdProposal:
    """What answers say of one threshold of a rule.

    Attributes:
        rule: its name.
        edge: which threshold.
        now: in force, in the unit that a rules file states it in.
        then: proposed, likewise; None where none is.
        finding: whether it is, or why not.
        keep: share of the right ones that were to be kept.
        reasons: of the dismissed ones, how many of each.
        apart: how many of them were dismissed for a reason that does not speak about thresholds.
        apart_spared: how many of these the proposed one would have spared.
        unknown: how many that were too early nobody knows how far would have gone.
        left_out: how many answered ones today's rules would not be compared with.
        days: over which values are known, medians of the right ones and of those too early.
        separation: of the right ones from those that were too early.
    """

    rule: str
    edge: Edge
    now: float
    then: float | None
    finding: Finding
    keep: float
    reasons: Mapping[str, int]
    apart: int
    apart_spared: int
    unknown: int
    left_out: int
    days: tuple[float, float] | None
    separation: Separation


def needed(keep: float) -> int:
    """Fewest right ones that anything is learnt from, of whom a share is to be kept."""
    return max(LEAST, least_right(keep))


def propose(
    answered: Sequence[AnsweredWarning], model: ScoringModel, keep: float
) -> list[ThresholdProposal]:
    """Say of each rule that anybody answered about what its thresholds should be.

    Args:
        answered: warnings that were right or wrong.
        model: parameters and rules in force.
        keep: share of the right ones that a threshold must keep.

    Raises:
        EvaluationError: it is no share.
    """
    own = {
        rule.name: (rule, [each for each in answered if each.rule == rule.name])
        for rule in model.rules.rules
    }
    pairs = product((pair for pair in own.values() if pair[1]), EDGES)
    return [_proposal(rule, edge, theirs, model, keep) for (rule, theirs), edge in pairs]


def _proposal(
    rule: Rule, edge: Edge, answered: Sequence[AnsweredWarning], model: ScoringModel, keep: float
) -> ThresholdProposal:
    known, scale = told(answered, rule, edge, model), minor_units(rule, model.parameters)
    speaks = known.right | known.early
    wanted = Wanted(known.now, keep, known.most, scale)
    groups = np.array(known.customers, np.str_)[speaks]
    found = separate(known.values[speaks], known.right[speaks], groups, wanted)
    finding = _finding(rule, found, model, keep)
    then = found.threshold if finding == "proposed" else None
    apart = known.values[~speaks]
    return ThresholdProposal(
        rule.name,
        edge,
        rule.sign * known.now / scale,
        None if then is None else rule.sign * then,
        finding,
        keep,
        known.reasons,
        len(apart),
        0 if then is None else int(np.sum(apart < scale * then)),
        sum(map(isinf, known.values[known.early].tolist())),
        known.left_out,
        _days(known),
        found,
    )


def _finding(rule: Rule, found: Separation, model: ScoringModel, keep: float) -> Finding:
    if not model.thresholds.raises[rule.slot]:
        return "turned_off"
    if rule.segmented is not None:
        return "by_segment"
    if found.right < needed(keep) or found.wrong < LEAST:
        return "too_few"
    if found.threshold is None:
        return "none_apart"
    return "proposed" if found.is_apart else "no_better"


def _days(known: AnswersAtEdge) -> tuple[float, float] | None:
    right, early = known.days[known.right], known.days[known.early]
    return (float(np.median(right)), float(np.median(early))) if right.size and early.size else None
