from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from cases import document
from churn_cases import START, bought_log, fewer_thresholds

from modelling.backtest import Backtester, Period
from modelling.bulk.apart import HistoryApart
from modelling.churn.fit import ScorecardPlan
from modelling.churn.run import ChurnRequest, fit_churn
from modelling.thresholds import Aim, Economics, fit_with_thresholds, search, tiered
from modelling.thresholds.fitting import cut_of
from modelling.thresholds.replaying import ThresholdTrials, at_threshold
from modelling.thresholds.search import search_json
from modelling.thresholds.words import advice, complaint
from scoring import ScoringError
from scoring.arrays import DAY
from scoring.facts.events import EVENT
from scoring.feature import Feature
from scoring.model import ScoringModel
from scoring.parameters import Silence, parse
from scoring.rules import CHURN
from scoring.step.replay import EventLog, replay

N = 40.0
SILENCE = Silence(days=N)
PLAN = ScorecardPlan(calibration="platt", strengths=(1.0,), folds=2)
REQUEST = ChurnRequest(leaving=SILENCE, plan=PLAN)
PERIOD = Period((START + 200.0) * DAY, (START + 299.0) * DAY)


def leaving(customers=140, days=300):
    random = np.random.default_rng(4)
    return np.where(random.random(customers) < 0.4, random.uniform(30, days, customers), days)


LOG = bought_log(leaving(), days=300)


@pytest.fixture(scope="module")
def model():
    known = LOG.before(PERIOD.start)
    return ScoringModel(parse(fit_churn(known, document(), REQUEST).document))


@pytest.fixture
def few() -> Iterator[None]:
    with fewer_thresholds():
        yield


def test_a_threshold_tried_is_what_a_whole_backtest_finds(model):
    trials = ThresholdTrials.of(LOG, model, PERIOD, SILENCE)
    for threshold in (0.2, 0.6):
        found = trials.choice(threshold)
        whole = Backtester(LOG, at_threshold(model, threshold), PERIOD, N).run()
        rules = whole.settings[0].rules
        own = next(one for one in rules if (one.rule, one.band) == ("churn", "middle"))
        assert own.warnings > 10
        assert found.warnings_per_day == pytest.approx(own.warnings_per_day)
        assert (found.precision, found.recall) == (own.precision, own.recall)
        assert found.lead_days == pytest.approx((own.lead_days.quantiles or {})["0.5"])


def test_profit_is_of_warnings_of_which_the_end_is_known(model):
    costs = Economics(tiered(100.0), tiered(50.0), tiered(0.5), tiered(1_000.0))
    trials = ThresholdTrials.of(LOG, model, PERIOD, SILENCE, economics=costs)
    own = Backtester(LOG, at_threshold(model, 0.5), PERIOD, N).run().settings[0].rules
    churn = next(one for one in own if (one.rule, one.band) == ("churn", "middle"))
    right, other = churn.right, churn.wrong + churn.late
    # None of these customers is warned of twice in one silence.
    expected = right * (500.0 - 100.0) - other * 150.0
    profit = trials.choice(0.5).profit
    assert profit is not None
    assert profit * PERIOD.days == pytest.approx(expected)


@pytest.mark.usefixtures("few")
def test_the_file_s_own_threshold_is_held_against_the_recommended(model):
    late = at_threshold(model, 0.97)
    found = search(LOG, late, PERIOD, SILENCE, Aim(), tries_own=True)
    assert found.own is not None
    assert found.own.threshold == 0.97
    assert found.is_own_much_worse
    assert "much worse" in str(complaint(found, "USD"))
    assert advice(found, "USD").startswith(f"Take {found.recommended.middle:.4g}: ")
    good = search(
        LOG, at_threshold(model, found.recommended.middle), PERIOD, SILENCE, Aim(), tries_own=True
    )
    assert not good.is_own_much_worse
    assert complaint(good, "USD") is None
    assert search_json(good)["own"]["threshold"] == good.recommended.middle


