"""Silences that the history's end cuts off, on lives whose hazard is known."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import expit, logit

from modelling.churn.regression.labelled import SETTLED, Labelled, LearningRows, Undecided
from modelling.churn.silences import silent_days
from modelling.leaving import Fate, stretches
from scoring.arrays import DAY
from scoring.churn.inputs import BY_NAME
from scoring.facts.events import EVENT
from scoring.step.replay import EventLog

N = 60.0
ONE = (BY_NAME["no_purchase"],)
FREE, STRENGTH = np.zeros(1), 1.0
GRID = np.linspace(-7.0, 4.0, 40)[:, None]  # log odds


def bought(rates, span, random):
    """Purchases at each customer's own rate a day, up to a day."""
    own = [np.cumsum(random.exponential(1.0 / rate, int(3 * span * rate) + 30)) for rate in rates]
    times = np.concatenate([days[days < span] for days in own])
    rows = np.repeat(np.arange(len(rates)), [int((days < span).sum()) for days in own])
    order = np.argsort(times)
    events = np.zeros(len(order), EVENT)
    events["time"], events["id"] = times[order] * DAY, np.arange(1, len(order) + 1)
    return EventLog([b"%d" % row for row in range(len(rates))], rows[order], events)


def labelled(span, seed, customers=1_500):
    """Days of silences; the one input is what it is to foretell: log odds of reaching N days."""
    random = np.random.default_rng(seed)
    rates = 1.0 / random.choice([8.0, 25.0, 60.0], customers)
    lives = stretches(bought(rates, span, random), N, span * DAY)
    days = silent_days(lives, N, span * DAY, 10**9, seed)

    def odds(silences, instants):
        lasted = (instants - lives.start[silences]) / DAY
        return logit(np.exp(-rates[lives.row[silences]] * (N - lasted)))[:, None]

    fate = lives.fate[days.silences]
    cut = fate == Fate.UNKNOWN
    still, place = np.unique(days.silences[cut], return_inverse=True)
    silence = np.full(len(fate), -1)
    silence[cut] = place
    whole = lives.start[days.silences] + N * DAY <= span * DAY
    return Labelled(
        odds(days.silences, days.instants),
        (fate == Fate.LOST).astype(np.float64),
        days.customers,
        days.weights,
        Undecided(silence, odds(still, np.full(len(still), span * DAY)), whole),
    )


def error(fitted):
    """Largest distance of the fitted probability and the true one."""
    return np.abs(expit(fitted.log_odds(GRID)) - expit(GRID[:, 0])).max()


def decided(rows):
    return rows.where(rows.undecided.silence < 0)


@pytest.mark.parametrize("span", [75.0, 90.0, 150.0])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_with_what_is_cut_off_the_truth_is_recovered_better_than_without(span, seed):
    rows = LearningRows.of(labelled(span, seed), ONE)
    with_all, _ = rows.settled(STRENGTH, FREE)
    without = decided(rows).fit(STRENGTH, FREE)
    assert error(with_all) < error(without)
    assert error(with_all) < 0.06


@pytest.mark.parametrize("span", [75.0, 90.0, 150.0])
def test_where_it_settles_one_more_round_moves_nothing(span):
    fitted, rows = LearningRows.of(labelled(span, 0), ONE).settled(STRENGTH, FREE)
    expected = rows._expected(fitted)
    assert np.abs(expected - rows.churned).max() < 2.0 * SETTLED
    again = replace(rows, churned=expected).fit(STRENGTH, FREE, fitted)
    assert again.log_odds(GRID) == pytest.approx(fitted.log_odds(GRID), abs=0.01)


def test_where_it_begins_does_not_matter():
    rows = LearningRows.of(labelled(90.0, 0), ONE)
    one, _ = rows.settled(STRENGTH, FREE)
    other, _ = rows.settled(STRENGTH, FREE, decided(rows).fit(STRENGTH, FREE))
    assert one.log_odds(GRID) == pytest.approx(other.log_odds(GRID), abs=0.02)


def test_all_days_of_a_silence_cut_off_are_as_likely_as_at_its_end():
    made = labelled(90.0, 0)
    fitted, rows = LearningRows.of(made, ONE).settled(STRENGTH, FREE)
    silence = made.undecided.silence
    own = expit(fitted.log_odds(made.undecided.inputs))
    assert rows.churned[silence >= 0] == pytest.approx(own[silence[silence >= 0]], abs=SETTLED)
    assert (rows.churned[silence < 0] == made.churned[silence < 0]).all()


def test_where_all_is_decided_it_is_the_plain_fit():
    made = labelled(90.0, 0)
    known = made.undecided.silence < 0
    plain = LearningRows.of(
        Labelled(made.inputs[known], made.churned[known], made.customers[known]), ONE
    )
    fitted, rows = plain.settled(STRENGTH, FREE)
    assert rows is plain
    assert fitted.weights.tolist() == plain.fit(STRENGTH, FREE).weights.tolist()
    nothing = Undecided(np.full(known.sum(), -1), np.empty((0, 1)), np.ones(known.sum(), bool))
    again, _ = replace(plain, undecided=nothing, at_end=np.empty((0, 1))).settled(STRENGTH, FREE)
    assert again.weights == pytest.approx(fitted.weights, rel=1e-9)


def test_where_what_is_whole_is_of_one_kind_it_begins_with_all_that_is_decided():
    made = labelled(90.0, 0)
    few = made.undecided._replace(is_whole=np.zeros(len(made.churned), bool))
    rows = LearningRows.of(made._replace(undecided=few), ONE)
    fitted, _ = rows.settled(STRENGTH, FREE)
    whole, _ = LearningRows.of(made, ONE).settled(STRENGTH, FREE)
    assert fitted.log_odds(GRID) == pytest.approx(whole.log_odds(GRID), abs=0.05)


def test_weights_count_by_their_share_alone():
    made = labelled(90.0, 0)
    one = LearningRows.of(made, ONE)
    other = LearningRows.of(made._replace(weights=7.0 * made.weights), ONE)
    assert one.weights.mean() == pytest.approx(1.0)
    assert other.weights == pytest.approx(one.weights)
