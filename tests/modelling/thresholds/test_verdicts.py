"""Warnings judged by what counts as leaving: counted by hand on customers few enough to see."""

import numpy as np
import pytest
from cases import document
from churn_cases import START, bought_log

from modelling.backtest import Period
from modelling.backtest.measures.raised import RAISED
from modelling.churn.fit import ScorecardPlan
from modelling.churn.labels import Labels
from modelling.churn.run import ChurnRequest
from modelling.thresholds import Aim, fit_with_thresholds
from modelling.thresholds.verdicts import OnDaysAhead, OnSilences, verdicts
from scoring.arrays import DAY
from scoring.facts.events import EVENT
from scoring.model import ScoringModel
from scoring.parameters import Closure, FirstOf, Partial, Silence, parse
from scoring.rules import CHURN
from scoring.step.replay import EventLog
from scoring.warning.lifecycle import MIDDLE

MODEL = ScoringModel(parse(document()))
PARTLY = Partial(type="partial", within_days=28.0, share=0.25, level_days=84.0)
PERIOD = Period(20_100 * DAY, 20_300 * DAY)


def log_of(*days_of_customers):
    """Purchases at noon of days after day 20 000."""
    rows = np.concatenate([np.full(len(days), at) for at, days in enumerate(days_of_customers)])
    events = np.zeros(len(rows), EVENT)
    events["time"] = (20_000.5 + np.concatenate(days_of_customers)) * DAY
    events["amount"], events["reversed_time"] = 1_000, events["time"]
    order = np.argsort(events["time"], kind="stable")
    names = [b"c%d" % at for at in range(len(days_of_customers))]
    return EventLog(names, rows[order], events[order])


def entries(*warned):
    """Entries into band middle: customer and days after day 20 000."""
    rows = np.zeros(len(warned), RAISED)
    rows["row"], rows["time"] = [one[0] for one in warned], [(20_000 + d) * DAY for _, d in warned]
    rows["rule"], rows["band"] = CHURN, MIDDLE
    return rows


STEADY = np.arange(0.0, 300.0, 2.0)
EBBS = np.concatenate([np.arange(0.0, 180.0, 2.0), np.arange(180.0, 300.0, 30.0)])


def test_who_ebbs_and_still_buys_has_left_in_part():
    judge = verdicts(log_of(STEADY, EBBS), PARTLY, PERIOD, MODEL.calendar)
    assert isinstance(judge, OnDaysAhead)
    found = judge.worth(entries((0, 150), (1, 182), (1, 185)), MODEL)
    assert (found.warnings, found.precision, found.recall) == (3, pytest.approx(2 / 3), 1.0)
    known, right, first = judge.endings(entries((0, 150), (1, 182), (1, 185), (1, 290)))
    assert known.tolist() == [True, True, True, False]  # ten days are too few to tell
    assert right.tolist() == [False, True, True, False]
    assert first.tolist() == [False, True, False, False]


def test_lead_is_counted_until_leaving_has_shown():
    judge = verdicts(log_of(EBBS), PARTLY, PERIOD, MODEL.calendar)
    early, late = (judge.worth(entries((0, day)), MODEL).lead_days for day in (184, 204))
    assert early is not None
    assert late is not None
    assert early - late == pytest.approx(20.0)
    assert 0.0 < early <= PARTLY.within_days


def test_labels_say_when_customers_left():
    closing, gone_at = Closure(type="closure", within_days=30.0), np.array([np.inf, 20_220 * DAY])
    judge = verdicts(log_of(STEADY, STEADY), closing, PERIOD, MODEL.calendar, gone_at)
    found = judge.worth(entries((0, 150), (1, 195), (1, 120)), MODEL)
    assert (found.precision, found.recall) == (pytest.approx(1 / 3), 1.0)
    assert found.lead_days == pytest.approx(25.0, abs=7.0)


def test_nobody_left_and_nobody_was_warned_of():
    judge = verdicts(log_of(STEADY), PARTLY, PERIOD, MODEL.calendar)
    assert judge.worth(entries(), MODEL) == (0, None, None, None)


@pytest.mark.parametrize(
    ("leaving", "kind"),
    [
        (Silence(days=30.0), OnSilences),
        (
            FirstOf(
                type="first_of",
                of=[Silence(days=30.0), Closure(type="closure", within_days=30.0)],
            ),
            OnSilences,
        ),
        (FirstOf(type="first_of", of=[Silence(days=30.0), PARTLY]), OnDaysAhead),
        (PARTLY, OnDaysAhead),
    ],
)
def test_silences_are_judged_at_their_end_and_all_else_in_days_to_come(leaving, kind):
    assert isinstance(verdicts(log_of(STEADY), leaving, PERIOD, MODEL.calendar), kind)


@pytest.mark.slow
def test_thresholds_are_tried_out_of_time_by_labels_too():
    random = np.random.default_rng(4)
    ends = np.where(random.random(200) < 0.5, random.uniform(30, 300, 200), 300.0)
    log = bought_log(ends, days=300)
    left_at = {
        name: (START + end) * DAY
        for name, end in zip(log.customers, ends.tolist(), strict=True)
        if end < 300.0
    }
    plan = ScorecardPlan(calibration="platt", strengths=(1.0,), folds=2)
    request = ChurnRequest(leaving=Silence(days=40.0), plan=plan)
    found = fit_with_thresholds(log, document(), request, Aim(), Labels(left_at=left_at))
    assert found.search is not None, found.notes
    assert found.found.scorecard["thresholds"]["chosen_by"] == "replay"
    assert found.search.recommended.at is not None
    untimed = Labels(left=dict.fromkeys(log.customers[:100], True))
    with pytest.raises(Exception, match="one date"):
        fit_with_thresholds(log, document(), request, Aim(), untimed)
