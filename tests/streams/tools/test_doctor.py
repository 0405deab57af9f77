"""What is broken on purpose is found, and said with what mends it."""

import asyncio
import json
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import pytest
from guarded import Guarded, guarded
from harness import await_that, fresh, make_settings
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import ConfigResource, KafkaAdminClient
from pydantic import SecretStr
from redis import Redis
from redis_servers import RedisServers
from redis_servers import redis_servers as redis_servers  # noqa: PLC0414 - a fixture
from stream_events import event, iso
from typer.testing import CliRunner

from ebbwatch.cli import command_line
from ebbwatch.stack import Stack, kafka_server
from scoring.arrays import DAY
from streams.config import Settings, dead_letter_topic
from streams.intake.rates import read_rates
from streams.parameters.file import load_model, read_document, write_document
from streams.parameters.in_use import Using
from streams.store import Backfill, Commit, SetAside
from streams.store.opening import opened
from streams.tools.doctor import Finding, examine
from streams.tools.producing.produce_file import FileWriter

SOUND: Final = ("appendonly yes", "save ''")
WRONG_ONE: Final = "not-this-one"


@pytest.fixture(scope="module")
def doors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    """A stack of its own, which may be stopped, with a guarded door."""
    with guarded(tmp_path_factory.mktemp("certificates"), ["worker"]) as started:
        yield started


@pytest.fixture
def own_stack(doors: Guarded) -> Stack:
    return doors.stack


@pytest.fixture
def settings(own_stack: Stack) -> Settings:
    return make_settings(own_stack, fresh("doctor"), partitions=2, mode="live")


@pytest.fixture
def admin(own_stack: Stack) -> Iterator[KafkaAdminClient]:
    with closing(KafkaAdminClient(bootstrap_servers=own_stack.kafka_bootstrap)) as client:
        yield client


def changed(settings: Settings, **changes: Any) -> Settings:
    given = settings.model_dump(exclude_none=True) | {"redis_url": settings.redis_url}
    return Settings(**{**given, **changes})


def looked(settings: Settings) -> dict[str, Finding]:
    found = list(examine(settings))
    assert len({each.check for each in found}) == len(found)
    return {each.check: each for each in found}


def amiss(settings: Settings) -> dict[str, Finding]:
    """All but what is said of every preset, and of every test that runs no worker."""
    usual = {("parameters", "warning"), ("workers", "warning")}
    found = looked(settings).values()
    return {
        each.check: each
        for each in found
        if each.state != "ok" and (each.check, each.state) not in usual
    }


def commit(settings: Settings, number: int = 0, **fields: Any) -> None:
    """Leave what a worker would."""

    async def made() -> None:
        async with opened(settings) as store:
            claim = await store.claim(number)
            using = Using.of(settings, load_model(settings))
            whole = {"clock": time.time(), "offsets": {}, **fields}
            whole.setdefault("activated", using.activated(whole["clock"]))
            await store.commit(number, Commit(claim.owner, claim.sequence, **whole))

    asyncio.run(made())


def fitted(folder: Path, settings: Settings, until: str) -> Path:
    """A bank's own file, of a fit to customers up to a day."""
    own = {**read_document(settings.parameters_source), "name": "bank"}
    own.pop("preset")
    nothing = dict.fromkeys(("purchases", "spend", "winsorised", "holdout"))
    own["fit"] = {
        **nothing,
        "fitted_by": "ebbwatch",
        "source": "files",
        "window": {"first_day": None, "until": until},
        "time_unit": "day",
        "money_unit": "major",
        "counts": {},
        "customers": 1,
        "diagnostics": [],
    }
    write_document(folder / "bank.json", own)
    return folder / "bank.json"


def put(settings: Settings, topic: str, *values: bytes, headers: Any = (), at: float = 0) -> None:
    with closing(KafkaProducer(bootstrap_servers=settings.kafka_bootstrap)) as producer:
        stamp = int(1000 * at) or None
        for value in values:
            producer.send(topic, value, b"c1", list(headers), partition=0, timestamp_ms=stamp).get(
                30
            )


