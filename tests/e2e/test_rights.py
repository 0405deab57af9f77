"""Every process with the least that it says it needs, in a Kafka and a Redis that ask who it is."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.request import urlopen

import pytest
from doc_blocks import ROOT
from guarded import PASSWORD, Guarded, allow, allowed, guarded
from harness import PATIENCE, Worker, await_that, fresh, make_settings, unused_port
from kafka.errors import KafkaError
from pydantic import SecretStr
from redis import Redis
from smtp_server import smtp_server
from stream_events import START, event, iso
from typer.testing import CliRunner

from ebbwatch.cli import command_line
from scoring.arrays import DAY
from streams.broker.clients import ClientOptions
from streams.broker.topics import list_topics
from streams.config import Settings
from streams.tools.contracts.rights import rights_of

USERS = ("worker", "desk", "digest", "serve", "webhook", "produce", "look", "operate")
CLI = ("-m", "ebbwatch.cli")
LIVES = [
    *(event("instalment_overdue", day, customer=f"c{each}") for each in range(3) for day in (1, 2)),
    event("purchase", 9.0),
]


@pytest.fixture(scope="module")
def doors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    """Kafka behind TLS and passwords, and Redis behind TLS as well."""
    folder, port = tmp_path_factory.mktemp("certificates"), unused_port()
    with guarded(folder, USERS) as started:
        with Redis.from_url(started.stack.redis_url) as redis:
            for name, file in (
                ("cert", "server.crt"),
                ("key", "server.key"),
                ("ca-cert", "ca.pem"),
            ):
                redis.config_set(f"tls-{name}-file", str(folder / file))
            redis.config_set("tls-auth-clients", "no")
            redis.config_set("tls-port", port)
        yield started


class Home:
    """An installation whose processes each have a user of their own."""

    def __init__(self, doors: Guarded, start: Callable[..., Worker]) -> None:
        self.settings = make_settings(doors.stack, fresh("rights"), partitions=2, metrics_port=0)
        self.doors, self._start = doors, start
        self.redis = Redis.from_url(doors.stack.redis_url)
        self.tls_port = self.redis.config_get("tls-port")["tls-port"]

    def of(self, process: str) -> Settings:
        """The settings of a process, which logs in."""
        at = f"{process}:{PASSWORD}@127.0.0.1:{self.tls_port}/0"
        url = SecretStr(f"rediss://{at}?ssl_ca_certs={self.doors.folder}/ca.pem")
        own = self.doors.as_user(self.settings, process)
        return own.model_copy(update={"redis_url": url})

    def allow(self, process: str, without: str = "$nothing") -> None:
        """Allow a process what `ebbwatch access rights` tells, but for what a pattern finds."""
        rights = rights_of(self.settings)[process]
        lines = list(rights.kafka_lines(process, self.settings.kafka_bootstrap))
        kept = [re.sub(rf"{without}(?= |$)", "", line) for line in lines]
        assert (kept == lines) == (without == "$nothing")
        allow(self.settings.kafka_bootstrap, kept)
        if line := rights.redis_line(process, self.settings.redis_prefix):
            self.redis.execute_command(*line.replace("PASSWORD", PASSWORD).split())

    def start(self, process: str, *command: str, **extra: str) -> Worker:
        """A process that goes on."""
        return self._start(self.of(process), (*CLI, *command), extra)

    def says(self, process: str, *command: str) -> str:
        """What a command says that ends well."""
        run = self._start(self.of(process), (*CLI, *command))
        assert run.process.wait(timeout=PATIENCE) == 0, run.tail()
        return run.log.read_text()


@pytest.fixture
def home(doors: Guarded, start: Callable[..., Worker]) -> Home:
    return Home(doors, start)


@pytest.fixture
def posted() -> Iterator[ThreadingHTTPServer]:
    """Takes what a webhook posts."""

    class Taking(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            seen.append(self.headers["ce-id"])
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    seen: list[str] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Taking)
    server.seen = seen  # type: ignore[attr-defined]
    Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()


def open_warnings(home: Home) -> list[dict[str, Any]]:
    """Those that are open, as `look` may know."""
    found: list[dict[str, Any]] = json.loads(home.says("look", "warnings", "--json"))["warnings"]
    return found


def page(port: int) -> str:
    """The work queue, "" until it is served."""
    with suppress(OSError), urlopen(f"http://127.0.0.1:{port}/queue") as answer:
        return answer.read().decode()
    return ""


@pytest.mark.integration
@pytest.mark.slow
def test_each_process_works_with_the_rights_that_are_told_of_it(
    home: Home, posted: ThreadingHTTPServer, tmp_path: Path
) -> None:
    for user in USERS:
        home.allow(user)
    file = tmp_path / "lives.jsonl"
    file.write_text("\n".join(map(json.dumps, LIVES)), "utf-8")
    assert "6 events written" in home.says("produce", "produce", str(file))
    worker = home.start("worker", "worker")
    url = f"http://127.0.0.1:{posted.server_address[1]}"
    webhook = home.start("webhook", "webhook", url, "--allow-private", "--from-beginning")
    desk = home.start("desk", "desk", "run")
    port = unused_port()
    serve = home.start(
        "serve", "serve", EBBWATCH_SERVE_WITHOUT_LOGIN="true", EBBWATCH_SERVE_PORT=str(port)
    )
    crew = (worker, webhook, desk, serve)
    await_that("three warnings are posted", lambda: len(set(posted.seen)) >= 3, *crew)
    await_that("the page has three cases", lambda: page(port).count("/customers/c") >= 3, *crew)
    first = open_warnings(home)[0]["warning_id"]
    answer = ("outcome", first, "false_alarm", "--reason", "data_error")
    home.says("serve", *answer, "--at", iso(START + 10 * DAY))
    await_that("it is closed", lambda: len(open_warnings(home)) == 2, *crew)
    assert json.loads(home.says("look", "inspect", "c1", "--json"))["customer_id"] == "c1"
    with smtp_server() as server:
        asked = ("--smtp", server.url, "--to", "a@bank.example", "--from", "b@bank.example")
        assert "sent" in home.says("digest", "desk", "digest", *asked)
        assert "minor leads, week" in server.mails[0]["Subject"]
    assert {each.stop() for each in crew} == {0}


@pytest.mark.integration
@pytest.mark.slow
def test_a_process_may_be_known_by_a_certificate(
    home: Home, doors: Guarded, start: Callable[..., Worker]
) -> None:
    settings, rights = home.settings, rights_of(home.settings)["desk"]
    allow(settings.kafka_bootstrap, rights.kafka_lines("CN=desk", settings.kafka_bootstrap))
    desk = start(doors.as_desk(settings), (*CLI, "desk", "run"))
    await_that("the desk has read all", lambda: '"all read"' in desk.tail(), desk)
    assert desk.stop() == 0
    locked = {"kafka_key_file": doors.folder / "desk.locked.key"}
    assert settings.case_topic in seen(
        doors.as_desk(settings, **locked, kafka_key_password=SecretStr(PASSWORD))
    )
    with pytest.raises(OSError, match="expected a certificate, and its key") as refused:
        seen(doors.as_desk(settings, **locked))  # and no terminal is asked for the password
    assert refused.value.filename == str(doors.folder / "desk.crt")
    with pytest.raises(OSError, match="certificates of who signs the brokers'") as refused:
        seen(doors.as_desk(settings, kafka_ca_file=doors.folder / "none.pem"))
    assert refused.value.filename == str(doors.folder / "none.pem")
    with pytest.raises(KafkaError, match="certificate verify failed"):
        seen(doors.as_desk(settings, kafka_ca_file=None))


def seen(settings: Settings) -> dict[str, int]:
    """The topics that somebody sees."""
    return list_topics(settings.kafka_bootstrap, **ClientOptions(settings).kafka_python())


HOOK = ("webhook", "http://127.0.0.1:9/", "--allow-private")


@pytest.mark.integration
@pytest.mark.slow
@pytest.mark.parametrize(
    ("process", "without", "command", "told"),
    [
        ("desk", r" --topic \S+outcome", ("desk", "run"), "outcome"),
        ("worker", r" --group \S+", ("worker",), "GroupAuthorizationFailedError"),
        ("webhook", r" --operation Create", HOOK, "risk.dlq: expected the right to Create"),
    ],
)
def test_a_process_that_lacks_a_right_ends_and_says_where_its_rights_are_told(
    home: Home, process: str, without: str, command: tuple[str, ...], told: str
) -> None:
    home.allow(process, without)
    refused = home.start(process, *command)
    assert refused.process.wait(timeout=PATIENCE) != 0
    last = refused.tail().splitlines()[-1]
    assert told in last
    assert "`ebbwatch access rights` shows what each process has to be allowed" in last


def test_a_process_that_is_none_is_refused_by_naming_those_there_are() -> None:
    found = CliRunner().invoke(command_line(), ["access", "rights", "dsk"])
    assert (found.exit_code, found.stdout) == (1, "")
    assert "PROCESS: expected one of worker, desk, digest" in found.stderr


def test_names_are_those_of_the_settings_and_fit_a_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EBBWATCH_CASE_TOPIC", "own.case")
    monkeypatch.setenv("EBBWATCH_REDIS_PREFIX", "own")
    asked = ["access", "rights", "serve", "--user", "CN=page, O=bank", "--json"]
    told = json.loads(CliRunner().invoke(command_line(), asked).stdout)["serve"]
    (read, write) = (allowed(line) for line in told["kafka"])
    assert {acl.principal for acl in (*read, *write)} == {"User:CN=page, O=bank"}
    assert "own.case" in {acl.resource_pattern.resource_name for acl in read}
    assert {acl.resource_pattern.resource_name for acl in write} == {"bank.customer.outcome.v1"}
    assert "%R~own:*" in told["redis"]


def test_the_page_of_rights_and_compose_tell_the_same() -> None:
    rights, page = rights_of(Settings()), (ROOT / "docs" / "rights.md").read_text("utf-8")
    rows = re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)
    assert rows == [*rights]
    secrets = (ROOT / "deploy" / "secrets.sh").read_text("utf-8")
    for user, process in (("worker", "worker"), ("reader", "serve")):
        line = rights[process].redis_line(user, "ebbwatch").removeprefix("ACL SETUSER ")
        assert f"user {line}".replace(">PASSWORD", f">${user}") in secrets
