from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from cases import MODEL, event, log, run
from hypothesis import given, settings
from hypothesis import strategies as st
from trying import few

from scoring.facts.kinds import Kind
from scoring.facts.state import new_states
from scoring.features import frequency, monetary_value
from scoring.segments.histograms import (
    PER_OCTAVE,
    Portfolio,
    changes,
    logarithmic,
    lower_edge,
)
from scoring.step.run import step


@given(st.floats(0, 1e15))
def test_a_value_lies_in_its_bucket(value):
    (bucket,) = logarithmic(np.array([value])).tolist()
    assert lower_edge(bucket) <= value * (1 + 1e-12)
    assert value < lower_edge(bucket + 1) * (1 + 1e-12)


def test_borders_of_buckets_are_exact():
    assert logarithmic(np.array([0.0, 0.99, 1.0, 2.0, 2**40.0])).tolist() == [
        0, 0, 1, 1 + PER_OCTAVE, 1 + 40 * PER_OCTAVE
    ]  # fmt: skip


def portfolio_of(*histories):
    """Customers with the given purchase days, stepped batch by batch, counted as a store would."""
    events = log(*(event(Kind.PURCHASE, day, 500) for days in histories for day in days))
    rows = np.repeat(np.arange(len(histories)), [len(days) for days in histories])
    order = np.argsort(events["time"], kind="stable")
    events, rows = events[order], rows[order]
    fields, states = Counter(), new_states(len(histories))
    for start, end in pairwise(range(0, len(events) + 3, 3)):
        part = slice(start, min(end, len(events)))
        clocks = events["time"][part]
        outcome = step(states, events[part], rows[part], clocks, float(clocks[-1]), MODEL)
        fields.update(changes(states, outcome.states))
        states = outcome.states
    return Portfolio.of({name: n for name, n in fields.items() if n}), states, fields


@pytest.mark.slow
@settings(max_examples=few(25), deadline=None)  # the model makes its tables at first
@given(st.lists(st.lists(st.integers(20_000, 20_300), min_size=1, max_size=6), min_size=2))
def test_running_histograms_equal_a_count_of_the_states(histories):
    portfolio, states, _ = portfolio_of(*histories)
    for name, values in (
        ("last_day", states["last_day"]),
        ("frequency", logarithmic(frequency(states))),
        ("monetary_value", logarithmic(monetary_value(states))),
        ("clv", logarithmic(states["clv"])),
    ):
        assert portfolio.histogram(name) == Counter(values.tolist())
    assert portfolio.total_clv == np.rint(states["clv"]).astype(int).sum()
    assert portfolio.customers == len(histories)


def test_nothing_changes_where_nothing_happened():
    states = run(log(event(Kind.PURCHASE, 20_000))).states
    assert changes(states, states) == {}


def test_a_customer_who_never_bought_is_in_no_histogram_of_purchases():
    states = run(log(event(Kind.NPS, 20_000, score=9), event(Kind.REFERRAL, 20_001))).states
    fields = changes(new_states(1), states)
    assert fields == {"nps:2": 1, "referrals:0": 1}


def test_rates_of_the_portfolio():
    portfolio, *_ = portfolio_of([20_000], [20_000, 20_010], [20_000, 20_050])
    assert portfolio.repeat_rate == pytest.approx(2 / 3)
    assert portfolio.retention_rate(20_060, 28) == pytest.approx(1 / 3)
    assert portfolio.referral_rate == 0.0
    assert portfolio.net_promoter_score is None


def test_the_net_promoter_score_is_promoters_less_detractors():
    portfolio = Portfolio.of({"nps:0": 1, "nps:1": 2, "nps:2": 5})
    assert portfolio.net_promoter_score == pytest.approx(50.0)


def test_quintiles_split_the_customers_into_fifths():
    fields = {f"frequency:{logarithmic(np.array([float(x)]))[0]}": 1 for x in (1, 2, 4, 8, 16)}
    cuts = Portfolio.of(fields).cut_points("frequency", (0.2, 0.4, 0.6, 0.8))
    values = np.array([1.0, 2.0, 4.0, 8.0, 16.0])
    assert np.searchsorted(np.array(cuts), values, side="right").tolist() == [0, 1, 2, 3, 4]
    days = Portfolio.of({f"last_day:{day}": 1 for day in (100, 110, 120, 130, 140)})
    cuts = days.recency_cuts(150)
    since = 150 - np.array([100.0, 110.0, 120.0, 130.0, 140.0])
    assert np.searchsorted(np.array(cuts), since, side="right").tolist() == [4, 3, 2, 1, 0]


def test_the_pareto_share_is_what_the_most_valuable_fifth_holds():
    fields = {"clv:1": 8, "clv_total:1": 8, "clv:50": 2, "clv_total:50": 16}
    assert Portfolio.of(fields).pareto_share() == pytest.approx(16 / 24)
    assert Portfolio.of(fields).pareto_share(0.1) == pytest.approx(8 / 24)
    assert Portfolio.of(fields).pareto_share(1.0) == pytest.approx(1.0)


def test_an_empty_portfolio_has_no_cut_points():
    empty = Portfolio.of({})
    assert (empty.customers, empty.repeat_rate, empty.retention_rate(1, 1)) == (0, 0.0, 0.0)
    assert (empty.pareto_share(), empty.cut_points("clv", (0.5,))) == (0.0, ())
