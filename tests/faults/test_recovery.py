"""A lost or older Redis brought back: by a backup, from topics, from files and topics."""

import json
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import pytest
from harness import Worker, crew, fresh, make_settings
from kafka import KafkaAdminClient, TopicPartition
from recorded import Event, finish, interactions, transactions
from traces import differences, ends, run_undisturbed, states, warnings_by_id, write

from ebbwatch.stack import Stack
from streams.broker.message import Message
from streams.config import Settings

COMMAND = ("-m", "ebbwatch.cli")
HALF = "1997-09-30T00:00:00Z"

Start = Callable[..., Worker]


class Life(NamedTuple):
    """A bank's life up to its end, after which Redis may be lost."""

    settings: Settings
    backup: Path
    states: dict[bytes, bytes]
    warnings: dict[tuple[str, int], tuple[bytes, bytes]]

    def check(self, start: Start) -> None:
        """Let a worker run, and see that all is as it was, and that nothing was said again."""
        run_undisturbed(self.settings, start)
        assert differences(states(self.settings), self.states) == {}
        assert warnings_by_id(self.settings) == self.warnings


def stamped(events: Iterable[Event]) -> Iterator[Message]:
    """Events whose records are of their own time, as a live producer's are."""
    for made in events:
        at = datetime.fromisoformat(made["event_time"]).timestamp()
        key, value = made["customer_id"].encode(), json.dumps(made).encode()
        yield Message(key, value, int(at * 1_000))


def part(events: Iterable[Event], *, late: bool) -> list[Event]:
    """The events of before half time, or those since."""
    return [made for made in events if (made["event_time"] >= HALF) == late]


@pytest.fixture(scope="module")
def life(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Life:
    folder = tmp_path_factory.mktemp("recovery")
    settings = make_settings(stack, fresh("recovery"), retention_days=-1)  # records of 1997
    with crew(folder) as start:
        for late in (False, True):
            topics = (settings.transaction_topic, settings.interaction_topic)
            for topic, made in zip(topics, (transactions(), interactions()), strict=True):
                write(settings, topic, stamped(part(made, late=late)))
            run_undisturbed(settings, start)
            if not late:
                finish(settings, start, *COMMAND, "backup", str(folder / "half.backup"))
    return Life(settings, folder / "half.backup", states(settings), warnings_by_id(settings))


def test_the_life_warns_before_and_after_the_backup(life: Life) -> None:
    told = [json.loads(body)["event_time"] for _, body in life.warnings.values()]
    assert min(told) < HALF < max(told)


def test_a_backup_restored_is_brought_up_to_date_and_warns_nobody_twice(
    life: Life, start: Start
) -> None:
    finish(life.settings, start, *COMMAND, "restore", str(life.backup), "--discard")
    assert differences(states(life.settings), life.states) != {}
    life.check(start)


def test_an_empty_store_is_rebuilt_from_topics_that_hold_everything(
    life: Life, start: Start
) -> None:
    said = finish(life.settings, start, *COMMAND, "rebuild", "--discard")
    assert "The topics hold everything that was ever written to them" in said
    assert states(life.settings) == {}
    life.check(start)


@pytest.fixture
def _forgotten(life: Life) -> None:
    """Kafka deletes the first third of every input partition; for good, so this test is last."""
    client = KafkaAdminClient(bootstrap_servers=life.settings.kafka_bootstrap)
    upto = {place: end // 3 for place, end in ends(life.settings).items()}
    client.delete_records({TopicPartition(*place): offset for place, offset in upto.items()})
    client.close()


def refused(life: Life, start: Start, *arguments: str) -> str:
    run = start(life.settings, (*COMMAND, "rebuild", *arguments))
    assert run.process.wait(timeout=240) == 1
    return " ".join(run.tail().split())


@pytest.mark.usefixtures("_forgotten")
def test_what_the_topics_forgot_comes_from_files_or_is_told(
    life: Life, start: Start, tmp_path: Path
) -> None:
    told = refused(life, start, "--discard")
    assert "expected HISTORY, files of what the topics have forgotten" in told
    assert states(life.settings) == life.states  # nothing was discarded
    wire = [*transactions(), *interactions()]
    whole, poor = tmp_path / "whole.jsonl", tmp_path / "poor.jsonl"
    whole.write_text("".join(json.dumps(made) + "\n" for made in wire))
    poor.write_text("".join(json.dumps(made) + "\n" for made in wire[::3]))
    told = refused(life, start, str(poor), "--discard")
    assert "HISTORY: expected all that the topics hold of before 1997-" in told
    told = refused(life, start, str(whole), "--until", "1997-01-20T00:00:00Z", "--discard")
    assert "before which the topics lack records" in told
    assert states(life.settings) == life.states
    finish(life.settings, start, *COMMAND, "rebuild", str(whole), "--discard")
    life.check(start)
