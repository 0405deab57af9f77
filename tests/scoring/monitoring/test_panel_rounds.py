import numpy as np
import pytest
from cases import MODEL, changed, churn_section, document, event, log
from panel_cases import (
    START,
    advanced,
    all_seen,
    bought_log,
    churned_of,
    rounds,
    seen_at,
    with_horizon,
)

from scoring.arrays import DAY
from scoring.churn import ChurnScorecard, Platt
from scoring.evaluation import area_under_curve, flagged
from scoring.facts.calendar import BookCalendar
from scoring.facts.events import hash_ids
from scoring.facts.kinds import Kind
from scoring.feature import Feature
from scoring.features import features
from scoring.model import ScoringModel
from scoring.monitoring import (
    Figures,
    Forecast,
    Panel,
    champion,
    horizon_days,
    threshold,
    total,
)
from scoring.parameters import parse
from scoring.step.replay import EventLog

LOG = bought_log()


def told_by_hand(log_, days, seen, model=MODEL):
    """Risks, outcomes and flags of one round, without the panel."""
    here, at = seen.here(model), seen.clock
    matrix = features(here.states, here.now, model)
    told = champion(matrix, model)
    churned = churned_of(log_, at, days)
    place = {value: row for row, value in enumerate(hash_ids(log_.customers).tolist())}
    outcome = [churned[place[customer]] for customer in here.customers.tolist()]
    return told.risk, told.flagged, np.array(outcome)


@pytest.mark.slow
@pytest.mark.parametrize("days", [1, 14, 28, 90.0, 180.5])
@pytest.mark.parametrize("step", [7.0, 3.3, 61.7])
def test_outcomes_are_those_of_the_log(days, step):
    model = with_horizon(days)
    log_ = bought_log(customers=30, days=400, seed=int(days))
    clocks = (START + np.arange(20.25, 400.0, step)) * DAY
    seen = {one.clock: one for one in all_seen(log_, clocks.tolist(), model)}
    panel = Panel.new((model.parameters.version, "other"))
    for one in seen.values():
        panel = advanced(panel, one, model)
    closed = panel.rounds[panel.rounds["status"] == 1]
    assert len(closed)
    assert (closed["unknown"] == 0).all()
    for one in closed:
        risk, flags, churned = told_by_hand(log_, days, seen[one["at"]], model)
        tallied = one["tally"][0]
        assert tallied["churned"].sum() == churned.sum()
        assert tallied["rows"].sum() == one["members"] == len(churned)
        assert tallied["flagged"].tolist() == [
            [int(((flags == f) & (churned == c)).sum()) for c in (False, True)]
            for f in (False, True)
        ]
        assert tallied["risk"].sum() == pytest.approx(risk.sum())


def test_figures_are_those_that_evaluation_gives():
    panel = rounds(LOG, [100, 140])
    risk, flags, churned = told_by_hand(LOG, 28, seen_at(LOG, (START + 100) * DAY))
    figures = Figures.of(total(panel.rounds["tally"][:, 0]))
    assert figures.auc == pytest.approx(area_under_curve(risk, churned).value)
    expected = flagged(np.where(flags, 1.0, 0.0), churned, 0.5)
    assert (figures.precision, figures.recall) == (expected.precision, expected.recall)
    assert panel.rounds["compared"].tolist() == panel.rounds["members"].tolist()
    other = Figures.of(total(panel.rounds["tally"][:, 1]))
    assert other.auc == pytest.approx(figures.auc), "squaring keeps the order"
    assert other.flagged != figures.flagged
    assert panel.rounds["disagreed"][0] == (flags != (risk * risk > 0.5)).sum()


def test_a_round_is_open_until_its_window_is_over():
    panel = rounds(LOG, [100, 127, 127.5])
    assert panel.rounds["status"].tolist() == [0, 0, 0]
    assert panel.rounds["tally"]["rows"].sum() == 0
    panel = rounds(LOG, [128], panel=panel)
    assert panel.rounds["status"].tolist() == [1, 0, 0, 0]
    assert set(panel.entries["at"] / DAY - START) == {127.0, 127.5, 128.0}


def test_a_round_that_is_closed_too_late_is_unknown_as_a_whole():
    """After the window the log remembers 64 days; whoever bought since must not look churned."""
    in_time, too_late = (rounds(LOG, [100, day]).rounds[0] for day in (191, 192))
    assert (in_time["unknown"], in_time["tally"]["rows"][0].sum()) == (0, in_time["members"])
    assert (too_late["status"], too_late["unknown"]) == (1, too_late["members"])
    assert too_late["tally"]["rows"].sum() == 0


def test_members_who_are_no_longer_seen_are_unknown():
    panel = rounds(LOG, [100])
    seen = seen_at(LOG, (START + 140) * DAY)
    fewer = seen._replace(customers=seen.customers[::2], states=seen.states[::2])
    after = advanced(panel, fewer)
    kept = np.isin(panel.entries["customer"], fewer.customers).sum()
    assert after.rounds["unknown"][0] == len(panel.entries) - kept
    assert after.rounds["tally"]["rows"][0, 0].sum() == kept


