"""Files to real topics: checked whole, written once, gone on with after any crash."""

import io
import json
import os
import random
import signal
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from harness import PATIENCE, await_that, environment, make_settings
from kafka.admin import KafkaAdminClient
from stream_events import Event, event
from traces import read_all

from ebbwatch.stack import Stack
from streams.broker.topics import create_topics, topic_specs
from streams.config import Settings
from streams.intake.rates import RateTable
from streams.tools.producing import produce_file
from streams.tools.producing.checked_lines import LineError
from streams.tools.producing.produce_file import FileWriter, MissingTopicError, OtherContentError

# Writes so many parts of a file and waits to be killed, however late whoever watches looks.
CHILD = """
import sys, time
from streams.broker import write
from streams.config import Settings
from streams.intake.rates import RateTable
from streams.tools.producing import produce_file
produce_file.AT_ONCE = 40
inner, left = produce_file.produce, int(sys.argv[2])
async def slow(*args):
    global left
    time.sleep(0.05 if left else 3600.0)
    left -= 1
    return await inner(*args)
produce_file.produce = slow
with open(sys.argv[1], "rb") as file:
    produce_file.FileWriter(Settings(), RateTable("USD")).write(file, sys.argv[1])
"""

pytestmark = pytest.mark.integration


@pytest.fixture
def settings(stack: Stack, topic_prefix: str) -> Settings:
    return make_settings(stack, topic_prefix)


@pytest.fixture
def writer(settings: Settings) -> FileWriter:
    return FileWriter(settings, RateTable("USD"))


def events(count: int, customers: int = 9) -> list[Event]:
    made = (event("purchase", day / 10, f"c{day % customers}") for day in range(count))
    return [{**one, "type": "purchase"} if n % 5 else survey(n) for n, one in enumerate(made)]


def survey(number: int) -> Event:
    return event("survey", number / 10, f"c{number % 9}")


def lines(made: list[Event]) -> bytes:
    return b"".join(json.dumps(one).encode() + b"\n" for one in made)


def held(settings: Settings) -> list[Any]:
    """What a read-committed consumer finds in the input topics, in order of each partition."""
    records = [record for topic in settings.input_topics for record in read_all(settings, topic)]
    return [json.loads(record.value) for record in records]


def ids(made: list[Any]) -> list[str]:
    return sorted(one["event_id"] for one in made)


def test_a_file_is_written_once_however_often_it_is_sent(
    settings: Settings, writer: FileWriter
) -> None:
    made = events(100)
    file = io.BytesIO(b"\n" + lines(made) + b"\n\n")
    first = writer.write(file, "f")
    assert first.topics == {settings.transaction_topic: 80, settings.interaction_topic: 20}
    again = writer.write(file, "f")
    assert (again.topics, again.before) == ({}, 100)
    assert ids(held(settings)) == ids(made)
    whole = replace(writer, again=True).write(file, "f")
    assert (sum(whole.topics.values()), whole.before) == (100, 0)
    assert Counter(ids(held(settings))) == Counter(ids(made) * 2)


