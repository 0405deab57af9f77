import numpy as np
import pytest

from modelling.churn.regression.logistic import ChurnFitError
from modelling.thresholds import NOBODY, Aim, Economics, ThresholdChoice, choose, tiered
from modelling.thresholds.economics import Ended
from scoring import ScoringError

COSTS = Economics(tiered(10.0))


def tried(*rows):
    return [ThresholdChoice(*row) for row in rows]


FALLING = tried(
    (0.1, 9.0, 0.2, 0.9, 40.0, -5.0),
    (0.3, 4.0, 0.6, 0.9, 30.0, 98.0),
    (0.5, 3.0, 0.8, 0.88, 20.0, 100.0),
    (0.7, 1.0, 0.9, 0.5, 5.0, 40.0),
    (0.9, 0.5, 0.1, 0.02, 1.0, -1.0),
)


@pytest.mark.parametrize(("budget", "middle"), [(10.0, 0.1), (4.0, 0.3), (3.9, 0.5), (0.5, 0.9)])
def test_a_budget_takes_the_lowest_threshold_within_it(budget, middle):
    found = choose(FALLING, Aim(budget=budget))
    assert (found.chosen_by, found.middle, found.notes) == ("budget", middle, ())


def test_a_budget_below_all_takes_the_highest_and_says_what_it_costs():
    found = choose(FALLING, Aim(budget=0.1))
    assert found.middle == 0.9
    assert "as none is within 0.1 warnings a day" in found.why
    assert found.notes == ("Even at 0.9 there are 0.50 warnings a day.",)


def test_a_low_threshold_that_stays_up_through_purchases_is_no_way_to_keep_a_budget():
    stays_up = tried((0.01, 0.2, 0.1, 0.1, 9.0, None), *FALLING)
    assert choose(stays_up, Aim(budget=3.0)).middle == 0.5


def test_profit_takes_the_earliest_of_what_earns_about_most():
    found = choose(FALLING, Aim(economics=COSTS))
    assert (found.chosen_by, found.middle) == ("profit", 0.3)
    within = choose(FALLING, Aim(budget=3.0, economics=COSTS))
    assert within.middle == 0.5
    assert "within 3 warnings a day" in within.why


def test_where_nothing_pays_the_advice_is_to_warn_of_nobody():
    losing = [one._replace(profit=-1.0) for one in FALLING]
    found = choose(losing, Aim(economics=COSTS))
    assert found.warns_nobody
    assert found.middle == found.high == NOBODY
    assert "warn of nobody" in found.why


def test_by_default_half_of_the_warnings_are_right_and_few_lapses_missed():
    found = choose(FALLING, Aim())
    assert (found.chosen_by, found.middle) == ("replay", 0.3)
    assert choose(FALLING, Aim(least_precision=0.85)).middle == 0.7


def test_where_no_threshold_is_precise_enough_f1_decides():
    found = choose(FALLING, Aim(least_precision=0.99))
    assert found.middle == max(FALLING, key=lambda one: one.f1).threshold
    assert "F1" in found.why


def test_band_high_is_where_precision_is_highest_with_half_of_the_recall():
    assert choose(FALLING, Aim(budget=4.0)).high == 0.7


def test_nothing_warned_of_is_a_choice_too():
    silent = tried((0.2, 0.0, None, None, None, None), (0.4, 0.0, None, 0.0, None, 0.0))
    assert choose(silent, Aim()).middle == 0.4
    assert choose(silent, Aim(budget=1.0)).high == 0.2


@pytest.mark.parametrize("budget", [0.0, -1.0, float("inf"), float("nan")])
def test_a_budget_that_is_none_is_refused(budget):
    with pytest.raises(ChurnFitError, match="budget: expected above 0 a day, and finite"):
        Aim(budget=budget)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"contact_cost": tiered(-1.0)}, "contact-cost"),
        ({"contact_cost": tiered(float("nan"))}, "contact-cost"),
        ({"contact_cost": tiered(1.0), "keep_chance": tiered(1.1)}, "keep-chance.*from 0 to 1"),
        ({"contact_cost": tiered(1.0), "value": tiered(float("inf"))}, "value"),
        ({"contact_cost": tiered(0.0)}, "without which to warn of all is best"),
    ],
)
def test_economics_that_are_none_are_refused(given, message):
    with pytest.raises(ScoringError, match=message):
        Economics(**given)


def test_each_tier_has_its_own_figures():
    costs = Economics(
        contact_cost=tiered(1.0),
        offer_cost=tiered({"low": 0.0, "middle": 5.0, "high": 10.0}),
        keep_chance=tiered({"low": 0.0, "middle": 0.5, "high": 1.0}),
    )
    value, tier = np.array([10.0, 20.0, 30.0, 30.0]), np.array([0, 1, 2, 2])
    right, first = np.array([True, True, True, False]), np.array([True, True, True, False])
    assert costs.profit(Ended(value, tier, right, first)) == -1.0 + 9.0 + 29.0 - 11.0
