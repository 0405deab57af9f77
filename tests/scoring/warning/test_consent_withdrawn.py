"""Who withdrew consent to profiling is not warned of; who withdrew it to marketing is."""

import numpy as np
import pytest
from cases import MODEL, answer, changed, event, log, purchases, run
from hypothesis import given, settings
from hypothesis import strategies as st
from trying import few

from scoring.arrays import DAY, NEVER
from scoring.facts.consent import is_unscored
from scoring.facts.kinds import Kind
from scoring.facts.state import Flag
from scoring.step.replay import EventLog, replay
from scoring.warning.case_row import Mark, Status
from scoring.warning.lifecycle import is_present

WEEKLY = purchases(*(20_000 + 7 * week for week in range(12)))
RAISED, ESCALATED = 20_144.68, 20_159.70  # days of the silence behind it
REFUSES, ALLOWS, WITHDRAWS, GRANTS = 1, 2, 3, 4


def says(day, code, **fields):
    return event(Kind.CONSENT_CHANGED, day, 0, score=code, **fields)


def in_time(*events):
    return log(*sorted(events, key=lambda e: e["time"][0]))


def told(*events, until=20_400, before=WEEKLY, model=MODEL, cuts=()):
    """A weekly buyer who falls silent, with what they say: warnings, cases, and all of it."""
    ended = run(in_time(*before.reshape(-1, 1), *events), until=until, model=model, cuts=cuts)
    warnings = [
        (round(w["now"] / DAY, 2), int(w["before"]), int(w["after"])) for w in ended.warnings
    ]
    cases = [
        (round(c["now"] / DAY, 2), Status(c["status"]).name, Mark(c["closed_by"]).name)
        for c in ended.cases
    ]
    return warnings, cases, ended


@pytest.mark.parametrize("day", [19_990, 20_003, 20_078, 20_144])
def test_who_withdrew_is_neither_warned_of_nor_scored(day):
    warnings, cases, ended = told(says(day, WITHDRAWS), until=21_500)
    assert (warnings, cases) == ([], [])
    assert (ended.scores["now"] <= day * DAY).all()
    assert ended.states["armed_at"][0] == NEVER
    assert not is_present(ended.states)[0]


def test_open_warnings_are_cleared_and_the_case_closed_with_nothing_told_of_the_customer():
    warnings, cases, ended = told(says(20_150, WITHDRAWS), until=21_500)
    assert warnings == [(RAISED, 0, 1), (20_150.0, 1, 0)]
    assert cases == [(RAISED, "OPEN", "NEW"), (20_150.0, "CLOSED", "CLEARED")]
    last, closed = ended.warnings[-1], ended.cases[-1]
    assert last["flags"] == closed["flags"] == Flag.NO_PROFILING
    blank = [*last["features"], *last["points"], last["score"], last["severity"]]
    blank += [last["churn_risk"], closed["churn_risk"], closed["value_at_stake"]]
    assert set(blank) == {0.0}
    assert ended.warnings[0]["churn_risk"] > 0.0


def test_a_cooldown_and_quiet_hours_hold_no_withdrawal():
    model = changed(scorecard={"cooldown_days": 300})
    warnings, _, _ = told(says(RAISED + 0.01, WITHDRAWS), model=model)
    assert warnings[-1][1:] == (1, 0)


def test_granted_again_with_silence_long_over_its_threshold_is_warned_of_then():
    said = says(20_100, WITHDRAWS), says(20_300, GRANTS)
    warnings, cases, ended = told(*said)
    assert warnings == [(20_300.0, 0, 2)]
    assert cases == [(20_300.0, "OPEN", "NEW")]
    plain = told()[2]
    at = ended.warnings["features"][0]
    assert at[0] == pytest.approx(plain.warnings["features"][0][0])  # the same facts
    assert ended.scores["now"][-1] == 20_300 * DAY


def test_granted_again_soon_after_a_warning_waits_for_its_cooldown():
    warnings, _, _ = told(says(20_150, WITHDRAWS), says(20_151, GRANTS))
    cooldown = MODEL.thresholds.cooldown / DAY
    assert warnings[:2] == [(RAISED, 0, 1), (20_150.0, 1, 0)]
    assert warnings[2][0] == pytest.approx(20_150.0 + cooldown, abs=0.01)
    assert warnings[2][1] == 0


def test_what_was_bought_meanwhile_is_known_when_it_is_granted_again():
    bought = [event(Kind.PURCHASE, 20_084 + 7 * week, id=900 + week) for week in range(20)]
    said = says(20_080, WITHDRAWS), says(20_225, GRANTS)
    whole, without = told(*bought, *said, until=20_230)[2], told(*bought, until=20_230)[2]
    for name in ("purchase_days", "day_bits", "total_value", "first_day", "last_day"):
        assert whole.states[name].tolist() == without.states[name].tolist()
    assert not len(whole.warnings)


@pytest.mark.parametrize("until", [20_170.0, 20_200.0])
def test_a_snoozed_case_is_closed_at_once_and_does_not_come_back(until):
    snoozed = answer(Kind.SNOOZED, 20_147, "", reversed_time=until * DAY)
    _, cases, ended = told(snoozed, says(20_155, WITHDRAWS), until=21_000)
    assert cases[1:] == [(20_147.0, "SNOOZED", "NEW"), (20_155.0, "CLOSED", "CLEARED")]
    assert ended.states["snoozed_until"][0] == NEVER
    assert ended.states["armed_at"][0] == NEVER


