"""Rises of warnings counted by hour as they are committed, and what is held for too many."""

from itertools import count
from typing import Any

import pytest
from fakes import NAMED
from test_store_contract import commit, entry
from test_store_contract import redis_store as redis_store  # noqa: PLC0414 - a fixture
from test_store_contract import store as store  # noqa: PLC0414 - likewise

from streams.store import Brake, Budget, Fenced, RedisStore, Store, owner_of

HOUR = 3_600.0
FIVE = Budget(0.5, 5)  # of four customers or fewer; of twenty ten


class Counting:
    """Commits to partition 0, one after the other."""

    def __init__(self, store: Store) -> None:
        self.store, self.made, self.told = store, count(), count(1)

    async def commit(self, hour: int = 0, *, budget: Budget = FIVE, **rises: int) -> Brake:
        """Commit as many messages as rises, of hours after the one that the clock is in."""
        numbers = {hour + int(name[1:]): many for name, many in rises.items()}
        entries = [entry(next(self.told)) for _ in range(sum(numbers.values()) or 1)]
        parts: dict[str, Any] = {"rises": numbers, "budget": budget, "outbox": entries}
        clock = hour * HOUR
        await self.store.commit(0, commit(next(self.made), clock=clock, **parts))
        return await self.store.brake(0)


@pytest.fixture
async def counting(store: Store) -> Counting:
    await store.claim(0)
    return Counting(store)


async def test_the_commit_that_passes_the_budget_and_all_behind_it_is_held(
    counting: Counting,
) -> None:
    assert (await counting.commit(7, h0=3)).after is None
    assert (await counting.commit(7, h0=2)).after is None
    assert await counting.commit(7, h0=2) == Brake(7, 0, after=5, rises=2, hour=7)
    assert await counting.commit(7) == Brake(8, 0, after=5, rises=2, hour=7)
    held = await counting.commit(9, h0=1, h1=9)
    assert (held, held.upto, held.messages) == (Brake(18, 0, 5, 12, 7), 5, 13)
    assert (await counting.store.counts(0, 0.0))[1] == 5  # that wait to be published
    await counting.store.forget_published(0, owner_of(1, NAMED), 5)
    assert (await counting.store.counts(0, 0.0))[1] == 0
    assert (await counting.store.brake(0)).messages == 13
    assert await counting.store.brake(1) == Brake()


async def test_hours_are_counted_apart(counting: Counting) -> None:
    for hour in range(40):
        assert (await counting.commit(hour, h0=5)).after is None
    assert (await counting.commit(40, h0=5, h1=5, h30=5)).after is None
    assert (await counting.commit(41, h0=1)).hour == 41


async def test_an_hour_goes_on_though_a_slice_of_timers_ran_ahead_of_it(
    counting: Counting,
) -> None:
    assert (await counting.commit(300, h0=3, h200=1)).after is None
    assert (await counting.commit(300, h20=5)).after is None
    assert (await counting.commit(300, h0=3)).hour == 300


async def test_the_budget_is_a_share_of_the_customers_and_more_than_the_least(
    counting: Counting,
) -> None:
    await counting.commit(1, h0=5)
    states = {b"%d" % number: b"s" for number in range(20)}
    await counting.store.commit(0, commit(next(counting.made), clock=HOUR, states=states))
    assert (await counting.commit(1, h0=5)).after is None  # ten of twenty
    assert (await counting.commit(1, h0=1)).rises == 1


async def test_without_a_share_nothing_is_held(counting: Counting) -> None:
    assert (await counting.commit(1, budget=Budget(0.0, 0), h0=1_000)).after is None
    assert (await counting.commit(2, budget=Budget(0.0, 5), h0=1_000)).after is None


async def test_what_is_released_goes_on_for_the_rest_of_its_hours_and_no_longer(
    counting: Counting,
) -> None:
    await counting.commit(4, h0=9, h1=1)
    held = await counting.store.release(0)
    assert held == Brake(10, 0, after=0, rises=9 + 1, hour=4)
    assert (await counting.store.brake(0)) == Brake(10, 0)
    assert (await counting.commit(4, h0=9, h1=9)).after is None
    assert (await counting.commit(6, h0=5)).after is None
    assert (await counting.commit(6, h0=1)).hour == 6
    await counting.commit(8)
    await counting.store.release(0)
    assert (await counting.commit(8, h0=9)).after is None  # the hour that it was released in


async def test_what_is_not_held_is_not_released_ahead_of_time(counting: Counting) -> None:
    await counting.commit(4, h0=1)
    assert (await counting.store.release(0)).after is None
    assert (await counting.commit(4, h0=9)).hour == 4
    assert await counting.store.release(1) == Brake()
    assert (await counting.store.peek(1)).epoch == 0


async def test_a_commit_repeated_counts_once_and_one_that_is_fenced_off_not_at_all(
    counting: Counting,
) -> None:
    one = commit(0, rises={0: 4}, budget=FIVE, outbox=[entry(1)])
    await counting.store.commit(0, one)
    await counting.store.commit(0, one)
    assert (await counting.store.brake(0)).after is None
    await counting.store.claim(0)
    with pytest.raises(Fenced):
        await counting.store.commit(0, commit(1, rises={0: 4}, budget=FIVE))
    await counting.store.commit(0, commit(1, epoch=2, rises={0: 1}, budget=FIVE))
    assert (await counting.store.brake(0)).after is None
    await counting.store.commit(0, commit(2, epoch=2, rises={0: 1}, budget=FIVE))
    await counting.store.claim(0)  # as whoever comes next finds it
    assert await counting.store.brake(0) == Brake(1, 0, after=1, rises=1)


async def test_a_clock_that_is_set_back_counts_its_hours_anew(counting: Counting) -> None:
    leapt = 500_000
    await counting.commit(leapt, h0=9)
    await counting.store.release(0)
    assert (await counting.commit(3)).after is None
    assert (await counting.commit(3, h0=9)).hour == 3
    await counting.store.release(0)
    assert (await counting.commit(leapt, h0=9)).hour == leapt


@pytest.mark.integration
async def test_what_is_noted_of_hours_stays_small(redis_store: RedisStore) -> None:
    await redis_store.claim(0)
    counting = Counting(redis_store)
    for hour in range(0, 4_000, 40):
        await counting.commit(hour, h0=1, h5=1)
    noted = await redis_store._redis.hget(redis_store.key(0, "meta"), "rises")
    assert noted is not None
    assert sorted(noted.split()) == [b"3960:1", b"3965:1"]
