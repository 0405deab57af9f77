"""The scoreboard's warnings at equal lead, calibration by thirds, and rules against the truth."""

import json

import numpy as np
import pytest
from made_cases import END, START, N, history, small_case

from benchmarks.scoreboard import bank
from benchmarks.scoreboard.as_json import board
from benchmarks.scoreboard.calibrated import calibrated_band, looks, thirds
from benchmarks.scoreboard.data import Case
from benchmarks.scoreboard.equal import held, json_rows
from benchmarks.scoreboard.files import fitted_any, with_churn
from benchmarks.scoreboard.page import Results, page
from benchmarks.scoreboard.truth import against_truth, judge
from modelling.backtest import Period
from modelling.backtest.rivals.levels import CHANGE, together
from modelling.simulation import LeavingReason, SimulationPlan, Truth
from scoring.arrays import DAY, NEVER
from scoring.model import ScoringModel
from scoring.parameters import parse
from scoring.rules import BUILT_IN
from scoring.warning.lifecycle import LOW, MIDDLE

NAMED = "log", "rule", "threshold", "warnings", "precision", "recall", "mean_lead_days"
PLAIN = "plain_rule", "plain_warnings", "plain_precision", "best_plain_rule", "fewer_low"


@pytest.mark.slow
def test_the_parts_agree_in_page_and_json():
    case = small_case()
    document = with_churn(case, fitted_any(case))
    found, own = held(case, document, (0.3, 0.5)), list(thirds(case, document))
    assert [one.threshold for one in found.rows] == [0.3, 0.5]
    assert found.rows[0].mean_lead_days > found.rows[1].mean_lead_days > 0
    told = json.loads(board("2026-01-01", [found], {"small": own}, []))
    assert told["equal_lead"] == json.loads(json.dumps(json_rows(found)))
    assert all(set(NAMED + PLAIN) <= set(row) for row in told["equal_lead"])
    assert [row["third"] for row in told["calibration"]] == [1, 2, 3]
    nothing = {"ranked": {}, "expected": {}, "warned": {}, "horizon": 28.0}
    results = Results(cases=[case], held=[found], thirds={"small": own}, **nothing)
    text = page(results, "2026-01-01", "make scoreboard")
    for row in told["equal_lead"]:
        assert f"| {row['threshold']:g} | {row['warnings']:,} |" in text
        assert row["plain_rule"] in text
    for row in told["calibration"]:
        assert f"| {row['looks']:,} | {row['customers']:,} |" in text
        assert 0 <= row["band_low"] < row["band_high"]


def test_looks_are_those_whose_silence_is_over_before_the_log_ends():
    log = history((0, 100, 103), (0, 80), (0, 5, END))
    case = Case("tiny", log, (START + 90) * DAY, 60, N, "so")
    model = ScoringModel(parse(fitted_any(small_case())))
    found = looks(case, model)
    # Looks on days 90, 97, 104, ... 146; the case ends on day 149: silences begin by day 119.
    days = sorted(zip(found.who.tolist(), found.days.tolist(), found.lost.tolist(), strict=True))
    assert days == [
        *[(0, pytest.approx(day), True) for day in (1.0, 8.0, 15.0, 22.0, 29.0)],
        *[(1, pytest.approx(day), True) for day in (10.0, 17.0, 24.0)],
    ]


def test_calibrated_forecasts_lie_in_the_band_and_others_do_not():
    random = np.random.default_rng(3)
    who = np.repeat(np.arange(800), 5)
    risk = np.repeat(random.uniform(0.05, 0.95, 800), 5)
    lost = np.repeat(random.random(800) < risk[::5], 5)
    low, high = calibrated_band(who, risk, lost)
    alone = calibrated_band(np.arange(4000), risk, lost)[1]
    assert 0 < low < high < 0.12
    assert high > 1.5 * alone  # five looks at one customer are not five customers
    assert calibrated_band(who, risk, lost) == (low, high)


def truth(*leavers):
    """Customers as (reason, onset, last purchase, traveller) say, in days."""
    count = len(leavers)
    reason = np.array([one[0] for one in leavers])
    never = np.full(count, NEVER)
    no = np.zeros(count, np.bool_)
    return Truth(
        customers=np.arange(count),
        reason=reason,
        onset=np.array([one[1] for one in leavers]) * DAY,
        last_purchase=np.array([one[2] for one in leavers]) * DAY,
        left_at=never,
        closed_at=never,
        kind=np.where(reason == LeavingReason.STAYS, 0, 2),
        is_traveller=np.array([one[3] for one in leavers]),
        pauses=no,
        returns=no,
        has_two_cards=no,
    )


def test_a_rule_is_held_against_the_truth_by_hand():
    known = truth(
        (LeavingReason.EBBING, 20.0, 60.0, False),  # warned of on day 30: early
        (LeavingReason.EBBING, 20.0, 40.0, False),  # on day 30: not 14 days before
        (LeavingReason.EBBING, 20.0, 60.0, False),  # up since day 10: at the onset
        (LeavingReason.SUDDEN, 20.0, 20.0, False),  # up and down before the onset: wrong
        (LeavingReason.STAYS, np.inf, 99.0, True),  # wrong
        (LeavingReason.STAYS, np.inf, 99.0, True),
        (LeavingReason.SUDDEN, 80.0, 80.0, False),  # begins too late to be looked at
    )
    moves = [
        *[(0, 30, MIDDLE), (1, 30, MIDDLE), (2, 10, MIDDLE), (3, 10, MIDDLE)],
        *[(3, 15, LOW), (4, 50, MIDDLE)],
    ]
    changes = np.zeros(len(moves), CHANGE)
    for at, (row, day, after) in enumerate(moves):
        changes[at] = (row, 0, after, day * DAY)
    found = judge("any", together([changes]), known, Period(5.0 * DAY, 100.0 * DAY), 30.0)
    assert (found.warnings, found.right, found.precision) == (5, 2, 2 / 5)
    ebbing, sudden = found.kinds["ebbing"], found.kinds["sudden"]
    assert (ebbing.leavers, ebbing.recall, ebbing.days_after) == (3, 1.0, 10.0)
    assert ebbing.early == pytest.approx(2 / 3)
    assert (sudden.leavers, sudden.recall, sudden.days_after, sudden.early) == (1, 0.0, None, 0.0)
    assert found.kinds["death"].recall is None
    assert found.healthy["travellers"] == 1 / 2
    assert found.healthy["none of these"] is None


@pytest.mark.slow
def test_a_made_up_bank_is_judged_by_its_truth():
    case, known = bank.bank(SimulationPlan(customers=150, days=300, seed=5), known=150)
    assert (case.days, case.name) == (150, bank.NAME)
    rows = list(against_truth(case, known, fitted_any(case)))
    assert {row.rule for row in rows} <= {*BUILT_IN} - {"churn"}
    told = json.loads(board("2026-01-01", [], {}, rows))["truth"]
    assert [row["rule"] for row in told] == [row.rule for row in rows]
    assert told[0]["kinds"].keys() == rows[0].kinds.keys()
