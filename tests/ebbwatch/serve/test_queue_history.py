"""What happened to customers: bounded, and each answer once."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta

import pytest
from aiokafka.errors import TopicAuthorizationFailedError
from desk_cases import MONDAY
from queue_cases import said

from ebbwatch.serve.queue import CustomerHistory, HistoryFeed, history
from streams.config import Settings


def test_the_latest_is_first_and_an_answer_that_was_sent_twice_is_told_once() -> None:
    known = CustomerHistory()
    later = MONDAY + timedelta(hours=1)
    snoozed = said("c", "snoozed", later, until="2026-03-09T00:00:00+01:00", note="on leave")
    for each in (said("c", "contacted", touchpoint="phone"), snoozed, snoozed):
        known.answer(each)
    first, second = known.of("c")
    assert (first.kind, first.detail[:10], first.note) == ("snoozed", "2026-03-09", "on leave")
    assert (second.kind, second.detail, second.who) == ("contacted", "phone", "officer-3")
    known.answer(said("c", "acknowledged", later))  # a replay's clock stands still
    assert [each.kind for each in known.of("c")] == ["acknowledged", "snoozed", "contacted"]
    assert known.of("nobody") == []
    known.erase("c")
    assert (known.of("c"), known._count) == ([], 0)


def test_it_is_bounded_for_each_and_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "ALL", 30)
    known = CustomerHistory()
    for number in range(200):
        at = MONDAY + timedelta(minutes=number)
        known.answer(said("often", "contacted", at))
        known.answer(said(f"c{number}", "contacted", at))
    kept = [name for name in known._entries if known.of(name)]
    assert len(known.of("often")) == history.EACH
    assert sum(len(known.of(name)) for name in kept) == known._count == 30
    assert "c199" in kept
    assert "c0" not in kept


def test_why_answers_were_set_aside_is_kept_of_the_last_of_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(history, "REFUSED", 2)
    known = CustomerHistory()
    for number in range(4):
        known.refuse(f"e{number}", "future_time")
    assert known.refused == {"e2": "future_time", "e3": "future_time"}


async def test_without_the_right_to_read_what_was_set_aside_the_log_says_so_once_a_minute(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    feed, waits = HistoryFeed(Settings()), list[float]()

    async def read_on(_: Settings, topics: Sequence[str], *_rest: object) -> AsyncIterator[None]:
        if topics[0].endswith(".dlq"):
            raise TopicAuthorizationFailedError(topics[0])
        await asyncio.Event().wait()
        yield

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        await asyncio.Event().wait()

    monkeypatch.setattr(history, "read_on", read_on)
    monkeypatch.setattr("ebbwatch.serve.queue.feed.asyncio.sleep", sleep)
    running = asyncio.create_task(feed.run())
    async with asyncio.timeout(60):
        while not waits:
            await asyncio.wait({running}, timeout=0.001)
    assert not running.done(), "the rest is read"
    running.cancel()
    assert waits == [60.0]
