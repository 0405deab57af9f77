"""A store in one file: a ZIP of what Redis itself serialised, with a checksum of every key."""

import hashlib
import json
import os
import zipfile
import zlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

from redis.exceptions import ResponseError

from streams.config import Settings
from streams.store.meta import LAYOUT, PARTS
from streams.store.opening import opened_snapshots
from streams.store.snapshots import Snapshots
from streams.tools.recovery.refused import RecoveryError

FORMAT: Final = 1
MANIFEST: Final = "manifest.json"
Say = Callable[[str, int, int], None]  # what is done, how far, of how much


class Saved(NamedTuple):
    """A backup.

    Attributes:
        made_at: when it was begun, ISO 8601.
        partitions: of the store.
        keys: how many.
        bytes: of what Redis serialised.
    """

    made_at: str
    partitions: int
    keys: int
    bytes: int


async def back_up(settings: Settings, file: Path, say: Say = lambda *_: None) -> Saved:
    """Write a backup while workers go on; each partition is as of an instant of its own.

    Args:
        settings: name and reach the store.
        file: to write, whole or not at all; one that is there is refused.
        say: told how far it is.

    Raises:
        RecoveryError: the file exists.
        OSError: it cannot be written.
        redis.exceptions.RedisError: Redis cannot be reached.
    """
    _require_new(file)
    made_at = datetime.now(UTC).isoformat(timespec="seconds")
    partial = file.with_name(f".{file.name}.partial")
    sums: dict[str, dict[str, Any]] = {}
    try:
        async with opened_snapshots(settings) as snapshots:
            with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed:
                for number in range(settings.partitions):
                    say("Backing up partitions", number, settings.partitions)
                    for part, value in (await snapshots.take(number)).items():
                        name = f"{number}/{part}"
                        packed.writestr(name, value)
                        sums[name] = {"sha256": _digest(value), "bytes": len(value)}
                packed.writestr(MANIFEST, json.dumps(_manifest(settings, made_at, sums), indent=1))
        with partial.open("rb") as written:
            os.fsync(written.fileno())
        partial.rename(file)
    finally:
        partial.unlink(missing_ok=True)
    return _saved(_manifest(settings, made_at, sums))


async def restore(
    settings: Settings, file: Path, say: Say = lambda *_: None, *, discarding: bool = False
) -> Saved:
    """Put a backup into a store that holds nothing, after all of it was checked.

    What happened since is made good by the workers, from the topics: they find that the store is
    older than Kafka, apply again what it lacks and publish only what the topics lack.

    Args:
        settings: name and reach the store; its prefix may be another than the backup's.
        file: that `back_up` wrote.
        say: told how far it is.
        discarding: empty the store first, once the file is found to be good.

    Raises:
        RecoveryError: the file is damaged or of another layout, or the store holds something.
        OSError: it cannot be read.
        redis.exceptions.RedisError: Redis cannot be reached, or is older than the one saved.
    """
    try:
        with zipfile.ZipFile(file) as packed:
            manifest = _checked(packed, file, settings)
            if discarding:
                await discard(settings)
            await _put_back(packed, settings, manifest["keys"], say)
    except (zipfile.BadZipFile, EOFError) as error:
        raise RecoveryError(f"{file}: expected a backup, got {error}") from error
    return _saved(manifest)


async def discard(settings: Settings) -> None:
    """Delete all keys of the settings' prefix and partitions; workers must have been stopped."""
    async with opened_snapshots(settings) as snapshots:
        for number in range(settings.partitions):
            await snapshots.discard(number)


async def _put_back(
    packed: zipfile.ZipFile, settings: Settings, keys: Mapping[str, Any], say: Say
) -> None:
    async with opened_snapshots(settings) as snapshots:
        for number in range(settings.partitions):
            if not await snapshots.is_empty(number):
                where = f"partition {number} under prefix {settings.redis_prefix}"
                expected = "an empty store; --discard empties it"
                raise RecoveryError(f"{where}: expected {expected}, got keys")
        for number in range(settings.partitions):
            say("Restoring partitions", number, settings.partitions)
            names = {part: f"{number}/{part}" for part in PARTS if f"{number}/{part}" in keys}
            if names:
                parts = {part: packed.read(name) for part, name in names.items()}
                await _put_one_back(snapshots, number, parts)


async def _put_one_back(snapshots: Snapshots, number: int, parts: Mapping[str, bytes]) -> None:
    try:
        await snapshots.put_back(number, parts)
    except ResponseError as error:
        expected = "an empty key in a Redis at least as new as the one that was saved"
        raise RecoveryError(f"partition {number}: expected {expected}, got {error}") from error


def _checked(packed: zipfile.ZipFile, file: Path, settings: Settings) -> dict[str, Any]:
    """The manifest, once all that it names is there as it says.

    Raises:
        RecoveryError: something is not.
    """
    try:
        manifest: dict[str, Any] = json.loads(packed.read(MANIFEST))
        own = {name: manifest[name] for name in ("format", "layout", "partitions", "keys")}
    except (KeyError, ValueError, TypeError) as error:
        expected = f"a backup with a {MANIFEST}"
        raise RecoveryError(f"{file}: expected {expected}, got none that can be read") from error
    for name, wanted in (
        ("format", FORMAT),
        ("layout", LAYOUT),
        ("partitions", settings.partitions),
    ):
        if own[name] != wanted:
            raise RecoveryError(f"{file}, {name}: expected {wanted}, got {own[name]}")
    for name, told in own["keys"].items():
        if _digest_in(packed, name, file) != told["sha256"]:
            expected = f"SHA-256 {told['sha256']}"
            raise RecoveryError(f"{file}, {name}: expected {expected}, got another")
    return manifest


def _require_new(file: Path) -> None:
    if file.exists():
        raise RecoveryError(f"{file}: expected a new file, got one that exists")


def _digest_in(packed: zipfile.ZipFile, name: str, file: Path) -> str:
    try:
        return _digest(packed.read(name))
    except (KeyError, zipfile.BadZipFile, zlib.error) as error:
        raise RecoveryError(
            f"{file}, {name}: expected what the manifest names, got {error}"
        ) from error


def _manifest(settings: Settings, made_at: str, keys: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "layout": LAYOUT,
        "made_at": made_at,
        "prefix": settings.redis_prefix,
        "partitions": settings.partitions,
        "keys": keys,
    }


def _saved(manifest: Mapping[str, Any]) -> Saved:
    sizes = [key["bytes"] for key in manifest["keys"].values()]
    return Saved(manifest["made_at"], manifest["partitions"], len(sizes), sum(sizes))


def _digest(value: bytes) -> str:
    return hashlib.sha256(value).hexdigest()
