"""One suite for the store's interface: the tests' fake keeps it as Redis does."""

import math
import uuid
from collections.abc import AsyncIterator
from typing import Any

import pytest
from fakes import NAMED, FakeStore

from ebbwatch.stack import Stack
from streams.store import (
    Activated,
    Activation,
    Backfill,
    Claim,
    Commit,
    Entry,
    Fenced,
    Lost,
    RedisStore,
    SetAside,
    Store,
    owner_of,
)
from streams.store.clients import connect

EVER = math.inf
EVERY_BYTE = bytes(range(256))


@pytest.fixture
async def redis_store(stack: Stack) -> AsyncIterator[RedisStore]:
    redis = connect(stack.redis_url, 10.0)
    yield RedisStore(redis, f"t{uuid.uuid4().hex[:12]}", 4, lambda: NAMED)
    await redis.aclose()


@pytest.fixture(params=["fake", pytest.param("redis", marks=pytest.mark.integration)])
def store(request: pytest.FixtureRequest) -> Store:
    if request.param == "fake":
        return FakeStore()
    found: RedisStore = request.getfixturevalue("redis_store")
    return found


def commit(sequence: int, epoch: int = 1, clock: float = 5.0, **parts: Any) -> Commit:
    owner, offsets = owner_of(epoch, NAMED), parts.pop("offsets", {})
    return Commit(owner=owner, sequence=sequence, clock=clock, offsets=offsets, **parts)


def found(epoch: int, *rest: Any, **parts: Any) -> Claim:
    """What is found after so many claims; who owns it, and its generation, follow."""
    named = {"owner": owner_of(epoch, NAMED), "generation": NAMED} if epoch else {}
    return Claim(epoch, *rest, **{**named, **parts})


def entry(number: int) -> Entry:
    return Entry("topic", f"k{number}".encode(), f"v{number}".encode(), b"[]")


async def everything(store: Store, *ids: bytes) -> tuple[Any, ...]:
    loaded = await store.load(0, ids, EVER, 100)
    return (
        list(loaded.states),
        list(loaded.due_ids),
        list(loaded.due_at),
        await store.outbox(0, 0, 100),
        await store.counts(0, EVER),
    )


async def test_the_first_claim_finds_nothing(store: Store) -> None:
    assert await store.claim(0) == found(1, 0, 0.0, {}, 0)


async def test_a_claim_bumps_the_epoch_and_finds_what_was_committed(store: Store) -> None:
    await store.claim(0)
    offsets = {"a": 7, "b.c-d_e": 2**53}
    await store.commit(0, commit(0, clock=0.1 + 0.2, offsets=offsets, outbox=[entry(1), entry(2)]))
    assert await store.claim(0) == found(2, 1, 0.1 + 0.2, offsets, 2)


async def test_what_was_set_aside_is_kept_by_reason_until_it_is_told_anew(store: Store) -> None:
    await store.claim(0)
    first = {"no_rate": SetAside(3, 1.5, "currency", "a rate to USD", "AUD")}
    other = {"bad_id": SetAside(1, 2.5, "event_id", 'one of "a: b"', "ä\n")}
    await store.commit(0, commit(0, set_aside=first))
    await store.commit(0, commit(1, set_aside=other))
    assert (await store.peek(0)).set_aside == {**first, **other}
    more = {"no_rate": first["no_rate"]._replace(records=4)}
    await store.commit(0, commit(2, set_aside=more))
    assert (await store.claim(0)).set_aside == {**more, **other}
    assert (await store.peek(1)).set_aside == {}


async def test_partitions_know_nothing_of_each_other(store: Store) -> None:
    await store.claim(0)
    await store.commit(0, commit(0, states={b"c": b"s"}, armed={b"c": 1.0}, outbox=[entry(1)]))
    assert await store.claim(1) == found(1, 0, 0.0, {}, 0)
    assert await store.load(1, [b"c"], EVER, 9) == ([None], [], [], [])
    assert await store.outbox(1, 0, 9) == []


