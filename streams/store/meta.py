"""A partition's meta hash: what of it a claim reads, and what a commit writes."""

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from streams.store.owners import DamagedError
from streams.store.packed_outbox import pack_entries
from streams.store.types import Activated, Backfill, Brake, Claim, Commit, SetAside

LAYOUT = "8"
KEYS = ("state", "due", "outbox", "histogram", "activations", "panel", "gate")  # as counts has them
PARTS = ("meta", *KEYS)  # all keys of a partition, as scripts have them
OFFSET = "offset:"
BACKFILL = ("backfilled_until", "backfill_plan", "backfill_left")  # of the meta hash
ACTIVATED = ("parameters", "basis", "activated")  # likewise
BRAKE = ("outbox", "published", "held_after", "held_rises", "held_hour")  # likewise
SET_ASIDE = "set_aside:"
TOPIC = "topic:"


def read_claim(partition: int, meta: dict[bytes, bytes], gate: Mapping[bytes, bytes]) -> Claim:
    """Read a partition's meta hash, and take its gate as it is.

    Raises:
        DamagedError: it is of another layout.
    """
    if meta and meta.get(b"layout", b"").decode() != LAYOUT:
        raise wrong_layout(partition, meta.get(b"layout", b""))
    offsets = {topic: int(value) for topic, value in _named(OFFSET, meta)}
    set_aside = {reason: SetAside(*json.loads(value)) for reason, value in _named(SET_ASIDE, meta)}
    sequence, outbox = int(meta.get(b"sequence", 0)), int(meta.get(b"outbox", 0))
    clock = float(meta.get(b"clock", 0.0))
    compared = meta.get(b"compared_after")
    return Claim(
        int(meta.get(b"epoch", 0)),
        sequence,
        clock,
        offsets,
        outbox,
        _read_backfill(meta),
        _read_activated(meta),
        set_aside,
        meta.get(b"owner", b"").decode(),
        meta.get(b"generation", b"").decode(),
        int(meta.get(b"published", 0)),
        None if compared is None else int(compared),
        {topic: value.decode() for topic, value in _named(TOPIC, meta)},
        {part.decode(): value for part, value in gate.items()},
    )


def wrong_layout(partition: int, found: bytes) -> DamagedError:
    """The error of states that another version of this program wrote."""
    got = f"layout {found.decode()}" if found else "one of before layouts were numbered"
    return DamagedError(
        f"partition {partition}: expected states of layout {LAYOUT}, got {got}; "
        "this version does not read it, begin under another EBBWATCH_REDIS_PREFIX",
        "export EBBWATCH_REDIS_PREFIX=another",
    )


def foreign(partition: int, answer: Sequence[bytes], used: str) -> DamagedError:
    """The error of a partition that was filled in another way than it would be now.

    Args:
        partition: its number.
        answer: of the claim: LAYOUT or PARTITIONER, and which it was.
        used: name of the partitioner in use.
    """
    if answer[0] == b"LAYOUT":
        return wrong_layout(partition, answer[1])
    noted = answer[1].decode()
    return DamagedError(
        f"partition {partition}: expected EBBWATCH_PARTITIONER={noted}, by which its customers "
        f"were dealt, got {used}; with another one begin under another EBBWATCH_REDIS_PREFIX",
        f"export EBBWATCH_PARTITIONER={noted}",
    )


def damaged(partition: int, noted: bytes, found: bytes) -> DamagedError:
    """The error of keys that went missing, by eviction or by hand."""
    expected = noted.split() or [b"0"] * len(KEYS)
    told = [
        f"{key} {int(now)} of {int(then)}"
        for key, then, now in zip(KEYS, expected, found.split(), strict=True)
        if then != now
    ]
    lacks = "" if noted else "meta is gone; "
    return DamagedError(
        f"partition {partition}: expected what meta counts, got {lacks}{', '.join(told)}; "
        "Redis lost keys, by eviction or by hand: restore it",
        "ebbwatch restore BACKUP",
    )


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


def read_brake(found: Sequence[bytes | None]) -> Brake:
    """Read the fields `BRAKE` of a partition's meta hash."""
    outbox, published, after, *rest = found
    known = None if after is None else int(after)
    return Brake(int(outbox or 0), int(published or 0), known, *(int(each or 0) for each in rest))


def written(commit: Commit) -> dict[str, str | int]:
    """The fields that a commit writes, beside those that every one moves."""
    fields: dict[str, str | int] = {OFFSET + t: offset for t, offset in commit.offsets.items()}
    fields |= {SET_ASIDE + reason: json.dumps(each) for reason, each in commit.set_aside.items()}
    fields |= {TOPIC + topic: found for topic, found in commit.topic_ids.items()}
    if commit.backfill is not None:
        until, plan, left = commit.backfill
        fields |= dict(zip(BACKFILL, (repr(until), plan, str(left)), strict=True))
    if commit.activated is not None:
        version, basis, clock = commit.activated
        fields |= dict(zip(ACTIVATED, (version, basis, repr(clock)), strict=True))
    return fields


def arguments(commit: Commit) -> list[Any]:
    """A commit as its script takes it."""
    fields, packed = written(commit), pack_entries(commit.outbox)
    armed = {key: at for key, at in commit.armed.items() if at is not None}
    disarmed = [key for key, at in commit.armed.items() if at is None]
    return [
        commit.owner,
        commit.sequence,
        commit.id,
        repr(commit.clock),
        *commit.budget,
        len(fields),
        *chain(*fields.items()),
        len(commit.states),
        *chain(*commit.states.items()),
        len(armed),
        *chain(*((repr(at), key) for key, at in armed.items())),
        len(disarmed),
        *disarmed,
        len(packed),
        *chain(*packed),
        len(commit.histograms),
        *chain(*commit.histograms.items()),
        len(commit.gate),
        *chain(*commit.gate.items()),
        len(commit.rises),
        *chain(*sorted(commit.rises.items())),
    ]
