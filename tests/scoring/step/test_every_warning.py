"""Every warning of a real log: its points, what would clear it, and that there are never two."""

from collections import defaultdict

import numpy as np
import pytest
from cases import MODEL
from clearings import after, level_after
from trying import TIMES

from ebbwatch.demo.events.cdnow import purchases
from scoring.arrays import DAY
from scoring.facts.events import EVENT
from scoring.facts.kinds import Kind
from scoring.facts.state import new_states
from scoring.step.doing import Doing
from scoring.step.replay import EventLog, replay
from scoring.warning.gate import ALL_OPEN

TRIED = max(300 // TIMES, 1)  # one customer in so many: each warning is a life of its own


@pytest.fixture(scope="module")
def bought():
    """All purchases of CDNOW."""
    told = sorted(purchases(), key=lambda event: event["event_time"])
    names = sorted({event["customer_id"] for event in told})
    place = {name: row for row, name in enumerate(names)}
    events = np.zeros(len(told), EVENT)
    events["kind"], events["id"] = Kind.PURCHASE, np.arange(1, len(told) + 1)
    events["amount"] = [event["amount"] for event in told]
    times = np.array([event["event_time"].rstrip("Z") for event in told], "M8[s]")
    events["time"] = events["reversed_time"] = times.astype(np.int64)
    rows = np.array([place[event["customer_id"]] for event in told])
    return EventLog([name.encode() for name in names], rows, events)


@pytest.fixture(scope="module")
def warned(bought):
    """All that is warned of until a year later: customers' rows and warnings, by customer."""
    until = float(bought.times[-1]) + 365 * DAY
    parts = [
        (each.customers[each.outcome.warnings["row"]], each.outcome.warnings)
        for each in replay(bought, MODEL, until=until, explained=True, held=ALL_OPEN)
    ]
    rows, warnings = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.argsort(rows, kind="stable")
    return rows[order], warnings[order]


def test_points_add_up_to_the_score_of_each(warned):
    _, warnings = warned
    assert len(warnings) > 10_000
    assert np.abs(warnings["points"].sum(axis=1) - warnings["score"]).max() < 1e-9


def test_no_two_are_open_for_one_customer_and_rule(warned):
    level, episode = defaultdict(int), defaultdict(int)
    for row, one in zip(*warned, strict=True):
        whose = int(row), int(one["rule"])
        assert one["before"] == level[whose], "each goes on from where the last one left"
        assert one["before"] != one["after"]
        is_raised = one["before"] == 0
        assert one["episode"] == episode[whose] + is_raised
        level[whose], episode[whose] = int(one["after"]), int(one["episode"])


@pytest.mark.slow
def test_what_is_said_to_clear_one_clears_it(bought, warned):
    rows, warnings = warned
    cleared = 0
    for row, one in zip(rows.tolist(), warnings, strict=True):
        if row % TRIED or not one["after"] or one["doing"] == Doing.NOTHING:
            continue
        at = float(one["now"])
        own = bought.events[bought.rows == row]
        states = after(new_states(1), own[own["time"] <= at], at, MODEL).states
        assert states["level"][0, one["rule"]] == one["after"]
        assert level_after(states, one, int(one["times"]), MODEL) == 0
        cleared += 1
    assert cleared > 50
