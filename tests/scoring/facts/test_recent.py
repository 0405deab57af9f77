import uuid

import numpy as np
import pytest
from cases import event, log, purchases, run
from hypothesis import given, settings
from hypothesis import strategies as st
from trying import few

from scoring.facts.apply import Applied, outcomes
from scoring.facts.events import hash_ids, within_sources
from scoring.facts.kinds import Kind
from scoring.facts.recent import BITS, FALSE_MATCH, fingerprints
from scoring.facts.state import RECENT_IDS, Count

ALWAYS = [Applied.APPLIED]
AGAIN = [Applied.DUPLICATE]
FAMILIES = {
    "numbered": lambda n: [f"t{k}" for k in range(n)],
    "padded": lambda n: [f"{k:064d}" for k in range(n)],
    "by day": lambda n: [f"2026-03-{k % 28 + 1:02d}/{k // 28}" for k in range(n)],
    "uuid": lambda n: [str(uuid.UUID(int=k * 0x9E3779B97F4A7C15)) for k in range(n)],
    "last of 64": lambda n: ["x" * 56 + f"{k:08x}" for k in range(n)],
    "first of 64": lambda n: [f"{k:08x}" + "x" * 56 for k in range(n)],
}


def facts(states):
    """All of a state but how many duplicates came."""
    counted = states.copy()
    counted["counts"][:, Count.DUPLICATES] = 0
    return counted.tobytes()


@pytest.mark.parametrize("count", [1, 8, 9, 20, RECENT_IDS])
def test_a_history_sent_twice_counts_once_and_its_duplicates_are_counted(count):
    once = purchases(*range(20_000, 20_000 + count))
    ended = run(np.concatenate([once, once]))
    assert ended.applied.tolist() == ALWAYS * count + AGAIN * count
    assert ended.states["counts"][0, Count.DUPLICATES] == count
    assert facts(ended.states) == run(once).states.tobytes()


def test_what_came_before_the_last_forty_is_no_longer_known():
    once = purchases(*range(20_000, 20_000 + RECENT_IDS + 1))
    ended = run(np.concatenate([once, once[:1]]))
    assert ended.applied.tolist() == ALWAYS * (RECENT_IDS + 2)


@settings(max_examples=few(25), deadline=None)
@given(
    st.lists(st.integers(0, 59), min_size=1, max_size=RECENT_IDS),
    st.integers(1, 2),
    st.randoms(use_true_random=False),
)
def test_in_any_order_and_however_often_events_give_the_facts_of_once_in_order(days, more, random):
    ordered = log(*(event(Kind.PURCHASE, 20_000 + day, 100 + day) for day in sorted(days)))
    order = list(range(len(ordered))) * (1 + more)
    random.shuffle(order)
    once, often = run(ordered).states, run(ordered[order]).states
    assert often["counts"][0, Count.DUPLICATES] == more * len(days)
    for name in ("purchase_days", "day_bits", "total_value", "first_day_value", "first_id"):
        assert often[name].tolist() == once[name].tolist(), name
    others = np.arange(len(Count)) != Count.DUPLICATES
    assert often["counts"][0, others].tolist() == once["counts"][0, others].tolist()
    assert often["sums"] == pytest.approx(once["sums"], rel=1e-9, abs=1e-12)


def test_a_duplicate_is_known_by_its_id_whatever_else_it_says():
    once = purchases(20_000, 20_010)
    again = event(Kind.REFUND, 20_030, amount=77, id=once["id"][0])
    ended = run(np.concatenate([once, again]))
    assert ended.applied.tolist() == ALWAYS * 2 + AGAIN
    assert ended.states["last_event"][0] == once["time"][1]
    assert facts(ended.states) == run(once).states.tobytes()


@pytest.mark.parametrize("family", FAMILIES)
def test_fingerprints_are_spread_evenly_whatever_the_ids_look_like(family):
    count = 400_000
    prints = fingerprints(hash_ids(FAMILIES[family](count)))
    assert prints.min() >= 1
    assert prints.max() < 2**BITS
    # 0.07 pairs alike are to be expected; 4 or more have a chance of 1e-6.
    assert count - len(np.unique(prints)) <= 3
    for shift in (0, 8, 16, 24, 32):
        found = np.bincount((prints >> np.uint64(shift)).astype(np.int64) & 255, minlength=256)
        spread = ((found - count / 256) ** 2 / (count / 256)).sum()
        assert 145 < spread < 395  # chi-squared of 255 degrees: 1e-7 beyond either


def test_a_new_event_is_taken_for_a_duplicate_as_rarely_as_is_told():
    assert pytest.approx(3.6e-11, rel=0.02) == FALSE_MATCH
    # At 20 of the 40 bits it is a million times as often, which can be counted.
    rng = np.random.default_rng(7)
    remembered = fingerprints(rng.integers(1, 2**63, (50_000, RECENT_IDS), dtype=np.uint64))
    coming = fingerprints(rng.integers(1, 2**63, (50_000, 40), dtype=np.uint64))
    for shift in (0, 20):
        cut = [
            (each >> np.uint64(shift)).astype(np.uint32) & 0xFFFFF for each in (remembered, coming)
        ]
        alike = sum(int((cut[0] == each[:, None]).any(axis=1).sum()) for each in cut[1].T)
        expected = coming.size * RECENT_IDS / 2**20
        assert abs(alike - expected) < 5 * expected**0.5


def test_fingerprints_that_share_their_low_bits_alone_are_not_alike():
    once, day = purchases(20_000), np.array([20_000])
    states = run(once).states
    assert outcomes(states, once, day).tolist() == AGAIN
    states["recent_high"] ^= 1
    assert outcomes(states, once, day).tolist() == ALWAYS


def test_an_id_is_another_one_with_every_source():
    ids = hash_ids(["7", "7", "7", "a", "b"])
    named = within_sources(ids, ["", "cards", "branch", "b", "a"])
    assert named[0] == ids[0]
    assert len(set(named.tolist())) == 5
    assert (named > 0).all()


def test_customers_do_not_share_what_is_remembered():
    one_id = np.concatenate([purchases(20_000)] * 3)
    assert run(one_id, [0, 1, 0]).applied.tolist() == ALWAYS * 2 + AGAIN
