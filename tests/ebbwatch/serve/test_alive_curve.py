import numpy as np
import pytest
from cases import MODEL, event, log, purchases, run

from ebbwatch.serve.portfolio import alive_curve
from scoring.arrays import DAY
from scoring.facts.kinds import Kind
from scoring.feature import Feature
from scoring.features import features

FIRST = 20_000
DAYS = [FIRST + day + 0.3 for day in (0, 3, 3.2, 9, 14, 40, 41, 66, 90, 91)]
NOW = (FIRST + 120.5) * DAY


def test_the_past_is_what_was_scored_then() -> None:
    events = purchases(*DAYS)
    curve = alive_curve(run(events).states, NOW, MODEL)
    assert curve is not None
    for time, told in list(zip(curve.times, curve.p_alive, strict=True))[::7]:
        then = run(events[events["time"] <= time]).states
        (expected,) = features(then, np.array([time]), MODEL)[Feature.P_ALIVE]
        of_day = events["time"] // DAY == time // DAY
        if (events["time"][of_day] <= time).all():  # a day's purchase counts from its beginning
            assert told == expected


def test_it_ends_with_now_and_goes_on_in_silence() -> None:
    states = run(purchases(*DAYS)).states
    curve = alive_curve(states, NOW, MODEL)
    assert curve is not None
    ahead = features(np.repeat(states, 29), NOW + np.arange(29) * DAY, MODEL)[Feature.P_ALIVE]
    assert curve.times[-1] == curve.ahead_times[0] == NOW
    assert curve.p_alive[-1] == curve.ahead[0]
    assert curve.ahead.tolist() == ahead.tolist()
    assert (np.diff(curve.ahead) < 0).all()


def test_it_begins_where_the_record_knows_the_days() -> None:
    whole = alive_curve(run(purchases(*DAYS[:6])).states, NOW, MODEL)
    assert whole is not None
    assert (whole.is_whole, whole.purchases[0]) == (True, FIRST * DAY)
    part = alive_curve(run(purchases(*DAYS)).states, NOW, MODEL)
    assert part is not None
    kept = [day for day in sorted({int(day) for day in DAYS}) if day > FIRST + 91 - 64]
    assert (part.is_whole, (part.purchases / DAY).tolist()) == (False, kept)
    assert part.times[0] == kept[0] * DAY


@pytest.mark.parametrize("late", [FIRST + 50, FIRST + 95])
def test_a_purchase_that_came_late_counts_as_of_its_own_day(late: float) -> None:
    events = purchases(*DAYS)
    behind = log(events, event(Kind.PURCHASE, late))
    curves = [
        alive_curve(run(e).states, NOW, MODEL) for e in (behind, np.sort(behind, order="time"))
    ]
    assert curves[0] is not None
    assert curves[1] is not None
    assert late * DAY in curves[0].purchases
    assert curves[0].p_alive.tolist() == curves[1].p_alive.tolist()


def test_one_purchase_today_is_a_point_and_none_is_nothing() -> None:
    one = alive_curve(run(purchases(FIRST)).states, FIRST * DAY, MODEL)
    assert one is not None
    assert one.p_alive.tolist() == [1.0]
    browsing = run(event(Kind.APP_SESSION, FIRST)).states
    assert alive_curve(browsing, NOW, MODEL) is None