async def test_a_commit_applies_all_of_its_parts(store: Store) -> None:
    await store.claim(0)
    states = {b"a": b"A", b"b": b"B"}
    await store.commit(0, commit(0, states=states, armed={b"b": 3.0}, outbox=[entry(1)]))
    assert await everything(store, b"b", b"x", b"a") == (
        [b"B", None, b"A"],
        [b"b"],
        [3.0],
        [(1, entry(1))],
        (2, 1, 1),
    )


async def test_a_commit_leaves_topics_and_customers_it_does_not_name(store: Store) -> None:
    await store.claim(0)
    await store.commit(0, commit(0, offsets={"a": 1, "b": 1}, states={b"a": b"1", b"b": b"1"}))
    await store.commit(0, commit(1, offsets={"a": 2}, states={b"a": b"2"}))
    assert (await store.load(0, [b"a", b"b"], 0.0, 9)).states == [b"2", b"1"]
    assert (await store.claim(0)).offsets == {"a": 2, "b": 1}


async def test_a_repeated_commit_is_harmless(store: Store) -> None:
    await store.claim(0)
    same = commit(0, states={b"a": b"A"}, armed={b"a": 1.0}, outbox=[entry(1)], offsets={"t": 4})
    for _ in range(3):
        await store.commit(0, same)
    assert await everything(store, b"a") == ([b"A"], [b"a"], [1.0], [(1, entry(1))], (1, 1, 1))
    assert await store.claim(0) == found(2, 1, 5.0, {"t": 4}, 1)


@pytest.mark.parametrize("epoch", [1, 3])
async def test_any_epoch_but_the_owners_is_fenced_and_writes_nothing(
    store: Store, epoch: int
) -> None:
    await store.claim(0)
    await store.claim(0)
    intruding = commit(0, epoch=epoch, states={b"a": b"A"}, armed={b"a": 1.0}, outbox=[entry(1)])
    with pytest.raises(Fenced, match=f"partition 0: owner {epoch}-{NAMED} gave way to 2-{NAMED}"):
        await store.commit(0, intruding)
    assert await everything(store, b"a") == ([None], [], [], [], (0, 0, 0))
    assert await store.claim(0) == found(3, 0, 0.0, {}, 0)


async def test_an_unclaimed_partition_takes_no_commit(store: Store) -> None:
    with pytest.raises(Fenced):
        await store.commit(0, commit(0, states={b"a": b"A"}))
    assert (await store.load(0, [b"a"], EVER, 9)).states == [None]


@pytest.mark.parametrize("sequence", [0, 3, 99])
async def test_a_wrong_sequence_is_lost_and_writes_nothing(store: Store, sequence: int) -> None:
    await store.claim(0)
    await store.commit(0, commit(0, states={b"a": b"1"}))
    await store.commit(0, commit(1))
    with pytest.raises(Lost, match=f"partition 0: at {sequence}, store at 2"):
        await store.commit(0, commit(sequence, states={b"a": b"2"}, outbox=[entry(1)]))
    assert await everything(store, b"a") == ([b"1"], [], [], [], (1, 0, 0))


async def test_a_commit_of_nothing_moves_sequence_and_clock(store: Store) -> None:
    await store.claim(0)
    await store.commit(0, commit(0, clock=8.5))
    assert await store.claim(0) == found(2, 1, 8.5, {}, 0)


async def test_commits_beyond_the_unpack_limit_are_applied_whole(store: Store) -> None:
    await store.claim(0)
    ids = [b"%d" % number for number in range(20_000)]
    armed: dict[bytes, float | None] = {key: float(number) for number, key in enumerate(ids)}
    entries = [entry(number) for number in range(1, 9_002)]
    await store.commit(0, commit(0, states=dict(zip(ids, ids, strict=True)), armed=armed))
    await store.commit(0, commit(1, armed=dict.fromkeys(ids[:9_001]), outbox=entries))
    loaded = await store.load(0, ids, EVER, 20_000)
    assert loaded.states == ids
    assert loaded.due_ids == loaded.due_states == ids[9_001:]
    assert loaded.due_at == [float(number) for number in range(9_001, 20_000)]
    assert await store.outbox(0, 0, 10_000) == list(enumerate(entries, 1))
    assert await store.counts(0, 10_000.0) == (20_000, 9_001, 1_000)


