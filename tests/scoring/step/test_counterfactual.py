"""What is said to clear a warning clears it, and less does not."""

import json
from importlib import resources

import numpy as np
import pytest
from cases import MODEL, event, log, purchases, run
from clearings import after, done, level_after
from hypothesis import given, settings
from hypothesis import strategies as st
from trying import few

from scoring.arrays import DAY
from scoring.facts.kinds import Kind
from scoring.facts.state import new_states
from scoring.model import ScoringModel
from scoring.parameters import parse
from scoring.rules import shipped
from scoring.step.counterfactual import WITHIN, would_clear
from scoring.step.doing import Doing
from scoring.step.run import step

CARDS = ScoringModel(
    parse(json.loads(resources.files("scoring.parameters").joinpath("cards.json").read_text()))
)
LIFE = st.lists(
    st.tuples(
        st.sampled_from(
            [
                *[Kind.PURCHASE] * 6, Kind.APP_SESSION, Kind.COMPLAINT, Kind.INSTALMENT_OVERDUE,
                Kind.INSTALMENT_CURED, Kind.SURVEY, Kind.REFUND, Kind.ACCOUNT_CLOSED,
            ]
        ),
        st.floats(0.01, 30.0),  # what comes at one instant the warning between does not know
        st.integers(1, 50_000),
        st.integers(1, 5),
    ),
    min_size=1,
    max_size=60,
)  # fmt: skip


def lived(life):
    """Events of one customer: kind, days since the last, amount, score."""
    days = 10_000.0 + np.cumsum([gap for _, gap, _, _ in life])
    return log(
        *(
            event(kind, day, amount, score=score)
            for day, (kind, _, amount, score) in zip(days, life, strict=True)
        )
    )


@pytest.mark.by_lot(1)
@pytest.mark.slow
@pytest.mark.parametrize("model", [MODEL, CARDS], ids=["rules", "scorecard"])
@given(life=LIFE)
@settings(max_examples=few(8), deadline=None)
def test_applied_it_clears_the_warning_and_less_does_not(model, life):
    events = lived(life)
    end = float(events["time"][-1]) + 400 * DAY
    whole = after(new_states(1), events, end, model).warnings
    for warning in whole[whole["after"] > 0]:
        at = float(warning["now"])
        known = events[events["time"] <= at]
        outcome = after(new_states(1), known, at, model)
        states, times = outcome.states, int(warning["times"])
        assert states["level"][0, warning["rule"]] == warning["after"]
        if warning["doing"] == Doing.NOTHING:
            assert (times, warning["days"]) == (0, 0)
            continue
        assert level_after(states, warning, times, model) == 0
        if times > 1:
            fewer = after(states, done(warning, states, times - 1), at + WITHIN * DAY, model)
            assert fewer.states["level"][0, warning["rule"]] > 0


@pytest.mark.by_lot(6, of="cuts")
@given(life=LIFE, cuts=st.sets(st.integers(0, 60), max_size=4))
@settings(max_examples=few(8), deadline=None)
def test_it_is_the_same_for_any_cut(life, cuts):
    events = lived(life)
    until = float(events["time"][-1]) / DAY + 200
    inside = [cut for cut in cuts if cut <= len(events)]
    once, cut = (run(events, cuts=at, until=until) for at in ([], inside))
    assert once.warnings.tobytes() == cut.warnings.tobytes()


def first(rule, events, model=MODEL, until=None):
    warnings = run(events, model=model, until=until).warnings
    own = warnings[(warnings["rule"] == shipped().slots[rule]) & (warnings["after"] > 0)]
    return Doing(int(own["doing"][0])), int(own["times"][0]), int(own["days"][0])


def test_one_purchase_ends_a_silence():
    weekly = purchases(*range(10_000, 10_200, 7))
    assert first("silence", weekly, until=10_400) == (Doing.PURCHASE, 1, 14)


def test_a_complaint_fades_and_nothing_else_is_asked_for():
    doing, times, days = first(
        "dissatisfaction", log(event(Kind.PURCHASE, 10_000), event(Kind.COMPLAINT, 10_001))
    )
    half_life = MODEL.parameters.half_lives_days[1]
    level = (
        MODEL.middle[shipped().slots["dissatisfaction"]]
        - MODEL.hysteresis[shipped().slots["dissatisfaction"]]
    )
    assert (doing, times) == (Doing.QUIET, 0)
    assert days == int(np.ceil(-np.log2(level) * half_life))


def test_an_overdue_instalment_takes_repayments():
    """Worked by hand: overdue / (overdue + repaid + 1) <= threshold less hysteresis."""
    slot = shipped().slots["overdue"]
    doing, times, _ = first("overdue", log(event(Kind.INSTALMENT_OVERDUE, 10_000)))
    kept = MODEL.middle[slot] - MODEL.hysteresis[slot]
    rate = np.log(2.0) / MODEL.parameters.half_lives_days[2]

    def left(n):
        overdue = np.exp(-rate * WITHIN)
        repaid = sum(np.exp(-rate * WITHIN * (1 - (k + 1) / n)) for k in range(n))
        return overdue / (overdue + repaid + 1.0)

    assert (doing, left(times) <= kept, left(times - 1) <= kept) == (Doing.REPAYMENT, True, False)


def test_who_would_have_to_change_for_longer_is_told_so():
    repaid = [event(Kind.REPAYMENT, 10_000 + n) for n in range(100)]
    overdue = [event(Kind.INSTALMENT_OVERDUE, 10_100 + n) for n in range(60)]
    assert first("overdue", log(*repaid, *overdue)) == (Doing.NOTHING, 0, 0)


def test_a_cleared_warning_asks_for_nothing_and_a_closed_account_cannot_be_cleared():
    warnings = run(purchases(*range(10_000, 10_200, 7), 10_300)).warnings
    assert 0 in warnings["after"]
    assert (warnings["doing"][warnings["after"] == 0] == Doing.NOTHING).all()
    states = run(log(event(Kind.COMPLAINT, 10_000), event(Kind.ACCOUNT_CLOSED, 10_001))).states
    slots, now = np.array([shipped().slots["dissatisfaction"]]), np.array([10_001 * DAY])
    assert would_clear(states, now, slots, MODEL).doing.tolist() == [Doing.NOTHING]


def test_whoever_is_not_asked_is_not_told():
    events = purchases(*range(10_000, 10_200, 7))
    outcome = step(
        new_states(1), events, np.zeros(len(events), np.int64), events["time"],
        float(events["time"][-1]) + 300 * DAY, MODEL, explained=False,
    )  # fmt: skip
    assert len(outcome.warnings) > 0
    assert (outcome.warnings["doing"] == Doing.NOTHING).all()
