"""What is gone from a topic is counted once, by the commit that passes it."""

import asyncio

import pytest
from fakes import FakeStore, FedByHand, graveyard, sequenced, services
from stream_events import INTERACTIONS, START, TRANSACTIONS, Event, event, records

from scoring.arrays import DAY
from streams.intake.progress import Jump
from streams.partition.services import Services
from streams.store import Backfill, Commit


def lost(of: Services) -> float:
    labels = {"topic": TRANSACTIONS}
    return of.metrics.registry.get_sample_value("ebbwatch_offsets_lost_total", labels) or 0.0


async def begun(of: Services, events: list[Event], first: int) -> FedByHand:
    """A partition whose transactions topic holds records from offset `first` on only."""
    topics = {TRANSACTIONS: records(TRANSACTIONS, events), INTERACTIONS: records(INTERACTIONS, [])}
    fed = FedByHand(topics, of)
    await fed.claim()
    fed.fed[TRANSACTIONS] = first
    fed.partition.accounts.gone(TRANSACTIONS, Jump(fed.partition.offsets[TRANSACTIONS], first))
    return fed


async def test_a_gap_that_nobody_passed_yet_is_not_counted_by_each_of_its_owners() -> None:
    store = FakeStore()
    of, events = services(store), [event("purchase", day) for day in range(10)]
    for _ in range(3):
        await begun(of, events, 4)
        assert lost(of) == 0.0
    fed = await begun(of, events, 4)
    await fed.finish()
    assert lost(of) == 4.0
    await fed.finish()
    assert lost(of) == 4.0


class Parting(FakeStore):
    """Takes a commit, and its writer is revoked before it hears of that."""

    async def commit(self, partition: int, commit: Commit) -> None:
        await super().commit(partition, commit)
        raise asyncio.CancelledError


async def test_a_gap_is_told_by_who_passes_it_be_that_the_last_they_do() -> None:
    store = Parting()
    of, events = services(store), [event("purchase", day) for day in range(10)]
    fed = await begun(of, events, 4)
    with pytest.raises(asyncio.CancelledError):
        await fed.finish()
    assert (await store.peek(0)).offsets[TRANSACTIONS] > 4  # the next owner meets no gap
    assert lost(of) == 4.0


async def test_a_gap_that_another_opens_behind_before_it_is_passed_counts_both() -> None:
    store = FakeStore()
    of, events = services(store), [event("purchase", day) for day in range(10)]
    fed = await begun(of, events, 4)
    fed.partition.accounts.gone(TRANSACTIONS, Jump(4, 7))
    fed.fed[TRANSACTIONS] = 7
    await fed.finish()
    assert lost(of) == 7.0


async def loaded(store: FakeStore, cut: float) -> None:
    owner = (await store.claim(0)).owner
    await store.commit(0, Commit(owner, 0, cut, {}, backfill=Backfill(cut, "plan", 0)))


async def test_after_a_backfill_what_files_had_and_the_topic_forgot_is_not_lost() -> None:
    events = [event("purchase", day) for day in range(10)]
    cut = START + 6 * DAY
    for first, expected in ((4, 0.0), (8, 8.0)):  # from 8 on nothing shows that it is all there
        store = FakeStore()
        of = services(store)
        await loaded(store, cut)
        fed = await begun(of, events, first)
        await fed.finish()
        assert lost(of) == expected


async def test_records_too_late_are_set_aside_in_one_go() -> None:
    late = [event("purchase", 1.0 + at / 1000) for at in range(200)]
    _, fed = await sequenced([event("purchase", 130.0), *late])
    dead = graveyard(fed.services)
    assert [reason for _, _, reason in dead.found] == ["too_late"] * 200
    assert dead.sendings == 1
