"""What an operator mends by hand, against a real Kafka and a real Redis."""

import asyncio
import json
from functools import partial
from pathlib import Path

import pytest
from harness import in_environment, make_settings
from portfolio import START, purchase
from traces import as_messages, with_store, write
from typer.testing import CliRunner

from ebbwatch.cli import command_line
from ebbwatch.stack import Stack
from schemas import rejection
from scoring.warning.gate import Stream, new_gate, to_parts
from scoring.warning.gate.arrivals import LOOK
from streams.broker.clients import ClientOptions
from streams.broker.headers import join_headers
from streams.config import Settings
from streams.intake.dead_letters import KafkaDeadLetters
from streams.intake.decode import Dead
from streams.store import Budget, Commit, Entry, RedisStore

run = partial(CliRunner().invoke, command_line())


@pytest.fixture
def settings(stack: Stack, topic_prefix: str, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings with topics, which the command line reads from the environment."""
    made = make_settings(stack, topic_prefix, partitions=1)
    in_environment(made, monkeypatch)
    run(["topics", "create"])
    return made


async def set_aside(settings: Settings, value: bytes) -> None:
    """Set a record aside as a worker does."""
    from stream_events import record  # noqa: PLC0415 - its topics are others

    producer = ClientOptions(settings).producer(enable_idempotence=False)
    await producer.start()
    try:
        bad = rejection(0, "no_rate", "currency", "a rate to USD", "AUD")
        found = record(settings.transaction_topic, 0, value, b"c1", int(START * 1000) + 5)
        await KafkaDeadLetters(producer).send([Dead(found, bad)])
    finally:
        await producer.stop()


def test_a_dead_letter_is_listed_shown_and_put_back_once(
    settings: Settings, tmp_path: Path
) -> None:
    event = {**purchase("c1", 0, START), "currency": "AUD"}
    ((_, value),) = [(m.key, m.value) for m in as_messages([event])]
    write(settings, settings.transaction_topic, as_messages([event]))
    asyncio.run(set_aside(settings, value))
    name = f"{settings.transaction_topic}-0-0"
    (letter,) = json.loads(run(["dlq", "list", "--json"]).stdout)["letters"]
    assert (letter["id"], letter["reason"]) == (name, "no_rate")
    assert "no_rate" in run(["dlq", "list"]).output
    assert json.loads(run(["dlq", "list", "--reason", "bad_id", "--json"]).stdout)["letters"] == []
    shown = json.loads(run(["dlq", "show", name, "--json"]).stdout)
    assert json.loads(shown["value"])["currency"] == "AUD"
    unknown = run(["dlq", "show", "nowhere-0-0"])
    assert (unknown.exit_code, unknown.stderr.count("\n")) == (1, 1)
    again = run(["dlq", "replay", "--json"])  # there still is no rate
    assert (again.exit_code, list(json.loads(again.stdout)["refused"])) == (1, [name])
    repaired = tmp_path / "repaired.jsonl"
    repaired.write_text(json.dumps({"id": name, "value": {**event, "currency": "USD"}}) + "\n")
    asked = ["dlq", "replay", "--repaired", str(repaired), "--json"]
    for back, before in (([name], []), ([], [name])):
        done = run(asked)
        told = json.loads(done.stdout)
        assert (done.exit_code, told["back"], told["before"]) == (0, back, before)


def test_a_clock_that_ran_ahead_is_shown_and_set_back(settings: Settings) -> None:
    assert json.loads(run(["clock", "show", "--json"]).stdout)["clocks"][0]["clock"] is None

    async def ahead(store: RedisStore) -> None:
        owner = (await store.claim(0)).owner
        await store.commit(0, Commit(owner, 0, 4_000_000_000.0, {}))

    with_store(settings, ahead)
    shown = run(["clock", "show", "--json"])
    (clock,) = json.loads(shown.stdout)["clocks"]
    assert (shown.exit_code, clock["clock"]) == (1, "2096-10-02T07:06:40+00:00")
    assert "2096" in run(["clock", "show"]).output
    done = run(["clock", "reset", "--to", "2026-03-01T00:00:00Z"])
    assert done.exit_code == 0, done.output
    assert "2026-03-01" in run(["clock", "show"]).output
    assert run(["clock", "show"]).exit_code == 0


def test_a_feed_that_is_quiet_is_shown_and_let_go(settings: Settings) -> None:
    assert json.loads(run(["feeds", "show", "--json"]).stdout)["feeds"] == []
    quiet = new_gate()
    quiet.present["look"], quiet.learnt["mean"] = START // LOOK, 90.0
    for stream in (Stream.TRANSACTIONS, Stream.ATM):
        quiet.present["age"][stream] = 700
    quiet.present["since"][Stream.ATM], quiet.present["back"][Stream.ATM] = START, START + 3600

    async def held(store: RedisStore) -> None:
        owner = (await store.claim(0)).owner
        await store.commit(0, Commit(owner, 0, 4_000_000_000.0, {}, gate=to_parts(quiet)))

    with_store(settings, held)
    shown = run(["feeds", "show", "--json"])
    first, second = json.loads(shown.stdout)["feeds"]
    assert (shown.exit_code, first["stream"], first["usual"]) == (1, "transactions", 90.0)
    assert (first["held_since"], second["held_since"]) == (None, "2024-01-01T00:00:00+00:00")
    assert "back 2024-01-01T01:00:00" in " ".join(run(["feeds", "show"]).output.split())
    refused = run(["feeds", "release", "fax"])
    assert (refused.exit_code, "atm" in refused.stderr) == (2, True)
    assert "nothing is held for pos" in run(["feeds", "release", "pos"]).output
    (done,) = json.loads(run(["feeds", "release", "atm", "--json"]).stdout)["released"]
    assert done == {"partition": 0, "stream": "atm", "held_since": second["held_since"]}
    shown = run(["feeds", "show", "--json"])  # the channel is heard of anew, the topic as it was
    assert (shown.exit_code, json.loads(shown.stdout)["feeds"]) == (0, [first])
    assert run(["clock", "reset", "--to", "2026-03-01T00:00:00Z"]).exit_code == 0
    assert json.loads(run(["feeds", "show", "--json"]).stdout)["feeds"] == []


def test_what_a_brake_holds_is_shown_by_rule_and_released(settings: Settings) -> None:
    shown = run(["brake", "show", "--json"])
    assert (shown.exit_code, json.loads(shown.stdout)) == (0, {"held": []})
    assert run(["brake", "show"]).stdout == "nothing is held\n"
    assert "nothing is held" in run(["brake", "release"]).stdout

    async def storm(store: RedisStore) -> None:
        owner, topic = (await store.claim(0)).owner, settings.risk_topic
        headers = join_headers([("ce_rule", b"overdue")])
        lives = ["raised"] * 3 + ["cleared"] * 2
        told = [Entry(topic, b"c", json.dumps({"lifecycle": x}).encode(), headers) for x in lives]
        other = Entry(settings.score_topic, b"c", b"{}", b"[]")
        await store.commit(0, Commit(owner, 0, START, {}, outbox=told[:1]))
        rises, budget = {int(START // 3600): 2}, Budget(0.1, 1)
        parts = {"outbox": [*told[1:], other], "rises": rises, "budget": budget}
        await store.commit(0, Commit(owner, 1, START, {}, **parts))

    with_store(settings, storm)
    shown = run(["brake", "show", "--json"])
    (held,) = json.loads(shown.stdout)["held"]
    counts = {(each["rule"], each["lifecycle"]): each["count"] for each in held.pop("warnings")}
    assert counts == {("overdue", "raised"): 2, ("overdue", "cleared"): 2}
    about = {"partition": 0, "hour": "2024-01-01T00:00:00+00:00", "messages": 5, "rises": 2}
    assert (shown.exit_code, held) == (1, about)
    table = " ".join(run(["brake", "show"]).output.split())
    assert "overdue cleared 2" in table
    refused = run(["brake", "release", "7"])
    assert (refused.exit_code, refused.stderr.count("\n")) == (1, 1)
    assert "partition: expected a number from 0 to 0, got 7" in refused.stderr
    assert run(["brake", "release", "-1"]).exit_code == 2
    assert run(["brake", "release", "atm"]).exit_code == 2
    doctor = json.loads(run(["doctor", "--json"]).stdout)
    (found,) = [each for each in doctor["checks"] if each["check"] == "brake"]
    assert (found["state"], found["found"]) == ("wrong", "partition 0: 2 are held")
    done = run(["brake", "release", "0", "--json"])
    assert (done.exit_code, json.loads(done.stdout)) == (0, {"released": [about]})
    assert run(["brake", "show"]).exit_code == 0


def test_a_store_of_another_partitioner_or_short_of_a_key_is_told_in_one_line(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def begun(store: RedisStore) -> str:
        owner = (await store.claim(0)).owner
        await store.commit(0, Commit(owner, 0, 4_000_000_000.0, {}, {b"c": b"x"}))
        return store.key(0, "state")

    state = with_store(settings, begun)
    monkeypatch.setenv("EBBWATCH_PARTITIONER", "crc32")
    refused = run(["clock", "reset", "--to", "2026-03-01T00:00:00Z"])
    assert (refused.exit_code, refused.stderr.count("\n")) == (1, 1)
    assert "expected EBBWATCH_PARTITIONER=murmur2" in refused.stderr
    monkeypatch.setenv("EBBWATCH_PARTITIONER", "murmur2")

    async def lose(store: RedisStore) -> None:
        await store._redis.delete(state)

    with_store(settings, lose)
    refused = run(["clock", "reset", "--to", "2026-03-01T00:00:00Z"])
    assert (refused.exit_code, refused.stderr.count("\n")) == (1, 1)
    assert "expected what meta counts, got state 0 of 1" in refused.stderr
