"""From rule values to warning levels, with hysteresis and cooldown."""

from typing import Final, NamedTuple

import numpy as np

from scoring.arrays import Bools, Floats, Ints
from scoring.facts.consent import is_unscored
from scoring.facts.state import Flag, States
from scoring.feature import Feature
from scoring.model import Bands, ScoringModel
from scoring.warning.quiet_times import quiet, woken

LOW, MIDDLE, HIGH = 0, 1, 2
RHYTHM: Final = 2  # repeat purchases from which on a customer has one


class Moves(NamedTuple):
    """Which rules' levels changed: arrays of equal length.

    Attributes:
        closed_by: kind of the answer that did it, 0 where the rule's value did.
    """

    rows: Ints
    rules: Ints
    before: Ints
    after: Ints
    raised_at: Floats
    closed_by: Ints

    def and_those(self, others: "Moves") -> "Moves":
        """Two of the same customers, ordered by row, then rule; of no rule in both."""
        joined = Moves._make(map(np.concatenate, zip(self, others, strict=True)))
        return joined.take(np.lexsort((joined.rules, joined.rows)))

    def take(self, at: Ints) -> "Moves":
        """Some of them."""
        return Moves._make(column[at] for column in self)


def values(matrix: Floats, model: ScoringModel) -> Floats:
    """Value of every rule, shape (n, slots); before a rhythm is known none is a sign of leaving."""
    rules, known = model.rules, rhythm_known(matrix, model)
    table = matrix[rules.values].T.copy()
    if rules.signs is not None:
        table *= rules.signs
    table[:, rules.rhythmic] *= known[:, None]
    if rules.own_rhythmic.size:  # 0 may be over thresholds of their own kind
        own = table[:, rules.own_rhythmic]
        table[:, rules.own_rhythmic] = np.where(known[:, None], own, -np.inf)
    by_rule: Floats = table
    return by_rule


def rhythm_known(matrix: Floats, model: ScoringModel) -> Bools:
    """Whether x >= 2 or tenure >= H, before which no silence is flagged."""
    regular = matrix[Feature.FREQUENCY] >= RHYTHM
    known: Bools = regular | (matrix[Feature.TENURE] >= model.horizon)
    return known


def may_raise(matrix: Floats, model: ScoringModel) -> Bools:
    """Which rules may warn about whom, shape (n, slots).

    Rules of silence need enough at stake, which silence itself does not change.
    """
    worth = matrix[Feature.VALUE_AT_STAKE] >= model.least_value
    may = np.repeat(model.thresholds.raises[None, :], matrix.shape[1], axis=0)
    may[:, model.rules.rhythmic] &= worth[:, None]
    return may


def known_from(matrix: Floats, model: ScoringModel) -> Floats:
    """Tenure, days, from which on `rhythm_known`."""
    return np.where(matrix[Feature.FREQUENCY] >= RHYTHM, 0.0, model.horizon)


def threshold(states: States, slot: int, bands: Bands) -> Floats:
    """What a rule's value must reach to rise by a level, shape (n,)."""
    own, low = bands.of(slot), states["level"][:, slot] == LOW
    thresholds: Floats = np.where(low, own.middle, own.high)
    return thresholds


def settle(
    states: States,
    table: Floats,
    now: Floats,
    model: ScoringModel,
    in_silence: Bools,
    may: Bools,
    bands: Bands | None = None,
    held: Bools | None = None,
) -> Moves:
    """Move every level to where its rule's value puts it, in place.

    Args:
        states: shape (n,).
        table: rule values, shape (n, slots).
        now: epoch seconds, shape (n,).
        model: thresholds and cooldown.
        in_silence: where silence alone moved the values, so that rules held in silence keep their
            level, shape (n,).
        may: which rules may warn about whom, shape (n, slots); the others' levels are low.
        bands: thresholds of these customers; the model's if left out.
        held: whose rises by which rules are held, shape (n, slots); of these those that would have
            been are left in it. None for nobody's.

    Returns:
        The moves made, ordered by row, then rule.
    """
    width = model.rules.width
    before = states["level"][:, :width].astype(np.int64)
    after = np.where(may, targets(before, table, bands or model.bands), LOW)
    waits = (before == LOW) & (now[:, None] < cooled_at(states, model))
    kept: Bools = model.rules.held & in_silence[:, None]
    if model.rules.quiet:
        waits |= (after > before) & quiet(now, model)
        kept &= ~woken(now, model)
    still: Bools = waits | is_over(states)[:, None] | kept
    after = np.where(still, before, after)
    after[is_unscored(states)] = LOW
    if held is not None:
        held &= after > before
        after = np.where(held, before, after)
    rows, rules = np.nonzero(after != before)
    raised_at = np.where(before == LOW, now[:, None], states["since"][:, :width])
    at = rows, rules
    of_itself = np.zeros(len(rows), np.int64)
    moves = Moves(rows, rules, before[at], after[at], raised_at[at], of_itself)
    _write(states, moves, now)
    return moves


def cooled_at(states: States, model: ScoringModel) -> Floats:
    """When each rule may raise again, shape (n, slots)."""
    width = model.rules.width
    cooled: Floats = states["since"][:, :width] + model.thresholds.cooldown
    rested: Floats = np.maximum(cooled, states["quiet_until"][:, :width])
    return rested


def targets(before: Ints, table: Floats, bands: Bands) -> Ints:
    """Levels that rule values (n, slots) lead to from the levels before, shape as given."""
    keep_high = (before == HIGH) & (table > bands.high - bands.hysteresis)
    keep_middle = (before >= MIDDLE) & (table > bands.middle - bands.hysteresis)
    high = (table >= bands.high) | keep_high
    middle = (table >= bands.middle) | keep_middle
    return np.where(high, HIGH, np.where(middle, MIDDLE, LOW))


def _write(states: States, moves: Moves, now: Floats) -> None:
    rows, rules = moves.rows, moves.rules
    raised, cleared = moves.before == LOW, moves.after == LOW
    states["level"][rows, rules] = moves.after
    states["episode"][rows, rules] += raised.astype(np.uint32)
    sequence = np.where(raised, 0, states["sequence"][rows, rules]) + 1
    states["sequence"][rows, rules] = sequence
    turned = raised | cleared
    states["since"][rows[turned], rules[turned]] = now[rows[turned]]
    states["raised"][rows[raised], rules[raised]] = now[rows[raised]]


def is_present(states: States) -> Bools:
    """Of whom something may be foretold: who has bought and not left, nor withdrew consent."""
    gone = is_closed(states) | is_unscored(states)
    present: Bools = (states["purchase_days"] > 0) & ~gone
    return present


def is_closed(states: States) -> Bools:
    """Whose account is closed: nothing is warned about any more."""
    closed: Bools = (states["flags"] & Flag.CLOSED).astype(bool)
    return closed


def is_lost(states: States) -> Bools:
    """Who was told to have left, and has not come back."""
    lost: Bools = states["case_reason"] > 0
    return lost


def is_over(states: States) -> Bools:
    """Of whom nothing is warned about: who has left, and who withdrew consent to profiling."""
    return is_closed(states) | is_lost(states) | is_unscored(states)
