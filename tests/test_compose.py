"""docker-compose.yml: valid, hardened, and its secrets and commands tried without Docker."""

import json
import os
import re
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from compose_spec import PyOptions
from harness import Worker, await_that, environment, fresh, make_settings
from harness import start as start  # noqa: PLC0414 - a fixture
from pydantic import SecretStr
from redis import Redis
from redis.exceptions import AuthenticationError, NoPermissionError
from redis.exceptions import ConnectionError as RedisConnectionError
from redis_servers import RedisServer, RedisServers
from redis_servers import redis_servers as redis_servers  # noqa: PLC0414 - a fixture
from traces import read_all, run_undisturbed, states

from ebbwatch.cli.reference.page import leaves
from ebbwatch.serve.settings import ServeSettings
from ebbwatch.stack import Stack
from ebbwatch.stack.ports import free_ports
from streams.config import Settings, dead_letter_topic
from streams.store import RedisStore
from streams.store.clients import connect
from streams.store.health import judge
from streams.store.lookups import Lookups

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "docker-compose.yml").read_text()
SCRIPT = ROOT / "deploy" / "secrets.sh"


def parsed(text: str) -> Any:
    found = PyOptions(apply_merge=True).from_yaml(text)
    found.validate()
    return found.to_dict()


SERVICES = parsed(TEXT)["services"]
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
    assert "USER 10001:10001\n" in (ROOT / "Dockerfile").read_text()


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


async def test_redis_lets_in_workers_to_work_and_readers_to_read(
    secrets: Path, tmp_path: Path, redis_servers: RedisServers
) -> None:
    options = ("appendonly yes", f"aclfile {secrets / 'redis_users'}")
    redis = RedisServer(tmp_path / "redis", free_ports(1)[0], options)
    redis_servers.made.append(redis)
    redis.start(wait=False)
    await_that("a server that asks who it is", lambda: is_guarded(redis.port))
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


def test_the_demo_s_producer_sends_a_year_of_events_that_workers_take(
    stack: Stack, tmp_path: Path, start: Callable[..., Worker]
) -> None:
    producer = SERVICES["producer"]
    assert producer["profiles"] == ["demo"]
    settings = make_settings(stack, fresh("compose"))
    (line,) = producer["command"]
    line = line.replace("/tmp/bank", str(tmp_path / "bank")).replace("$$", "$")  # noqa: S108
    own = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "CUSTOMERS": "5"}
    told = subprocess.run(
        [*producer["entrypoint"], line],
        env={**os.environ, **environment(settings), **own},
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stderr
    sent = (tmp_path / "bank" / "events" / "events.jsonl").read_text().splitlines()
    last = max(json.loads(event)["event_time"] for event in sent)
    assert timedelta() <= datetime.now(UTC) - datetime.fromisoformat(last) < timedelta(days=14)
    run_undisturbed(settings, start)
    assert len(states(settings)) == len({json.loads(event)["customer_id"] for event in sent})
    assert [read_all(settings, dead_letter_topic(topic)) for topic in settings.input_topics] == [
        []
    ] * 3


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