async def test_timers_come_earliest_first_and_no_more_than_asked_for(store: Store) -> None:
    await store.claim(0)
    armed = {b"late": 30.0, b"b": 10.0, b"a": 10.0, b"early": -5.0}
    await store.commit(0, commit(0, states={b"a": b"A"}, armed=armed))
    loaded = await store.load(0, [], 10.0, 9)
    assert (loaded.due_ids, loaded.due_at) == ([b"early", b"a", b"b"], [-5.0, 10.0, 10.0])
    assert loaded.due_states == [None, b"A", None]
    assert (await store.load(0, [], 10.0, 2)).due_ids == [b"early", b"a"]
    assert (await store.load(0, [], -6.0, 9)).due_ids == []


async def test_timers_are_armed_anew_and_disarmed(store: Store) -> None:
    await store.claim(0)
    await store.commit(0, commit(0, armed={b"a": 1.0, b"b": 2.0}))
    await store.commit(0, commit(1, armed={b"a": 3.0, b"b": None, b"unknown": None}))
    assert (await store.load(0, [], EVER, 9))[1:] == ([b"a"], [None], [3.0])


@pytest.mark.parametrize("instant", [0.1 + 0.2, 1_764_000_000.1234567, 1 / 3, 2.0**53 - 0.5, 1e15])
async def test_instants_are_kept_to_the_last_bit(store: Store, instant: float) -> None:
    await store.claim(0)
    await store.commit(0, commit(0, clock=instant, armed={b"a": instant}))
    assert (await store.load(0, [], math.nextafter(instant, 0.0), 9)).due_at == []
    assert (await store.load(0, [], instant, 9)).due_at == [instant]
    assert (await store.claim(0)).clock == instant


async def test_the_outbox_keeps_order_and_numbers_on_across_commits(store: Store) -> None:
    await store.claim(0)
    await store.commit(0, commit(0, outbox=[entry(1), entry(2)]))
    await store.commit(0, commit(1))
    await store.commit(0, commit(2, outbox=[entry(3), entry(4)]))
    assert await store.outbox(0, 0, 9) == [(number, entry(number)) for number in (1, 2, 3, 4)]
    assert await store.outbox(0, 1, 2) == [(2, entry(2)), (3, entry(3))]
    assert await store.outbox(0, 4, 9) == []


async def test_a_trimmed_outbox_numbers_on(store: Store) -> None:
    await store.claim(0)
    await store.commit(0, commit(0, outbox=[entry(1), entry(2), entry(3)]))
    await store.forget_published(0, owner_of(1, NAMED), 2)
    assert await store.outbox(0, 2, 9) == [(3, entry(3))]
    await store.forget_published(0, owner_of(1, NAMED), 3)
    await store.forget_published(0, owner_of(1, NAMED), 1)
    assert await store.outbox(0, 0, 9) == []
    await store.commit(0, commit(1, outbox=[entry(4)]))
    assert await store.outbox(0, 0, 9) == [(4, entry(4))]
    assert (await store.claim(0)).outbox == 4


async def test_ids_states_and_messages_hold_any_byte(store: Store) -> None:
    await store.claim(0)
    odd = Entry("t-1", EVERY_BYTE, EVERY_BYTE * 4, b'[["n","\xc3\xa4"]]')
    states = {EVERY_BYTE: EVERY_BYTE * 9, b"\r\n\0": b""}
    await store.commit(0, commit(0, states=states, armed={EVERY_BYTE: 1.0}, outbox=[odd]))
    loaded = await store.load(0, [*states], EVER, 9)
    assert dict(zip(states, loaded.states, strict=True)) == states
    assert (loaded.due_ids, loaded.due_states) == ([EVERY_BYTE], [EVERY_BYTE * 9])
    assert await store.outbox(0, 0, 9) == [(1, odd)]


