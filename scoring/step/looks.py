"""Looking at customers of a history at instants of their own, without judging them.

Inputs of a scorecard are facts and models only: no level or timer moves them. So the events are
applied, and nothing is watched, which makes learning from a history many times quicker than
replaying it.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np

from scoring.arrays import Floats, Ints, raw
from scoring.facts.apply import Applied, apply, count_duplicates, outcomes
from scoring.facts.kinds import IS_ANSWER
from scoring.facts.state import STATE, States, new_states
from scoring.facts.touchpoints import keep_contacts
from scoring.feature import Feature
from scoring.features import measured
from scoring.model import ScoringModel
from scoring.step.replay import BLOCK, EventLog
from scoring.step.rounds import rounds

MEASURED: Final = 16_384  # looks measured together: what one needs fits the cache


def looked(log: EventLog, rows: Ints, instants: Floats, model: ScoringModel) -> Floats:
    """Features of customers at instants, knowing nothing of what came at or after each.

    The same bytes as a replay up to the instant would give.

    Args:
        log: the events.
        rows: the customer of each look, shape (n,), in any order.
        instants: epoch seconds, shape (n,).
        model: the models; its scorecard, where there is one, is left out.

    Returns:
        Every feature but the churn risk, shape (features, n).
    """
    matrix = np.empty((len(Feature), len(rows)))
    for at, states in seen(log, rows, instants, model):
        matrix[:, at] = measured(states, instants[at], model)
    return matrix


def seen(
    log: EventLog, rows: Ints, instants: Floats, model: ScoringModel
) -> Iterator[tuple[Ints, States]]:
    """States of customers just before instants; arguments as `looked`.

    Levels, timers and what else is order-bound are as in a new state.

    Yields:
        Some of the looks, as places in `rows`, and their states.
    """
    place = np.full(len(log.customers), -1, np.int64)
    for block, part in log.blocks(BLOCK):
        place[block] = np.arange(len(block))
        own = np.flatnonzero(place[rows] >= 0)
        if own.size:
            states = _seen(part, place[rows[own]], instants[own], model)
            for start in range(0, own.size, MEASURED):
                piece = slice(start, start + MEASURED)
                yield own[piece], states[piece]
        place[block] = -1


def _seen(log: EventLog, rows: Ints, instants: Floats, model: ScoringModel) -> States:
    """States of customers just before instants, in the order of the looks."""
    looks, events = len(rows), log.before(float(instants.max()))
    whose, when = np.concatenate([rows, events.rows]), np.concatenate([instants, events.times])
    # Stable, and looks first: what happens at the instant is not known yet.
    order = np.argsort(when, kind="stable")
    states, seen = new_states(len(log.customers)), np.empty(looks, STATE)
    days = model.calendar.day(events.events["time"])
    for turn in rounds(whose[order]):
        items = order[turn]
        at = items[items < looks]
        raw(seen)[at] = raw(states)[rows[at]]
        _apply(states, events, items[items >= looks] - looks, days, model)
    return seen


def _apply(states: States, log: EventLog, at: Ints, days: Ints, model: ScoringModel) -> None:
    """Apply one event to each of some customers, in place; answers, which are no facts, to none."""
    at = at[~IS_ANSWER[log.events["kind"][at]]]
    rows = log.rows[at]
    own, events, on = states.take(rows), log.events.take(at), days[at]
    codes = outcomes(own, events, on)
    good = np.flatnonzero(codes == Applied.APPLIED)
    if good.size < rows.size:
        count_duplicates(states, rows, codes)
        own, events, on, rows = own.take(good), events.take(good), on[good], rows[good]
    apply(own, events, on, model.calendar, model.memory)
    keep_contacts(own, events, model.memory, model.touchpoints)
    raw(states)[rows] = raw(own)