def test_a_case_to_win_back_is_closed_too_and_a_loss_told_later_opens_none():
    lost = answer(Kind.LOST, 20_150, score=3)
    _, cases, ended = told(lost, says(20_200, WITHDRAWS), until=21_000)
    assert cases[-1] == (20_200.0, "CLOSED", "CLEARED")
    assert ended.cases["status"][-2] == Status.OPEN
    late = answer(Kind.LOST, 20_160, "", score=3)
    _, cases, ended = told(says(20_155, WITHDRAWS), late, says(20_210, GRANTS), until=21_000)
    assert cases[-1] == (20_155.0, "CLOSED", "CLEARED")
    assert ended.states["case_reason"][0] > 0


def test_a_withdrawal_before_a_closure_and_after_it_clear_alike():
    closed = event(Kind.ACCOUNT_CLOSED, 20_152, id=99)
    for said in (says(20_151, WITHDRAWS), says(20_153, WITHDRAWS)):
        warnings, cases, _ = told(closed, said)
        assert warnings[-1][1:] == (1, 0)
        assert cases[-1][1:] == ("CLOSED", "CLEARED")


def test_refused_marketing_holds_no_warning_back_and_the_case_tells_it_at_once():
    plain, _, _ = told()
    warnings, cases, ended = told(says(20_150, REFUSES), says(20_155, ALLOWS))
    assert warnings == plain
    assert cases == [
        (RAISED, "OPEN", "NEW"),
        (20_150.0, "OPEN", "NEW"),
        (20_155.0, "OPEN", "NEW"),
        (ESCALATED, "OPEN", "NEW"),
    ]
    assert ended.cases["flags"].tolist() == [0, Flag.NO_MARKETING, 0, 0]
    assert ended.cases["severities"].any(axis=1).all()


def test_what_was_said_of_marketing_twice_is_told_once_and_before_a_case_not_at_all():
    _, cases, ended = told(says(20_150, REFUSES), says(20_151, REFUSES))
    assert len(cases) == 3
    _, cases, ended = told(says(19_990, REFUSES))
    assert len(cases) == 2
    assert ended.cases["flags"].tolist() == [Flag.NO_MARKETING] * 2


def test_a_snoozed_case_tells_of_marketing_when_it_comes_back():
    snoozed = answer(Kind.SNOOZED, 20_147, "", reversed_time=20_158 * DAY)
    _, cases, ended = told(snoozed, says(20_150, REFUSES))
    assert [case[0] for case in cases] == [RAISED, 20_147.0, 20_158.0, ESCALATED]
    assert ended.cases["flags"].tolist() == [0, 0, Flag.NO_MARKETING, Flag.NO_MARKETING]


def test_others_of_the_batch_are_judged_as_ever():
    events = np.concatenate([WEEKLY, WEEKLY, log(says(20_150, WITHDRAWS, id=5))])
    rows = np.repeat([0, 1, 0], [12, 12, 1])
    order = np.argsort(events["time"], kind="stable")
    ended = run(events[order], rows[order], until=20_400)
    own = ended.warnings[ended.warnings["row"] == 1]
    assert [round(now / DAY, 2) for now in own["now"]] == [RAISED, ESCALATED]


def test_a_replay_of_a_history_warns_of_nobody_who_withdrew():
    names, events = [b"stays", b"withdrew"], np.concatenate([WEEKLY, WEEKLY])
    events = np.concatenate([events, log(says(20_100, WITHDRAWS, id=5))])
    rows = np.repeat([0, 1, 1], [12, 12, 1])
    order = np.argsort(events["time"], kind="stable")
    history = EventLog(names, rows[order], events[order])
    warned = [
        names[replayed.customers[row]]
        for replayed in replay(history, MODEL, until=20_400 * DAY)
        for row in replayed.outcome.warnings["row"]
    ]
    assert set(warned) == {b"stays"}


EAGER = changed(
    rules={"silence": {"middle": 0.5, "high": 0.7}, "dissatisfaction": {"middle": 0.5}},
    purchase_model={"type": "bgnbd", "r": 2.0, "alpha": 4.0},
    scorecard={"cooldown_days": 1},
)
DONE = st.sampled_from([Kind.PURCHASE] * 6 + [Kind.COMPLAINT, Kind.CONSENT_CHANGED])


@pytest.mark.by_lot(6, of="cuts")
@pytest.mark.slow
@settings(max_examples=few(20), deadline=None)
@given(st.data())
def test_any_cut_gives_the_same_bytes_and_nobody_withdrawn_has_anything_open(data):
    size = data.draw(st.integers(2, 60))
    kinds = data.draw(st.lists(DONE, min_size=size, max_size=size))
    gaps = np.cumsum(data.draw(st.lists(st.floats(0, 15), min_size=size, max_size=size)))
    codes = data.draw(st.lists(st.integers(0, 4), min_size=size, max_size=size))
    events = log(
        *(event(k, 20_000 + day, score=c) for k, day, c in zip(kinds, gaps, codes, strict=True))
    )
    rows = data.draw(st.lists(st.integers(0, 2), min_size=size, max_size=size))
    cuts = data.draw(st.lists(st.integers(0, size), max_size=4))
    whole, parts = (run(events, rows, cuts=cut, model=EAGER, until=21_000) for cut in ((), cuts))
    for name in ("states", "warnings", "cases", "applied"):
        assert getattr(parts, name).tobytes() == getattr(whole, name).tobytes(), name
    gone = whole.states[is_unscored(whole.states)]
    assert not gone["level"].any()
    assert not np.isin(gone["case_status"], (Status.OPEN, Status.SNOOZED)).any()
    assert (gone["armed_at"] == NEVER).all()