async def test_tools_read_what_the_store_holds(redis_store: RedisStore) -> None:
    assert await redis_store.peek(0) == found(0, 0, 0.0, {}, 0)
    await redis_store.claim(0)
    assert await redis_store.due(0) == (0, None)
    states = {b"%d" % number: b"s" for number in range(2_500)}
    await redis_store.commit(0, commit(0, states=states, armed={b"1": 2.5, b"2": 1.5}))
    assert await redis_store.everyone(0) == states
    assert await redis_store.state(0, b"7") == b"s"
    assert await redis_store.state(0, b"x") is None
    assert await redis_store.due(0) == (2, 1.5)
    assert await redis_store.peek(0) == found(1, 1, 5.0, {}, 0)


async def test_histograms_count_up_and_down_and_forget_what_is_empty(store: Store) -> None:
    await store.claim(0)
    first = commit(0, histograms={"a:1": 2, "a:2": 1})
    await store.commit(0, first)
    await store.commit(0, first)  # repeated: no harm
    await store.commit(0, commit(1, histograms={"a:1": -2, "a:2": 3, "b:-1": 1}))
    assert await store.histograms(0) == {"a:2": 4, "b:-1": 1}
    assert await store.histograms(1) == {}


def activation(sequence: int, epoch: int = 1, clock: float = 5.0, **parts: Any) -> Activation:
    told = {"offsets": {"a": 7}, "version": "new-1", "basis": "of days", "replaced": None, **parts}
    return Activation(owner=owner_of(epoch, NAMED), sequence=sequence, clock=clock, **told)


async def test_a_partition_begins_with_the_parameters_of_its_first_commit(store: Store) -> None:
    await store.claim(0)
    begun = Activated("old-1", '{"zone": "\u00dc"}', 0.1 + 0.2)
    await store.commit(0, commit(0, activated=begun))
    await store.commit(0, commit(1))
    assert await store.claim(0) == found(2, 2, 5.0, {}, 0, None, begun)
    assert await store.activations(0) == []


async def test_an_activation_makes_every_customer_due_at_its_clock(store: Store) -> None:
    await store.claim(0)
    states = {b"early": b"e", b"late": b"l", b"never": b"n", EVERY_BYTE: b"\0"}
    armed = {b"early": 1 / 3, b"late": 9.0}
    await store.commit(0, commit(0, states=states, armed=armed, offsets={"a": 7}))
    await store.activate(0, activation(1, clock=0.1 + 0.2 + 5.0))
    due = dict.fromkeys(states, 0.1 + 0.2 + 5.0) | {b"early": 1 / 3}
    loaded = await store.load(0, [], EVER, 9)
    assert dict(zip(loaded.due_ids, loaded.due_at, strict=True)) == due
    claim = await store.peek(0)
    assert (claim.sequence, claim.clock, claim.offsets) == (2, 5.0, {"a": 7})
    assert claim.activated == Activated("new-1", "of days", 0.1 + 0.2 + 5.0)


async def test_an_activation_changes_no_state_and_tells_nothing(store: Store) -> None:
    await store.claim(0)
    await store.commit(0, commit(0, states={b"a": b"A"}, outbox=[entry(1)], histograms={"h:1": 1}))
    await store.activate(0, activation(1))
    assert await everything(store, b"a") == ([b"A"], [b"a"], [5.0], [(1, entry(1))], (1, 1, 1))
    assert await store.histograms(0) == {"h:1": 1}
    assert (await store.load(1, [], EVER, 9)).due_ids == []


async def test_an_activation_of_a_partition_without_customers_is_only_noted(store: Store) -> None:
    await store.claim(0)
    await store.activate(0, activation(0))
    assert await everything(store) == ([], [], [], [], (0, 0, 0))
    assert (await store.peek(0)).sequence == 1


