"""A webhook from a real Kafka to a real server that fails, stalls, resets and refuses."""

import asyncio
import base64
import hmac
import json
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiokafka.structs import TopicPartition
from harness import POLL, environment, fresh, make_settings, unused_port
from prometheus_client import CollectorRegistry
from traces import read_all

from ebbwatch.stack import Stack
from streams.broker.clients import ClientOptions
from streams.broker.partitions import NoTopicError
from streams.config import Settings, dead_letter_topic
from streams.tools.webhook import PrivateAddressError, Webhook, forward

KEY = b"a secret of 24 letters.."
LIMIT = 60.0  # seconds for what hangs

Answering = Callable[[web.Request], Awaitable[web.StreamResponse]]


async def well(_: web.Request) -> web.Response:
    return web.Response(status=204)


@dataclass
class Server:
    """A receiver: every request's headers and body, answered in turn, then well."""

    answers: list[Answering] = field(default_factory=list)
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    url: str = ""

    async def take(self, request: web.Request) -> web.StreamResponse:
        self.got.append((dict(request.headers), await request.read()))
        return await (self.answers.pop(0) if self.answers else well)(request)

    def bodies(self) -> list[bytes]:
        return [body for _, body in self.got]

    async def has(self, count: int) -> None:
        await until(lambda: len(self.got) >= count)


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(LIMIT):
        while not true():  # noqa: ASYNC110 - what is awaited is another's
            await asyncio.sleep(POLL)


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    made, app = Server(), web.Application()
    app.add_routes([web.post("/", made.take)])
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
    yield made
    await runner.cleanup()


@pytest.fixture
def own(stack: Stack) -> Settings:
    return make_settings(stack, fresh("hook"), partitions=1)


def asked(own: Settings, server: Server, **changes: Any) -> Webhook:
    plain = Webhook(server.url, (own.risk_topic,), f"{own.group}-hook", keys=(KEY,), timeout=0.5)
    return replace(plain, is_private_allowed=True, is_from_beginning=True, **changes)


@asynccontextmanager
async def at_work(own: Settings, webhook: Webhook) -> AsyncIterator[CollectorRegistry]:
    stop, registry = asyncio.Event(), CollectorRegistry()
    task = asyncio.create_task(forward(own, webhook, stop, registry))
    try:
        yield registry
    finally:
        stop.set()
        async with asyncio.timeout(LIMIT):
            await task


async def publish(own: Settings, *numbers: int, value: bytes | None = b"{}") -> None:
    producer = ClientOptions(own).producer()
    await producer.start()
    for number in numbers:
        told = {"specversion": "1.0", "id": f"w.{number}", "type": "t", "source": "/"}
        headers = [(f"ce_{name}", text.encode()) for name, text in told.items()]
        body = b"%d" % number if value == b"{}" else value
        await producer.send_and_wait(own.risk_topic, body, b"c-1", headers=headers)
    await producer.stop()


def gone_on(registry: CollectorRegistry, outcome: str) -> float:
    return registry.get_sample_value("ebbwatch_webhook_events_total", {"outcome": outcome}) or 0.0


async def test_whatever_the_receiver_does_each_arrives_in_order_with_the_same_id(
    own: Settings, server: Server
) -> None:
    async def fails(_: web.Request) -> web.Response:
        return web.Response(status=503)

    async def stalls(_: web.Request) -> web.Response:
        await asyncio.sleep(2)
        return web.Response()

    async def resets(request: web.Request) -> web.Response:
        assert request.transport
        request.transport.abort()
        return web.Response()

    async def leads_away(_: web.Request) -> web.Response:
        return web.Response(status=307, headers={"location": "http://127.0.0.1:1/"})

    server.answers = [well, fails, stalls, resets, leads_away]
    await publish(own, 1, 2, 3)
    async with at_work(own, asked(own, server)) as registry:
        await until(lambda: gone_on(registry, "delivered") == 3)
    assert server.bodies() == [b"1", b"2", b"2", b"2", b"2", b"2", b"3"]
    assert {headers["ce-id"] for headers, body in server.got if body == b"2"} == {"w.2"}
    assert registry.get_sample_value("ebbwatch_webhook_tries_in_vain_total") == 4


async def test_each_request_is_signed(own: Settings, server: Server) -> None:
    await publish(own, 1)
    async with at_work(own, asked(own, server)):
        await server.has(1)
    headers, body = server.got[0]
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.digest(KEY, signed, sha256)).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"


