import socket
import subprocess
import sys
from pathlib import Path

import pytest
import redis
from kafka import KafkaConsumer, KafkaProducer
from kafka.admin import KafkaAdminClient

from ebbwatch.stack import (
    Stack,
    StackError,
    kill_kafka,
    kill_redis,
    start,
    start_kafka,
    start_redis,
    status,
    stop,
)
from ebbwatch.stack.layout import new_ports
from ebbwatch.stack.ports import free_ports


def test_the_running_stack_is_real_and_on_loopback(stack: Stack) -> None:
    admin = KafkaAdminClient(bootstrap_servers=stack.kafka_bootstrap)
    try:
        (broker,) = admin.describe_cluster()["brokers"]
    finally:
        admin.close()
    assert f"{broker['host']}:{broker['port']}" == stack.kafka_bootstrap
    with redis.Redis.from_url(stack.redis_url) as client:
        assert client.config_get("bind", "appendonly", "save") == {
            "bind": "127.0.0.1",
            "appendonly": "yes",
            "save": "",
        }
    assert set(stack.pids) == {"kafka", "redis"}


def test_every_listener_is_on_loopback(stack: Stack) -> None:
    ports = {int(stack.kafka_bootstrap.split(":")[1]), int(stack.redis_url.split(":")[2][:-2])}
    rows = [line.split() for path in ("tcp", "tcp6") for line in _net(path)]
    listening = {row[1] for row in rows if row[3] == "0A" and int(row[1][-4:], 16) in ports}
    loopback = ("0100007F", "0000000000000000FFFF00000100007F")
    assert len(listening) == len(ports)
    assert all(address.rpartition(":")[0] in loopback for address in listening)


def _net(table: str) -> list[str]:
    return Path(f"/proc/net/{table}").read_text().splitlines()[1:]


def test_start_returns_the_stack_that_already_runs(stack: Stack) -> None:
    assert start(stack.folder) == stack == status(stack.folder)


def test_a_folder_without_a_stack_has_no_status_and_nothing_to_stop(tmp_path: Path) -> None:
    assert status(tmp_path) is None
    stop(tmp_path)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(StackError, match="expected the folder of a started stack"):
        start_redis(tmp_path)


@pytest.mark.integration
@pytest.mark.slow
def test_a_detached_stack_outlives_its_starter_and_keeps_data_until_fresh(tmp_path: Path) -> None:
    folder = tmp_path / "a folder"
    starter = (
        f"from pathlib import Path; from ebbwatch.stack import start; start(Path({str(folder)!r}))"
    )
    try:
        subprocess.run([sys.executable, "-c", starter], check=True)
        first = status(folder)
        assert first is not None
        with redis.Redis.from_url(first.redis_url) as client:
            client.set("kept", "yes")
        stop(folder)
        assert status(folder) is None
        with redis.Redis.from_url(start(folder).redis_url) as client:
            assert client.get("kept") == b"yes"
        with redis.Redis.from_url(start(folder, fresh=True).redis_url) as client:
            assert client.get("kept") is None
    finally:
        stop(folder)


@pytest.mark.integration
@pytest.mark.slow
def test_killed_parts_come_back_on_the_same_port_with_their_data(tmp_path: Path) -> None:
    stack = start(tmp_path)
    try:
        with redis.Redis.from_url(stack.redis_url) as client:
            client.set("kept", "yes")
            kill_redis(tmp_path)
            assert set(_living(tmp_path)) == {"kafka"}
            start_redis(tmp_path)
            assert client.get("kept") == b"yes"
        _produce(stack, "killed")
        kill_kafka(tmp_path)
        assert set(_living(tmp_path)) == {"redis"}
        start_kafka(tmp_path)
        assert _consume(stack, "killed") == [b"kept"]
    finally:
        stop(tmp_path)


def _living(folder: Path) -> dict[str, int]:
    stack = status(folder)
    return dict(stack.pids) if stack else {}


def _produce(stack: Stack, topic: str) -> None:
    admin = KafkaAdminClient(bootstrap_servers=stack.kafka_bootstrap)
    admin.create_topics([topic], wait_for_metadata=True)
    admin.close()
    producer = KafkaProducer(bootstrap_servers=stack.kafka_bootstrap)
    producer.send(topic, b"kept", timestamp_ms=852076800000).get(120)
    producer.close()


def _consume(stack: Stack, topic: str) -> list[bytes]:
    consumer = KafkaConsumer(
        topic,
        bootstrap_servers=stack.kafka_bootstrap,
        auto_offset_reset="earliest",
        consumer_timeout_ms=120_000,
    )
    values = [next(iter(consumer)).value]
    consumer.close()
    return values


@pytest.mark.integration
@pytest.mark.slow
def test_a_stranger_on_a_recorded_port_moves_the_stack_to_another(tmp_path: Path) -> None:
    recorded = new_ports(tmp_path)
    with socket.create_server(("127.0.0.1", recorded.kafka)):
        try:
            assert start(tmp_path).kafka_bootstrap != recorded.kafka_bootstrap
        finally:
            stop(tmp_path)


@pytest.mark.integration
@pytest.mark.slow
def test_a_port_lost_between_choice_and_start_is_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        taken = stranger.getsockname()[1]
        choices = iter([(*free_ports(2), taken), free_ports(3)])
        monkeypatch.setattr("ebbwatch.stack.layout.free_ports", lambda _count: next(choices))
        try:
            assert str(taken) not in start(tmp_path).redis_url
        finally:
            stop(tmp_path)
