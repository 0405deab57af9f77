"""Performance of warnings on hand-made logs: every definition, and its borders."""

import numpy as np
import pytest
from cases import MODEL, changed
from made_lives import BUY, COMPLAIN, START, N, history, lives

from modelling.backtest import ANY, Period
from modelling.backtest.measures.performance import lead, rule_performance
from modelling.backtest.measures.raised import RAISED, joined, raised
from scoring.arrays import DAY
from scoring.rules import SILENCE, shipped
from scoring.step.replay import Replayed, replay
from scoring.warning.lifecycle import HIGH, MIDDLE


def entries(*rows):
    """(customer, rule, band, day) or with CLV, as warnings."""
    made = np.zeros(len(rows), RAISED)
    for at, (row, rule, band, day, *clv) in enumerate(rows):
        made[at] = (row, rule, band, (START + day) * DAY, clv[0] if clv else 0.0)
    return joined([made])


def performance(warnings, found, start=0.0, end=400.0):
    period = Period((START + start) * DAY, (START + end) * DAY)
    rules = rule_performance(warnings, found, period, N, MODEL)
    return {(one.rule, one.band): one for one in rules}


def silence(*days, events=((BUY, 0), (BUY, 10), (BUY, 100)), **period):
    """The performance of warnings of silence, at band middle, on some days of one customer's."""
    warnings = entries(*((0, SILENCE, MIDDLE, day) for day in days))
    return performance(warnings, lives(list(events)), **period)["silence", "middle"]


def counts(one):
    return one.right, one.wrong, one.late, one.open


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (5, (0, 1, 0, 0)),  # bought again in time
        (10, (1, 0, 0, 0)),  # raised by the last purchase itself
        (39.999, (1, 0, 0, 0)),
        (40, (0, 0, 1, 0)),  # at the instant is too late
        (99, (0, 0, 1, 0)),
        (100, (1, 0, 0, 0)),  # of the next lapse
        (131, (0, 0, 1, 0)),
    ],
)
def test_a_warning_is_right_wrong_or_late(day, expected):
    assert counts(silence(day)) == expected


def test_a_warning_whose_end_is_not_known_yet_is_open_and_spoils_no_precision():
    one = silence(20, 390, events=[(BUY, 0), (BUY, 380)])
    assert counts(one) == (1, 0, 0, 1)
    assert (one.precision, one.warnings) == (1.0, 2)


def test_a_lapse_counts_once_however_often_it_was_warned_of():
    one = silence(12, 20, 30)
    assert (one.right, one.warned, one.lapses, one.recall) == (3, 1, 2, 0.5)
    assert one.lead_days.quantiles["0.5"] == 28.0
    assert sum(one.lead_days.counts) == 1


def test_a_warning_about_an_earlier_stretch_does_not_serve_a_later_lapse():
    one = silence(9)
    assert (one.right, one.warned, one.recall) == (0, 0, 0.0)
    assert one.lead_days.quantiles is None


@pytest.mark.parametrize(
    ("period", "warnings", "lapses", "warned"),
    [
        ({}, 2, 2, 2),
        ({"start": 30.0}, 1, 2, 2),  # warned before the period: it still was warned of
        ({"start": 40.0}, 1, 2, 2),
        ({"start": 40.001}, 1, 1, 1),
        ({"end": 130.0}, 2, 2, 2),
        ({"end": 129.999}, 2, 1, 1),
        ({"end": 50.0}, 1, 1, 1),
        ({"start": 50.0, "end": 60.0}, 0, 0, 0),
    ],
)
def test_a_period_counts_its_own_warnings_and_lapses(period, warnings, lapses, warned):
    one = silence(20, 110, **period)
    assert (one.warnings, one.lapses, one.warned) == (warnings, lapses, warned)


def test_nothing_divided_by_nothing_is_none():
    one = silence(start=50.0, end=60.0)
    assert (one.precision, one.recall, one.warnings_per_day) == (None, None, 0.0)
    same = Period(0.0, 0.0)
    assert rule_performance(entries(), lives([]), same, N, MODEL)[0].warnings_per_day is None


def test_warnings_a_day_are_those_of_the_period_by_its_days():
    assert silence(20, 30, 110, start=0.0, end=100.0).warnings_per_day == 0.02


