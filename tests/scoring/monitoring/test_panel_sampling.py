import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.monitoring import sample

IDS = [f"customer-{number}".encode() for number in range(4_000)]


def test_the_sample_does_not_depend_on_the_order_of_the_ids():
    shuffled = [IDS[at] for at in np.random.default_rng(0).permutation(len(IDS)).tolist()]
    assert sample(shuffled, 0.1, 1_000).ids == sample(IDS, 0.1, 1_000).ids


def test_hashes_ascend_and_belong_to_the_ids():
    chosen = sample(IDS, 1.0, 50)
    assert (np.diff(chosen.hashes.astype(np.float64)) > 0).all()
    assert [sample([one], 1.0, 1).hashes[0] for one in chosen.ids] == chosen.hashes.tolist()


@pytest.mark.parametrize("share", [1 / 64, 1 / 16, 0.25, 0.5])
def test_a_share_of_the_customers_is_chosen(share):
    chosen = len(sample(IDS, share, len(IDS)).ids)
    assert abs(chosen - share * len(IDS)) < 4 * np.sqrt(share * len(IDS))


def test_everybody_or_nobody_can_be_chosen():
    assert sorted(sample(IDS, 1.0, len(IDS)).ids) == sorted(IDS)
    assert sample(IDS, 0.0, 1_000).ids == []
    assert sample(IDS, 1.0, 0).ids == []
    assert sample([], 1.0, 10).ids == []


@given(st.integers(0, 500), st.floats(0, 1), st.integers(0, 500), st.floats(0, 1))
def test_a_larger_sample_holds_the_smaller_one(most, share, more, further):
    small = sample(IDS, share, most).ids
    large = sample(IDS, max(share, further), most + more).ids
    assert large[: len(small)] == small
