"""Redis comes back older than Kafka knows it: seen, put right, every message once all the same."""

import asyncio
import json

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from kafka import KafkaAdminClient
from kafka import TopicPartition as Place
from relay_bench import Bench, Past, reaches, running
from structlog.testing import capture_logs

from streams.broker.message import Message
from streams.broker.topics import create_topics, topic_specs
from streams.broker.write import write_batches
from streams.outbox import relay as module
from streams.outbox.standing import GoneBackError
from streams.store import Commit

CUTS = {"larger": [80], "smaller": [3] * 26 + [2], "as they were": [10] * 8}


@pytest.mark.parametrize("cuts", CUTS.values(), ids=CUTS)
@pytest.mark.parametrize("commits", [0, 2], ids=["emptied", "older"])
async def test_what_a_replay_says_again_is_published_once(
    bench: Bench, commits: int, cuts: list[int]
) -> None:
    past = Past(dict.fromkeys((await bench.remember()).held))
    if commits:
        await bench.publish(*[10] * commits)
        past = await bench.remember()
    await bench.publish(*[10] * (6 - commits))

    await bench.go_back(past)
    with capture_logs() as logs:
        await bench.publish(*(cuts if commits else [20, *cuts]))

    (line,) = [line for line in logs if line["event"] == "redis went back"]
    assert line["log_level"] == "error"
    assert line["note"] == "what is applied again is judged by the parameters in use now"
    assert bench.backs == [0]
    await bench.once_each_in_order(100)
    await bench.publish(10)
    await bench.once_each_in_order(110)
    assert bench.backs == [0]
    await settles(bench)


async def settles(bench: Bench) -> None:
    """Wait until a relay compares no longer, which follows upon the last message's position."""
    relay = bench.relay()
    async with running(relay), asyncio.timeout(60):
        while (await bench.store.peek(0)).compared_after is not None:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_a_relay_that_dies_in_the_middle_of_a_replay_is_followed_by_one_that_knows(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    await bench.publish(20)
    past = await bench.remember()
    await bench.publish(60)
    await bench.go_back(past)
    monkeypatch.setattr(module, "STRETCH", 7)
    for count in (10, 15, 5):
        await bench.publish(count)
        assert (await bench.store.peek(0)).compared_after == 20
    await bench.publish(50)
    await bench.once_each_in_order(100)
    assert len(bench.backs) == 1


async def test_redis_may_go_back_again_while_it_catches_up(bench: Bench) -> None:
    await bench.publish(20)
    first = await bench.remember()
    await bench.publish(40)
    await bench.go_back(first)
    await bench.publish(10)
    second = await bench.remember()
    await bench.publish(50)
    for past in (second, first):
        await bench.go_back(past)
        await bench.publish(9, 7)
    await bench.go_back(second)
    await bench.publish(70)
    await bench.once_each_in_order(100)


async def test_messages_that_waited_in_the_older_outbox_are_known_to_be_published(
    bench: Bench,
) -> None:
    await bench.publish(20)
    await bench.commit(15)
    past = await bench.remember()
    await bench.publish(25)
    await bench.go_back(past)
    await bench.publish(40)
    await bench.once_each_in_order(75)


async def test_a_position_that_kafka_lost_doubles_nothing(bench: Bench) -> None:
    await bench.publish(20)
    relay = bench.relay(store=bench.dying)
    async with running(relay):
        await bench.commit(30)
        await reaches(relay, 50)
    forgetful = bench.settings.model_copy(update={"group": f"{bench.settings.group}-other"})
    create_topics(forgetful.kafka_bootstrap, topic_specs(forgetful))
    bench.settings = forgetful
    await bench.publish(10)
    await bench.once_each_in_order(60)


def delete_records(bench: Bench, *topics: str) -> None:
    """Let Kafka forget all records of partition 0, as retention does."""
    admin = KafkaAdminClient(bootstrap_servers=bench.settings.kafka_bootstrap)
    try:
        admin.delete_records({Place(topic, 0): -1 for topic in topics})
    finally:
        admin.close()


async def test_what_the_topics_hold_no_more_cannot_be_compared_and_is_refused(
    bench: Bench,
) -> None:
    await bench.publish(20)
    past = await bench.remember()
    await bench.publish(40)
    await bench.go_back(past)
    delete_records(bench, bench.settings.risk_topic)
    relay = bench.relay()
    told = "partition 0: Redis went back to message 20, expected .*risk to hold what was published"
    with pytest.raises(GoneBackError, match=told):
        await relay.run()
    assert not relay._stood.is_set()
    assert len(await bench.published()) < 60


async def told(bench: Bench, records: int) -> None:
    """Write records to an input topic, and tell Kafka that they were applied."""
    place = TopicPartition(bench.settings.transaction_topic, 0)
    producer = bench.options.producer()
    await producer.start()
    messages = [Message(b"c", b"%d" % number) for number in range(records)]
    await write_batches(producer, place.topic, 0, messages)
    await producer.stop()
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bench.settings.kafka_bootstrap, group_id=bench.settings.group
    )
    await consumer.start()
    consumer.assign([place])
    await consumer.commit({place: records})
    await consumer.stop()