async def test_what_is_refused_is_set_aside_and_can_be_sent_from_there(
    own: Settings, server: Server
) -> None:
    async def refuses(_: web.Request) -> web.Response:
        return web.Response(status=422)

    server.answers = [refuses]
    await publish(own, 1, 2)
    async with at_work(own, asked(own, server)) as registry:
        await until(lambda: gone_on(registry, "delivered") == 1)
    assert gone_on(registry, "refused") == 1
    (letter,) = read_all(own, dead_letter_topic(own.risk_topic))
    told = dict(letter.headers)
    assert (letter.value, told["ce_id"]) == (b"1", b"w.1")
    assert told["__streams.errors.message"] == b"HTTP 422"
    again = asked(own, server, topics=(dead_letter_topic(own.risk_topic),), group=f"{own.group}-2")
    async with at_work(own, again):
        await server.has(3)
    assert server.bodies() == [b"1", b"2", b"1"]


async def test_what_stays_in_vain_is_given_up_after_its_time(own: Settings, server: Server) -> None:
    async def fails(_: web.Request) -> web.Response:
        return web.Response(status=500)

    server.answers = [fails]
    await publish(own, 1, 2)
    async with at_work(own, asked(own, server, give_up=0.0)) as registry:
        await until(lambda: gone_on(registry, "delivered") == 1)
    assert gone_on(registry, "given_up") == 1
    assert [each.value for each in read_all(own, dead_letter_topic(own.risk_topic))] == [b"1"]


async def test_what_cannot_be_sent_holds_nothing_up(own: Settings, server: Server) -> None:
    producer = ClientOptions(own).producer()
    await producer.start()
    await producer.send_and_wait(own.risk_topic, b"no event", b"c-1")
    await producer.stop()
    await publish(own, 1, value=None)
    await publish(own, 2)
    async with at_work(own, asked(own, server)) as registry:
        await server.has(1)
    assert server.bodies() == [b"2"]
    assert (gone_on(registry, "not_an_event"), gone_on(registry, "empty")) == (1, 1)


async def test_a_new_group_begins_now_and_misses_nothing_while_nobody_runs(
    own: Settings, server: Server
) -> None:
    webhook = replace(asked(own, server), is_from_beginning=False)
    await publish(own, 1)
    async with at_work(own, webhook):
        await until_begun(own, webhook)
    await publish(own, 2)
    async with at_work(own, webhook):
        await server.has(1)
    async with at_work(own, webhook):
        await publish(own, 3)
        await server.has(2)
    assert server.bodies() == [b"2", b"3"]


async def until_begun(own: Settings, webhook: Webhook) -> None:
    """Wait until the group has noted where it begins."""
    place = TopicPartition(own.risk_topic, 0)
    consumer = ClientOptions(own).consumer(group_id=webhook.group)
    await consumer.start()
    consumer.assign([place])
    async with asyncio.timeout(LIMIT):
        while await consumer.committed(place) is None:  # noqa: ASYNC110 - Kafka's
            await asyncio.sleep(POLL)
    await consumer.stop()


async def test_an_address_inside_is_refused_at_the_start(own: Settings, server: Server) -> None:
    webhook = replace(asked(own, server), is_private_allowed=False)
    with pytest.raises(PrivateAddressError, match=r"127\.0\.0\.1"):
        await forward(own, webhook, asyncio.Event(), CollectorRegistry())


async def test_a_topic_that_is_not_there_is_told_not_waited_for(
    own: Settings, server: Server
) -> None:
    webhook = asked(own, server, topics=(f"{own.risk_topic}.typo",))
    with pytest.raises(NoTopicError, match=r"\.typo"):
        await forward(own, webhook, asyncio.Event(), CollectorRegistry())


def test_the_command_forwards_signs_and_leaves_when_it_is_told_to(
    own: Settings, tmp_path: Path
) -> None:
    secret = tmp_path / "secret"
    secret.write_text("whsec_" + base64.b64encode(KEY).decode())
    port = unused_port()
    command = [sys.executable, "-m", "ebbwatch.cli", "webhook", f"http://127.0.0.1:{port}/hook"]
    options = ["--allow-private", "--from-beginning", "--secret-file", str(secret), "--structured"]
    asyncio.run(publish(own, 1))
    with socket.create_server(("127.0.0.1", port)) as listening:
        started = subprocess.Popen(
            [*command, *options], env={**os.environ, **environment(own)}, stderr=subprocess.PIPE
        )
        listening.settimeout(LIMIT)
        connection, _ = listening.accept()
        with connection, connection.makefile("rb") as reading:
            lines = [line.decode().strip() for line in iter(reading.readline, b"\r\n")]
            headers = dict(line.lower().split(": ", 1) for line in lines[1:])
            body = reading.read(int(headers["content-length"]))
            connection.sendall(b"HTTP/1.1 204 No Content\r\ncontent-length: 0\r\n\r\n")
            started.terminate()
            _, told = started.communicate(timeout=LIMIT)
    assert started.returncode == 0, told
    assert json.loads(body)["id"] == headers["webhook-id"] == "w.1"
    assert all(json.loads(line) for line in told.splitlines())
