"""Rules held against plain ones: by hand, by seed, and where there is nothing to hold."""

import numpy as np
import pytest
from made_lives import N
from made_portfolio import LOG, PERIOD, run
from made_rivals import Stage

from modelling.backtest import Backtester
from modelling.backtest.rivals import Tally
from modelling.backtest.rivals.resamples import Resamples, bounds
from modelling.backtest.rivals.tally import of_plain
from modelling.backtest.worth import answer, equal_lead_json, fewer_words, headline
from scoring.warning.lifecycle import LOW, MIDDLE


def made():
    """Forty customers, of whom every other one leaves on day 60."""
    random = np.random.default_rng(1)
    days = [np.cumsum(random.integers(3, 25, 60)) for _ in range(40)]
    ends = [60 if row % 2 else 300 for row in range(40)]
    return [own[own < end].tolist() for own, end in zip(days, ends, strict=True)]


STAGE = Stage(*made(), start=50.0, end=300.0)


def half():
    """A rule that warns ten days into lapses alone, but for every second one."""
    lapses = np.flatnonzero(STAGE.silences.lost)[::2]
    since = np.full(len(STAGE.silences.row), np.inf)
    since[lapses] = 10.0
    return of_plain(STAGE.silences, since)


def test_a_rule_is_held_against_as_early_a_silence():
    found = STAGE.contest().held("churn", 0.5, half())
    silent = found.silent
    assert found.warnings == found.right == found.caught
    assert found.mean_lead_days == pytest.approx((N - 10) * found.caught / found.lapses)
    assert silent.at == pytest.approx(N - found.mean_lead_days)
    longer = int((STAGE.silences.lasted > silent.at).sum())
    assert silent.warnings == longer
    assert silent.recall == 1.0
    assert silent.fewer.value == pytest.approx(1 - found.warnings / longer)
    assert found.best.warnings == min(one.warnings for one in found.rivals if one.warnings)


def test_as_many_warnings_by_a_plain_rule_are_the_earliest_there_are():
    contest = STAGE.contest()
    found = contest.held("churn", 0.5, half())
    lost, lasted = STAGE.silences.lost.sum(), STAGE.silences.lasted
    leads = [
        (N - days) * min(found.warnings / (lasted > days).sum(), 1.0)
        for days in (one.at for one in contest.curves[0].points)
    ]
    assert lost > found.warnings
    assert found.silent.lead_days == pytest.approx(max(leads))
    gained = found.silent.gained_days
    assert gained.value == pytest.approx(found.mean_lead_days - max(leads))
    assert gained.low <= gained.value <= gained.high


def test_a_plain_rule_held_against_itself_gains_nothing():
    since = STAGE.rule("D days").since(12.0)
    found = STAGE.contest().held("same", 12.0, of_plain(STAGE.silences, since))
    assert found.silent.fewer.value == 0.0
    assert found.silent.at == pytest.approx(12.0)
    assert abs(found.silent.fewer.high) < 0.05
    assert abs(found.silent.fewer.low) < 0.05


def test_intervals_are_the_same_by_the_same_seed_and_hold_the_figure():
    first, again = (STAGE.contest().held("churn", 0.5, half()) for _ in range(2))
    assert first == again
    other = STAGE.contest(resamples=Resamples(STAGE.silences.customers, seed=7))
    assert other.held("churn", 0.5, half()) != first
    for rival in first.rivals:
        if rival.fewer is not None:
            assert rival.fewer.low <= rival.fewer.value <= rival.fewer.high


def test_draws_are_sums_over_customers_drawn_with_replacement():
    draws = Resamples(3, count=50, seed=2)
    sums = draws.sums(np.eye(3))
    assert sums.sum(axis=1).tolist() == [3.0] * 50
    assert len(np.unique(sums, axis=0)) > 3
    own = draws.sums(np.array([[1.0], [10.0], [100.0]]))[:, 0]
    np.testing.assert_array_equal(own, sums @ [1.0, 10.0, 100.0])


def test_an_interval_of_no_number_is_none():
    assert bounds(0.5, np.array([np.nan])).low is None


def nothing(stage):
    zeros = np.zeros(len(stage.silences.row))
    never = np.zeros(len(zeros), np.bool_)
    return Tally(zeros, zeros, zeros, never, never)


@pytest.mark.parametrize(
    "stage",
    [
        Stage(),  # nobody
        Stage((390,)),  # too late to tell
        Stage((0, 10, 20), end=21.0),  # no lapse
        Stage((0,)),  # one customer, one lapse
        Stage((0, 100, 200), start=150.0),
    ],
)
def test_there_may_be_nothing_to_hold(stage):
    found = stage.contest().held("churn", 0.5, nothing(stage))
    assert (found.warnings, found.precision, found.rivals) == (0, None, ())
    assert found.best is found.silent is None
    assert found.mean_lead_days == (0.0 if found.lapses else None)


def test_a_standing_warning_may_be_counted_in_each_silence_like_a_plain_rule_s():
    stage = Stage((0, 10, 20), (0, 12))
    tally = stage.told((0, 5, MIDDLE), (0, 60, LOW), (1, 20, MIDDLE))
    found = stage.contest().held("churn", 0.5, tally)
    assert tally.stood.tolist() == [False, True, True, False, False]
    assert (found.warnings, found.stood, found.mean_lead_days) == (2, 2, (N + N - 8) / 2)
    assert found.silent.at == pytest.approx(4.0)
    assert found.silent.warnings == 5
    assert found.silent.fewer.value == pytest.approx(1 - 2 / 5)
    assert found.silent.fewer_told.value == pytest.approx(1 - 4 / 5)


def test_one_customer_is_compared_without_chance():
    stage = Stage((0, 40))
    found = stage.contest().held("churn", 0.5, stage.told((0, 10, MIDDLE), (0, 20, 0)))
    assert found.mean_lead_days == (N - 10) / 2
    assert found.silent.fewer.value == 1 - 1 / 2
    assert found.silent.fewer.low == found.silent.fewer.high


def test_a_rule_that_always_stands_leads_by_all_of_n():
    stage = Stage((0,), (0,), start=20.0)
    found = stage.contest().held("churn", 0.1, stage.told((0, -1, MIDDLE), (1, -1, MIDDLE)))
    assert (found.warnings, found.mean_lead_days, found.recall) == (0, N, 1.0)
    assert found.stood == 2
    assert found.best is None  # no plain rule leads by so much
    assert {one.at for one in found.rivals} == {None}


def test_the_live_steps_warnings_are_held_against_plain_rules():
    found = run(asked=[{"silence": (0.5, 0.9)}])
    own, low = (setting.equal_lead for setting in found.settings)
    assert {one.rule for one in low} == {"silence"}
    silence = next(one for one in own if one.rule == "silence")
    assert low[0].mean_lead_days > silence.mean_lead_days > 0
    assert low[0].threshold == 0.5
    assert found.plain[0].rule == "silent for D days"
    assert headline(found) == silence
    assert fewer_words(silence.best.fewer) in answer(found)
    told = equal_lead_json(found)
    assert told["rule"] == "silence"
    assert {one["setting"] for one in told["rules"]} == {0, 1}


def test_nothing_after_the_period_moves_the_comparison():
    model = run.__globals__["MODEL"]
    cut = LOG.before(np.nextafter(PERIOD.end, np.inf))
    both = [Backtester(log, model, PERIOD, 60.0).run().settings[0] for log in (LOG, cut)]
    assert both[0].equal_lead == both[1].equal_lead
