"""Dead letters in a real Kafka, whose topics do not always take them."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest
from stream_events import record
from traces import read_all

from ebbwatch.stack import Stack
from schemas import rejection
from streams.broker.clients import ClientOptions
from streams.broker.partitions import NoTopicError, partitions_at
from streams.broker.topics import TopicSpec, create_topics
from streams.config import Settings, dead_letter_topic
from streams.intake.dead_letters import KafkaDeadLetters
from streams.intake.decode import Dead
from streams.retry.waits import WAITS
from streams.tools.mending.dead_letters import letter_of

PARTITIONS = 4


@pytest.fixture
def settings(stack: Stack, topic_prefix: str) -> Settings:
    """Settings whose dead letter topics are not there yet."""
    names = {"transaction_topic": f"{topic_prefix}transaction"}
    where = {"kafka_bootstrap": stack.kafka_bootstrap, "partitions": PARTITIONS}
    return Settings.model_validate({**names, **where})


def dead(settings: Settings, offset: int, value: bytes, partition: int = 0) -> Dead:
    found = record(settings.transaction_topic, offset, value, partition=partition)
    return Dead(found, rejection(0, "not_json", "$", "a JSON object", b""))


async def sent(settings: Settings, letters: Sequence[Sequence[Dead]]) -> None:
    producer = ClientOptions(settings).producer(enable_idempotence=False)
    await producer.start()
    try:
        for each in letters:
            await KafkaDeadLetters(producer).send(list(each))
    finally:
        await producer.stop()


def found(settings: Settings, count: int = PARTITIONS) -> dict[int, bytes]:
    """Value of each dead letter by its record's offset."""
    narrow = settings.model_copy(update={"partitions": count})
    letters = read_all(narrow, dead_letter_topic(settings.transaction_topic))
    by_offset = [(int(dict(letter.headers)["__streams.errors.offset"]), letter.value)
                 for letter in letters]  # fmt: skip
    assert len(dict(by_offset)) == len(by_offset)
    return dict(by_offset)


def make_topic(settings: Settings, partitions: int, **configs: str) -> None:
    topic = dead_letter_topic(settings.transaction_topic)
    create_topics(settings.kafka_bootstrap, [TopicSpec(topic, partitions, 1, configs)])


def test_a_letter_larger_than_its_topic_takes_keeps_its_metadata_and_the_others_their_values(
    settings: Settings,
) -> None:
    make_topic(settings, PARTITIONS, **{"max.message.bytes": "1500"})
    values = {at: b"x" * (50 if at % 3 else 4_000) for at in range(30)}
    letters = [dead(settings, at, value) for at, value in values.items()]
    again = [dead(settings, 100 + at, b"y") for at in range(3)]
    asyncio.run(sent(settings, [letters, again]))
    expected = {at: value if at % 3 else b"" for at, value in values.items()}
    assert found(settings) == {**expected, 100: b"y", 101: b"y", 102: b"y"}


def test_a_letter_that_not_even_its_metadata_fit_is_told_of_and_passed(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    make_topic(settings, PARTITIONS, **{"max.message.bytes": "120"})
    asyncio.run(sent(settings, [[dead(settings, 0, b"x")]]))
    assert found(settings) == {}
    assert "dead letter refused" in capsys.readouterr().out


def test_where_the_topic_has_fewer_partitions_a_letter_goes_to_one_it_has(
    settings: Settings,
) -> None:
    make_topic(settings, 1)
    letters = [dead(settings, at, b"x", partition=at) for at in range(PARTITIONS)]
    asyncio.run(sent(settings, [letters]))
    assert found(settings, 1) == dict.fromkeys(range(PARTITIONS), b"x")


def test_letters_wait_for_a_topic_that_is_missing(settings: Settings) -> None:
    async def late() -> None:
        producer = ClientOptions(settings).producer(enable_idempotence=False)
        await producer.start()
        sending = asyncio.create_task(KafkaDeadLetters(producer).send([dead(settings, 7, b"x")]))
        with pytest.raises(NoTopicError, match="ebbwatch topics create"):
            await partitions_at(producer, dead_letter_topic(settings.transaction_topic))
        while not WAITS.now:  # noqa: ASYNC110 - what /readyz answers 503 by, which tells nobody
            await asyncio.sleep(0.05)
        (wait,) = WAITS.now
        assert (wait.what, sending.done()) == ("dead letters", False)
        assert "ebbwatch topics create" in wait.reason
        await asyncio.to_thread(make_topic, settings, PARTITIONS)
        await sending
        assert not WAITS.now
        await producer.stop()

    asyncio.run(late())
    assert found(settings) == {7: b"x"}


ERRORS = "__streams.errors."
OURS = [(f"{ERRORS}topic", b"t"), (f"{ERRORS}partition", b"0"), (f"{ERRORS}offset", b"7")]


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [("__connect.errors.topic", b"t")],
        [("topic", b"t"), ("partition", b"0"), ("offset", b"7")],
        [(f"{ERRORS}topic", b"another"), *OURS[1:]],
        [*OURS[:2], (f"{ERRORS}offset", b"-1")],
        [*OURS[:2], (f"{ERRORS}offset", b"\xff\xfe")],
        [*OURS[:2], (f"{ERRORS}offset", None)],
    ],
)
def test_what_others_wrote_among_the_letters_is_none_of_them(
    headers: list[tuple[str, bytes | None]],
) -> None:
    assert letter_of(replace(record("t.dlq", 0, b"v"), headers=headers), ["t", "u"]) is None
    ours = letter_of(replace(record("t.dlq", 0, b"v"), headers=[*OURS, ("x", b"\xff")]), ["t"])
    assert ours is not None
    assert (ours.id, ours.topic, ours.value) == ("t-0-7", "t", b"v")