async def test_activations_are_kept_in_order(store: Store) -> None:
    await store.claim(0)
    first = activation(0, clock=1 / 3, offsets={"a": 2**53, "b.c-d_e": 0})
    second = activation(1, clock=1.5e9 + 1 / 3, version="new-2", replaced="new-1")
    await store.activate(0, first)
    await store.activate(0, second)
    assert await store.activations(0) == [first, second]
    assert await store.activations(1) == []


async def test_a_repeated_activation_is_harmless(store: Store) -> None:
    await store.claim(0)
    await store.commit(0, commit(0, states={b"a": b"A"}))
    same = activation(1)
    for _ in range(3):
        await store.activate(0, same)
    assert await store.activations(0) == [same]
    await store.commit(0, commit(2, armed={b"a": None}))
    assert (await store.load(0, [], EVER, 9)).due_ids == []


@pytest.mark.parametrize("epoch", [1, 3])
async def test_an_activation_by_any_epoch_but_the_owners_is_fenced(
    store: Store, epoch: int
) -> None:
    await store.claim(0)
    await store.commit(0, commit(0, states={b"a": b"A"}))
    await store.claim(0)
    with pytest.raises(Fenced, match=f"partition 0: owner {epoch}-{NAMED} gave way to 2-{NAMED}"):
        await store.activate(0, activation(1, epoch=epoch))
    assert await store.activations(0) == []
    assert await everything(store, b"a") == ([b"A"], [], [], [], (1, 0, 0))
    assert await store.peek(0) == found(2, 1, 5.0, {}, 0)


@pytest.mark.parametrize("sequence", [0, 3, 99])
async def test_an_activation_at_a_wrong_sequence_is_lost(store: Store, sequence: int) -> None:
    await store.claim(0)
    await store.commit(0, commit(0, states={b"a": b"A"}))
    await store.commit(0, commit(1))
    with pytest.raises(Lost, match=f"partition 0: at {sequence}, store at 2"):
        await store.activate(0, activation(sequence))
    assert await store.activations(0) == []
    assert (await store.load(0, [], EVER, 9)).due_ids == []


async def test_an_activation_reaches_customers_beyond_the_unpack_limit(store: Store) -> None:
    await store.claim(0)
    ids = [b"%d" % number for number in range(20_001)]
    await store.commit(0, commit(0, states=dict.fromkeys(ids, b"s")))
    await store.activate(0, activation(1))
    loaded = await store.load(0, [], EVER, 30_000)
    assert (len(set(loaded.due_ids)), set(loaded.due_at)) == (20_001, {5.0})


async def test_a_backfill_is_noted_with_its_commits_and_stays_when_others_come(
    store: Store,
) -> None:
    await store.claim(0)
    half, whole = (Backfill(0.1 + 0.2, "f" * 64, left) for left in (1, 0))
    await store.commit(0, commit(0, backfill=half))
    assert (await store.peek(0)).backfill == half
    await store.commit(0, commit(1, backfill=whole))
    await store.commit(0, commit(2, offsets={"t": 7}))
    assert await store.claim(0) == found(2, 3, 5.0, {"t": 7}, 0, whole)


async def test_a_peek_is_no_claim(store: Store) -> None:
    assert await store.peek(0) == found(0, 0, 0.0, {}, 0)
    await store.claim(0)
    assert (await store.peek(0)).epoch == (await store.peek(0)).epoch == 1


async def test_another_commit_at_the_same_place_is_no_repetition(store: Store) -> None:
    await store.claim(0)
    await store.commit(0, commit(0, states={b"a": b"A"}))
    with pytest.raises(Lost, match="partition 0: at 0, store at 1"):
        await store.commit(0, commit(0, states={b"a": b"other"}))
    with pytest.raises(Lost, match="partition 0: at 0, store at 1"):
        await store.activate(0, activation(0))
    assert (await store.load(0, [b"a"], EVER, 9)).states == [b"A"]


