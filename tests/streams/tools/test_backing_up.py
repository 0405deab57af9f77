"""A store in a file and back again, on a real Redis."""

import asyncio
import json
import uuid
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from redis import Redis

from ebbwatch.stack import Stack
from streams.config import Settings
from streams.store import Activation, Commit, Entry, RedisStore
from streams.store.opening import opened
from streams.tools.recovery import RecoveryError, back_up, discard, restore

pytestmark = pytest.mark.integration
PARTITIONS = 3


def make_settings(stack: Stack, **changes: Any) -> Settings:
    prefix = f"t{uuid.uuid4().hex[:12]}"
    url = SecretStr(stack.redis_url)
    return Settings(redis_url=url, redis_prefix=prefix, partitions=PARTITIONS, **changes)


@pytest.fixture
def held(stack: Stack) -> Settings:
    """A store of which one partition holds something under every key, and one nothing."""
    settings = make_settings(stack)

    async def fill(store: RedisStore) -> None:
        for number in (0, 2):
            owner = (await store.claim(number)).owner
            parts = {"outbox": [Entry("t", b"k", b"v", b"")], "histograms": {"a:1": 1}}
            states = {f"c{n}".encode(): bytes([n]) * 700 for n in range(200)}
            commit = Commit(owner, 0, 5.0, {"t": 7}, states, {b"c1": 2.0}, **parts)
            await store.commit(number, commit)
        await store.activate(2, Activation(owner, 1, 5.0, {"t": 7}, "v", "b"))
        await store.keep_panel(2, owner, b"panel")

    with_store(settings, fill)
    return settings


def with_store(settings: Settings, work: Callable[[RedisStore], Any]) -> Any:
    async def run() -> Any:
        async with opened(settings) as store:
            return await work(store)

    return asyncio.run(run())


def dumped(settings: Settings) -> dict[str, Any]:
    """What all keys of a prefix hold, by their names without it."""
    redis = Redis.from_url(settings.redis_url.get_secret_value())
    read: dict[bytes, Callable[[bytes], Any]] = {
        b"hash": redis.hgetall,
        b"zset": lambda name: redis.zrange(name, 0, -1, withscores=True),
        b"stream": lambda name: (redis.xrange(name), redis.xinfo_stream(name)["last-generated-id"]),
        b"list": lambda name: redis.lrange(name, 0, -1),
        b"string": redis.get,
    }
    names = sorted(redis.scan_iter(f"{settings.redis_prefix}:*"))
    return {name.decode().partition(":")[2]: read[redis.type(name)](name) for name in names}


def test_what_was_backed_up_is_restored_to_the_byte(held: Settings, tmp_path: Path) -> None:
    before, file, said = dumped(held), tmp_path / "a.backup", list[tuple[str, int, int]]()
    saved = asyncio.run(back_up(held, file, lambda *far: said.append(far)))
    assert said == [("Backing up partitions", n, 3) for n in range(3)]
    assert (saved.partitions, saved.keys) == (3, len(before))
    assert [path.name for path in tmp_path.iterdir()] == ["a.backup"]
    asyncio.run(discard(held))
    assert dumped(held) == {}
    assert asyncio.run(restore(held, file)) == saved
    assert dumped(held) == before
    assert with_store(held, lambda store: store.claim(2)).sequence == 2  # all counts agree


def test_it_may_be_restored_under_another_prefix(
    held: Settings, stack: Stack, tmp_path: Path
) -> None:
    file, other = tmp_path / "a.backup", make_settings(stack)
    asyncio.run(back_up(held, file))
    asyncio.run(restore(other, file))
    assert dumped(other) == dumped(held)


def test_a_file_that_exists_is_left_alone(held: Settings, tmp_path: Path) -> None:
    file = tmp_path / "a.backup"
    file.write_text("mine")
    with pytest.raises(RecoveryError, match=r"a\.backup: expected a new file, got one that exists"):
        asyncio.run(back_up(held, file))
    assert file.read_text() == "mine"


def test_a_store_that_holds_something_is_refused_unless_it_may_be_discarded(
    held: Settings, tmp_path: Path
) -> None:
    before, file = dumped(held), tmp_path / "a.backup"
    asyncio.run(back_up(held, file))
    with_store(held, lambda store: store.claim(1))
    told = "partition 0 under prefix .*: expected an empty store; --discard empties it, got keys"
    with pytest.raises(RecoveryError, match=told):
        asyncio.run(restore(held, file))
    asyncio.run(restore(held, file, discarding=True))
    assert dumped(held) == before


def remade(file: Path, change: Callable[[dict[str, bytes]], object]) -> Path:
    """The backup with something changed."""
    with zipfile.ZipFile(file) as packed:
        entries = {name: packed.read(name) for name in packed.namelist()}
    change(entries)
    other = file.with_suffix(".other")
    with zipfile.ZipFile(other, "w") as packed:
        for name, value in entries.items():
            packed.writestr(name, value)
    return other


def of_manifest(**changes: Any) -> Callable[[dict[str, bytes]], object]:
    def change(entries: dict[str, bytes]) -> None:
        told = {**json.loads(entries["manifest.json"]), **changes}
        entries["manifest.json"] = json.dumps(told).encode()

    return change


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda e: e.update({"0/state": e["0/state"][:-1] + b"x"}), "0/state: expected SHA-256"),
        (lambda e: e.pop("0/meta"), "0/meta: expected what the manifest names"),
        (lambda e: e.pop("manifest.json"), "expected a backup with a manifest.json"),
        (lambda e: e.update({"manifest.json": b"[]"}), "expected a backup with a manifest.json"),
        (lambda e: e.update({"manifest.json": b"{"}), "expected a backup with a manifest.json"),
        (of_manifest(partitions=4), "partitions: expected 3, got 4"),
        (of_manifest(layout="1"), "layout: expected .*, got 1"),
        (of_manifest(format=9), "format: expected 1, got 9"),
    ],
)
def test_a_backup_that_is_damaged_or_of_another_store_changes_nothing(
    held: Settings, tmp_path: Path, change: Callable[[dict[str, bytes]], object], told: str
) -> None:
    file = tmp_path / "a.backup"
    asyncio.run(back_up(held, file))
    before = dumped(held)
    with pytest.raises(RecoveryError, match=told):
        asyncio.run(restore(held, remade(file, change), discarding=True))
    assert dumped(held) == before


@pytest.mark.parametrize("content", [b"", b"no ZIP at all", b"PK\x03\x04"])
def test_what_is_no_backup_is_refused(held: Settings, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "a.backup"
    file.write_bytes(content)
    with pytest.raises(RecoveryError, match=r"a\.backup: expected a backup, got "):
        asyncio.run(restore(held, file, discarding=True))
    assert dumped(held)


def test_a_file_cut_short_is_refused(held: Settings, tmp_path: Path) -> None:
    file = tmp_path / "a.backup"
    asyncio.run(back_up(held, file))
    file.write_bytes(file.read_bytes()[:-100])
    with pytest.raises(RecoveryError):
        asyncio.run(restore(held, file, discarding=True))
    assert dumped(held)
