"""What comes of a step: warnings and scores as rows."""

from typing import Final, NamedTuple

import numpy as np

from scoring.arrays import Floats, Ints
from scoring.facts.state import RULE_SLOTS, States
from scoring.feature import Feature
from scoring.features import Known, known
from scoring.model import ScoringModel
from scoring.segments import DEFINITIONS, FIGURES, Basis, figures, segments
from scoring.warning import lifecycle
from scoring.warning.answers import ANSWER
from scoring.warning.case_row import CASE
from scoring.warning.gate.holds import FEED
from scoring.warning.risk import churn_risk

WARNING: Final = np.dtype(
    [
        ("row", "<i8"),
        ("now", "<f8"),
        ("rule", "u1"),
        ("before", "u1"),
        ("after", "u1"),
        ("episode", "<u4"),
        ("sequence", "<u2"),
        ("raised_at", "<f8"),
        ("closed_by", "u1"),  # kind of the answer that cleared it, 0 where none did
        ("flags", "<u2"),  # of the state
        ("weakest", "u1"),  # family of touchpoints and one, of dissatisfaction; 0 for none
        ("levels", "u1", (RULE_SLOTS,)),
        ("points", "<f8", (RULE_SLOTS,)),
        ("score", "<f8"),  # points
        ("churn_risk", "<f8"),
        ("severity", "<f8"),  # minor units
        ("doing", "u1"),  # what would clear it, as `counterfactual.Doing`
        ("times", "u1"),
        ("days", "<u2"),
        ("then_days", "<u2"),  # that it has to last
        ("features", "<f8", (len(Feature),)),
        ("feed", "<f8", (FEED,)),  # as `Holds.feed_at`
    ]
)
SCORE: Final = np.dtype(
    [
        ("row", "<i8"),
        ("now", "<f8"),
        ("levels", "u1", (RULE_SLOTS,)),
        ("churn_risk", "<f8"),
        ("features", "<f8", (len(Feature),)),
        ("segments", "u1", (len(DEFINITIONS),)),
        ("figures", "<f8", (len(FIGURES),)),
    ]
)


class Outcome(NamedTuple):
    """What a step made of its batch.

    Attributes:
        states: the new states, shape as given.
        applied: `Applied` code of every event, shape (events,).
        warnings: structured array of dtype `WARNING`, ordered by row, then time.
        scores: structured array of dtype `SCORE`, the last of each row that is worth telling.
        timers: how many timers fired.
        cases: structured array of dtype `CASE`, ordered by row, then time.
        answers: structured array of dtype `ANSWER`, likewise.
    """

    states: States
    applied: Ints
    warnings: States
    scores: States
    timers: int
    cases: States = np.empty(0, CASE)
    answers: States = np.empty(0, ANSWER)


class Evaluated(NamedTuple):
    """Customers after their event or timer, and what is known of them at `now`.

    Attributes:
        rows: which states of the step they are, shape (n,).
        states: shape (n,).
        now: epoch seconds, shape (n,).
        known: features, and the points behind the risk.
        table: rule values, shape (n, slots).
    """

    rows: Ints
    states: States
    now: Floats
    known: Known
    table: Floats

    def take(self, at: Ints) -> "Evaluated":
        """Some of them."""
        rows, states, now, known_now, table = self
        return Evaluated(rows[at], states.take(at), now[at], known_now.take(at), table[at])


def scores(evaluated: Evaluated, model: ScoringModel) -> States:
    """The scores as rows, dtype `SCORE`."""
    rows, states, now, known_now, table = evaluated
    matrix = known_now.matrix
    found = np.zeros(len(rows), SCORE)
    found["row"], found["now"] = rows, now
    found["levels"] = states["level"]
    found["churn_risk"] = churn_risk(matrix, table, model)
    found["features"] = matrix.T
    basis = Basis(states, matrix, now, model)
    found["segments"], found["figures"] = segments(basis), figures(basis)
    return found


def score(states: States, now: Floats, model: ScoringModel) -> States:
    """Score states as they stand at `now`, changing nothing.

    Returns:
        Structured array of dtype `SCORE`, one a state.
    """
    known_now = known(states, now, model)
    table = lifecycle.values(known_now.matrix, model)
    return scores(Evaluated(np.arange(len(states)), states, now, known_now, table), model)
