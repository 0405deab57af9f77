"""docker-compose.yml: valid, hardened, and its secrets and commands tried without Docker."""

import json
import re
import shutil
import stat
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest
from compose_file import IMAGE, SERVICES, TEXT, Outside, parsed
from harness import Worker, await_that, unused_port
from pydantic import SecretStr
from redis import Redis
from redis.exceptions import AuthenticationError, NoPermissionError
from redis.exceptions import ConnectionError as RedisConnectionError
from redis_servers import RedisServer, RedisServers
from redis_servers import redis_servers as redis_servers  # noqa: PLC0414 - a fixture
from typing_pages import variables

from ebbwatch.cli.reference.page import leaves
from ebbwatch.serve.settings import ServeSettings
from ebbwatch.stack import Stack
from ebbwatch.stack.ports import free_ports
from streams.config import Settings
from streams.store import RedisStore
from streams.store.clients import connect
from streams.store.health import judge
from streams.store.lookups import Lookups

ROOT = Path(__file__).parents[1]
SCRIPT = ROOT / "deploy" / "secrets.sh"


OWN = [name for name, service in SERVICES.items() if service["image"].startswith("ebbwatch")]
COMMANDS = [name for name in OWN if "entrypoint" not in SERVICES[name]]


@pytest.fixture
def secrets(tmp_path: Path) -> Path:
    folder = tmp_path / "secrets"
    subprocess.run(["sh", str(SCRIPT), str(folder)], check=True)
    return folder


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("    healthcheck:\n", "    healtcheck:\n"),
        ("condition: service_healthy", "condition: service_helthy"),
        ("secrets: [redis_users]", "secrets: [nobody_s]"),
    ],
)
def test_a_slip_in_the_file_is_refused(right: str, wrong: str) -> None:
    assert right in TEXT
    with pytest.raises(ValueError, match=r"\w"):
        parsed(TEXT.replace(right, wrong, 1))


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_may_do_no_more_than_it_needs(name: str) -> None:
    service = SERVICES[name]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service.get("read_only") is True or name == "kafka"
    assert service["deploy"]["resources"]["limits"].keys() == {"cpus", "memory", "pids"}
    user = service.get("user", "10001" if name in OWN else "root")  # as the Dockerfile has it
    assert user not in {"root", "0"}
    assert "healthcheck" in service or name == "worker"  # whose own is the image's
    assert "USER 10001:10001\n" in IMAGE


def test_the_secrets_named_are_made_once_and_nobody_else_comes_in(secrets: Path) -> None:
    named = {Path(each["file"]).name for each in parsed(TEXT)["secrets"].values()}
    made = {each.name: each.read_bytes() for each in secrets.iterdir()}
    assert made.keys() == named
    assert stat.S_IMODE(secrets.stat().st_mode) == 0o700
    subprocess.run(["sh", str(SCRIPT), str(secrets)], check=True)
    assert {each.name: each.read_bytes() for each in secrets.iterdir()} == made
    assert ".secrets/" in (ROOT / ".gitignore").read_text().splitlines()
    assert not re.search(r"(?i)password: *[^\s$/{]", TEXT)


def is_guarded(port: int) -> bool:
    with suppress(RedisConnectionError), Redis(port=port) as nobody:
        with pytest.raises(AuthenticationError):
            nobody.ping()
        return True
    return False


def guarded_redis(secrets: Path, folder: Path, servers: RedisServers) -> RedisServer:
    """A Redis that knows the users of the secrets, and no others."""
    options = ("appendonly yes", f"aclfile {secrets / 'redis_users'}")
    redis = RedisServer(folder / "redis", free_ports(1)[0], options)
    servers.made.append(redis)
    redis.start(wait=False)
    await_that("a server that asks who it is", lambda: is_guarded(redis.port))
    return redis


