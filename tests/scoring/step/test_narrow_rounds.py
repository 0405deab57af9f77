"""Few customers with many events each: judged together, and to the same bytes as one by one."""

import numpy as np
import pytest
from cases import MODEL, changed, event, log, purchases, run

from scoring.arrays import DAY
from scoring.facts.events import EVENT
from scoring.facts.kinds import Kind
from scoring.facts.state import new_states
from scoring.step import rounds
from scoring.step.run import step
from scoring.warning import lifecycle
from streams.config import Settings
from streams.parameters.file import load_model

EAGER = changed(
    rules={"silence": {"middle": 0.6, "high": 0.7}, "dissatisfaction": {"middle": 0.5}},
    scorecard={"cooldown_days": 2},
)
MODELS = {"packaged": MODEL, "eager": EAGER, "scorecard": load_model(Settings())}


def busy(seed, *, days, size=400, customers=3):
    """Customers with every kind of event, some late, some too late, some twice."""
    rng = np.random.default_rng(seed)
    events = np.zeros(size, EVENT)
    events["time"] = 20_000 + np.sort(rng.uniform(0, days, size))
    events["time"] -= rng.choice([0, 0, 0, 0, 2, 90], size) * rng.random(size)
    events["time"] *= DAY
    events["reversed_time"] = events["time"]
    events["kind"] = rng.choice([*Kind] + [Kind.PURCHASE, Kind.COMPLAINT] * 20, size)
    if seed % 2:  # who closed the account is warned about no more
        events["kind"][events["kind"] == Kind.ACCOUNT_CLOSED] = Kind.PURCHASE
    events["amount"], events["score"] = rng.integers(0, 10**6, size), rng.integers(1, 6, size)
    events["sentiment"] = rng.uniform(-1, 1, size)
    events["id"] = rng.integers(1, 10 * size, size)
    return events, rng.integers(0, customers, size)


@pytest.mark.by_lot(2)
@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "seed", "days"),
    [
        *(("packaged", 1, 1), ("packaged", 4, 900)),
        *(("eager", 2, 30), ("eager", 3, 300)),
        *(("scorecard", 4, 900), ("scorecard", 5, 90)),
    ],
)
def test_few_customers_with_many_events_come_to_the_same_bytes_as_event_by_event(name, seed, days):
    events, rows = busy(seed, days=days)
    together, alone = (
        run(events, rows, cuts=cuts, model=MODELS[name], until=21_500)
        for cuts in ((), range(1, len(events)))
    )
    assert together.states.tobytes() == alone.states.tobytes()
    assert together.warnings.tobytes() == alone.warnings.tobytes()
    assert together.applied.tolist() == alone.applied.tolist()
    assert {case.tobytes() for case in together.cases} == {case.tobytes() for case in alone.cases}
    told = {int(found["row"]): found.tobytes() for found in alone.scores}
    assert {int(found["row"]): found.tobytes() for found in together.scores} == told


def test_those_logs_move_levels_so_that_they_could_differ():
    events, rows = busy(3, days=300)
    assert len(run(events, rows, model=EAGER, until=21_500).warnings) > 20


def test_more_than_is_taken_together_comes_to_the_same(monkeypatch):
    events, rows = busy(1, days=90)
    whole = run(events, rows, model=EAGER)
    monkeypatch.setattr(rounds, "TOGETHER", 50)
    assert run(events, rows, model=EAGER).states.tobytes() == whole.states.tobytes()


def test_duplicates_behind_a_customers_last_event_are_counted():
    bought = purchases(20_000, 20_001, 20_002, 20_003)
    states = run(log(bought, *bought.reshape(4, 1))).states
    assert states["counts"][0].tolist() == [4, 4, 0, 0, 0, 0, 0, 0, 0, 4, 0]


def test_a_customer_with_very_many_events_is_judged_a_few_times(monkeypatch):
    judged, settle = [], lifecycle.settle
    monkeypatch.setattr(
        lifecycle, "settle", lambda *given: (judged.append(len(given[0])), settle(*given))[1]
    )
    busy_one = log(*(event(Kind.PURCHASE, 20_000 + n / 500) for n in range(500)))
    rows = np.zeros(500, np.int64)
    step(new_states(1), busy_one, rows, busy_one["time"], busy_one["time"][-1], MODEL)
    assert len(judged) < 20
    assert sum(judged) < 1_500
