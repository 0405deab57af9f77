"""What a brake holds is not published, whoever relays and whatever Redis forgot; later once."""

import pytest
from relay_bench import Bench, drains, reaches, running

from streams.outbox import relay as module
from streams.store import Budget, Commit

pytestmark = pytest.mark.integration
STORM = 30


async def storm(bench: Bench) -> None:
    """A commit of as many messages, each of a warning that rises in one hour."""
    first, bench.count = bench.count, bench.count + STORM
    entries = [bench._entry(number) for number in range(first, bench.count)]
    rises, budget = {0: STORM}, Budget(0.5, STORM - 1)
    place = bench.owner[0], bench.sequence[0], bench.count - 0.5
    one = Commit(*place, {}, outbox=entries, rises=rises, budget=budget)
    await bench.store.commit(0, one)
    bench.sequence[0] += 1


async def relayed(bench: Bench, upto: int) -> None:
    """Run a relay until it is there, and see that it goes no further."""
    relay = bench.relay()
    async with running(relay):
        await relay.stood()
        await reaches(relay, upto)
        for _ in range(3):
            assert not await relay._publish_stretch()
    assert relay.position.number == upto


@pytest.mark.parametrize("stretch", [3, 4_000])
async def test_a_storm_waits_for_its_release_and_then_comes_once_and_in_order(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, stretch: int
) -> None:
    monkeypatch.setattr(module, "STRETCH", stretch)
    await bench.commit(10)
    await storm(bench)
    await bench.commit(5)
    await relayed(bench, 10)
    await bench.claim()  # as another worker would
    await bench.commit(5)
    await relayed(bench, 10)
    await bench.once_each_in_order(10)
    await bench.store.release(0)
    await relayed(bench, 20 + STORM)
    await drains(bench)
    await bench.once_each_in_order(20 + STORM)


async def test_what_is_held_of_one_partition_keeps_no_other_waiting(bench: Bench) -> None:
    await bench.commit(1)
    await storm(bench)
    await bench.commit(4, partition=1)
    relays = bench.relay(0), bench.relay(1)
    async with running(*relays):
        for relay, upto in zip(relays, (1, 4), strict=True):
            await relay.stood()
            await reaches(relay, upto)
    assert len(await bench.published()) == 5


@pytest.mark.parametrize("kept", ["before the storm", "within it", "before its release"])
async def test_a_redis_that_comes_back_older_holds_what_is_not_published(
    bench: Bench, kept: str
) -> None:
    await bench.publish(10)
    pasts = {"before the storm": await bench.remember()}
    await storm(bench)
    pasts["within it"] = await bench.remember()
    await bench.commit(5)
    pasts["before its release"] = await bench.remember()
    await relayed(bench, 10)
    await bench.go_back(pasts[kept])
    if kept == "before the storm":
        await storm(bench)
    if bench.count == 10 + STORM:
        await bench.commit(5)
    await relayed(bench, 10)
    await bench.once_each_in_order(10)
    await bench.store.release(0)
    await relayed(bench, 15 + STORM)
    await bench.once_each_in_order(15 + STORM)


async def test_a_storm_that_was_published_is_not_again_by_a_redis_of_before_it(
    bench: Bench,
) -> None:
    await bench.publish(10)
    past = await bench.remember()
    await storm(bench)
    await bench.store.release(0)
    await bench.publish(5)
    await bench.go_back(past)
    relay = bench.relay()
    async with running(relay):
        await relay.stood()
        await storm(bench)  # the replay counts it again, and holds it again
        await bench.commit(15)
        assert (await bench.store.brake(0)).messages == STORM + 15
        assert not await relay._publish_stretch()
        await bench.store.release(0)
        await reaches(relay, (await bench.store.peek(0)).outbox)
    await bench.once_each_in_order(25 + STORM)
