"""From rule values to warning levels, with hysteresis, cooldown, and patience before they fall."""

from typing import Final, NamedTuple

import numpy as np

from scoring.arrays import NEVER, Bools, Floats, Ints
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
    """What a rule's value must reach to rise, or to be back in its band, shape (n,)."""
    own, low = bands.of(slot), footing(states, slot) == LOW
    thresholds: Floats = np.where(low, own.middle, own.high)
    return thresholds


def footing(states: States, slot: int) -> Ints:
    """Level above which a rule's value rises, shape (n,): one lower while out of its band."""
    level: Ints = states["level"][:, slot].astype(np.int64)
    return level - is_out(states, slot)


def is_out(states: States, slot: int) -> Bools:
    """Whose value has left a rule's band, which is kept for a while, shape (n,)."""
    out: Bools = states["below_since"][:, slot] > 0
    return out


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
        model: thresholds, cooldown and patience.
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
    below = states["below_since"][:, :width].copy()
    after = targets(before - (below > 0), table, bands or model.bands)
    out_since = _out_since(below, after < before, now, model)
    after = np.where(may, np.where(out_since > 0, before, after), LOW)
    waits = (before == LOW) & (now[:, None] < cooled_at(states, model))
    is_done = (below > 0) & (out_since == 0)
    kept: Bools = model.rules.held & in_silence[:, None] & ~is_done
    if model.rules.quiet:
        waits |= (after > before) & quiet(now, model)
        kept &= ~woken(now, model)
    still: Bools = waits | is_over(states)[:, None] | kept
    after = np.where(still, before, after)
    after[is_unscored(states)] = LOW
    if held is not None:
        held &= after > before
        after = np.where(held, before, after)
    out_since = np.where(still, below, out_since)
    states["below_since"][:, :width] = np.where(after < before, 0, out_since)
    rows, rules = np.nonzero(after != before)
    raised_at = np.where(before == LOW, now[:, None], states["since"][:, :width])
    at = rows, rules
    of_itself = np.zeros(len(rows), np.int64)
    moves = Moves(rows, rules, before[at], after[at], raised_at[at], of_itself)
    _write(states, moves, now)
    return moves


def _out_since(below: Ints, is_below: Bools, now: Floats, model: ScoringModel) -> Ints:
    """From when on values are out of bands that are still to be kept, whole seconds, else 0."""
    if not is_below.any():
        return np.zeros_like(below)
    since = np.where(below > 0, below, now[:, None])
    waits = is_below & (now[:, None] < since + model.thresholds.clear_after)
    return np.where(waits, np.ceil(since), 0.0).astype(below.dtype)


def falls_at(states: States, model: ScoringModel) -> Floats:
    """When bands that values have left are left too, epoch seconds, shape (n, slots)."""
    below = states["below_since"][:, : model.rules.width]
    return np.where(below > 0, below + model.thresholds.clear_after, NEVER)


def patience(states: States, now: Floats, slots: Ints, model: ScoringModel) -> Floats:
    """How long values must be out of their bands from now on for these to be left, seconds.

    Args:
        states: shape (n,).
        now: epoch seconds, shape (n,).
        slots: the rule of each, shape (n,).
        model: with the rules' patience.
    """
    below, whole = states["below_since"][np.arange(len(slots)), slots], model.thresholds.clear_after
    return np.where(below > 0, np.maximum(below + whole[slots] - now, 0.0), whole[slots])


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
