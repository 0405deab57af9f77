"""A real `ebbwatch serve` on a real Redis that holds customers, as a user that may only read."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, Final

import numpy as np
from cases import MODEL, Run, event, log, run
from harness import environment
from pydantic import SecretStr
from redis_servers import RedisServer

from scoring.arrays import DAY
from scoring.facts.kinds import Kind
from scoring.facts.packing import pack
from scoring.facts.touchpoints import mark
from streams.broker.partitioner import partitioner
from streams.config import Settings
from streams.parameters.in_use import Using
from streams.store import Commit
from streams.store.opening import opened

# As docs/serve.md has it.
READER: Final = "reader on >reads-alone resetkeys %R~ebbwatch:* -@all +@read +ping +hello +select"
FIRST: Final = 20_000  # day since 1970
LAST: Final = FIRST + 77
UNTIL: Final = LAST + 90
LIVES: Final = {
    "c-weekly": [event(Kind.PURCHASE, FIRST + 7 * week) for week in range(12)],
    "c-daily": [event(Kind.PURCHASE, UNTIL - day, amount=2_500) for day in range(77, -1, -1)],
    "c-angry": [
        *(event(Kind.PURCHASE, FIRST + 3 * k) for k in range(30)),
        event(Kind.COMPLAINT, UNTIL - 5, merchant=mark("hotline")),
    ],
    "c/once@bank": [event(Kind.PURCHASE, UNTIL - 2)],
    "c-browses": [event(Kind.APP_SESSION, UNTIL - 3)],
}
NAMES: Final = list(LIVES)


def lived() -> Run:
    """All those lives, stepped through as a worker does; silence goes on to `UNTIL`."""
    events = log(*(each for life in LIVES.values() for each in life))
    rows = np.repeat(np.arange(len(LIVES)), [len(life) for life in LIVES.values()])
    order = np.argsort(events["time"], kind="stable")
    return run(events[order], rows[order], until=UNTIL)


def fill(settings: Settings, found: Run, names: list[str], clock: float) -> None:
    """Commit states as the settings' worker would."""
    asyncio.run(_fill(settings, dict(zip(names, pack(found.states), strict=True)), clock))


async def _fill(settings: Settings, packed: dict[str, bytes], clock: float) -> None:
    by, using = partitioner(settings.partitioner), Using.of(settings, MODEL)
    own: dict[int, dict[bytes, bytes]] = {number: {} for number in range(settings.partitions)}
    for name, state in packed.items():
        own[by.one(name.encode(), settings.partitions)][name.encode()] = state
    async with opened(settings) as store:
        for number, states in own.items():
            claim = await store.claim(number)
            activated = using.activated(clock)
            await store.commit(
                number,
                Commit(claim.owner, claim.sequence, clock, {}, states, activated=activated),
            )


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)


@dataclass(frozen=True)
class Site:
    """The running process.

    Attributes:
        port: where it is, on loopback.
        settings: of its store, with all rights.
        log: what it says on standard error.
    """

    port: int
    settings: Settings
    log: Path

    def ask(self, path: str, *, method: str = "GET", body: Any = None, **headers: str) -> Answer:
        """One request; `body` is sent as JSON, or as it is where it is bytes."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        raw = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        kind = (
            {} if raw is None or "Content_Type" in headers else {"Content-Type": "application/json"}
        )
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, raw, {**kind, **named})
        got = connection.getresponse()
        try:
            return Answer(
                got.status, {k.lower(): v for k, v in got.getheaders()}, got.read().decode()
            )
        finally:
            connection.close()

    def told(self) -> list[dict[str, Any]]:
        """The lines of its log."""
        return [json.loads(line) for line in self.log.read_text().splitlines()]


@dataclass(frozen=True)
class Served(Site):
    """One on a Redis of its own.

    Attributes:
        redis: its server.
    """

    redis: RedisServer


@contextmanager
def served(
    folder: Path, redis: RedisServer, variables: Mapping[str, str] | None = None
) -> Iterator[Served]:
    """Fill a Redis with the lives and serve them for the time of a block."""
    settings = Settings(redis_url=SecretStr(redis.url), partitions=4, mode="replay")
    fill(settings, lived(), NAMES, UNTIL * DAY)
    redis.ask("ACL", "SETUSER", *READER.split())
    url = redis.url.replace("redis://", "redis://reader:reads-alone@")
    environ = {
        **os.environ,
        **environment(settings),
        "EBBWATCH_REDIS_URL": url,
        **(variables or {}),
    }
    with serving(folder, settings, environ) as site:
        yield Served(site.port, settings, site.log, redis)


@contextmanager
def serving(folder: Path, settings: Settings, environ: Mapping[str, str]) -> Iterator[Site]:
    """Serve what is there, by such variables, for the time of a block."""
    told = folder / "serve.log"
    command = [sys.executable, "-m", "ebbwatch.cli", "serve", "--port", "0"]
    with told.open("wb") as sink:
        process = subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=sink)
    try:
        assert process.stdout is not None
        address = process.stdout.readline().decode().strip()
        assert address, told.read_text()
        yield Site(int(address.rpartition(":")[2]), settings, told)
    finally:
        process.terminate()
        assert process.wait(60) == 0, told.read_text()
        process.stdout.close()
