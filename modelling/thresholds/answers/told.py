"""What answered warnings of a rule tell of one of its thresholds."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final, Literal, NamedTuple

import numpy as np

from scoring.arrays import Bools, Floats
from scoring.feature import FACETS, Unit
from scoring.model import ScoringModel
from scoring.rules import Rule
from streams.tools.desk import AnsweredWarning

Edge = Literal["middle", "high"]

TOO_EARLY: Final = ("still_active", "seasonal")
"""Reasons that speak about a threshold: so far the value goes in this customer's ordinary life."""

APART: Final = ("travelling", "already_known", "data_error", "other", "untold")
"""Reasons that do not: an absence that no value tells from leaving; a warning that was right, but
no news; a wrong value, which is far from any threshold as often as near; and nothing that was said.
"""


class AnswersAtEdge(NamedTuple):
    """AnsweredWarning warnings that had reached a threshold, and would have by the rules in force.

    Attributes:
        now: the threshold in force, as values are held against it.
        most: that a rules file may state.
        values: of a right one the most that it surely reached by its answer; of a wrong one what
            it surely never passed, inf where nothing is sure, shape (n,).
        right: which are, shape (n,).
        early: which were wrong for a reason that speaks about the threshold, shape (n,).
        customers: of each.
        days: over which each one's value is known, shape (n,).
        reasons: of the wrong ones, how many of each.
        left_out: raised by a threshold stricter than the one in force, or by one of a segment.
    """

    now: float
    most: float
    values: Floats
    right: Bools
    early: Bools
    customers: tuple[str, ...]
    days: Floats
    reasons: Mapping[str, int]
    left_out: int


def told(
    answered: Sequence[AnsweredWarning], rule: Rule, edge: Edge, model: ScoringModel
) -> AnswersAtEdge:
    """What is known of one threshold of a rule.

    Args:
        answered: warnings of this rule.
        rule: one of the model's.
        edge: which of its thresholds.
        model: parameters and rules in force.
    """
    middle, high = (float(own[rule.slot]) for own in (model.bands.middle, model.bands.high))
    now = middle if edge == "middle" else high
    fit = [a for a in answered if a.threshold is not None and rule.sign * a.threshold <= middle]
    reached = [max(rule.sign * value for value in a.values) for a in fit]
    in_it = [(a, far) for a, far in zip(fit, reached, strict=True) if far >= now]
    own = [a for a, _ in in_it]
    versions = (model.parameters.version, model.rules.version)
    values = [far if a.is_right else _never(a, far, rule, high, versions) for a, far in in_it]
    most = _open_end(rule)
    return AnswersAtEdge(
        now,
        min(high, most) if edge == "middle" else most,
        np.array(values, np.float64),
        np.array([a.is_right for a in own], np.bool_),
        np.array([a.reason in TOO_EARLY for a in own], np.bool_),
        tuple(a.customer for a in own),
        np.array([a.days for a in own], np.float64),
        dict(Counter(a.reason for a in own if a.reason is not None).most_common()),
        len(answered) - len(fit),
    )


def _never(
    of: AnsweredWarning, reached: float, rule: Rule, high: float, versions: tuple[str, str]
) -> float:
    """What a wrong one surely did not pass.

    One whose value was falling, or waits for events, when it was answered had reached the most that
    its messages tell. One that rises in silence would have gone on, and how far it had come is how
    long the desk took. One that ended by itself had turned between two messages: it had not been
    high, and that is all that is known, so long as today's `high` was in force.
    """
    if of.ended_by_itself:
        is_known = not of.was_high and of.versions == versions and reached < high
        return math.nextafter(high, -math.inf) if is_known else math.inf
    return math.inf if rule.rises_in_silence else reached


def _open_end(rule: Rule) -> float:
    """The last threshold that may be stated before 1, of a share, or 0, where low values warn."""
    if FACETS[rule.value].unit is Unit.MONEY:
        return math.inf
    if rule.sign < 0:
        return math.nextafter(0.0, -1.0)
    return math.nextafter(1.0, 0.0) if FACETS[rule.value].unit is Unit.SHARE else math.inf
