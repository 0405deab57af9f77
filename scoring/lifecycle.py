"""From rule values to warning levels, with hysteresis and cooldown, and to the next review.

A review is due at the earliest instant at which silence alone could change a level.
"""

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from scoring.features import Feature
from scoring.rules import HELD, RULES, SILENCE, VALUES, InSilence
from scoring.state import DAY, NEVER, Bools, Flag, Floats, Ints, States

if TYPE_CHECKING:
    from scoring.model import Model

LOW, MIDDLE, HIGH = 0, 1, 2
RHYTHM: Final = 2  # repeat purchases from which on a customer has one
COUNT: Final = len(RULES)
TICK: Final = 0.001  # seconds: a review is due at the first whole tick at which it has effect
TINY: Final = 1e-300
PATIENCE: Final = 1.0  # seconds before a review that changed nothing may be due again


class Moves(NamedTuple):
    """Which rules' levels changed: arrays of equal length."""

    rows: Ints
    rules: Ints
    before: Ints
    after: Ints
    raised_at: Floats


def values(matrix: Floats, model: "Model") -> Floats:
    """Value of every rule, shape (n, rules); silence is no sign before a rhythm is known."""
    table = matrix[VALUES].T.copy()
    table[:, SILENCE] *= rhythm_known(matrix, model)
    by_rule: Floats = table
    return by_rule


def rhythm_known(matrix: Floats, model: "Model") -> Bools:
    """Whether x >= 2 or tenure >= H, before which no silence is flagged."""
    return _known(matrix[Feature.FREQUENCY], matrix[Feature.TENURE], model)


def _known(x: Floats, age: Floats, model: "Model") -> Bools:
    known: Bools = (x >= RHYTHM) | (age >= model.horizon)
    return known


def settle(states: States, table: Floats, now: Floats, model: "Model", *, review: bool) -> Moves:
    """Move every level to where its rule's value puts it, in place.

    Args:
        states: shape (n,).
        table: rule values, shape (n, rules).
        now: epoch seconds, shape (n,).
        model: thresholds and cooldown.
        review: silence alone moved the values, so rules held in silence keep their level.

    Returns:
        The moves made, ordered by row, then rule.
    """
    before = states["level"][:, :COUNT].astype(np.int64)
    after = _targets(before, table, model)
    waits = (before == LOW) & (now[:, None] < cooled_at(states, model))
    still: Bools = waits | _closed(states)[:, None] | (HELD & review)
    after = np.where(still, before, after)
    rows, rules = np.nonzero(after != before)
    raised_at = np.where(before == LOW, now[:, None], states["since"][:, :COUNT])
    at = rows, rules
    moves = Moves(rows, rules, before[at], after[at], raised_at[at])
    _write(states, moves, now)
    return moves


def cooled_at(states: States, model: "Model") -> Floats:
    """When each rule may raise again, shape (n, rules)."""
    cooled: Floats = states["since"][:, :COUNT] + model.cooldown
    return cooled


def _targets(before: Ints, table: Floats, model: "Model") -> Ints:
    keep_high = (before == HIGH) & (table > model.high - model.hysteresis)
    keep_middle = (before >= MIDDLE) & (table > model.middle - model.hysteresis)
    high = (table >= model.high) | keep_high
    middle = (table >= model.middle) | keep_middle
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


def arm(states: States, matrix: Floats, table: Floats, now: Floats, model: "Model") -> None:
    """Set `armed_at` of each state to its next review, or never.

    An instant already armed stays while silence would not have crossed its threshold by then, even
    where the crossing has moved later: a review that comes too early finds nothing and arms anew.
    """
    kept = _still_armed(states, matrix, now, model)
    due = np.minimum(_fade_due(states, matrix, now, model), _cooled_due(states, table, now, model))
    rows = np.flatnonzero(_rises(states) & ~kept)
    if rows.size:
        roots = _silence_due(states.take(rows), matrix[:, rows], model)
        due[rows] = np.minimum(due[rows], roots)
    ticks = np.where(np.isfinite(due), np.ceil(due / TICK) + 1.0, NEVER)
    due = np.maximum(ticks * TICK, now + PATIENCE)
    due = np.where(kept, np.minimum(due, states["armed_at"]), due)
    states["armed_at"] = np.where(_closed(states), NEVER, due)