@pytest.mark.usefixtures("few")
def test_a_large_log_is_tried_on_a_share_of_its_customers_and_counted_up(model):
    whole = search(LOG, model, PERIOD, SILENCE, Aim())
    some = search(LOG, model, PERIOD, SILENCE, Aim(), most_events=1_000)
    assert whole.share == 1.0 > some.share
    assert some.customers == round(some.share * len(LOG.customers))
    by_threshold = {one.threshold: one for one in whole.tried}
    at = next(one for one in some.tried if one.threshold == 0.2)
    assert at.warnings_per_day == pytest.approx(by_threshold[0.2].warnings_per_day, rel=0.5)
    drawn = [HistoryApart.of(LOG).sampled(share).customers for share in (0.001, 0.001, 1e-9)]
    assert drawn[0] == drawn[1]
    assert len(drawn[2]) == 1


def test_without_a_scorecard_there_is_nothing_to_try():
    with pytest.raises(ScoringError, match="expected a parameter file with a churn scorecard"):
        search(LOG, ScoringModel(parse(document())), PERIOD, SILENCE, Aim())


def test_a_history_is_cut_where_a_fit_and_its_judgement_both_have_their_days(model):
    cut = cut_of(LOG, model.calendar, Silence(days=N))
    assert cut is not None
    assert cut.at - LOG.times[0] >= (N + 28.0) * DAY
    assert cut.end - cut.at >= N * DAY
    assert cut_of(LOG, model.calendar, Silence(days=140.0)) is None
    assert cut_of(LOG.before(0.0), model.calendar, Silence(days=N)) is None
    until = replace(REQUEST, until=date(1998, 1, 30))
    earlier = cut_of(LOG, model.calendar, Silence(days=N), until)
    assert earlier is not None
    assert earlier.end < cut.end


def test_what_it_would_cost_at_which_threshold_is_written_into_the_file():
    found = fit_with_thresholds(LOG, document(), REQUEST, Aim(budget=0.4))
    section = found.found.document["churn"]
    assert section["thresholds"]["chosen_by"] == "budget"
    at = [one for one in section["choices"] if one["threshold"] == section["thresholds"]["middle"]]
    assert at[0]["warnings_per_day"] <= 0.4
    assert set(at[0]) == set(search_json(found.search)["tried"][0]) if found.search else True
    card = parse(found.found.document).churn
    assert card is not None
    assert card.middle == section["thresholds"]["middle"]


@pytest.mark.usefixtures("few")
def test_a_first_part_in_which_too_few_leave_falls_back_and_says_so():
    ends = np.full(60, 300.0)
    ends[:25] = 225.0  # all leave after the cut
    late = bought_log(ends, days=300)
    found = fit_with_thresholds(late, document(), REQUEST, Aim())
    assert found.early is None
    assert found.found.scorecard["thresholds"]["chosen_by"] == "replay"
    assert "first part is too little to fit to" in found.notes[0]
    assert "had seen" in found.notes[0]


def test_who_pays_monthly_is_warned_of_once_a_month_is_missed():
    """Nobody's silence says anything before the day of the month is over, by rate or risk."""
    days = np.concatenate([np.arange(30) * 30.0 + at % 28 for at in range(70)])
    rows = np.repeat(np.arange(70), 30)
    stopped = (rows < 40) & (days > 400.0 + 10.0 * rows)
    rows, days = rows[~stopped], days[~stopped]
    order = np.argsort(days, kind="stable")
    log = EventLog([b"m%d" % at for at in range(70)], rows[order], debits(days[order]))
    request = ChurnRequest(leaving=Silence(days=45.0), plan=PLAN)
    found = fit_with_thresholds(log, document(), request, Aim())
    model = ScoringModel(parse(found.found.document))
    entries = [
        one
        for block in replay(log, model, until=float(log.times[-1]))
        for one in block.outcome.warnings
        if one["rule"] == CHURN and one["before"] == 0
    ]
    silent = [one["features"][Feature.DAYS_SINCE_LAST] for one in entries]
    assert len({one["row"] for one in entries}) == 40
    assert 29.0 < min(silent) < max(silent) < 45.0


def debits(days):
    events = np.zeros(len(days), EVENT)
    events["time"] = (START + days + 0.3) * DAY
    events["amount"], events["reversed_time"] = 999, events["time"]
    events["id"] = np.arange(1, len(days) + 1)
    return events
