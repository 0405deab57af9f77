"""Days of silences drawn from histories: where they lie, what they weigh, what is not known yet."""

from itertools import pairwise

import numpy as np
import pytest
from cases import MODEL
from churn_cases import START, bought_log
from made_lives import BUY, CLOSE, history
from made_lives import START as BEGUN

from modelling.churn.silences import (
    SHORTEST,
    SilenceQuestion,
    parts,
    silences_labelled,
    silent_days,
)
from modelling.leaving import Fate, stretches
from scoring.arrays import DAY
from scoring.churn.inputs import INPUTS, values
from scoring.features import features
from scoring.step.replay import EventLog, final_states

N, SPAN = 56.0, 400.0
UNTIL = (START + SPAN) * DAY
LEAVING = np.random.default_rng(1).uniform(50.0, 600.0, 150)
LOG = bought_log(LEAVING)
LIVES = stretches(LOG, N, UNTIL)


def drawn(most=10**9, seed=0, lives=LIVES, days=N, until=UNTIL):
    return silent_days(lives, days, until, most, seed)


def alone(customer):
    """The log of one customer, whom the others have no part in."""
    own = LOG.rows == customer
    return EventLog([LOG.customers[customer]], np.zeros(own.sum(), np.int64), LOG.events[own])


def lasted(lives=LIVES, until=UNTIL):
    """Days of each silence, 0 where it is none."""
    ends = np.minimum(np.minimum(lives.next, lives.closing), until)
    return np.where(np.isfinite(lives.start), (ends - lives.start) / DAY, 0.0)


def test_every_day_lies_within_its_silence_and_before_it_is_a_lapse():
    found = drawn()
    silence = (found.instants - LIVES.start[found.silences]) / DAY
    assert (silence > SHORTEST - 1e-6).all()
    assert (silence < np.minimum(N, lasted()[found.silences]) + 1e-6).all()
    assert (found.customers == LIVES.row[found.silences]).all()
    assert (found.instants < UNTIL).all()
    assert (LIVES.at(found.customers, found.instants) == found.silences).all()


def test_a_silence_is_looked_at_once_a_part_at_most():
    found, edges = drawn(), parts(N)
    silence = (found.instants - LIVES.start[found.silences]) / DAY
    part = np.searchsorted(edges, silence, side="right")
    assert len(np.unique(found.silences + 1j * part)) == len(part)
    through = lasted() >= N
    counts = np.bincount(found.silences, minlength=len(through))
    assert (counts[through] == len(edges) - 1).all()
    assert not counts[lasted() <= SHORTEST].any()


def test_weights_add_up_to_the_days_of_all_silences_exactly_where_all_last():
    lives = stretches(history([(BUY, 0), (BUY, 90)], [(BUY, 10), (BUY, 80)]), N, np.inf)
    ended = stretches(history([(BUY, 0), (BUY, 200)]), N, (BEGUN + 150) * DAY)
    for one, count in ((lives, 4), (ended, 1)):
        found = drawn(lives=one, until=(BEGUN + 150) * DAY)
        assert found.weights.sum() == pytest.approx(count * (N - SHORTEST), rel=1e-12)


@pytest.mark.parametrize("most", [10**9, 2_000, 400])
def test_weights_add_up_to_the_days_of_all_silences_but_for_luck(most):
    days = np.clip(lasted(), SHORTEST, N).sum() - SHORTEST * len(LIVES.row)
    sums = [drawn(most, seed).weights.sum() for seed in range(40)]
    assert np.mean(sums) == pytest.approx(days, rel=0.01)
    assert sums == pytest.approx([days] * 40, rel=0.1)


def test_in_every_part_the_weights_are_that_parts_days():
    found, edges = drawn(), parts(N)
    silence = (found.instants - LIVES.start[found.silences]) / DAY
    for first, last in pairwise(edges):
        days = (np.clip(lasted(), first, last) - first).sum()
        here = (silence >= first) & (silence < last)
        assert found.weights[here].sum() == pytest.approx(days, rel=0.2, abs=last - first)


def test_parts_go_from_half_a_day_to_all_days_and_are_never_coarse():
    for days in (1.0, 7.0, 56.0, 365.0):
        edges = parts(days)
        assert (edges[0], edges[-1]) == (SHORTEST, days)
        assert (np.diff(edges) > 0.0).all()
        assert np.diff(edges).max() <= days / 8.0 + 1e-9


def test_the_same_seed_gives_the_same_rows_and_another_one_others():
    one, again, other = drawn(500, 3), drawn(500, 3), drawn(500, 4)
    assert all(a.tobytes() == b.tobytes() for a, b in zip(one, again, strict=True))
    assert one.instants.tobytes() != other.instants.tobytes()


@pytest.mark.parametrize("most", [50, 300, 2_000])
def test_rows_are_bounded(most):
    assert len(drawn(most).weights) <= most
    assert len(drawn().weights) > 2_000


def test_who_never_bought_and_who_closed_at_once_are_silent_on_no_day():
    lives = stretches(history([(CLOSE, 5)], [(BUY, 10), (CLOSE, 10.2)]), N, np.inf)
    assert len(drawn(lives=lives, until=(BEGUN + 150) * DAY).weights) == 0


def test_labels_are_the_silences_fates_and_inputs_those_of_a_replay():
    inputs = INPUTS[:6]
    labelled = silences_labelled(LOG, SilenceQuestion(MODEL, N, inputs, seed=2), UNTIL)
    found = drawn(80_000, 2)
    fate, still_open = LIVES.fate[found.silences], labelled.undecided.silence >= 0
    assert (still_open == (fate == Fate.UNKNOWN)).all()
    assert ((labelled.churned == 1.0) == (fate == Fate.LOST)).all()
    assert min(still_open.sum(), (fate == Fate.LOST).sum(), (fate == Fate.BOUGHT).sum()) > 20
    assert (labelled.customers == found.customers).all()
    for at in range(0, len(found.weights), 997):
        instant = found.instants[at]
        states = final_states(alone(found.customers[at]).before(instant), MODEL, until=instant)
        expected = values(features(states, np.array([instant]), MODEL), MODEL.purchases, inputs)
        assert labelled.inputs[at].tobytes() == expected[:, 0].tobytes()


def test_what_is_undecided_refers_to_the_customer_at_the_historys_end():
    inputs = INPUTS[:6]
    labelled = silences_labelled(LOG, SilenceQuestion(MODEL, N, inputs, most=600), UNTIL)
    silence, at_end, whole = labelled.undecided
    states = final_states(LOG, MODEL, until=UNTIL)
    matrix = features(states, np.full(len(states), UNTIL), MODEL)
    expected = values(matrix, MODEL.purchases, inputs).T
    still_open = silence >= 0
    assert sorted(set(silence[still_open].tolist())) == list(range(len(at_end)))
    assert (at_end[silence[still_open]] == expected[labelled.customers[still_open]]).all()
    starts = LIVES.start[drawn(600).silences]
    assert (whole == (starts + N * DAY <= UNTIL)).all()
    assert not (whole & still_open).any()


def test_what_comes_after_the_end_is_not_learnt_from():
    end = (START + 300.0) * DAY
    asked = SilenceQuestion(MODEL, N, INPUTS[:3], most=500)
    whole = silences_labelled(LOG, asked, end)
    cut = silences_labelled(LOG.before(end), asked, end)
    for one, other in zip(whole[:4], cut[:4], strict=True):
        assert one.tobytes() == other.tobytes()
    for one, other in zip(whole.undecided, cut.undecided, strict=True):
        assert one.tobytes() == other.tobytes()
