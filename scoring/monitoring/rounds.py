"""One round of the panel: outcomes of forecasts whose windows are over, and new forecasts.

A round closes once the last of its members' windows is over. What came of each is told before, at
the first round after the member's own window, and kept with the entry until then.
"""

import numpy as np

from scoring.arrays import Floats
from scoring.churn.inputs import values
from scoring.facts.state import States
from scoring.model import ScoringModel
from scoring.monitoring.answers import answered, outcome
from scoring.monitoring.drift import observed
from scoring.monitoring.forecasts import Forecast, champion
from scoring.monitoring.members import Members
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
from scoring.monitoring.questions import Answer, ask, days_on, horizon_days
from scoring.monitoring.tallies import tally
from scoring.monitoring.warned import by_week, counted, newly_flagged, together


def advance(
    panel: Panel,
    seen: Members,
    here: Members,
    matrix: Floats,
    challenger: Forecast,
    model: ScoringModel,
) -> Panel:
    """Close the rounds whose windows are over, and open one.

    Args:
        panel: as it was, of the same models; not changed.
        seen: all members.
        here: `seen.here(model)`.
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
    made["at"] = entries["at"] = here.clock
    made["members"] = len(entries)
    asked = ask(here.states, here.clock, model)
    entries["last_day"], entries["answer"], entries["least"] = asked
    nobodys = days_on(here.clock, horizon_days(model), model)
    made["last_day"] = asked.last_day.max() if len(entries) else nobodys
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
    rounds, entries = panel.rounds.copy(), answered(panel.entries, seen, model)
    ends = model.calendar.midnight(rounds["last_day"].astype(np.int64) + 1)
    due = np.flatnonzero((rounds["status"] == OPEN) & (ends <= seen.clock))
    for place in due.tolist():
        own = entries["at"] == rounds["at"][place]
        _close(rounds[place : place + 1], entries[own])
        entries = entries[~own]
    return rounds, entries


def _told(rounds: States) -> States:
    """Outcomes of warnings by week, of rounds that were open until now."""
    return by_week(rounds["at"], rounds["warned"])


def _close(one: States, entries: States) -> None:
    """Tally a round of shape (1,), in place."""
    came = outcome(entries)
    known = np.flatnonzero(came != Answer.UNKNOWN)
    churned = came[known] == Answer.LEFT
    one["status"], one["unknown"] = CLOSED, len(entries) - len(known)
    one["warned"] = counted(churned[entries["warned"][known]])
    for model_at in (CHAMPION, CHALLENGER):
        risk = entries["risk"][known, model_at]
        known_risk = np.isfinite(risk)
        flagged = entries["flagged"][known, model_at]
        one["tally"][:, model_at] = tally(
            risk[known_risk], flagged[known_risk], churned[known_risk]
        )


def _kept(rounds: States) -> States:
    """All open rounds, and the latest closed ones."""
    closed = np.flatnonzero(rounds["status"] == CLOSED)
    return np.delete(rounds, closed[:-KEPT])