def test_all_rules_together_warn_of_a_lapse_when_the_first_does():
    warnings = entries(
        (0, SILENCE, MIDDLE, 20, 500.0), (0, 4, MIDDLE, 15, 700.0), (0, 4, HIGH, 25, 300.0)
    )
    found = performance(warnings, lives([(BUY, 10)]))
    both = found[ANY, "middle"]
    assert (both.warnings, both.right, both.warned, both.threshold) == (2, 2, 1, None)
    assert (both.lead_days.quantiles["1"], both.warned_clv) == (25.0, 700.0)
    assert found["silence", "middle"].warned_clv == 500.0
    assert found[shipped().rules[4].name, "high"].lead_days.quantiles["1"] == 15.0
    assert found["silence", "high"].warnings == 0


def test_each_rule_is_judged_at_both_of_its_thresholds():
    found = performance(entries(), lives([]))
    names = [rule.name for rule in shipped().rules]
    assert set(found) == {(name, band) for name in [*names, ANY] for band in ("middle", "high")}
    for slot, name in enumerate(names):
        assert found[name, "middle"].threshold == MODEL.middle[slot]
        assert found[name, "high"].threshold == MODEL.high[slot]


@pytest.mark.parametrize(
    ("rows", "flaps"),
    [
        ([(0, 0, MIDDLE, 10), (0, 0, MIDDLE, 40)], 1),
        ([(0, 0, MIDDLE, 10), (0, 0, MIDDLE, 40.001)], 0),
        ([(0, 0, MIDDLE, 10), (0, 4, MIDDLE, 11)], 0),
        ([(0, 0, MIDDLE, 10), (1, 0, MIDDLE, 11)], 0),
        ([(0, 0, MIDDLE, 10), (0, 0, HIGH, 11)], 0),
        ([(0, 0, MIDDLE, 10), (0, 0, MIDDLE, 20), (0, 0, MIDDLE, 30)], 2),
        ([(0, 4, MIDDLE, 9), (0, 0, MIDDLE, 10), (0, 4, MIDDLE, 11), (0, 0, MIDDLE, 12)], 2),
        ([(0, 0, MIDDLE, -5), (0, 0, MIDDLE, 5)], 1),  # the first one was before the period
    ],
)
def test_a_flap_is_the_same_band_entered_again_within_thirty_days(rows, flaps):
    found = performance(entries(*rows), lives([(BUY, 10)], [(BUY, 10)]))
    assert found[ANY, "middle"].flaps == flaps


def test_leads_are_described_by_quantiles_and_in_ten_bins():
    described = lead(np.array([0.0, 3.0, 29.9, 30.0, 77.0]), 30.0)
    assert described.edges == tuple(3.0 * edge for edge in range(11))
    assert described.counts == (1, 1, 0, 0, 0, 0, 0, 0, 0, 3)
    assert list(described.quantiles.items())[0::6] == [("0", 0.0), ("1", 77.0)]


def test_bands_entered_are_read_off_a_replays_warnings():
    bought = history([(BUY, day) for day in range(0, 60, 3)], [])
    parts = list(replay(bought, MODEL, until=(START + 200) * DAY))
    warnings = joined([raised(part) for part in parts])
    silent = warnings[warnings["rule"] == SILENCE]
    assert silent["band"].tolist() == [MIDDLE, HIGH]
    assert silent["row"].tolist() == [0, 0]
    assert (np.diff(silent["time"]) > 0).all()
    assert (silent["clv"] > 0).all()


def test_from_low_to_high_at_once_enters_both_bands_at_one_instant():
    steep = changed(rules={"dissatisfaction": {"middle": 0.5, "high": 0.6, "hysteresis": 0.1}})
    unhappy = history([(COMPLAIN, 5)])
    (part,) = replay(unhappy, steep, until=(START + 5) * DAY)
    found = joined([raised(part)])
    assert found["band"].tolist() == [MIDDLE, HIGH]
    assert len(set(found["time"].tolist())) == 1


def test_blocks_name_their_customers_by_the_logs_rows():
    bought = history([(BUY, day) for day in range(0, 60, 3)])
    (part,) = replay(bought, MODEL, until=(START + 200) * DAY)
    elsewhere = Replayed(np.array([7]), part.clock, part.is_stop, part.outcome)
    assert set(raised(elsewhere)["row"].tolist()) == {7}