def test_each_customers_events_keep_their_order(
    settings: Settings, writer: FileWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(produce_file, "AT_ONCE", 7)
    made = events(100)
    writer.write(io.BytesIO(lines(made)), "f")
    for customer in {one["customer_id"] for one in made}:
        for kind in ("purchase", "survey"):
            sent = [e for e in made if (e["customer_id"], e["type"]) == (customer, kind)]
            got = [e for e in held(settings) if (e["customer_id"], e["type"]) == (customer, kind)]
            assert got == sent


def test_a_file_that_has_grown_is_gone_on_with_behind_its_old_end(
    settings: Settings, writer: FileWriter
) -> None:
    made = events(60)
    for end in (1, 20, 20, 60):
        told = writer.write(io.BytesIO(lines(made[:end])), "f")
    assert (sum(told.topics.values()), told.before) == (40, 20)
    assert ids(held(settings)) == ids(made)


def test_a_file_that_was_changed_where_it_was_written_is_refused(
    settings: Settings, writer: FileWriter
) -> None:
    made = events(30)
    writer.write(io.BytesIO(lines(made)), "f")
    changed = [*made[:10], {**made[10], "sentiment": 0.5}, *made[11:]]
    for other in (changed, made[:29]):
        with pytest.raises(OtherContentError, match=r"f: 30 lines .* --again"):
            writer.write(io.BytesIO(lines(other)), "f")
    assert ids(held(settings)) == ids(made)
    replace(writer, again=True).write(io.BytesIO(lines(changed)), "f")
    assert len(held(settings)) == 60


@pytest.mark.parametrize(
    ("bad", "told"),
    [
        (b"{", "9: expected a JSON object"),
        (b'{"type": "survey"}', "9: expected a customer_id"),
        (lines([{**survey(1), "score": 9}]), "9: expected score to be .* 5, got 9"),
        (lines([{**survey(1), "event_time": 1_772_366_400_000}]), "9: expected event_time .* got"),
        (lines([{**survey(1), "event_id": "a b"}]), "9: expected event_id to be 1 to 64"),
        (lines([{**survey(1), "type": "odd"}]), "9: expected a known type"),
    ],
)
def test_nothing_is_written_of_a_file_with_a_bad_line(
    settings: Settings,
    writer: FileWriter,
    bad: bytes,
    told: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(produce_file, "AT_ONCE", 2)
    file = io.BytesIO(lines(events(7)) + b"\n" + bad + b"\n" + lines(events(3)))
    with pytest.raises(LineError, match=told) as refused:
        writer.write(file, "f")
    assert "nothing was written" in str(refused.value)
    assert held(settings) == []


def test_what_workers_would_set_aside_is_written_where_that_is_asked_for(
    settings: Settings, writer: FileWriter
) -> None:
    bad = {**survey(1), "score": 9}
    told = replace(writer, unchecked=True).write(io.BytesIO(lines([bad, bad])), "f")
    assert sum(told.topics.values()) == 2
    assert held(settings) == [bad, bad]


def test_lines_that_repeat_an_event_are_left_out_however_far_apart(
    settings: Settings, writer: FileWriter
) -> None:
    made = events(300, customers=1)
    others = [{**made[1], "customer_id": "other"}, {**made[1], "source": "branch"}]
    random.Random(3).shuffle(shuffled := list(made))
    told = writer.write(io.BytesIO(lines([*made, *shuffled, *others, *others])), "f")
    assert told.repeats == 302
    assert ids(held(settings)) == ids([*made, *others])


def test_amounts_without_a_rate_and_disorder_are_told(settings: Settings) -> None:
    bought = event("purchase", 3.0, currency="AUD")
    own = event("purchase", 2.0, currency="AUD", book_amount=7)
    late = event("purchase", 1.0, currency="JPY")
    checked = (
        FileWriter(settings, RateTable("USD"))
        .write(io.BytesIO(lines([bought, own, late, event("purchase", 4.0)])), "f")
        .checked
    )
    assert checked.without_rate == {"AUD": 1, "JPY": 1}
    assert checked.out_of_order == 2


def test_topics_made_anew_are_written_anew(settings: Settings, writer: FileWriter) -> None:
    made = events(20)
    file = io.BytesIO(lines(made))
    writer.write(file, "f")
    admin = KafkaAdminClient(bootstrap_servers=settings.kafka_bootstrap)
    try:
        admin.delete_topics([settings.transaction_topic])
    finally:
        admin.close()

    def made_anew() -> bool:
        try:
            return bool(create_topics(settings.kafka_bootstrap, topic_specs(settings)))
        except Exception:  # noqa: BLE001 - Kafka takes its time to forget a name
            return False

    await_that("the topic anew", made_anew)
    assert writer.write(file, "f").before == 0
    assert ids([e for e in held(settings) if e["type"] == "purchase"]) == ids(
        [e for e in made if e["type"] == "purchase"]
    )


def test_a_missing_topic_is_told_before_anything_is_written(settings: Settings) -> None:
    elsewhere = settings.model_copy(update={"interaction_topic": "nowhere"})
    with pytest.raises(MissingTopicError, match="nowhere: no such topic"):
        FileWriter(elsewhere, RateTable("USD")).write(io.BytesIO(lines(events(9))), "f")
    assert held(settings) == []


def test_what_is_killed_again_and_again_is_written_once(
    settings: Settings, writer: FileWriter, tmp_path: Path
) -> None:
    made = events(2_000)
    file = tmp_path / "events.jsonl"
    file.write_bytes(lines(made))
    draw, seen = random.Random(11), 0
    for _ in range(3):
        child = subprocess.Popen(
            [sys.executable, "-c", CHILD, str(file), "12"],
            env={**os.environ, **environment(settings)},
        )
        enough = seen + draw.randrange(1, 250)

        def has_enough(enough: int = enough) -> bool:
            return len(held(settings)) > enough

        await_that("some written", has_enough)
        child.send_signal(signal.SIGKILL)
        assert child.wait(PATIENCE) == -signal.SIGKILL
        seen = len(held(settings))
    assert seen < len(made)
    with file.open("rb") as whole:
        told = writer.write(whole, "f")
    assert told.before >= seen
    assert told.before + sum(told.topics.values()) == len(made)
    assert ids(held(settings)) == ids(made)