async def test_an_owner_of_the_same_epoch_and_another_token_is_fenced(store: Store) -> None:
    await store.claim(0)
    forgotten = owner_of(1, "forgotten")
    with pytest.raises(Fenced, match=f"owner {forgotten} gave way to 1-{NAMED}") as fenced:
        await store.commit(0, Commit(forgotten, 0, 5.0, {}, {b"a": b"A"}))
    assert not fenced.value.is_backward
    with pytest.raises(Fenced):
        await store.forget_published(0, forgotten, 0)
    with pytest.raises(Fenced):
        await store.resume(0, forgotten, 7, None)
    assert await store.claim(0) == found(2, 0, 0.0, {}, 0)


@pytest.mark.parametrize(("epoch", "is_backward"), [(1, False), (2, True)])
async def test_who_gives_way_to_an_older_owner_or_to_none_learns_that_the_store_went_back(
    store: Store, epoch: int, *, is_backward: bool
) -> None:
    owner = owner_of(epoch, "forgotten")
    with pytest.raises(Fenced, match="gave way to nobody") as absent:
        await store.check(0, owner, 0)
    assert absent.value.is_backward
    await store.claim(0)
    with pytest.raises(Fenced, match=f"gave way to 1-{NAMED}") as older:
        await store.check(0, owner, 0)
    assert older.value.is_backward == is_backward


async def test_an_owner_learns_whether_its_commits_are_still_there(store: Store) -> None:
    await store.claim(0)
    await store.commit(0, commit(0))
    for sequence in (0, 1):
        await store.check(0, owner_of(1, NAMED), sequence)
    with pytest.raises(Lost, match="partition 0: at 2, store at 1"):
        await store.check(0, owner_of(1, NAMED), 2)


async def test_an_outbox_behind_what_was_published_is_lifted(store: Store) -> None:
    await store.claim(0)
    owner = owner_of(1, NAMED)
    await store.commit(0, commit(0, outbox=[entry(1), entry(2)]))
    with pytest.raises(Lost, match="partition 0: at 7, store at 2"):
        await store.forget_published(0, owner, 7)
    await store.resume(0, owner, 7, None)
    await store.resume(0, owner, 3, None)
    assert await store.claim(0) == found(2, 1, 5.0, {}, 7, published=7)
    assert await store.outbox(0, 0, 9) == []
    later = Commit(owner_of(2, NAMED), 1, 5.0, {}, outbox=[entry(8), entry(9)])
    await store.commit(0, later)
    assert await store.outbox(0, 7, 9) == [(8, entry(8)), (9, entry(9))]
    assert await store.counts(0, EVER) == (0, 2, 0)


async def test_numbers_that_were_skipped_hide_no_entry(store: Store) -> None:
    await store.claim(0)
    await store.resume(0, owner_of(1, NAMED), 1_000_000, None)
    await store.commit(0, commit(0, outbox=[entry(1)]))
    assert await store.outbox(0, 0, 9) == [(1_000_001, entry(1))]


async def test_where_messages_are_to_be_compared_is_kept_until_it_is_settled(store: Store) -> None:
    await store.claim(0)
    await store.resume(0, owner_of(1, NAMED), 0, 0)
    assert await store.claim(0) == found(2, 0, 0.0, {}, 0, compared_after=0)
    await store.resume(0, owner_of(2, NAMED), 0, None)
    assert (await store.peek(0)).compared_after is None


async def test_messages_of_one_commit_are_read_in_any_portions(store: Store) -> None:
    await store.claim(0)
    entries = [entry(number) for number in range(1, 4_502)]
    await store.commit(0, commit(0, outbox=entries[:4_499]))
    await store.commit(0, commit(1, outbox=entries[4_499:]))
    read: list[Entry] = []
    while some := await store.outbox(0, len(read), 700):
        assert [number for number, _ in some] == list(
            range(len(read) + 1, len(read) + len(some) + 1)
        )
        read += [message for _, message in some]
    assert read == entries