def test_a_forecast_that_was_not_to_be_had_is_not_judged():
    def half(risk):
        some = np.where(np.arange(len(risk)) % 2, risk, np.nan)
        return Forecast(some, some > 0.5)

    model = MODEL.parameters.version
    panel = Panel.new((model, "x"))
    for day in (100, 140):
        panel = advanced(panel, seen_at(LOG, (START + day) * DAY), told=half)
    members = panel.rounds["members"][0]
    assert panel.rounds["tally"]["rows"][0].sum(axis=1).tolist() == [members, members // 2]
    assert panel.rounds["compared"][0] == members // 2


def test_no_forecast_at_all_is_judged_as_none():
    panel = Panel.new((MODEL.parameters.version, ""))
    for day in (100, 140):
        seen = seen_at(LOG, (START + day) * DAY)
        panel = advanced(panel, seen, told=lambda risk: Forecast.none(len(risk)))
    assert panel.rounds["tally"]["rows"][:, 1].sum() == 0
    assert panel.rounds["compared"].tolist() == [0, 0]
    assert panel.rounds["tally"]["rows"][0, 0].sum() == panel.rounds["members"][0]


def test_closed_and_unknown_customers_have_no_forecast_but_closing_is_an_outcome():
    closing = event(Kind.ACCOUNT_CLOSED, START + 1.0)
    calls = event(Kind.COMPLAINT, START + 0.5)
    buys = event(Kind.PURCHASE, START + 0.1)
    events = log(buys, buys.copy(), calls, closing)
    events["id"] = np.arange(1, 5)
    log_ = EventLog([b"closes", b"stays", b"never bought"], np.array([0, 1, 2, 0]), events)
    panel = rounds(log_, [0.75])
    assert panel.rounds["members"].tolist() == [2]
    panel = rounds(log_, [1.5], panel=panel)
    assert panel.rounds["members"].tolist() == [2, 1]
    panel = rounds(log_, [40], panel=panel)
    assert panel.rounds["tally"]["churned"][:, 0].sum(axis=1).tolist() == [2, 1, 0]


def test_a_second_purchase_of_a_day_is_no_new_purchase_day():
    events = log(event(Kind.PURCHASE, START + 0.1), event(Kind.PURCHASE, START + 0.9))
    log_ = EventLog([b"a"], np.array([0, 0]), events)
    panel = rounds(log_, [0.5, 40])
    assert panel.rounds["tally"]["churned"][0, 0].sum() == 1


def test_days_are_those_of_the_book():
    model = changed(book_timezone="Asia/Shanghai")
    events = log(event(Kind.PURCHASE, START), event(Kind.PURCHASE, START + 28.9))
    log_ = EventLog([b"a"], np.array([0, 0]), events)
    panel = rounds(log_, [0.9, 60], model)
    assert BookCalendar("Asia/Shanghai").day(np.array([(START + 28.9) * DAY])) == START + 29
    assert panel.rounds["last_day"][0] == START + 28
    assert panel.rounds["tally"]["churned"][0, 0].sum() == 1


def test_only_the_latest_closed_rounds_are_kept():
    panel = rounds(LOG, np.arange(0.0, 400.0, 7.0))
    status = panel.rounds["status"]
    assert (status == 1).sum() == 13
    assert (np.diff(panel.rounds["at"]) == 7 * DAY).all()
    assert set(panel.entries["at"]) == set(panel.rounds["at"][status == 0])


def test_an_empty_panel_has_rounds_too():
    seen = seen_at(LOG, (START + 100) * DAY)
    nobody = seen._replace(customers=seen.customers[:0], states=seen.states[:0])
    panel = advanced(Panel.new(("a", "b")), nobody)
    assert panel.rounds["members"].tolist() == [0]
    panel = advanced(panel, seen_at(LOG, (START + 140) * DAY))
    assert panel.rounds["status"].tolist() == [1, 0]


def test_the_same_panel_and_customers_give_the_same_round_and_change_nothing():
    panel = rounds(LOG, [100, 107])
    seen = seen_at(LOG, (START + 140) * DAY)
    before = (panel.rounds.tobytes(), panel.entries.tobytes(), seen.states.tobytes())
    once, again = advanced(panel, seen), advanced(panel, seen)
    assert once.rounds.tobytes() == again.rounds.tobytes()
    assert once.entries.tobytes() == again.entries.tobytes()
    assert before == (panel.rounds.tobytes(), panel.entries.tobytes(), seen.states.tobytes())


def test_without_a_scorecard_the_champion_is_the_rule_of_silence():
    assert (threshold(MODEL), horizon_days(MODEL)) == (0.95, 28.0)
    seen = seen_at(LOG, (START + 200) * DAY).here(MODEL)
    matrix = features(seen.states, seen.now, MODEL)
    told = champion(matrix, MODEL)
    np.testing.assert_array_equal(told.risk, matrix[Feature.P_NO_PURCHASE])
    known = (matrix[Feature.FREQUENCY] >= 2) | (matrix[Feature.TENURE] >= 28)
    np.testing.assert_array_equal(told.flagged, (told.risk >= 0.95) & known)
    told.risk[:] = -1.0
    assert (matrix[Feature.P_NO_PURCHASE] >= 0.0).all(), "the risks are the caller's own"


def test_with_a_scorecard_the_champion_is_the_scorecard():
    section = churn_section(56, intercept=0.0, centre=3.0, middle=0.6)
    assert "churn" not in document()
    leaving = {"type": "silence", "days": 56}
    model = ScoringModel(parse({**document(), "churn": section, "leaving": leaving}))
    assert isinstance(model.churn, ChurnScorecard)
    assert model.churn.calibration == Platt()
    assert (threshold(model), horizon_days(model)) == (0.6, 56.0)
    seen = seen_at(LOG, (START + 200) * DAY, model).here(model)
    matrix = features(seen.states, seen.now, model)
    np.testing.assert_array_equal(champion(matrix, model).risk, matrix[Feature.CHURN_RISK])
