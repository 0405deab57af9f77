"""A partition's meta hash: what of it a claim reads, and what a commit writes."""

import json
from collections.abc import Iterator

from streams.store.types import Activated, Backfill, Claim, Commit, SetAside

OFFSET = "offset:"
BACKFILL = ("backfilled_until", "backfill_plan", "backfill_left")  # of the meta hash
ACTIVATED = ("parameters", "basis", "activated")  # likewise
SET_ASIDE = "set_aside:"


def read_claim(epoch: int, meta: dict[bytes, bytes]) -> Claim:
    """Read a partition's meta hash."""
    offsets = {topic: int(value) for topic, value in _named(OFFSET, meta)}
    set_aside = {reason: SetAside(*json.loads(value)) for reason, value in _named(SET_ASIDE, meta)}
    sequence, outbox = int(meta.get(b"sequence", 0)), int(meta.get(b"outbox", 0))
    clock = float(meta.get(b"clock", 0.0))
    loaded, activated = _read_backfill(meta), _read_activated(meta)
    return Claim(epoch, sequence, clock, offsets, outbox, loaded, activated, set_aside)


def _named(prefix: str, meta: dict[bytes, bytes]) -> Iterator[tuple[str, bytes]]:
    """Fields of the meta hash that begin alike, without their beginning."""
    for name, value in meta.items():
        if name.startswith(prefix.encode()):
            yield name.decode().removeprefix(prefix), value


def _read_backfill(meta: dict[bytes, bytes]) -> Backfill | None:
    until, plan, left = (meta.get(name.encode()) for name in BACKFILL)
    if until is None or plan is None or left is None:
        return None
    return Backfill(float(until), plan.decode(), int(left))


def _read_activated(meta: dict[bytes, bytes]) -> Activated | None:
    version, basis, clock = (meta.get(name.encode()) for name in ACTIVATED)
    if version is None or basis is None or clock is None:
        return None
    return Activated(version.decode(), basis.decode(), float(clock))


def written(commit: Commit) -> dict[str, str | int]:
    """The fields that a commit writes, beside those that every one moves."""
    fields: dict[str, str | int] = {OFFSET + t: offset for t, offset in commit.offsets.items()}
    fields |= {SET_ASIDE + reason: json.dumps(each) for reason, each in commit.set_aside.items()}
    if commit.backfill is not None:
        until, plan, left = commit.backfill
        fields |= dict(zip(BACKFILL, (repr(until), plan, str(left)), strict=True))
    if commit.activated is not None:
        version, basis, clock = commit.activated
        fields |= dict(zip(ACTIVATED, (version, basis, repr(clock)), strict=True))
    return fields
