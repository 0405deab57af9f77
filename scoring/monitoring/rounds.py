"""One round of the panel: outcomes of forecasts whose window is over, and new forecasts.

A member churned who had no new purchase day from the round's instant to the end of the window,
which is the end of the day of the book that comes nearest to N days later. A second purchase on a
day already counted is no new day; a purchase of before the round that came late would be one.
"""

from typing import NamedTuple

import numpy as np

from scoring.arrays import DAY, Bools, Floats, Ints
from scoring.churn.inputs import values
from scoring.facts.events import Hashes
from scoring.facts.state import DAYS_KEPT, States
from scoring.model import ScoringModel
from scoring.monitoring.drift import observed
from scoring.monitoring.forecasts import Forecast, champion, horizon_days
from scoring.monitoring.panel import (
    CHALLENGER,
    CHAMPION,
    CLOSED,
    ENTRY,
    KEPT,
    OPEN,
    ROUND,
    Panel,
)
from scoring.monitoring.tallies import tally
from scoring.monitoring.warned import by_week, counted, newly_flagged, together
from scoring.warning.lifecycle import is_present


class Members(NamedTuple):
    """Members as they are at an instant.

    Attributes:
        customers: hashes of their ids, ascending, shape (n,).
        states: as of the clock, shape (n,).
        clock: epoch seconds.
    """

    customers: Hashes
    states: States
    clock: float

    def here(self) -> "Members":
        """Those of whom something can be foretold."""
        chosen = np.flatnonzero(is_present(self.states))
        return Members(self.customers[chosen], self.states.take(chosen), self.clock)

    @property
    def now(self) -> Floats:
        """The clock, once for each member."""
        return np.full(len(self.states), self.clock)


def advance(
    panel: Panel,
    seen: Members,
    here: Members,
    matrix: Floats,
    challenger: Forecast,
    model: ScoringModel,
) -> Panel:
    """Close the rounds whose window is over, and open one.

    Args:
        panel: as it was, of the same models; not changed.
        seen: all members.
        here: `seen.here()`.
        matrix: features of who is here, shape (features, n).
        challenger: what it foretells of them.
        model: the champion.
    """
    forecasts = champion(matrix, model), challenger
    rounds, entries = _closed(panel, seen, model)
    warned = together(panel.warned, _told(rounds[panel.rounds["status"] == OPEN]))
    made, opened = _opened(here, forecasts, model)
    flagged = forecasts[CHAMPION].flagged
    opened["warned"] = newly_flagged(panel.entries, CHAMPION, here.customers, flagged)
    risks = np.array([one.risk for one in forecasts])
    table = np.concatenate([values(matrix, model.purchases), risks])
    drift = observed(panel.drift, table, model.parameters.reference)
    kept = _kept(np.concatenate([rounds, made]))
    return Panel(panel.models, kept, np.concatenate([entries, opened]), drift, warned)


def _opened(
    here: Members, forecasts: tuple[Forecast, Forecast], model: ScoringModel
) -> tuple[States, States]:
    made, entries = np.zeros(1, ROUND), np.zeros(len(here.states), ENTRY)
    # The end of a day nearest to N days on.
    last = here.clock + (horizon_days(model) - 0.5) * DAY
    made["last_day"] = model.calendar.day(np.array([last]))
    made["at"] = entries["at"] = here.clock
    made["members"] = len(entries)
    for place, one in enumerate(forecasts):
        entries["risk"][:, place], entries["flagged"][:, place] = one
    both = np.isfinite(entries["risk"]).all(axis=1)
    made["compared"] = both.sum()
    made["disagreed"] = (
        both & (forecasts[CHAMPION].flagged != forecasts[CHALLENGER].flagged)
    ).sum()
    entries["customer"] = here.customers
    entries["purchase_days"] = here.states["purchase_days"]
    return made, entries


def _closed(panel: Panel, seen: Members, model: ScoringModel) -> tuple[States, States]:
    """Rounds, those that are over with their tallies, and the entries of the others."""
    rounds, entries = panel.rounds.copy(), panel.entries
    ends = model.calendar.midnight(rounds["last_day"].astype(np.int64) + 1)
    due = np.flatnonzero((rounds["status"] == OPEN) & (ends <= seen.clock))
    for place in due.tolist():
        own = entries["at"] == rounds["at"][place]
        _close(rounds[place : place + 1], entries[own], seen, model)
        entries = entries[~own]
    return rounds, entries


def _told(rounds: States) -> States:
    """Outcomes of warnings by week, of rounds that were open until now."""
    return by_week(rounds["at"], rounds["warned"])


def _close(one: States, entries: States, seen: Members, model: ScoringModel) -> None:
    """Tally a round of shape (1,), in place."""
    last_day = int(one["last_day"][0])
    known, rows = _found(entries, seen)
    today = int(model.calendar.day(np.array([seen.clock]))[0])
    if today - last_day > DAYS_KEPT:  # who bought within the window is no longer told from later
        known = np.zeros(0, np.int64)
        rows = known
    churned = ~_bought(entries[known], seen.states.take(rows), last_day)
    one["status"], one["unknown"] = CLOSED, len(entries) - len(known)
    one["warned"] = counted(churned[entries["warned"][known]])
    for model_at in (CHAMPION, CHALLENGER):
        risk = entries["risk"][known, model_at]
        known_risk = np.isfinite(risk)
        flagged = entries["flagged"][known, model_at]
        one["tally"][:, model_at] = tally(
            risk[known_risk], flagged[known_risk], churned[known_risk]
        )


def _found(entries: States, seen: Members) -> tuple[Ints, Ints]:
    """Entries whose customer still is a member, and where."""
    _, known, rows = np.intersect1d(
        entries["customer"], seen.customers, assume_unique=True, return_indices=True
    )
    return known, rows


def _bought(entries: States, states: States, last_day: int) -> Bools:
    """Who had a new purchase day by `last_day`: all new ones less those after it."""
    new = states["purchase_days"].astype(np.int64) - entries["purchase_days"]
    days_after = np.clip(states["last_day"].astype(np.int64) - last_day, 0, DAYS_KEPT)
    # Bit k of `day_bits` is the day `last_day - k`.
    shift = np.minimum(days_after, DAYS_KEPT - 1).astype(np.uint64)
    below = np.left_shift(np.uint64(1), shift) - np.uint64(1)
    mask = np.where(days_after == DAYS_KEPT, ~np.uint64(0), below)
    after = np.bitwise_count(states["day_bits"] & mask).astype(np.int64)
    bought: Bools = new > after
    return bought


def _kept(rounds: States) -> States:
    """All open rounds, and the latest closed ones."""
    closed = np.flatnonzero(rounds["status"] == CLOSED)
    return np.delete(rounds, closed[:-KEPT])
