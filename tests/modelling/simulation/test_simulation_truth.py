"""The truth about the simulated bank agrees with its events and with the figures it is made by."""

import numpy as np
import pytest

from modelling.churn.labels import read_labels
from modelling.simulation import CardFigures, LeavingReason, SimulationPlan, simulated
from modelling.simulation.figures import MONTH, YEAR
from modelling.simulation.files import write_bank
from modelling.simulation.plan import PlanError
from modelling.simulation.truth import LEAVES, PARTLY, STAYS
from scoring.facts.kinds import Kind

pytestmark = pytest.mark.slow  # a bank large enough to hold means against

DAY = 86_400.0
PLAN = SimulationPlan(customers=4_000, days=730, seed=11)
FIGURES = CardFigures()


@pytest.fixture(scope="module")
def bank():
    return simulated(PLAN)


def numbers(log):
    """Number in the bank of each event's customer: who has no event is not in the log."""
    return np.array([int(name[1:]) for name in log.customers])[log.rows]


def times(bank, kind):
    """Numbers of the customers and times of one kind of events."""
    log, _ = bank
    of = log.events["kind"] == kind
    return numbers(log)[of], log.times[of]


def weekly(bank, mask, since, weeks):
    """Mean purchases of some customers in each week from an instant of theirs on."""
    rows, when = times(bank, Kind.PURCHASE)
    week = np.floor((when - since[rows]) / (7 * DAY))
    return np.array([(mask[rows] & (week == w)).sum() / mask.sum() for w in weeks])


def test_no_purchase_follows_the_last_one_and_onset_and_closing_lie_around_it(bank):
    _, truth = bank
    rows, when = times(bank, Kind.PURCHASE)
    assert (when <= truth.last_purchase[rows]).all()
    assert (np.bincount(rows[when == truth.last_purchase[rows]]) <= 2).all()
    begun = np.isfinite(truth.onset)
    assert (truth.onset[begun] <= truth.last_purchase[begun]).all()
    gone = np.isfinite(truth.left_at) & np.isfinite(truth.last_purchase)
    assert (truth.last_purchase[gone] < truth.left_at[gone]).all()
    closed = np.isfinite(truth.closed_at)
    assert (truth.left_at[closed] + 3 * DAY <= truth.closed_at[closed]).all()


def test_who_stays_has_no_onset_and_who_goes_has_a_reason(bank):
    _, truth = bank
    stays = truth.kind == STAYS
    assert np.array_equal(stays, truth.reason == LeavingReason.STAYS)
    for instants in (truth.onset, truth.left_at, truth.closed_at):
        assert np.isinf(instants[stays]).all()
    assert (truth.reason[truth.kind == PARTLY] == LeavingReason.MOVED).all()
    assert np.isinf(truth.left_at[truth.kind == PARTLY]).all()


def test_what_customers_do_stops_when_they_leave(bank):
    _, truth = bank
    for kind in (Kind.PURCHASE, Kind.DECLINED, Kind.APP_SESSION, Kind.WEB_VISIT, Kind.CALL):
        rows, when = times(bank, kind)
        assert (when < truth.left_at[rows]).all(), kind


def test_closing_is_told_and_is_the_last_that_happens(bank):
    log, truth = bank
    rows, when = times(bank, Kind.ACCOUNT_CLOSED)
    closed = np.isfinite(truth.closed_at)
    assert np.array_equal(np.sort(rows), np.flatnonzero(closed))
    assert np.array_equal(when, truth.closed_at[rows])
    assert (log.times <= truth.closed_at[numbers(log)]).all()
    share = closed.sum() / np.isfinite(truth.left_at).sum()
    assert share == pytest.approx(FIGURES.closing, abs=0.06)


