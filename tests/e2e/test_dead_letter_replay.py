"""What was set aside goes back once, by whatever number of replays."""

import asyncio
import json
from collections.abc import Callable

from harness import Worker, await_that, make_settings
from portfolio import DAY, START, purchase
from traces import as_messages, ends, is_done, states, write

from ebbwatch.stack import Stack
from scoring.facts.packing import unpack
from scoring.facts.state import Count
from streams.broker.message import Message
from streams.config import Settings
from streams.intake.rates import RateTable
from streams.tools.mending.dead_letters import PutBack, read_letters, replay_letters


def again(settings: Settings, repaired: dict[str, bytes]) -> PutBack:
    async def run() -> PutBack:
        letters = await read_letters(settings)
        return await replay_letters(settings, RateTable("USD"), letters, repaired)

    return asyncio.run(run())


def counted(settings: Settings) -> dict[bytes, int]:
    found = states(settings)
    events = unpack(list(found.values()))["counts"][:, Count.EVENTS].tolist()
    return dict(zip(found, events, strict=True))


def test_repaired_records_go_back_exactly_once(
    stack: Stack, topic_prefix: str, start: Callable[..., Worker]
) -> None:
    settings = make_settings(stack, topic_prefix, partitions=2)
    topic = settings.transaction_topic
    good = [purchase(f"c{n}", n, START + n * DAY) for n in range(6)]
    foreign = {**purchase("c0", 90, START), "currency": "JPY"}
    write(settings, topic, as_messages([*good, foreign]))
    write(
        settings, topic, [Message(b"c1", b"half a rec"), Message(b"c1", b'{"n":4111111111111111}')]
    )
    worker = start(settings)
    await_that("all applied", lambda: is_done(settings, ends(settings)), worker)
    letters = {each.reason: each for each in asyncio.run(read_letters(settings))}
    assert letters.keys() == {"no_rate", "not_json", "missing_field"}
    assert letters["missing_field"].value is None

    done = again(settings, {})
    assert (done.back, done.without) == ((), (letters["missing_field"].id,))
    assert done.refused.keys() == {letters["no_rate"].id, letters["not_json"].id}

    booked = {**foreign, "book_amount": 40}
    mended = purchase("c1", 91, START + DAY)
    repaired = {
        letters["no_rate"].id: json.dumps(booked).encode(),
        letters["not_json"].id: json.dumps(mended).encode(),
    }
    assert {*again(settings, repaired).back} == repaired.keys()
    for _ in range(2):
        done = again(settings, repaired)
        assert (done.back, {*done.before}) == ((), repaired.keys())
    await_that("those too", lambda: is_done(settings, ends(settings)), worker)
    assert counted(settings) == {b"c0": 2, b"c1": 2, **{b"c%d" % n: 1 for n in range(2, 6)}}
    assert worker.stop() == 0
