"""Hash tags: one slot for a partition, all slots for the partitions."""

from itertools import pairwise

import pytest
from redis.crc import key_slot

from streams.store import RedisStore
from streams.store.clients import connect
from streams.store.slots import SLOTS, slot, tag


def test_all_keys_of_a_partition_share_a_slot() -> None:
    store = RedisStore(connect("redis://127.0.0.1:1", 1.0), "prefix", 4)
    for partition in range(4):
        keys = [store.key(partition, part) for part in ("meta", "state", "due", "outbox")]
        assert len(set(keys)) == 4
        assert {key_slot(key.encode()) for key in keys} == {slot(tag(partition, 4))}


def test_slots_are_counted_as_redis_cluster_does() -> None:
    assert slot("123456789") == 0x31C3
    assert all(slot(name) == key_slot(name.encode()) for name in ("", "0.0", "63.17", "ü"))


@pytest.mark.parametrize("partitions", [1, 3, 64, 1024])
def test_every_partition_has_a_tag_of_its_own_in_its_share_of_the_slots(partitions: int) -> None:
    tags = [tag(partition, partitions) for partition in range(partitions)]
    assert len(set(tags)) == partitions
    shares = [slot(name) * partitions // SLOTS for name in tags]
    assert max(abs(share - own) for own, share in enumerate(shares)) <= 1
    assert all(earlier < later for earlier, later in pairwise(map(slot, tags)))


@pytest.mark.parametrize("nodes", [2, 3, 5, 12, 16])
def test_partitions_spread_evenly_over_nodes(nodes: int) -> None:
    held = [0] * nodes
    for partition in range(64):
        held[slot(tag(partition, 64)) * nodes // SLOTS] += 1
    assert max(held) / (64 / nodes) <= 1.2