async def test_offsets_that_kafka_was_told_of_and_redis_forgot_are_told(bench: Bench) -> None:
    topic = bench.settings.transaction_topic
    await told(bench, 5)
    owner = (await bench.store.claim(0)).owner
    await bench.store.commit(0, Commit(owner, 0, 1.0, {topic: 3}))
    relay = bench.relay(owner=owner)
    with capture_logs() as logs:
        async with running(relay):
            await relay.stood()
    (line,) = [line for line in logs if line["event"] == "redis went back"]
    assert line["got"] == f"{topic} applied up to 3 of 5"
    await bench.store.commit(0, Commit(owner, 1, 1.0, {topic: 5}))
    relay = bench.relay(owner=owner)
    async with running(relay):
        await relay.stood()
    assert len(bench.backs) == 1


async def test_an_emptied_redis_whose_records_kafka_deleted_is_refused(bench: Bench) -> None:
    await told(bench, 5)
    past = Past(dict.fromkeys((await bench.remember()).held))
    await bench.publish(20)
    delete_records(bench, bench.settings.transaction_topic)
    await bench.go_back(past)
    with pytest.raises(GoneBackError, match="and Kafka holds too little to replay"):
        await bench.relay().run()


async def test_positions_are_no_groups_offsets(bench: Bench) -> None:
    await bench.publish(20)
    admin = KafkaAdminClient(bootstrap_servers=bench.settings.kafka_bootstrap)
    try:
        groups = await asyncio.to_thread(admin.list_groups)
    finally:
        admin.close()
    assert not [group for group in groups if bench.settings.group in json.dumps(group)]


async def write(bench: Bench, topic: str, *messages: Message) -> None:
    producer = bench.options.producer()
    await producer.start()
    await write_batches(producer, topic, 0, list(messages))
    await producer.stop()


async def test_what_others_wrote_into_our_topics_is_in_nobodys_way(bench: Bench) -> None:
    await bench.publish(20)
    past = await bench.remember()
    await bench.publish(10)
    foreign = [Message(b"c", b"hello"), Message(b"c", b'{"generation": 7}'), Message(b"c", b"")]
    odd = [("ebbwatch-outbox", b"\xff"), ("ebbwatch-outbox", None), ("ebbwatch-outbox", b"a:b:c")]
    marked = [each._replace(headers=[header]) for each, header in zip(foreign, odd, strict=True)]
    for topic in (*bench.topics, bench.settings.score_topic, bench.settings.position_topic):
        await write(bench, topic, *foreign, *marked)
    await bench.go_back(past)
    await bench.publish(30)
    assert len(bench.backs) == 1
    mine = [each for each in await bench.published() if dict(each.headers).get("ce_id")]
    assert sorted(int(each.value) for each in mine) == list(range(50))
