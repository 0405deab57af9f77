"""The scoreboard on small logs: its plain rival by hand, its tables from what was found."""

from dataclasses import replace

import numpy as np
import pytest
from cases import MODEL
from hypothesis import given, settings
from hypothesis import strategies as st
from made_cases import END, START, N, history, small_case

from benchmarks.scoreboard.data import Case, cdnow_sample
from benchmarks.scoreboard.files import fitted, with_churn
from benchmarks.scoreboard.holdout import Expected, expected
from benchmarks.scoreboard.page import Results, page
from benchmarks.scoreboard.ranking import SILENCE as SILENT
from benchmarks.scoreboard.ranking import Ranked, ranked
from benchmarks.scoreboard.warned import Plain, standing, warned
from modelling.backtest import Period, stretches
from modelling.churn.fit import ScorecardPlan
from scoring.arrays import DAY
from scoring.evaluation import Estimate
from scoring.rules import SILENCE
from scoring.warning.lifecycle import HIGH, LOW, MIDDLE


def plain(*of_customers, start=0.0):
    lives = stretches(history(*of_customers), N, (START + END) * DAY)
    return Plain(lives, Period((START + start) * DAY, (START + END) * DAY), N, MODEL)


BUYERS = (
    (0, 5, 100),  # two lapses
    (0, 10),  # as long as ten days, but not longer
    (0, 20),  # comes back after ten days
    (395,),  # too late to tell
    (385,),  # warned of, then the log ends
)


def test_whoever_is_silent_for_longer_is_warned_of_once():
    found = plain(*BUYERS).performance(10)
    assert (found.right, found.wrong, found.late, found.open) == (4, 1, 0, 1)
    assert found.warnings == 6
    assert found.warnings_per_day == 6 / END
    assert (found.lapses, found.warned, found.recall) == (4, 4, 1.0)
    assert found.precision == 4 / 5
    assert found.lead_days.quantiles["0.5"] == N - 10
    assert found.flaps == 1  # of the third customer, after 10 and after 30 days
    assert found.rule == "silent for 10 days"


def test_what_was_warned_of_before_the_period_counts_for_recall_alone():
    found = plain(*BUYERS, start=16.0).performance(10)
    assert (found.right, found.wrong, found.open) == (3, 0, 1)
    assert (found.lapses, found.warned) == (4, 4)


@pytest.mark.parametrize(
    ("warnings", "silent_days"),
    [
        (8, 5.0),
        (6, 15.0),  # as from 10 days on
        (5, 19.0),
        (4, 29.0),
        (3, None),  # never so few
    ],
)
def test_a_rival_that_warns_as_often_is_the_longest_there_is(warnings, silent_days):
    rival = plain(*BUYERS)
    found = rival.as_often(replace(rival.performance(1), warnings=warnings))
    assert (found and found.threshold) == silent_days


def test_a_rival_that_warns_as_early_leads_as_much():
    rival = plain(*BUYERS)
    assert rival.as_early(rival.performance(12)) == rival.performance(12)
    assert plain((0, 5)).as_early(plain((395,)).performance(3)) is None


DAYS = st.lists(st.integers(0, END), min_size=1, max_size=8)


@settings(max_examples=50)
@given(st.lists(DAYS, min_size=1, max_size=4), st.integers(1, 29))
def test_the_rival_warns_as_a_plain_loop_does(bought, silent_days):
    found = plain(*bought).performance(silent_days)
    warned_of = right = 0
    for days in bought:
        own = sorted(days)
        for day, later in zip(own, [*own[1:], np.inf], strict=True):
            is_up = later > day + silent_days and day + silent_days <= END
            warned_of += is_up
            right += is_up and later > day + N and day + N <= END
    assert (found.warnings, found.right, found.late) == (warned_of, right, 0)


def test_a_warning_stands_until_its_level_falls():
    log = history((0,), (0,), (0,), (0, 5))
    lives = stretches(log, N, (START + END) * DAY)
    period = Period(START * DAY, (START + END) * DAY)
    made = [
        (0, HIGH, 10),  # stands
        (1, MIDDLE, 10),
        (1, LOW, 20),  # fell
        (2, MIDDLE, 30),  # at the instant itself: too late
        (3, MIDDLE, 3),  # since before the last purchase
    ]
    changes = np.zeros(len(made), [("row", "<i8"), ("after", "u1"), ("now", "<f8")])
    for at, (row, after, day) in enumerate(made):
        changes[at] = (row, after, (START + day) * DAY)
    assert standing(changes, lives, period, MIDDLE) == 2 / 4
    assert standing(changes, lives, period, HIGH) == 1 / 4
    assert standing(changes[:0], lives, period, MIDDLE) == 0.0
    assert standing(changes, lives, Period(START * DAY, (START + 1) * DAY), MIDDLE) is None


