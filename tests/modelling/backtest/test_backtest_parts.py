"""A history in parts is backtested as in one: the same to the last bit, however it is cut."""

import numpy as np
import pytest
from cases import MODEL, churn_section, document
from made_portfolio import PERIOD, START, N, portfolio

from modelling.backtest import Backtester, Period
from modelling.backtest.run import BacktestPlan, backtest
from modelling.bulk import memory
from modelling.bulk.apart import HistoryApart
from modelling.exports import point_in_time
from modelling.history import HistoryError
from modelling.history.summary import date_of
from modelling.thresholds import Aim, search
from scoring.arrays import DAY
from scoring.model import ScoringModel
from scoring.parameters import Partial, Silence, parse

LOG = portfolio(customers=12)
PARTIAL = Partial(type="partial", within_days=28.0, share=0.5, level_days=84.0)
SHORT = Period((START + 260) * DAY, (START + 300) * DAY)  # too short for a snapshot


def carded(leaving, days):
    """The packaged model with a scorecard of another leaving."""
    sections = {"leaving": leaving.model_dump(), "churn": churn_section(days, -1.0, 20.0, 0.2)}
    return ScoringModel(parse({**document(), **sections}))


CARD = carded(Silence(days=N), N)
BY_PARTIAL = carded(PARTIAL, 28.0)


def apart(count, seed=0):
    """The portfolio in parts, of which the last has nobody who was warned of, or one customer."""
    group = np.random.default_rng(seed).integers(0, count - 1, len(LOG.customers))
    group[7] = count - 1
    logs = [own for _, own in LOG.grouped(group, count)]
    return HistoryApart.of([lambda own=own: own for own in logs])


@pytest.mark.parametrize(
    ("model", "period", "asked"),
    [
        (MODEL, SHORT, ()),
        (CARD, PERIOD, ({"silence": (0.5, 0.9)},)),
        (BY_PARTIAL, PERIOD, ()),
    ],
    ids=["short", "card", "partial"],
)
def test_a_history_in_parts_is_backtested_as_in_one(model, period, asked):
    whole = Backtester(LOG, model, period, N).run(asked)
    assert Backtester(apart(4), model, period, N).run(asked) == whole


def test_warnings_kept_of_parts_name_the_customers_of_all():
    plan = BacktestPlan(end=SHORT.end, keeps_warnings=True, days=N)
    whole, parts = backtest(LOG, MODEL, plan), backtest(apart(3), MODEL, plan)
    assert len(whole.warnings)
    assert parts.history.customers == LOG.customers
    order = [np.lexsort((one.warnings["now"], one.warnings["row"])) for one in (whole, parts)]
    first, other = (one.warnings[at] for one, at in zip((whole, parts), order, strict=True))
    assert first.tobytes() == other.tobytes()
    assert (whole.history.first, whole.history.last, whole.history.events) == (
        parts.history.first,
        parts.history.last,
        parts.history.events,
    )


def test_what_came_of_parts_and_what_was_held_is_that_of_all():
    whole, parts = HistoryApart.of(LOG), apart(5)
    for mine, other in zip(parts.came, whole.came, strict=True):
        assert np.array_equal(mine, other)
    until = (START + 300) * DAY
    looks = (mine.held(until).at(np.zeros(1), np.array([until])) for mine in (whole, parts))
    assert next(looks) == next(looks)
    cut = whole.came.by(until + 1.0)
    assert cut.prompt.sum() == np.searchsorted(LOG.times, until)
    assert not len(whole.came.by(START * DAY).looks)


def test_thresholds_of_parts_are_those_of_the_whole():
    whole, parts = (
        search(one, CARD, PERIOD, Silence(days=N), Aim(), tries_own=True, most_events=250)
        for one in (LOG, apart(4))
    )
    assert whole.share < 1.0
    assert parts == whole


def test_the_same_customers_are_drawn_of_parts_as_of_the_whole():
    for share in (1.0, 0.4, 1e-9):
        whole, parts = (HistoryApart.of(LOG).sampled(share), apart(5).sampled(share))
        assert parts.customers == whole.customers
        for row in range(len(whole.customers)):
            ours, theirs = (one.events[one.rows == row] for one in (whole, parts))
            assert ours.tobytes() == theirs.tobytes()
        assert (np.diff(parts.times) >= 0.0).all()


def test_features_of_parts_are_those_of_the_whole():
    at = date_of(PERIOD.end - 30 * DAY, MODEL.calendar)
    for days in (20, 400):  # the history ends before 400 days do
        assert point_in_time(apart(4), MODEL, at, days).equals(point_in_time(LOG, MODEL, at, days))


def test_who_comes_last_by_id_may_be_in_the_first_part():
    names = [b"z%03d" % (99 - row) for row in range(len(LOG.customers))]
    log = LOG._replace(customers=names)
    logs = [own for _, own in log.grouped(np.arange(len(names)) % 3, 3)]
    parts = HistoryApart.of([lambda own=own: own for own in logs])
    assert parts.customers == sorted(names)
    for rows, log in parts:
        assert [parts.customers[row] for row in rows.tolist()] == list(log.customers)


def test_a_period_of_more_silences_than_memory_holds_is_refused_before_it_is_replayed(monkeypatch):
    monkeypatch.setattr(memory, "available", lambda: 2_100_000_000)
    plan = BacktestPlan(start=SHORT.start, end=SHORT.end, days=N)
    backtest(apart(2), MODEL, plan)
    monkeypatch.setattr(memory, "available", lambda: 1_900_000_000)
    told = r"HISTORY: expected about 2\.0 GB of free memory for \d+ silences of 12 customers; "
    with pytest.raises(HistoryError, match=rf"{told}--from a later day judges fewer, got 1\.9 GB"):
        backtest(apart(2), MODEL, plan)
    backtest(LOG, MODEL, plan)  # is in memory already


def test_memory_is_the_least_of_the_machines_and_the_containers(monkeypatch, tmp_path):
    info, limit, used = (tmp_path / name for name in ("meminfo", "max", "current"))
    monkeypatch.setattr(memory, "_MEMINFO", info)
    monkeypatch.setattr(memory, "_GROUPS", ((limit, used),))
    assert memory.available() is None  # a system that does not tell
    info.write_text("MemTotal: 9000 kB\nMemAvailable:    5000 kB\n")
    assert memory.available() == 5_120_000
    limit.write_text("max\n")
    used.write_text("1000\n")
    assert memory.available() == 5_120_000
    limit.write_text("4000\n")
    assert memory.available() == 3_000