async def test_redis_lets_in_workers_to_work_and_readers_to_read(
    secrets: Path, tmp_path: Path, redis_servers: RedisServers
) -> None:
    redis = guarded_redis(secrets, tmp_path, redis_servers)
    urls = {
        who: (secrets / f"{who}_redis_url")
        .read_text()
        .strip()
        .replace("redis:6379", f"127.0.0.1:{redis.port}")
        for who in ("worker", "reader")
    }
    worker = connect(urls["worker"], 10.0)
    found = await judge(worker, RedisStore(worker, "ebbwatch", 2), 2)
    await worker.aclose()
    assert (found.refused, found.risky) == ([], [])
    reader = connect(urls["reader"], 10.0)
    assert await Lookups(reader, RedisStore(reader, "ebbwatch", 2)).customers(2) == 0
    with pytest.raises(NoPermissionError):
        await reader.set("ebbwatch:x", "1")
    await reader.aclose()


@pytest.mark.parametrize("name", COMMANDS)
def test_a_service_s_command_and_settings_are_read(
    name: str, secrets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = SERVICES[name]
    words = list(service["command"])
    commands: dict[str, Any] = dict(leaves())
    known = next(each for each in commands if words[: len(each.split())] == each.split())
    commands[known].make_context(known, words[len(known.split()) :])
    inside = tmp_path / "run"
    inside.mkdir()
    for each in service.get("secrets", ()):
        shutil.copy(secrets / each["source"], inside / each["target"])
    for key, value in service["environment"].items():
        given = re.sub(r"\$\{\w+:-(\w*)\}", r"\1", str(value))
        monkeypatch.setenv(key, given.replace("/run/secrets", str(inside)))
    settings = Settings()
    assert (settings.kafka_bootstrap, settings.partitions) == ("kafka:9092", 64)
    if not service.get("secrets"):
        return
    who = "reader" if name == "serve" else "worker"
    assert settings.redis_url.get_secret_value().startswith(f"redis://{who}:")
    if name == "serve":
        assert ServeSettings().port == 8_642
        assert not ServeSettings().may_answer("officer-3")


@dataclass(frozen=True)
class Composed:
    """All our services, each on this machine.

    Attributes:
        services: by name.
        ports: of their containers, and what they are here.
        folder: of their secrets.
    """

    services: Mapping[str, Outside]
    ports: Mapping[str, str]
    folder: Path

    def ask(self, port: str, path: str, **headers: str) -> str:
        """What is answered at a published port."""
        asked = Request(f"http://127.0.0.1:{self.ports[port]}{path}", headers=headers)
        with urlopen(asked) as answer:  # noqa: S310 - our own
            told: str = answer.read().decode()
            return told


@pytest.fixture
def composed(
    stack: Stack, secrets: Path, tmp_path: Path, redis_servers: RedisServers, topic_prefix: str
) -> Composed:
    """The file's services, with a Kafka whose topics nobody else has and a Redis of their own."""
    redis = guarded_redis(secrets, tmp_path, redis_servers)
    own = variables(stack, topic_prefix)
    named = {name: own[name] for name in own if re.fullmatch("EBBWATCH_(.*_TOPIC|GROUP)", name)}
    services, ports = {}, {}
    for name in OWN:
        inside = tmp_path / "run" / name
        inside.mkdir(parents=True)
        for each in SERVICES[name].get("secrets", ()):
            url = (secrets / each["source"]).read_text()
            (inside / each["target"]).write_text(
                url.replace("redis:6379", f"127.0.0.1:{redis.port}")
            )
        port = {"worker": "9644", "desk": "9644", "serve": "8642"}.get(name)
        places = {"kafka:9092": stack.kafka_bootstrap, "/run/secrets": str(inside)}
        if port is not None:
            ports[name] = places[port] = str(unused_port())
        places["/tmp/bank"] = str(tmp_path / "bank")  # noqa: S108 - a container's own
        given = {"EBBWATCH_PARTITIONS": "4", "EBBWATCH_DEMO_CUSTOMERS": "12"}
        services[name] = Outside(name, places, given, named)
    return Composed(services, ports, tmp_path / "run")


@contextmanager
def going_on(composed: Composed, folder: Path, *names: str) -> Iterator[Mapping[str, Worker]]:
    """Services that go on: well when the block begins, and when they are told to end."""
    started: dict[str, Worker] = {}
    try:
        for name in names:
            service, log = composed.services[name], folder / f"{name}.log"
            assert name == "desk" or not _is_well(service)
            with log.open("wb") as out:
                process = subprocess.Popen(
                    service.command, env=service.environment, stdout=out, stderr=out
                )
            started[name] = Worker(process, log)
        for name in set(names) - {"desk"}:  # for which Docker has no check
            is_well = partial(_is_well, composed.services[name])
            await_that(f"{name} to be well", is_well, started[name])
        yield started
        for each in started.values():
            assert each.stop() == 0, each.tail()
    finally:
        for each in started.values():
            each.kill()


def _is_well(service: Outside) -> bool:
    return service.run(service.healthcheck).returncode == 0


def test_all_services_work_together_and_the_demo_s_producer_brings_warnings(
    composed: Composed, tmp_path: Path
) -> None:
    """As `docker compose --profile demo up` would, but for the containers."""
    topics, producer = composed.services["topics"], composed.services["producer"]
    access = ["ebbwatch", "access", "token", "app", "--file"]
    token = done(topics, [*access, str(composed.folder / "serve" / "tokens")]).strip()
    assert done(topics, topics.command).count("created, 4 partitions") == 13
    with going_on(composed, tmp_path, "worker", "desk", "serve") as running:
        assert "events written to" in done(producer, producer.command)
        asked = ["ebbwatch", "warnings", "--json"]
        warned = await_that(
            "warnings", lambda: json.loads(done(topics, asked))["warnings"], *running.values()
        )
        path = f"/v1/customers/{warned[0]['customer_id']}"
        answer = json.loads(composed.ask("serve", path, Authorization=f"Bearer {token}"))
        assert warned[0]["rule"] in {each["rule"] for each in answer["warnings"]}
        assert 'outcome="applied"' in composed.ask("worker", "/metrics")
        told = "ebbwatch_desk_decided_timestamp_seconds"
        await_that("the desk", lambda: told in composed.ask("desk", "/metrics"))
    sent = (tmp_path / "bank" / "events" / "events.jsonl").read_text().splitlines()
    last = max(json.loads(event)["event_time"] for event in sent)
    assert timedelta() <= datetime.now(UTC) - datetime.fromisoformat(last) < timedelta(days=2)
    shutil.rmtree(tmp_path / "bank")  # as a container's is, when it is started again
    assert "nothing to write" in done(producer, producer.command)


def done(service: Outside, words: Sequence[str]) -> str:
    found = service.run(words)
    assert found.returncode == 0, found.stdout + found.stderr
    return found.stdout


def test_secrets_are_read_from_files_and_variables_win(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ebbwatch_redis_url").write_text("redis://:secret@one:6379/0\n")
    (tmp_path / "ebbwatch_kafka_password").write_text("letmein\n")
    monkeypatch.setenv("EBBWATCH_SECRETS_DIR", str(tmp_path))
    monkeypatch.delenv("EBBWATCH_REDIS_URL", raising=False)
    assert Settings().redis_url == SecretStr("redis://:secret@one:6379/0")
    assert Settings().kafka_password == SecretStr("letmein")
    monkeypatch.setenv("EBBWATCH_REDIS_URL", "redis://two:6379/0")
    assert Settings().redis_url == SecretStr("redis://two:6379/0")
    monkeypatch.setenv("EBBWATCH_SECRETS_DIR", str(tmp_path / "nowhere"))
    with pytest.raises(NotADirectoryError, match="EBBWATCH_SECRETS_DIR"):
        Settings()


def test_alertmanager_takes_its_file() -> None:
    amtool = shutil.which("amtool")
    assert amtool, "amtool: not found on PATH; install it: apt-get install prometheus-alertmanager"
    file = ROOT / "deploy" / "alertmanager" / "alertmanager.yml"
    done = subprocess.run(
        [amtool, "check-config", str(file)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    routes = [amtool, "config", "routes", "test", f"--config.file={file}"]
    for severity, receiver in (("critical", "on-call"), ("warning", "operators")):
        asked = [*routes, f"severity={severity}"]
        told = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
        assert told.split() == [receiver]
