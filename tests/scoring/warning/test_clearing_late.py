"""A warning with patience eases and clears once its value has been out of the band for long."""

import numpy as np
import pytest
from cases import MODEL, answer, event, log, purchases, run
from plain_rules import Limits, moves

from scoring.arrays import DAY
from scoring.facts.kinds import Kind
from scoring.model import ScoringModel
from scoring.rules import read_rules
from scoring.step.counterfactual import would_clear
from scoring.step.doing import Doing
from streams.outbox.phrases import phrases
from streams.outbox.wording import clearing

DORMANT = 10
START = 20_000.4
WEEKLY = [START + 7 * week for week in range(12)]
LAST, MIDNIGHT = WEEKLY[-1], float(np.floor(WEEKLY[-1]))
OWN = 'slot = 10\nvalue = "days_since_last"\nmiddle = 20\nhigh = 60\nhysteresis = 5\n'
OWN += "cooldown_days = 0\n"


def of(patience, rule="dormant", keys=OWN):
    keys += f'clear_after_days = {patience}\nactions = {{ middle = "a", high = "b" }}\n'
    text = f"[rule.{rule}]\n{keys}"
    return ScoringModel(MODEL.parameters, read_rules(text.encode()))


def told(events, model, until, slot=DORMANT, cuts=()):
    """The rule's messages: to which level and on which day after the last weekly purchase."""
    warnings = run(events, model=model, until=until, cuts=cuts).warnings
    own = warnings[warnings["rule"] == slot]
    return [(int(w["after"]), float(w["now"]) / DAY - MIDNIGHT) for w in own]


def near(found, expected):
    """Whether levels are those, each at its day, to a second and a half."""
    assert [level for level, _ in found] == [level for level, _ in expected]
    late = [(at - day) * DAY for (_, at), (_, day) in zip(found, expected, strict=True)]
    assert all(0.0 <= seconds <= 1.5 for seconds in late), late


BACK = LAST + 30, LAST + 55, LAST + 80  # a purchase after each pause of 25 days
FIRST = LAST + 30 - MIDNIGHT


def test_who_pauses_again_and_again_is_warned_about_once_and_cleared_once():
    stays = [LAST + 80 + day for day in range(1, 40)]
    calm = told(purchases(*WEEKLY, *BACK, *stays), of(30), stays[-1])
    near(calm, [(1, 20.0), (0, BACK[-1] - MIDNIGHT + 30)])
    hasty = told(purchases(*WEEKLY, *BACK), of(0), LAST + 99)
    assert [level for level, _ in hasty] == [1, 0] * 3


def test_a_twin_without_a_pause_is_not_warned_about():
    assert told(purchases(*WEEKLY, *(LAST + 7 * n for n in range(1, 18))), of(30), LAST + 120) == []


@pytest.mark.parametrize("patience", [1, 6.5, 19])
def test_it_clears_to_the_second_in_silence(patience):
    found = told(purchases(*WEEKLY, LAST + 30), of(patience), LAST + 49.5)
    near(found, [(1, 20), (0, FIRST + patience)])


def test_without_patience_it_clears_with_the_event_itself():
    at = LAST + 30 + 0.3 / DAY  # no whole second
    warned = run(purchases(*WEEKLY, at), model=of(0)).warnings
    assert warned[warned["rule"] == DORMANT]["now"][-1] == at * DAY


def test_a_return_in_silence_is_found_at_its_instant_and_begins_the_wait_anew():
    """Twenty whole days after the purchase of day 30 the value is back, before it is cleared."""
    again = LAST + 30 + 21
    bought = purchases(*WEEKLY, LAST + 30, again)
    near(told(bought, of(25), again + 18), [(1, 20)])
    bought = purchases(*WEEKLY, LAST + 30, again, *(again + n for n in range(1, 40)))
    near(told(bought, of(25), again + 39), [(1, 20), (0, again - MIDNIGHT + 25)])


def test_a_value_between_its_thresholds_is_not_back():
    """Above 15 days, below 20: what left the band stays out of it, and clears on its day."""
    bought = purchases(*WEEKLY, LAST + 30)
    near(told(bought, of(17), LAST + 49), [(1, 20), (0, FIRST + 17)])


def test_it_eases_with_patience_as_well_and_escalates_at_once():
    bought = purchases(*WEEKLY, LAST + 62)
    found = told(bought, of(30), LAST + 62 + 50)
    back = LAST + 62 - MIDNIGHT
    near(found, [(1, 20), (2, 60), (1, back + 30)])  # from day 20 after it the value is middling


def test_who_had_eased_may_clear_or_escalate_again():
    bought = purchases(*WEEKLY, LAST + 62)
    found = told(bought, of(10), LAST + 62 + 70)
    back = float(np.floor(LAST + 62)) - MIDNIGHT
    near(found, [(1, 20), (2, 60), (0, LAST + 62 - MIDNIGHT + 10), (1, back + 20), (2, back + 60)])


def test_a_value_that_fades_clears_so_long_after_it_left_its_band():
    keys = 'slot = 10\nvalue = "complaints"\nmiddle = 0.9\nhigh = 9\nhysteresis = 0.4\n'
    complained = log(event(Kind.COMPLAINT, LAST))
    fades = MODEL.parameters.half_lives_days[1] * np.log2(1.0 / 0.5) + LAST - MIDNIGHT
    near(told(complained, of(0, keys=keys), LAST + 300), [(1, LAST - MIDNIGHT), (0, fades)])
    near(told(complained, of(12, keys=keys), LAST + 300), [(1, LAST - MIDNIGHT), (0, fades + 12)])


