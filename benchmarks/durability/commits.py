"""The commits that an append-only file holds, and which of them a server came back without."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple


class Committed(NamedTuple):
    """A commit as it was written down.

    Attributes:
        partition: whose.
        sequence: that it led to.
        messages: in the partition's outbox so far.
        says: whether it put any there.
        offsets: next to apply, summed over topics.
        end: where it ends in the file.
    """

    partition: int
    sequence: int
    messages: int
    says: bool
    offsets: int
    end: int


@dataclass(frozen=True)
class Loss:
    """What a server came back without.

    Attributes:
        commits: that it had acknowledged.
        published: of these, whose messages were on Kafka already.
        events: to apply again.
    """

    commits: int
    published: int
    events: int


def commits(log: bytes) -> Iterator[Committed]:
    """Read the commits of an append-only file, in order.

    A file that was cut off in the middle of a transaction ends before it, as for Redis.
    """
    metas: dict[int, dict[bytes, bytes]] = defaultdict(dict)
    touched: dict[int, int] = {}  # messages before the transaction, by partition that commits
    for end, command in _commands(log):
        name = command[0].upper()
        if name == b"HSET" and command[1].endswith(b":meta"):
            partition = int(command[1].rpartition(b"{")[2].partition(b".")[0])
            meta, fields = metas[partition], dict(zip(command[2::2], command[3::2], strict=True))
            if b"commit" in fields:
                touched[partition] = int(meta.get(b"outbox", 0))
            meta.update(fields)
        if name == b"EXEC":
            for partition, before in touched.items():
                yield _committed(partition, metas[partition], before, end)
            touched.clear()


def sequences(found: Iterable[Committed]) -> dict[int, int]:
    """How far each partition is after these commits."""
    return {each.partition: each.sequence for each in found}


def lost(found: Iterable[Committed], kept: Mapping[int, int], published: Mapping[int, int]) -> Loss:
    """Tell what is lost.

    Args:
        found: all commits there were.
        kept: sequence that each partition came back with.
        published: messages of each partition's outbox that are on Kafka.
    """
    gone, before, after = [], defaultdict(int), defaultdict(int)
    for each in found:
        after[each.partition] = each.offsets
        if each.sequence > kept.get(each.partition, 0):
            gone.append(each)
        else:
            before[each.partition] = each.offsets
    told = [each for each in gone if each.says and each.messages <= published[each.partition]]
    return Loss(len(gone), len(told), sum(after[each] - before[each] for each in after))


def _committed(partition: int, meta: Mapping[bytes, bytes], before: int, end: int) -> Committed:
    offsets = sum(int(value) for name, value in meta.items() if name.startswith(b"offset:"))
    messages = int(meta[b"outbox"])
    return Committed(partition, int(meta[b"sequence"]), messages, messages > before, offsets, end)


def _commands(log: bytes) -> Iterator[tuple[int, list[bytes]]]:
    """Every whole command and where it ends."""
    at = 0
    while (line := log.find(b"\r\n", at)) >= 0:
        count, at, parts = int(log[at + 1 : line]), line + 2, []
        for _ in range(count):
            line = log.find(b"\r\n", at)
            if line < 0:
                return
            begin, size = line + 2, int(log[at + 1 : line])
            at = begin + size + 2
            parts.append(log[begin : begin + size])
        if at > len(log):
            return
        yield at, parts
