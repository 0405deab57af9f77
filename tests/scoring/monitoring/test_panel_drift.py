import numpy as np
import pytest
from cases import document
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from modelling.churn.file import reference_of
from scoring import ScoringError
from scoring.evaluation import population_stability_of
from scoring.evaluation.distribution import BINS, Deciles, counts_of, deciles_of
from scoring.monitoring import SCORES, Drift, observed
from scoring.parameters import parse

RANDOM = np.random.default_rng(0)
NAMES = SCORES[:-2]


def table_of(shift=0.0, rows=1_000, seed=1):
    table = np.random.default_rng(seed).normal(size=(len(SCORES), rows)) + shift
    table[3] = np.round(np.abs(table[3]))  # few values, many ties
    table[4] = 1.0
    return table


def section_of(table):
    return reference_of(table[: len(NAMES)].T, NAMES, table[len(NAMES)])


def referred(table):
    return parse({**document(), "reference": section_of(table)}).reference


@given(hnp.arrays(np.float64, st.integers(1, 200), elements=st.floats(-1e6, 1e6).map(round)))
def test_deciles_hold_every_row_and_rise(values):
    made = deciles_of(values)
    assert sum(made.counts) == len(values)
    assert len(made.counts) == len(made.cuts) + 1 <= BINS
    assert (np.diff(made.cuts) > 0).all()
    assert made.counts[-1] > 0
    np.testing.assert_array_equal(counts_of(values, np.array(made.cuts)), made.counts)


def test_deciles_of_different_values_hold_a_tenth_each():
    assert deciles_of(RANDOM.permutation(1_000) / 7).counts == (100.0,) * BINS


def test_the_section_is_read_back_as_it_was_made():
    table = table_of()
    section = section_of(table)
    assert section["rows"] == 1_000
    assert set(section["distributions"]) == {*NAMES, "churn_risk"}
    found = referred(table)
    for name, row in zip(NAMES, table, strict=False):
        assert found[name] == deciles_of(row)
    assert found["churn_risk"] == deciles_of(table[-2])


def test_without_a_section_nothing_is_expected():
    assert parse(document()).reference == {}


GOOD = {"rows": 3, "distributions": {"silence": {"cuts": [1.0], "counts": [2, 1]}}}


@pytest.mark.parametrize(
    ("entries", "told"),
    [
        ({"rows": 0}, "reference.rows"),
        ({"rows": 4}, "add up to rows"),
        ({"rows": None}, "reference.rows"),
        ({"distributions": {"silence": {"cuts": [1.0], "counts": [3]}}}, "one more than cuts"),
        ({"distributions": {"silence": {"cuts": [2.0, 1.0], "counts": [1, 1, 1]}}}, "should rise"),
        ({"distributions": {"silence": {"cuts": [1.0], "counts": [4, -1]}}}, "counts.1"),
        ({"distributions": {"silence": {"cuts": [1.0], "counts": [2.0, 1]}}}, "counts.0"),
        ({"distributions": {"silence": {"cuts": list(range(10)), "counts": [3] * 11}}}, "cuts"),
        ({"distributions": {"silence": {"cuts": [float("nan")], "counts": [2, 1]}}}, "cuts.0"),
        ({"distributions": {"gossip": {"cuts": [1.0], "counts": [2, 1]}}}, "gossip should be one"),
        ({"distributions": {"challenger_risk": {"cuts": [], "counts": [3]}}}, "should be one of"),
        ({"more": 1}, "reference.more"),
    ],
    ids=str,
)
def test_a_section_that_cannot_be_used_is_refused(entries, told):
    assert parse({**document(), "reference": GOOD}).reference == {
        "silence": Deciles((1.0,), (2.0, 1.0))
    }
    with pytest.raises((ScoringError, ValueError), match=told):
        parse({**document(), "reference": {**GOOD, **entries}})


def test_no_drift_is_near_nothing_and_a_shift_is_seen():
    reference = referred(table_of())
    calm = observed(Drift.new(), table_of(seed=2), reference).stability()
    assert set(calm) == set(SCORES)
    assert max(calm.values()) < 0.06
    moved = observed(Drift.new(), table_of(0.7, seed=2), reference).stability()
    assert moved["no_purchase"] > 0.25
    assert moved["churn_risk"] > 0.25


def test_the_index_is_that_of_evaluation():
    before, after = table_of(), table_of(0.3, rows=700, seed=5)
    found = observed(Drift.new(), after, referred(before)).stability()
    for row, name in enumerate(NAMES):
        made = deciles_of(before[row])
        counts = counts_of(after[row], np.array(made.cuts))
        assert found[name] == pytest.approx(population_stability_of(made.counts, counts))


def test_without_a_reference_the_first_large_round_is_it():
    tiny, first, second = table_of(rows=199), table_of(seed=3), table_of(1.0, seed=4)
    drift = observed(Drift.new(), tiny, {})
    assert not drift.expected.any()
    assert not drift.actual.any(), "there are no bins to count in"
    drift = observed(drift, first, {})
    assert max(drift.stability().values()) == pytest.approx(0.0)
    drift = observed(drift, second, {})
    assert drift.stability()["no_purchase"] > 0.25
    assert drift.stability()["challenger_risk"] > 0.25


def test_what_is_observed_leaves_the_former_as_it_was():
    former = observed(Drift.new(), table_of(), {})
    kept = [part.copy() for part in former]
    observed(former, table_of(1.0), referred(table_of(2.0)))
    for part, before in zip(former, kept, strict=True):
        np.testing.assert_array_equal(part, before)


def test_a_reference_replaces_what_stood_in_for_it():
    drift = observed(Drift.new(), table_of(5.0), {})
    reference = referred(table_of())
    again = observed(drift, table_of(), reference)
    assert again.stability()["no_purchase"] == pytest.approx(0.0)
    assert (again.cuts[4] == np.inf).all(), "one value has no cuts"


def test_scores_that_are_not_to_be_had_are_left_out():
    table = table_of()
    table[-1] = np.nan
    drift = observed(Drift.new(), table, {})
    assert "challenger_risk" not in drift.stability()
    table[-2, :900] = np.nan
    assert observed(drift, table, {}).actual[-2].sum() == 100


def test_few_customers_tell_no_drift():
    assert observed(Drift.new(), table_of(rows=199), referred(table_of())).stability() == {}


def test_partitions_are_told_together():
    reference, table = referred(table_of()), table_of(0.4, seed=8)
    whole = observed(Drift.new(), table, reference).stability()
    halves = [observed(Drift.new(), half, reference) for half in np.split(table, 2, axis=1)]
    together = halves[0].plus(halves[1]).stability()
    for name in NAMES:
        assert together[name] == pytest.approx(whole[name], abs=2e-3)


def test_scores_can_be_forgotten():
    drift = observed(Drift.new(), table_of(), {})
    after = drift.without("challenger_risk")
    assert not after.expected[-1].any()
    assert (after.cuts[-1] == np.inf).all()
    np.testing.assert_array_equal(after.expected[:-1], drift.expected[:-1])
    assert drift.expected[-1].any()
