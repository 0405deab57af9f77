from datetime import date

import numpy as np
import pytest
from simulated_logs import LOGS

from modelling.fit.holdout import HoldoutResult
from modelling.fit.ranges import FrequencyRanges
from modelling.fit.report.purchases import TENURES, by_frequency
from modelling.history import Summary
from scoring.models import BGNBD, MBGNBD, ParetoNBD, limit_model
from scoring.models.counts import chances_of_fewer

UNTIL = date(2026, 6, 30)
RANDOM = np.random.default_rng(4)
OFTEN = np.concatenate([np.arange(5.0), RANDOM.integers(8, 200, 95)])  # 95 of 100 above 7
CUSTOMERS = {
    "often": OFTEN,
    "often, all alike": np.full(50, 364.0),
    "often, two kinds": np.repeat([8.0, 9.0], 40),
    "often, one kind among others": np.append(OFTEN, np.full(60, 52.0)),
    "seldom or often": np.repeat([0.0, 1.0, 90.0, 300.0], [40, 15, 30, 15]),
    "skewed": np.floor(RANDOM.lognormal(2.5, 1.5, 3_000)),
    **{name: make(RANDOM)[0] for name, make in LOGS.items()},
}
MODELS = (
    BGNBD(0.9, 8.0, 0.8, 30.0),
    MBGNBD(0.9, 8.0, 0.8, 30.0),
    ParetoNBD(0.9, 8.0, 0.6, 400.0),
    limit_model("paretonbd", {"rate": 0.1, "s": 0.6, "beta": 400.0}),
)


def held(x):
    return HoldoutResult(UNTIL, 30, x, x / 10.0, np.full(len(x), 3))


def inside(x, least, most):
    return (x >= least) & (x <= (np.inf if most is None else most))


def summary(x, tenures):
    ids, rows = [str(row).encode() for row in range(len(x))], np.arange(len(x))
    return Summary(ids, rows, x, x, tenures, x, x, UNTIL)


@pytest.mark.parametrize("x", CUSTOMERS.values(), ids=CUSTOMERS)
def test_no_more_than_a_third_is_in_one_range_but_of_one_frequency(x):
    bins = held(x).bins()
    assert sum(one["customers"] for one in bins) == len(x)
    for one in bins:
        within = x[inside(x, one["frequency"], one["most"])]
        assert one["customers"] == len(within)
        assert len(within) <= len(x) / 3 or len(np.unique(within)) == 1, bins


@pytest.mark.parametrize("x", CUSTOMERS.values(), ids=CUSTOMERS)
def test_ranges_follow_each_other_and_nobody_who_came_back_is_with_who_did_not(x):
    ranges = FrequencyRanges.of(x)
    spans = ranges.spans
    assert spans[0] == (0, 0)
    assert [least for least, _ in spans[1:]] == [most + 1 for _, most in spans[:-1]]
    assert spans[-1][1] is None
    assert len(spans) <= 17
    places = ranges.places(x)
    for at, span in enumerate(spans):
        assert np.array_equal(places == at, inside(x, *span))


def test_ranges_are_the_literatures_where_few_come_back_often(sample):
    for x in (sample[0], np.zeros(3), np.repeat([0.0, 7.0], [2, 1]), np.arange(3.0)):
        assert FrequencyRanges.of(x).least.tolist() == list(range(8))
    assert FrequencyRanges.of(np.repeat([0.0, 7.0], [1, 1])).least.tolist() == [0, 1, 7, 8]


def test_ranges_do_not_depend_on_the_order_of_customers_nor_on_their_number():
    least = FrequencyRanges.of(OFTEN).least.tolist()
    assert FrequencyRanges.of(OFTEN[::-1]).least.tolist() == least
    assert FrequencyRanges.of(np.repeat(OFTEN, 9)).least.tolist() == least


@pytest.mark.parametrize("model", MODELS)
def test_what_is_expected_in_a_range_is_the_sum_over_its_customers(model):
    tenures = np.append(np.arange(1.0, TENURES + 60.0), [200.0, 200.0])
    x = np.resize(OFTEN, len(tenures))
    ranges = FrequencyRanges.of(x)
    actual, expected = by_frequency(model, summary(x, tenures), ranges)
    fewer = chances_of_fewer(model, ranges.least, tenures).sum(axis=1)
    alone = np.diff(fewer, append=len(x))
    assert expected == pytest.approx(alone, rel=1e-9, abs=1e-9)
    for span, seen in zip(ranges.spans, actual, strict=True):
        assert seen == inside(x, *span).sum()
    assert actual.sum() == len(x)
    assert expected.sum() == pytest.approx(len(x), rel=1e-12)
