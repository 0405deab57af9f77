"""Lapses and verdicts on hand-made logs: every definition, and its borders."""

import numpy as np
import pytest
from cases import MODEL, changed, event, log
from hypothesis import given, settings
from hypothesis import strategies as st

from modelling.backtest import ANY, Fate, Period, stretches
from modelling.backtest.raised import RAISED, joined, raised
from modelling.backtest.tally import judge, lead
from scoring.arrays import DAY
from scoring.facts.events import EVENT
from scoring.facts.kinds import Kind
from scoring.rules import RULES, SILENCE
from scoring.step.replay import EventLog, Replayed, replay
from scoring.warning.lifecycle import HIGH, MIDDLE

N = 30.0
START = 10_000.0
BUY, CLOSE, COMPLAIN = Kind.PURCHASE, Kind.ACCOUNT_CLOSED, Kind.COMPLAINT


def lives(*of_customers, until=400.0):
    """Stretches of customers given as (kind, day) pairs, days counted from `START`."""
    return stretches(history(*of_customers), N, (START + until) * DAY)


def history(*of_customers):
    parts = [(day, row, kind) for row, own in enumerate(of_customers) for kind, day in own]
    parts.sort(key=lambda part: part[0])
    events = log(*(event(kind, START + day) for day, _, kind in parts)) if parts else None
    rows = np.array([row for _, row, _ in parts], np.int64)
    names = [b"c%d" % row for row in range(len(of_customers))]
    return EventLog(names, rows, np.empty(0, EVENT) if events is None else events)


def told(found):
    """Fate and instant, a day, of all stretches but each customer's first."""
    own = np.isfinite(found.start)
    days = (found.instant[own] / DAY - START).round(6).tolist()
    return [(Fate(code).name, day) for code, day in zip(found.fate[own], days, strict=True)]


NOT = np.inf


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([(BUY, 0), (BUY, 29)], [("BOUGHT", NOT), ("LOST", 59.0)]),
        ([(BUY, 0), (BUY, 30)], [("BOUGHT", NOT), ("LOST", 60.0)]),  # at the instant is in time
        ([(BUY, 0), (BUY, 30.001)], [("LOST", 30.0), ("LOST", 60.001)]),
        ([(BUY, 0), (BUY, 0)], [("BOUGHT", NOT), ("LOST", 30.0)]),
        ([(BUY, 370)], [("LOST", 400.0)]),  # the history just shows it
        ([(BUY, 370.001)], [("UNKNOWN", NOT)]),
        ([(BUY, 0), (CLOSE, 10)], [("LOST", 10.0)]),
        ([(BUY, 0), (CLOSE, 30)], [("LOST", 30.0)]),
        ([(BUY, 0), (CLOSE, 50)], [("LOST", 30.0)]),  # one lapse counts once
        ([(BUY, 0), (CLOSE, 10), (CLOSE, 5)], [("LOST", 5.0)]),
        ([(BUY, 0), (CLOSE, 10), (BUY, 12)], [("LOST", 10.0)]),
        ([(BUY, 395), (CLOSE, 399)], [("LOST", 399.0)]),
        ([(BUY, 0), (COMPLAIN, 25)], [("LOST", 30.0)]),
        ([(COMPLAIN, 5)], []),
    ],
)
def test_a_stretch_ends_as_the_label_says(events, expected):
    assert told(lives(events)) == expected


def test_who_never_bought_is_lost_by_closure_alone():
    found = lives([(COMPLAIN, 5), (CLOSE, 8)], [(COMPLAIN, 5)])
    assert found.fate.tolist() == [Fate.LOST, Fate.UNKNOWN]
    assert found.instant.tolist() == [(START + 8) * DAY, NOT]