def test_a_held_value_clears_in_silence_so_long_after_the_event_that_moved_it():
    keys = 'slot = 10\nvalue = "bad_survey"\nmiddle = 0.5\nhigh = 1\n'
    answers = [event(Kind.SURVEY, LAST, score=2), event(Kind.SURVEY, LAST + 9, score=5)]
    at = LAST - MIDNIGHT
    near(told(log(*answers), of(12, keys=keys), LAST + 99), [(1, at), (0, at + 21)])
    answers.append(event(Kind.SURVEY, LAST + 15, score=2))
    near(told(log(*answers), of(12, keys=keys), LAST + 99), [(1, at)])


def test_quiet_hours_do_not_hide_a_return():
    """Back at midnight, in quiet hours, and out again before these end: the wait begins anew."""
    keys = OWN + 'quiet = { hours = "21:00-08:00" }\n'
    again = np.floor(LAST + 30) + 20 + 0.1
    bought = purchases(*WEEKLY, LAST + 30, again, *(again + n for n in range(1, 40)))
    found = told(bought, of(25, keys=keys), again + 39)
    assert [level for level, _ in found] == [1, 0]
    near(found[1:], [(0, again - MIDNIGHT + 25)])


def test_an_answer_closes_at_once_and_leaves_nothing_waiting():
    said = answer(Kind.RETAINED, LAST + 31, "dormant")
    events = log(purchases(*WEEKLY, LAST + 30), said)
    made = run(events, model=of(30), until=LAST + 33)
    assert made.states["level"][0, DORMANT] == 0
    assert made.states["below_since"][0, DORMANT] == 0


def test_what_turns_a_rule_off_does_not_wait():
    states = run(purchases(*WEEKLY, LAST + 30), model=of(30), until=LAST + 31).states
    assert states["below_since"][0, DORMANT] > 0
    off = run(purchases(*WEEKLY), model=of(30, keys=OWN + "raises = false\n"), until=LAST + 40)
    assert not (off.warnings["rule"] == DORMANT).any()


@pytest.mark.parametrize("seed", range(3))
def test_it_moves_as_an_automaton_in_plain_words_however_the_log_is_cut(seed):
    random = np.random.default_rng(seed)
    days = np.concatenate([WEEKLY, LAST + np.cumsum(random.gamma(2.0, 8.0, 40))])
    looks = np.unique(np.concatenate([np.arange(START, days[-1] + 30.0, 0.02), days]))
    since = np.floor(days)[np.searchsorted(days, looks, side="right") - 1]
    limits = Limits(20, 60, 5, cooldown=0, patience=21)
    expected = moves(zip(looks.tolist(), (looks - since).tolist(), strict=True), limits)
    whole = told(purchases(*days), of(21), looks[-1])
    assert [level for level, _ in whole] == [move.after for move in expected]
    late = [move.day - MIDNIGHT - at for move, (_, at) in zip(expected, whole, strict=True)]
    assert np.abs(late).max() < 0.05
    assert len(whole) > 4
    cuts = sorted(random.choice(len(days), 9, replace=False).tolist())
    assert told(purchases(*days), of(21), looks[-1], cuts=cuts) == whole


def test_what_would_clear_says_how_long_it_must_last():
    model = of(30)
    open_ones = run(purchases(*WEEKLY), model=model, until=LAST + 25).warnings
    assert open_ones[open_ones["rule"] == DORMANT]["then_days"].tolist() == [30]
    states = run(purchases(*WEEKLY, LAST + 30), model=model, until=LAST + 31).states
    now, slots = np.array([(LAST + 40) * DAY]), np.array([DORMANT])
    found = would_clear(states, now, slots, model)
    assert found.then_days.tolist() == [20]  # ten of the thirty have passed
    words = clearing(Doing.PURCHASE, 1, 14, 20, phrases("en")).text
    assert words.endswith("would clear this. It is cleared once that has lasted 20 days.")


def cases_told(model, cuts=()):
    """The case's messages of who pauses again and again: when, its levels, what is at risk."""
    told = run(purchases(*WEEKLY, *BACK), model=model, until=LAST + 81, cuts=cuts).cases
    at_risk = told["churn_risk"] * told["value_at_stake"]
    return told, (told["now"] / DAY - MIDNIGHT).tolist(), at_risk


def test_while_the_wait_lasts_the_case_tells_what_is_at_risk_as_the_value_leaves_and_returns():
    told, days, at_risk = cases_told(of(30))
    left, back = np.array(BACK) - MIDNIGHT, np.floor(BACK[:-1]) - MIDNIGHT + 20
    assert days == pytest.approx(sorted([20, *left, *back]), abs=2.0 / DAY)
    assert (told["levels"][:, DORMANT] == 1).all(), "one warning is open all the time"
    assert told["sequence"].tolist() == list(range(1, len(told) + 1))
    assert (at_risk[1::2] < at_risk[::2]).all(), "after a purchase less is at risk than in a pause"


def test_cuts_change_none_of_it():
    whole, cut = cases_told(of(30))[0], cases_told(of(30), cuts=range(1, 15))[0]
    assert whole.tobytes() == cut.tobytes()
