import numpy as np
import pytest
from cases import MODEL, document

from modelling.backtest import Period
from modelling.backtest.measures.defections import (
    USUAL,
    defection_performance,
    defections,
    partial_of,
)
from modelling.backtest.measures.raised import RAISED
from scoring.arrays import DAY
from scoring.facts.events import EVENT
from scoring.facts.kinds import Kind
from scoring.model import ScoringModel
from scoring.parameters import FirstOf, Partial, Silence, parse
from scoring.rules import shipped
from scoring.step.replay import EventLog
from scoring.warning.lifecycle import HIGH, MIDDLE

USE, SPEND, SILENT = (
    shipped().slots["card_use_decline"],
    shipped().slots["spend_decline"],
    shipped().slots["silence"],
)
FALLS = 400  # day from which on the first customer buys once in three weeks instead of daily
END = 500
PERIOD = Period(300.0 * DAY, END * DAY)


def history():
    """Of two customers who buy every day, the second goes on and the first falls."""
    falling = [*range(FALLS), *range(FALLS, END, 21)]
    days = np.array([*falling, *range(END)], float)
    rows = np.array([0] * len(falling) + [1] * END)
    order = np.argsort(days, kind="stable")
    events = np.zeros(len(days), EVENT)
    events["kind"], events["id"] = Kind.PURCHASE, np.arange(1, len(days) + 1)
    events["time"] = events["reversed_time"] = days[order] * DAY
    return EventLog([b"falls", b"stays"], rows[order], events)


LOG = history()


def entries(*told):
    made = np.zeros(len(told), RAISED)
    for place, (row, rule, band, day) in enumerate(told):
        made[place] = row, rule, band, day * DAY, 0.0
    return made


def judged(*told, model=MODEL):
    return defection_performance([defections(entries(*told), LOG, PERIOD, model)], model)


def test_a_warning_is_right_where_activity_stays_below_the_share_of_before():
    (use,) = judged((0, USE, MIDDLE, FALLS + 10), (1, USE, MIDDLE, FALLS + 10))
    assert (use.rule, use.warnings, use.right, use.precision) == ("card_use_decline", 2, 1, 0.5)


def test_the_one_defection_is_warned_of_from_its_beginning_on():
    in_time = judged((0, USE, MIDDLE, FALLS + 10))[0]
    too_early = judged((0, USE, MIDDLE, FALLS - 60))[0]
    assert (in_time.defections, in_time.warned, in_time.recall) == (1, 1, 1.0)
    assert (too_early.defections, too_early.warned, too_early.right) == (1, 0, 0)


def test_what_the_history_s_end_leaves_open_counts_neither_way():
    late = judged((0, USE, MIDDLE, END - 10))[0]
    assert (late.warnings, late.precision) == (0, None)


def test_each_rule_about_a_decline_is_measured_and_no_other():
    found = judged(
        (0, USE, MIDDLE, FALLS + 10),
        (0, SPEND, MIDDLE, FALLS + 12),
        (0, SILENT, MIDDLE, FALLS + 12),
        (0, USE, HIGH, FALLS + 12),
        (0, USE, MIDDLE, 200),
    )
    assert [(one.rule, one.warnings) for one in found] == [
        ("spend_decline", 1),
        ("card_use_decline", 1),
    ]


def test_without_such_warnings_nothing_is_measured():
    assert judged() == ()
    assert judged((0, SILENT, MIDDLE, FALLS + 10)) == ()


@pytest.mark.parametrize("share", [0.02, 0.9])
def test_the_bank_s_own_share_decides(share):
    own = {"type": "partial", "within_days": 28.0, "share": share, "level_days": 182.0}
    model = ScoringModel(parse({**document(), "leaving": own}))
    found = judged((0, USE, MIDDLE, FALLS + 10), model=model)[0]
    assert found.right == (1 if share == 0.9 else 0)


def test_the_partial_defection_of_a_definition_is_its_own_or_the_usual_one():
    own = Partial(type="partial", within_days=14.0, share=0.3)
    silence = Silence(days=60.0)
    assert partial_of(own) is own
    assert partial_of(FirstOf(type="first_of", of=[silence, own])) == own
    assert partial_of(silence) is USUAL