@pytest.mark.slow
def test_nothing_is_fitted_to_what_comes_from_the_holdout_on():
    case = small_case()
    cut = replace(case, log=case.known)
    assert len(cut.log.events) < len(case.log.events)
    own = with_churn(case, fitted(case, "bgnbd"))
    assert own == with_churn(cut, fitted(cut, "bgnbd"))


def test_ours_expect_what_lifetimes_does():
    case = small_case()
    rows = {row.model: row for row in expected(case)}
    ours, theirs = rows["BG/NBD"], rows["lifetimes BG/NBD"]
    assert ours.customers == theirs.customers == len(case.summary.ids) == 300
    assert ours.actual == theirs.actual == case.actual.sum() > 0
    assert ours.expected == pytest.approx(theirs.expected, rel=1e-3)
    assert ours.error == pytest.approx(theirs.error, rel=1e-3)


@pytest.mark.slow
def test_all_scores_rank_the_same_customers():
    rows = list(ranked(small_case(), ScorecardPlan(strengths=(1.0,), folds=2)))
    names = [row.score for row in rows]
    assert {"scorecard over BG/NBD", "P(no purchase), BG/NBD", "days since last"} <= set(names)
    assert "lifetimes BG/NBD, 1 - P(alive)" in names
    found = {row.score: row for row in rows if row.customers}
    assert {row.customers + row.left_out for row in found.values()} == {300}
    silence, plainer = found["days since last"], found["P(no purchase), BG/NBD"]
    gain = plainer.over["days since last"]
    assert gain.value == pytest.approx(plainer.auc.value - silence.auc.value)
    assert set(plainer.over) == {"days since last", "expected purchases"}
    assert not silence.over
    theirs = found["lifetimes BG/NBD, expected purchases"]
    assert theirs.over["expected purchases"].value == pytest.approx(0.0, abs=1e-3)
    assert min(plainer.error, plainer.limit) > 0.0


@pytest.mark.slow
def test_rules_stand_beside_plain_ones_judged_alike():
    case = small_case()
    found = warned(case, with_churn(case, fitted(case, "bgnbd")), {SILENCE: (0.7,)})
    assert {line.own.rule for line in found.own} >= {"churn", "any"}
    assert {line.own.rule for line in found.others} == {"silence"}
    assert [line.own.threshold for line in found.others] == [0.7]
    text = page(results(case, warned={"small": found}), "2026-01-01", "make scoreboard")
    for line in (*found.own, *found.others):
        assert line.standing is None or line.standing >= line.own.recall
        assert f"| {line.own.right:,} | {line.own.wrong:,} |" in text
        for rival in filter(None, (line.as_often, line.as_early)):
            assert rival.lapses == line.own.lapses == found.result.lapses > 0
            assert (rival.late, rival.recall) == (0, 1.0)
            assert f"| *{rival.rule}* | as " in text
    assert f"{found.result.lapses:,} silences became" in " ".join(text.split())


def results(case, **parts):
    empty = {"ranked": {}, "expected": {}, "warned": {}}
    return Results(cases=[case], horizon=28.0, **{**empty, **parts})


def test_the_tables_are_made_of_the_results():
    auc = Estimate(0.7123, 0.01, 0.6927, 0.7319)
    rows = [Ranked("days", 99, auc=auc), Ranked("other", 98, 1, auc, {SILENT: auc}, 0.0456, 0.0567)]
    rows.append(Ranked("same", 97, over={SILENT: Estimate(-1e-9, 1e-9, -1e-8, 1e-8)}))
    foretold = [Expected("BG/NBD", 9, 1, 1234.56, 1300, 0.7, 0.8), Expected("none", 0)]
    found = results(small_case(), ranked={"one": rows}, expected={"two": foretold})
    text = page(found, "2026-01-01", "make scoreboard")
    assert text.startswith("# Scoreboard, 2026-01-01\n")
    assert "\nmake scoreboard\n" in text
    assert "| days | 0.7123 [0.6927, 0.7319] | - | - | - | - | - |" in text
    assert "| other (none for 1 customers) | 0.7123 [0.6927, 0.7319] | +0.7123 [+0.6927" in text
    assert "| 0.0456 | 0.0567 |" in text
    assert "| same | - | +0.0000 [+0.0000, +0.0000] | - |" in text
    assert "| BG/NBD | 9, none for 1 | 1,234.6 | 1,300 | 0.7000 | 0.8000 |" in text
    assert "| none | - | - | - | - | - |" in text
    assert "P(no purchase in 28 days)" in text


def test_a_sample_keeps_its_customers_events_and_no_others():
    case = Case("all", history((0, 5), (1,), (2, 3, 9)), (START + 4) * DAY, 10, N, "so")
    sample = cdnow_sample(case, [b"c0", b"c2"])
    assert list(sample.log.customers) == [b"c0", b"c2"]
    assert (sample.log.times / DAY - START).tolist() == [0, 2, 3, 5, 9]
    assert sample.log.rows.tolist() == [0, 1, 1, 0, 1]
    assert sample.actual.tolist() == [1, 1]