def test_uses_and_values_are_those_of_the_figures_in_the_mean(bank):
    log, truth = bank
    ordinary = (truth.kind == STAYS) & ~truth.is_traveller & ~truth.pauses
    joined, first = times(bank, Kind.CARD_ACTIVATED)
    start = np.full(len(truth.kind), float(PLAN.origin))
    start[joined] = first
    rows, _ = times(bank, Kind.PURCHASE)
    months = (PLAN.end - start[ordinary]).sum() / DAY / MONTH
    drawn = ordinary[rows].sum() + ordinary[times(bank, Kind.CASH_ADVANCE)[0]].sum()
    assert drawn / months == pytest.approx(FIGURES.uses_a_month, rel=0.04)
    amounts = log.events["amount"][log.events["kind"] == Kind.PURCHASE]
    assert amounts.mean() / 100 == pytest.approx(FIGURES.mean_value, rel=0.05)


def test_declines_cash_and_sessions_are_those_of_the_figures_in_the_mean(bank):
    _, truth = bank
    staying = truth.kind == STAYS
    count = {kind: staying[times(bank, kind)[0]].sum() for kind in Kind}
    tried = count[Kind.PURCHASE] + count[Kind.DECLINED] + count[Kind.CASH_ADVANCE]
    chosen = tried * FIGURES.chosen_a_month / FIGURES.uses_a_month
    assert count[Kind.DECLINED] / chosen == pytest.approx(FIGURES.declined, rel=0.08)
    assert count[Kind.CASH_ADVANCE] / chosen == pytest.approx(FIGURES.cash_share, rel=0.15)
    sessions = FIGURES.on_app * FIGURES.app_sessions / MONTH
    visits = FIGURES.on_web * FIGURES.web_visits / MONTH
    expected = sessions / (sessions + visits)
    both = count[Kind.APP_SESSION] + count[Kind.WEB_VISIT]
    assert count[Kind.APP_SESSION] / both == pytest.approx(expected, abs=0.03)