def test_an_instant_is_in_the_stretch_of_the_last_purchase_up_to_it():
    found = lives([(BUY, 10), (BUY, 20)], [(BUY, 15)])
    days = np.array([0.0, 10, 19.9, 20, 99, 14, 15])
    rows = np.array([0, 0, 0, 0, 0, 1, 1])
    assert found.at(rows, (START + days) * DAY).tolist() == [0, 1, 1, 2, 2, 3, 4]


TIMES = st.lists(st.integers(0, 300), max_size=8)


@settings(max_examples=60, deadline=None)
@given(st.lists(TIMES, min_size=1, max_size=4), st.one_of(st.none(), st.integers(0, 300)))
def test_stretches_equal_a_plain_loop(bought, closed):
    customers = [[(BUY, day) for day in sorted(days)] for days in bought]
    if closed is not None:
        customers[0].append((CLOSE, closed))
    found = lives(*customers, until=300.0)
    expected = []
    for row, own in enumerate(customers):
        end = closed if row == 0 and closed is not None else NOT
        days = [day for kind, day in own if kind == BUY and day <= end]
        for day, later in zip([-NOT, *days], [*days, NOT], strict=True):
            silent = day + N < later and day + N <= min(300, end)
            lapse = day + N if silent and day > -NOT else end if later == NOT else NOT
            expected.append(lapse)
    assert (found.instant / DAY - START).round(6).tolist() == expected


def entries(*rows):
    """(customer, rule, band, day) or with CLV, as warnings."""
    made = np.zeros(len(rows), RAISED)
    for at, (row, rule, band, day, *clv) in enumerate(rows):
        made[at] = (row, rule, band, (START + day) * DAY, clv[0] if clv else 0.0)
    return joined([made])


def verdicts(warnings, found, start=0.0, end=400.0):
    period = Period((START + start) * DAY, (START + end) * DAY)
    judged = judge(warnings, found, period, N, MODEL)
    return {(one.rule, one.band): one for one in judged}


def silence(*days, events=((BUY, 0), (BUY, 10), (BUY, 100)), **period):
    """The verdict on warnings of silence, at band middle, on some days of one customer's."""
    warnings = entries(*((0, SILENCE, MIDDLE, day) for day in days))
    return verdicts(warnings, lives(list(events)), **period)["silence", "middle"]


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
    assert judge(entries(), lives([]), same, N, MODEL)[0].warnings_per_day is None


def test_warnings_a_day_are_those_of_the_period_by_its_days():
    assert silence(20, 30, 110, start=0.0, end=100.0).warnings_per_day == 0.02


def test_all_rules_together_warn_of_a_lapse_when_the_first_does():
    warnings = entries(
        (0, SILENCE, MIDDLE, 20, 500.0), (0, 4, MIDDLE, 15, 700.0), (0, 4, HIGH, 25, 300.0)
    )
    found = verdicts(warnings, lives([(BUY, 10)]))
    both = found[ANY, "middle"]
    assert (both.warnings, both.right, both.warned, both.threshold) == (2, 2, 1, None)
    assert (both.lead_days.quantiles["1"], both.warned_clv) == (25.0, 700.0)
    assert found["silence", "middle"].warned_clv == 500.0
    assert found[RULES[4].name, "high"].lead_days.quantiles["1"] == 15.0
    assert found["silence", "high"].warnings == 0


def test_each_rule_is_judged_at_both_of_its_thresholds():
    found = verdicts(entries(), lives([]))
    names = [rule.name for rule in RULES]
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
    found = verdicts(entries(*rows), lives([(BUY, 10)], [(BUY, 10)]))
    assert found[ANY, "middle"].flaps == flaps


def test_leads_are_told_as_quantiles_and_in_ten_bins():
    told_of = lead(np.array([0.0, 3.0, 29.9, 30.0, 77.0]), 30.0)
    assert told_of.edges == tuple(3.0 * edge for edge in range(11))
    assert told_of.counts == (1, 1, 0, 0, 0, 0, 0, 0, 0, 3)
    assert list(told_of.quantiles.items())[0::6] == [("0", 0.0), ("1", 77.0)]


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