def _rises(states: States) -> Bools:
    rises: Bools = (states["level"][:, SILENCE] < HIGH) & (states["purchase_days"] > 0)
    return rises


def _closed(states: States) -> Bools:
    closed: Bools = (states["flags"] & Flag.CLOSED).astype(bool)
    return closed


def _still_armed(states: States, matrix: Floats, now: Floats, model: "Model") -> Bools:
    armed = states["armed_at"]
    kept = _rises(states) & np.isfinite(armed) & (armed > now)
    crossed = _crossed_by(states, matrix, armed, _silence_threshold(states, model), model)
    still: Bools = kept & ~crossed
    return still


def _silence_threshold(states: States, model: "Model") -> Floats:
    low = states["level"][:, SILENCE] == LOW
    thresholds: Floats = np.where(low, model.middle[SILENCE], model.high[SILENCE])
    return thresholds


def _silence_due(states: States, matrix: Floats, model: "Model") -> Floats:
    due = _silence_root(states, matrix, _silence_threshold(states, model), model)
    low = states["level"][:, SILENCE] == LOW
    return np.maximum(due, np.where(low, cooled_at(states, model)[:, SILENCE], -NEVER))


def _crossed_by(
    states: States, matrix: Floats, instant: Floats, threshold: Floats, model: "Model"
) -> Bools:
    """Whether silence until `instant` would cross the threshold before it."""
    x = matrix[Feature.FREQUENCY]
    reach = np.where(np.isfinite(instant), instant, 0.0)
    age = np.maximum((reach - _start(states, model)) / DAY, matrix[Feature.RECENCY])
    risk = model.p_no_purchase(x, matrix[Feature.RECENCY], age)
    crossed: Bools = (risk > threshold) & ((x >= RHYTHM) | (age > model.horizon))
    return crossed


def _silence_root(states: States, matrix: Floats, threshold: Floats, model: "Model") -> Floats:
    x, t_x = matrix[Feature.FREQUENCY], matrix[Feature.RECENCY]
    known_from = np.where(x >= RHYTHM, 0.0, model.horizon)
    low = np.maximum(matrix[Feature.TENURE], known_from)
    age = model.silence_root(x, t_x, threshold, low)
    return _start(states, model) + age * DAY


def _start(states: States, model: "Model") -> Floats:
    return model.calendar.midnight(states["first_day"].astype(np.int64))


def _fade_due(states: States, matrix: Floats, now: Floats, model: "Model") -> Floats:
    due = np.full(len(states), NEVER)
    for slot, rule in enumerate(RULES):
        level = states["level"][:, slot]
        rows = np.flatnonzero(level)
        if rule.in_silence is not InSilence.FALLS or rule.fades is None or not rows.size:
            continue
        raised = np.where(level[rows] == HIGH, model.high[slot], model.middle[slot])
        factor = rule.fades(matrix[:, rows], raised - model.hysteresis[slot])
        ages = -np.log(np.clip(factor, TINY, 1.0)) / model.decay_rates[rule.memory]
        due[rows] = np.minimum(due[rows], now[rows] + ages * DAY)
    return due


def _cooled_due(states: States, table: Floats, now: Floats, model: "Model") -> Floats:
    """When rules over their threshold have cooled; silence, which is timed, is left out."""
    cooled = cooled_at(states, model)
    waits = (states["level"][:, :COUNT] == LOW) & (table >= model.middle) & (now[:, None] < cooled)
    waits[:, SILENCE] = False
    waits &= ~HELD
    due: Floats = np.where(waits, cooled, NEVER).min(axis=1)
    return due