def test_a_december_has_more_uses_than_a_february_and_a_saturday_more_than_a_sunday(bank):
    _, truth = bank
    rows, when = times(bank, Kind.PURCHASE)
    when = when[truth.kind[rows] == STAYS].astype(np.int64)
    month = when.astype("M8[s]").astype("M8[M]").astype(np.int64) % 12
    a_day = np.bincount(month) / np.array([31, 28.5, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
    assert a_day[11] > 1.15 * a_day[1]
    weekday = (when // 86_400 + 3) % 7
    assert np.bincount(weekday)[5] > 1.2 * np.bincount(weekday)[6]


def test_leavers_are_as_many_as_the_figures_say(bank):
    _, truth = bank
    hazard = FIGURES.switching + FIGURES.defaulting + FIGURES.dying
    grown = FIGURES.joining * PLAN.days / YEAR
    new = grown / (1.0 + grown)
    years = PLAN.days / YEAR
    old_share = 1.0 - np.exp(-hazard * years)
    new_share = 1.0 - old_share / (hazard * years)
    expected = (1.0 - new) * old_share + new * new_share
    assert (truth.reason != LeavingReason.STAYS).mean() == pytest.approx(expected, abs=0.02)
    defaults = (truth.reason == LeavingReason.DEFAULT).sum() / (
        truth.reason != LeavingReason.STAYS
    ).sum()
    assert defaults == pytest.approx(FIGURES.defaulting / hazard, abs=0.05)


@pytest.mark.parametrize(
    "reason", [LeavingReason.EBBING, LeavingReason.DISSATISFACTION, LeavingReason.DEFAULT]
)
def test_who_ebbs_buys_less_from_week_to_week_and_then_nothing(bank, reason):
    _, truth = bank
    seen = (truth.onset > PLAN.origin + 70 * DAY) & np.isfinite(truth.left_at)
    mask = (truth.reason == reason) & seen
    before = weekly(bank, mask, truth.onset, range(-8, 0)).mean()
    after = weekly(bank, mask, truth.onset, range(8))
    assert before > 1.5
    assert after[4:8].mean() < 0.75 * before
    assert after[6:8].mean() < after[1:3].mean()
    assert weekly(bank, mask, np.where(mask, truth.left_at, 0.0), range(20)).sum() == 0


@pytest.mark.parametrize("reason", [LeavingReason.SUDDEN, LeavingReason.DEATH])
def test_who_stops_at_once_buys_as_usual_up_to_it(bank, reason):
    _, truth = bank
    mask = (truth.reason == reason) & (truth.left_at > PLAN.origin + 120 * DAY)
    mask &= np.isfinite(truth.left_at)
    rates = weekly(bank, mask, np.where(mask, truth.left_at, 0.0), range(-16, 4))
    assert rates[8:16].mean() == pytest.approx(rates[:8].mean(), rel=0.25)
    assert rates[16:].sum() == 0


@pytest.mark.parametrize("trait", ["is_traveller", "pauses", "returns", "has_two_cards"])
def test_the_healthy_do_not_ebb(bank, trait):
    _, truth = bank
    rows, when = times(bank, Kind.PURCHASE)
    mask = (truth.kind == STAYS) & getattr(truth, trait)
    old = mask & ~np.isin(np.arange(len(mask)), times(bank, Kind.CARD_ACTIVATED)[0])
    halves = (when[old[rows]] - PLAN.origin) // (365 * DAY)
    first, second = np.bincount(halves.astype(np.int64), minlength=2)[:2]
    assert second == pytest.approx(first, rel=0.04)


def test_a_moved_card_loses_its_recurring_charges_first_and_most_of_its_use(bank):
    _, truth = bank
    mask = (truth.kind == PARTLY) & (truth.onset > PLAN.origin + 70 * DAY)
    mask &= truth.onset < PLAN.end - 120 * DAY
    rates = weekly(bank, mask, truth.onset, range(-8, 16))
    before, after = rates[:8].mean(), rates[12:].mean()
    assert 0.05 * before < after < 0.3 * before


def test_the_dissatisfied_say_so_from_the_onset_on(bank):
    _, truth = bank
    rows, _ = times(bank, Kind.COMPLAINT)
    sour = truth.reason == LeavingReason.DISSATISFACTION
    told = np.unique(rows[sour[rows]])
    assert len(told) / sour.sum() > 0.6
    usual = np.unique(rows[(truth.kind == STAYS)[rows]])
    assert len(usual) / (truth.kind == STAYS).sum() < 0.05


def test_who_defaults_is_overdue_and_declined_before_the_stop(bank):
    _, truth = bank
    mask = (truth.reason == LeavingReason.DEFAULT) & np.isfinite(truth.left_at)
    mask &= truth.onset > PLAN.origin + 60 * DAY
    rows, when = times(bank, Kind.INSTALMENT_OVERDUE)
    early = np.unique(rows[mask[rows] & (when < truth.left_at[rows])])
    assert len(early) / mask.sum() > 0.6
    declined, at = times(bank, Kind.DECLINED)
    after = (mask[declined] & (at >= truth.onset[declined])).sum()
    bought, when_bought = times(bank, Kind.PURCHASE)
    kept = (mask[bought] & (when_bought > truth.onset[bought])).sum()
    assert after / (after + kept) == pytest.approx(FIGURES.declined_in_default, abs=0.05)


def test_labels_are_read_as_they_are_told(tmp_path):
    plan = SimulationPlan(customers=200, days=365, seed=4)
    written = write_bank(plan, tmp_path / "bank")
    labels = read_labels(written.truth_file, "UTC")
    names = [f"s{number:07d}".encode() for number in written.truth.customers]
    assert np.array_equal(labels.gone_at(names, [0.0]), written.truth.left_at)
    assert (written.truth.kind == LEAVES).any()


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"customers": 0}, "customers: expected 1 to 9999999, got 0"),
        ({"days": -3}, "days: expected 1 to 3653, got -3"),
        ({"seed": -1}, "seed: expected 0 to 9223372036854775807, got -1"),
        ({"currency": "JPY"}, "currency: expected USD or EUR, got JPY"),
    ],
)
def test_a_plan_that_cannot_be_made_is_refused(given, told):
    with pytest.raises(PlanError) as raised:
        SimulationPlan(**{"customers": 1, "days": 1, **given})
    assert str(raised.value) == told


def test_no_folder_with_something_in_it_is_written_to(tmp_path):
    (tmp_path / "kept").write_text("")
    with pytest.raises(PlanError, match="expected a folder that is new or empty, got one with"):
        write_bank(SimulationPlan(customers=1, days=1), tmp_path)
