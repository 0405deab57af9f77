"""Days of silences to learn from: who might be leaving, how long each has lasted, what it came to.

The question is P(this silence reaches N days | it has lasted s): a discrete-time hazard, of which a
row is a customer on a day of a silence. Of many days a few stand for all, with weights; of silences
that the history's end cuts off it is only known that they got so far.
"""

from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np

from modelling.churn.regression.labelled import Earlier, Labelled, Undecided
from modelling.leaving import Fate, Stretches, stretches
from scoring.arrays import DAY, Floats, Ints
from scoring.churn.input import Input
from scoring.churn.inputs import values
from scoring.model import ScoringModel
from scoring.step.looks import looked
from scoring.step.replay import EventLog

SHORTEST: Final = 0.5  # days, of a silence looked at
FINE, COARSE = 14, 8  # parts of a silence's days, by their logarithm and evenly
EARLIER: Final = 1.5  # times N days back, from where a fit's drift since then is learnt
MOST: Final = 80_000  # days looked at, which bounds memory and time for any history


class SilentDays(NamedTuple):
    """Customers on days of their silences, n rows.

    Attributes:
        customers: of the log, shape (n,).
        instants: epoch seconds, shape (n,).
        silences: index into the stretches, shape (n,).
        weights: days that each stands for, shape (n,).
    """

    customers: Ints
    instants: Floats
    silences: Ints
    weights: Floats


def silent_days(lives: Stretches, days: float, until: float, most: int, seed: int) -> SilentDays:
    """Draw days of silences, for each part of a silence's days about as many.

    A silence that gets through part of them has one day drawn from that part, evenly; where there
    are too many some silences are drawn. The weight of a row is the part's length, by the share
    of silences drawn. So long silences, which are few, are looked at as closely as short ones.

    Args:
        lives: the customers' silences.
        days: N, beyond which a silence is a lapse.
        until: up to when the history runs, epoch seconds.
        most: rows, about.
        seed: of the drawing; the same seed gives the same rows.
    """
    random = np.random.default_rng(seed)
    ends = np.minimum(np.minimum(lives.next, lives.closing), until)
    lasted = np.where(np.isfinite(lives.start), (ends - lives.start) / DAY, 0.0)
    edges = parts(days)
    drawn = []
    for first, last in pairwise(edges.tolist()):
        candidates = np.flatnonzero(lasted > first)
        silence = first + (last - first) * random.random(candidates.size)
        there = np.flatnonzero(lasted[candidates] > silence)
        kept = _some(there, most // (len(edges) - 1), random)
        weight = np.full(kept.size, (last - first) * there.size / max(kept.size, 1))
        drawn.append((candidates[kept], silence[kept], weight))
    at, silence, weights = (np.concatenate(part) for part in zip(*drawn, strict=True))
    return SilentDays(lives.row[at], lives.start[at] + silence * DAY, at, weights)


def parts(days: float) -> Floats:
    """Edges of the parts of N days of silence: finer where it begins, never coarser than N / 8.

    >>> parts(56.0)[[0, 1, -2, -1]].round(1).tolist()
    [0.5, 0.7, 49.0, 56.0]
    """
    fine, coarse = np.geomspace(SHORTEST, days, FINE), np.linspace(0.0, days, COARSE + 1)[1:]
    return np.unique(np.concatenate([fine[:-1], coarse[coarse > SHORTEST]]))


def _some(of: Ints, most: int, random: np.random.Generator) -> Ints:
    return of if of.size <= most else np.sort(random.choice(of, most, replace=False))


class SilenceQuestion(NamedTuple):
    """What is asked of a history.

    Attributes:
        model: whose features are weighed.
        days: N.
        inputs: columns to make.
        seed: of the days drawn.
        most: rows, about.
    """

    model: ScoringModel
    days: float
    inputs: tuple[Input, ...]
    seed: int = 0
    most: int = MOST


def silences_labelled(log: EventLog, asked: SilenceQuestion, until: float) -> Labelled:
    """Label days of a history's silences with whether they came to N days.

    Args:
        log: the history, of which what comes after `until` is left out.
        asked: what.
        until: up to when the history runs, epoch seconds.

    Returns:
        Rows of silences that were decided, and of those that the history's end leaves open, each
        of which refers to the customer as known at that end; and, where the history is long
        enough, the rows that were known `EARLIER` times N days before that end.
    """
    labelled, instants = _labelled(log, asked, until)
    before = until - EARLIER * asked.days * DAY
    if not len(log.events) or before - float(log.times[0]) < asked.days * DAY:
        return labelled
    assert labelled.undecided is not None  # noqa: S101 - of silences there always is
    later = labelled.undecided.is_whole & (instants >= before)
    return labelled._replace(earlier=Earlier(_labelled(log, asked, before)[0], later))


def _labelled(log: EventLog, asked: SilenceQuestion, until: float) -> tuple[Labelled, Floats]:
    model, days, inputs, seed, most = asked
    log = log.before(until)
    lives = stretches(log, days, until)
    drawn = silent_days(lives, days, until, most, seed)
    fate = lives.fate[drawn.silences]
    undecided = fate == Fate.UNKNOWN
    still, place = np.unique(drawn.silences[undecided], return_inverse=True)
    customers = np.concatenate([drawn.customers, lives.row[still]])
    instants = np.concatenate([drawn.instants, np.full(still.size, until)])
    matrix = looked(log, customers, instants, model)
    table, rows = values(matrix, model.purchases, inputs).T, len(drawn.customers)
    silence = np.full(rows, -1)
    silence[undecided] = place
    whole = lives.start[drawn.silences] + days * DAY <= until
    churned = (fate == Fate.LOST).astype(np.float64)
    open_ones = Undecided(silence, table[rows:], whole)
    labelled = Labelled(table[:rows], churned, drawn.customers, drawn.weights, open_ones)
    return labelled, drawn.instants