def test_all_that_is_well_is_said_to_be(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    until = iso(time.time() - 30 * DAY)[:10]
    sound = changed(settings, parameters_file=fitted(tmp_path, settings, until))
    commit(sound)
    for name, value in sound.model_dump(exclude_none=True).items():
        monkeypatch.setenv(f"EBBWATCH_{name.upper()}", str(value))
    monkeypatch.setenv("EBBWATCH_REDIS_URL", settings.redis_url.get_secret_value())
    run = CliRunner().invoke
    with closing(KafkaConsumer(bootstrap_servers=sound.kafka_bootstrap, group_id=sound.group)) as c:
        c.subscribe([sound.risk_topic])
        while not c.assignment():
            c.poll(100)
        told = run(command_line(), ["doctor", "--json"])
        document = json.loads(told.stdout)
        assert [each for each in document["checks"] if each["state"] != "ok"] == []
        assert (told.exit_code, document["states"]["warning"]) == (0, 0)
        assert f"fitted until {until}" in told.stdout
    shown = run(command_line(), ["doctor"])
    assert shown.exit_code == 3
    assert "! warning workers           none is running\n          mend: ebbwatch worker\n" in (
        shown.stdout
    )
    assert shown.stdout.endswith("30 ok, 1 warning, 0 wrong\n")


def test_a_fit_of_long_ago_and_old_rates_are_warned_of(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "rates.csv").write_text("date,currency,rate\n2020-01-01,EUR,1.1\n")
    files = {"rates_file": tmp_path / "rates.csv"}
    found = looked(
        changed(settings, **files, parameters_file=fitted(tmp_path, settings, "2020-01-01"))
    )
    assert found["parameters"].state == "warning"
    assert found["parameters"].mend == ("ebbwatch calibrate HISTORY --out bank.json",)
    assert "the newest of 2020-01-01" in found["rates"].found


@pytest.mark.parametrize(
    ("options", "check", "state", "found", "mend"),
    [
        (
            "maxmemory-policy allkeys-lru",
            "redis eviction",
            "wrong",
            "got allkeys-lru",
            "CONFIG SET maxmemory-policy noeviction",
        ),
        ("appendonly no", "redis persistence", "warning", "got no", "CONFIG SET appendonly yes"),
        ("save ''", "redis memory", "warning", "memory to spare", "CONFIG SET maxmemory"),
    ],
)
def test_a_redis_that_would_lose_customers_is_told_with_what_mends_it(
    settings: Settings,
    redis_servers: RedisServers,
    options: str,
    check: str,
    state: str,
    found: str,
    mend: str,
) -> None:
    redis = redis_servers.start(*SOUND, options)
    if check == "redis memory":
        redis.ask("DEBUG", "POPULATE", "100000")
        redis.ask("CONFIG", "SET", "maxmemory", int(redis.info("memory")["used_memory"] * 1.08))
    own = changed(settings, redis_url=SecretStr(redis.url))
    told = looked(own)[check]
    assert (told.state, found in told.found) == (state, True)
    assert told.mend[0].startswith(f"redis-cli -h 127.0.0.1 -p {redis.port} {mend}")
    words = told.mend[0].partition(" -p ")[2].split()[1:]
    redis.ask(*(str(1 << 30) if word == "BYTES" else word for word in words))  # it does mend it
    assert looked(own)[check].state == "ok"


def test_a_wrong_password_of_redis_is_told_and_the_rest_looked_at(
    settings: Settings, redis_servers: RedisServers
) -> None:
    redis = redis_servers.start(*SOUND)
    redis.ask("ACL", "SETUSER", "worker", "on", ">letmein", "~*", "+@all")
    url = redis.url.replace("//", f"//worker:{WRONG_ONE}@")
    found = amiss(changed(settings, redis_url=SecretStr(url)))
    assert list(found) == ["redis"]
    assert "WRONGPASS" in found["redis"].found
    assert WRONG_ONE not in str(found)
    assert found["redis"].mend[0].startswith("export EBBWATCH_REDIS_URL=")


def test_another_partitioner_than_the_one_noted_is_wrong(settings: Settings) -> None:
    commit(settings)
    found = amiss(changed(settings, partitioner="crc32"))
    assert found["states"].mend == ("export EBBWATCH_PARTITIONER=murmur2",)
    assert amiss(changed(settings, partitioner="nosuch"))["partitioner"].state == "wrong"
    assert amiss(settings) == {}


def test_keys_that_are_missing_and_states_of_another_layout_are_wrong(settings: Settings) -> None:
    commit(settings, states={b"c1": b"state"})
    commit(settings, number=1)
    with Redis.from_url(settings.redis_url.get_secret_value()) as redis:
        (state,) = redis.keys(f"{settings.redis_prefix}:*:state")
        redis.delete(state)
        other = next(
            key
            for key in redis.keys(f"{settings.redis_prefix}:*:meta")
            if key.split(b":")[1] != state.split(b":")[1]
        )
        redis.hset(other, "layout", "1")
    found = amiss(settings)["states"]
    assert found.state == "wrong"
    assert "state 0 of 1" in found.found
    assert "got layout 1" in found.found
    assert "ebbwatch restore BACKUP" in found.mend


def test_parameters_of_another_currency_or_time_zone_than_the_states_are_wrong(
    settings: Settings, tmp_path: Path
) -> None:
    commit(settings)
    document = {**read_document(settings.parameters_source), "book_timezone": "Europe/Zurich"}
    write_document(tmp_path / "bank.json", document)
    found = amiss(changed(settings, parameters_file=tmp_path / "bank.json"))
    assert "expected book_timezone UTC" in found["scored"].found


@pytest.mark.parametrize(
    ("text", "said"),
    [("[rule.silence]\nmiddle = 'x'\n", "rule.silence"), ("not toml", "line 1")],
)
def test_a_rules_file_that_cannot_be_used_is_wrong(
    settings: Settings, tmp_path: Path, text: str, said: str
) -> None:
    file = tmp_path / "rules.toml"
    file.write_text(text)
    found = amiss(changed(settings, rules_file=file))["rules"]
    assert (found.state, said in found.found) == ("wrong", True)
    assert found.mend == (f"ebbwatch rules check {file}",)


def test_a_rules_file_of_another_currency_than_the_book_is_wrong(
    settings: Settings, tmp_path: Path
) -> None:
    file = tmp_path / "rules.toml"
    file.write_text(OTHER_MONEY)
    found = amiss(changed(settings, rules_file=file))["rules"]
    assert found.state == "wrong"
    assert "EUR" in found.found
    assert "the book: USD" in found.found


OTHER_MONEY: Final = """\
[rule.dormant]
slot = 10
route = "relationship"
value = "net_value"
unit = "EUR"
direction = "below"
middle = -100
high = -200
hysteresis = 1
points = 20
then = "usual_gap"
now = "days_since_last"
words = "No more."
actions = { middle = "call", high = "visit" }
"""


def test_topics_that_are_missing_or_dealt_otherwise_are_wrong(
    settings: Settings, admin: KafkaAdminClient
) -> None:
    admin.delete_topics([settings.case_topic])
    admin.create_partitions({settings.score_topic: 3})
    both = {"topics", "partitions"}
    found = await_that("both", lambda: both <= (f := amiss(settings)).keys() and f)
    assert found["topics"].found == f"{settings.case_topic} is missing"
    assert found["topics"].mend == ("ebbwatch topics create",)
    assert found["partitions"].found == f"{settings.score_topic}: expected 2 partitions, got 3"
    counted = amiss(changed(settings, partitions=4))["partitions"]
    assert counted.state == "wrong"
    alike = amiss(changed(settings, partitions=4, score_topic=settings.case_topic + ".new"))
    assert alike["partitions"].mend == ("export EBBWATCH_PARTITIONS=2",)


@pytest.mark.parametrize(
    ("topic", "key", "value", "state"),
    [
        ("transaction_topic", "cleanup.policy", "compact", "wrong"),
        ("score_topic", "cleanup.policy", "delete", "warning"),
        ("risk_topic", "retention.ms", "1000", "warning"),
        ("interaction_topic", "message.timestamp.after.max.ms", "86400000", "warning"),
        ("transaction_topic", "message.timestamp.before.max.ms", "1000", "warning"),
    ],
)
def test_a_topic_set_otherwise_than_it_was_created_is_told_with_what_mends_it(
    settings: Settings, admin: KafkaAdminClient, topic: str, key: str, value: str, state: str
) -> None:
    name = getattr(settings, topic)
    admin.alter_configs([ConfigResource("topic", name, {key: value})])
    found = await_that("the setting", lambda: amiss(settings).get("topic settings"))
    assert found.state == state
    assert f"{name}: expected {key}" in found.found
    mended = found.mend[0].rpartition(" ")[2].partition("=")
    admin.alter_configs([ConfigResource("topic", name, {key: mended[2]})])
    await_that("all to be well", lambda: amiss(settings) == {})


def test_more_copies_in_sync_than_there_are_is_wrong(
    settings: Settings, admin: KafkaAdminClient
) -> None:
    resource = ConfigResource("topic", settings.risk_topic, {"min.insync.replicas": "2"})
    admin.alter_configs([resource])
    found = await_that("the setting", lambda: amiss(settings).get("copies"))
    assert found.state == "wrong"
    copies = amiss(changed(settings, replication=3))["copies"]
    assert "expected 3 copies, got 1" in copies.found


def test_a_topic_made_anew_and_records_that_are_gone_are_wrong(
    settings: Settings, admin: KafkaAdminClient
) -> None:
    topic = settings.transaction_topic
    put(settings, topic, b"1", b"2", b"3")
    commit(settings, offsets={topic: 1}, topic_ids={topic: "another"})
    admin.delete_records({TopicPartition(topic, 0): 2})
    found = amiss(settings)
    assert found["topics' identity"].mend == ("ebbwatch topics adopt",)
    assert found["offsets"].mend == ("ebbwatch rebuild HISTORY",)
    assert "expected offset 1" in found["offsets"].found
    commit(settings, offsets={topic: 9})
    assert amiss(settings)["offsets"].mend == ("ebbwatch topics adopt",)


def test_what_waits_too_long_is_told_and_a_transaction_s_marker_is_nothing(
    settings: Settings, tmp_path: Path
) -> None:
    file = tmp_path / "events.jsonl"
    bought = event("purchase", 0, event_time=iso(time.time() - 60))
    file.write_text(json.dumps(bought) + "\n")
    with file.open("rb") as lines:
        model = load_model(settings)
        rates = read_rates(None, model.parameters.book_currency)
        FileWriter(settings, rates, None, again=False, unchecked=False).write(lines, "x")
    fresh_one = looked(settings)["lag"]
    assert (fresh_one.state, "records wait" in fresh_one.found) == ("ok", True)
    for number in range(2):
        commit(settings, number, offsets={settings.transaction_topic: 1})
    assert looked(settings)["lag"].found == "nothing waits"
    put(settings, settings.interaction_topic, b"{}", at=time.time() - 2 * 3_600)
    behind = amiss(settings)["lag"]
    assert "1 records wait, the first for 2.0 hours" in behind.found


def test_feeds_that_stopped_and_clocks_ahead_are_told(settings: Settings) -> None:
    put(settings, settings.transaction_topic, b"{}", at=time.time() - 3 * DAY)
    commit(settings, clock=time.time() + 5 * 3_600, offsets={settings.transaction_topic: 1})
    found = amiss(settings)
    assert "3.0 days ago" in found["feeds"].found
    assert found["clock"].mend == ("ebbwatch clock reset",)
    assert "5.0 hours ahead" in found["clock"].found


def test_dead_letters_of_the_last_day_are_told_by_reason(settings: Settings) -> None:
    topic = dead_letter_topic(settings.transaction_topic)
    headers = letter(settings.transaction_topic)
    put(settings, topic, b"{}", headers=headers)
    put(settings, topic, b"{}", headers=letter(settings.transaction_topic, "1"))
    found = amiss(settings)["dead letters"]
    assert found.found == (f"2 set aside in the last day: no_rate in {settings.transaction_topic}")
    assert found.mend == ("ebbwatch dlq list",)


def letter(topic: str, offset: str = "0") -> list[tuple[str, bytes]]:
    named = {"exception": "no_rate", "message": "m", "topic": topic, "partition": "0"}
    return [
        (f"__streams.errors.{name}", value.encode())
        for name, value in {**named, "offset": offset}.items()
    ]


def test_a_history_half_loaded_is_wrong(settings: Settings) -> None:
    commit(settings, backfill=Backfill(0.0, "plan", 3))
    assert "3 commits of a history" in amiss(settings)["states"].found


def test_what_a_user_may_not_do_is_told_and_so_is_a_wrong_password(
    settings: Settings, doors: Guarded
) -> None:
    secured = doors.as_user(settings, "worker")
    found = amiss(secured)["kafka rights"]
    assert f"{settings.transaction_topic}: expected worker may Describe, Read" in found.found
    refused = amiss(changed(secured, kafka_password=SecretStr(WRONG_ONE)))
    assert list(refused) == ["kafka"]
    assert WRONG_ONE not in str(refused)
    assert "uthentication" in refused["kafka"].found


def test_the_page_names_every_check(settings: Settings) -> None:
    page = (Path(__file__).parents[3] / "docs" / "doctor.md").read_text("utf-8")
    named = {
        name
        for row in re.findall(r"^\| ([^|]+) \|", page, re.MULTILINE)
        for name in row.split(", ")
    }
    assert {check.removeprefix("redis ") for check in looked(settings)} == named - {"checks"}


@pytest.mark.slow
def test_a_kafka_that_was_stopped_is_told_and_the_rest_looked_at(
    settings: Settings, own_stack: Stack
) -> None:
    commit(settings, set_aside={"no_rate": SetAside(1, 0.0, "a", "b", "c")})
    kafka_server.server(own_stack.folder).end()
    found: Mapping[str, Finding] = looked(settings)
    assert [each.check for each in found.values() if each.state == "wrong"] == ["kafka"]
    assert found["states"].state == "ok"
    assert found["kafka"].mend[-1] == "ebbwatch stack up"
