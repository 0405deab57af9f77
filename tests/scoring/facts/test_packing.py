import hashlib

import numpy as np
import pytest
from cases import purchases, run
from hypothesis import given
from hypothesis import strategies as st

from scoring.facts.events import hash_ids
from scoring.facts.packing import HEAD, OLDER, PER_SLOT, StateError, pack, unpack
from scoring.facts.recent import fingerprints
from scoring.facts.state import RECENT_IDS, RULE_SLOTS, STATE, VERSION, Count, new_states
from scoring.rules import RULES

BEFORE = 846  # bytes a customer before 40 ids were remembered


def test_states_pack_to_records_and_back():
    states = new_states(3)
    states["total_value"] = [1, -2, 2**60]
    records = pack(states)
    assert {len(record) for record in records} == {HEAD}
    assert unpack(records).tobytes() == states.tobytes()


def test_a_record_holds_the_slots_up_to_the_last_rule_that_warned():
    states = new_states(4)
    states["episode"][1, 0], states["episode"][2, 6], states["episode"][3, 15] = 1, 2, 3
    states["level"][2, 3], states["since"][3, 15] = 2, 5.0
    records = pack(states)
    slots = [0, 1, 7, RULE_SLOTS]
    assert [len(record) for record in records] == [HEAD + PER_SLOT * each for each in slots]
    assert unpack(records).tobytes() == states.tobytes()


def test_remembering_five_times_as_many_ids_takes_no_more_room_than_before():
    assert RECENT_IDS == 40
    assert HEAD + PER_SLOT * len(RULES) < BEFORE


@given(st.lists(st.lists(st.integers(0, RULE_SLOTS - 1), max_size=3), max_size=8), st.randoms())
def test_a_customer_packs_to_the_same_record_in_any_company(warned, random):
    states = new_states(len(warned))
    for row, slots in enumerate(warned):
        states["episode"][row, slots] = 1 + row
        states["sums"][row] = random.random()
    alone = [pack(states[row : row + 1])[0] for row in range(len(states))]
    assert pack(states) == alone
    order = np.random.default_rng(len(warned)).permutation(len(states))
    mixed = unpack([alone[row] for row in order.tolist()])
    assert mixed.tobytes() == states[order].tobytes()


def test_an_unknown_customer_unpacks_to_a_new_state_that_can_be_written():
    states = unpack([None, pack(new_states(1))[0]])
    states["flags"] = 1
    assert states["version"].tolist() == [VERSION] * 2


def test_nothing_unpacks_to_nothing():
    assert len(unpack([])) == 0
    assert pack(new_states(0)) == []


@pytest.mark.parametrize(
    "record",
    [
        b"",
        b"\x05",
        b"\x01\x00",
        b"\x05\x00",
        bytes(HEAD),
        b"\x05\x00" + bytes(HEAD - 3),
        b"\x05\x00" + bytes(HEAD - 2 - PER_SLOT),
        b"\x05\x00" + bytes(HEAD - 2 + PER_SLOT * (RULE_SLOTS + 1)),
        b"\x02\x00" + bytes(9),
        b"\x01\x00" + bytes(HEAD - 2),
        b"\x04\x00" + bytes(HEAD - 2),
    ],
)
def test_a_record_of_another_size_or_version_is_refused(record):
    with pytest.raises(
        StateError,
        match=rf"state 1: expected version {VERSION}, {HEAD} bytes and {PER_SLOT} for each rule's "
        rf"slot, got version \d+, {len(record)} bytes",
    ):
        unpack([None, record])


@pytest.mark.parametrize("version", [3, 4])
def test_a_record_of_an_earlier_version_is_read_and_written_anew(version):
    ended = run(purchases(*range(20_000, 20_012))).states
    older = np.zeros(2, OLDER[version])
    for name in older.dtype.names:
        if name not in ("counts", "recent_ids"):
            older[name] = np.concatenate([new_states(1), ended])[name]
    older["version"] = version
    older["counts"][1] = ended["counts"][0, :9]
    newest_first = np.arange(1_011, 1_003, -1)
    older["recent_ids"][1] = newest_first
    first, second = (older[at : at + 1].tobytes() for at in range(2))
    read = unpack([None, first, second])
    assert read["version"].tolist() == [VERSION] * 3
    assert read["counts"][2].tolist() == [*ended["counts"][0, :9], 0]
    for name in STATE.names:
        if not name.startswith("recent_") and name != "severity":
            assert read[name][2].tolist() == ended[name][0].tolist(), name
    known = read["recent_low"][2] != 0
    assert known.sum() == 8
    assert (read["recent_low"][2] == ended["recent_low"][0])[known].all()
    assert (read["recent_high"][2] == ended["recent_high"][0])[known].all()
    assert not read["recent_low"][1].any()
    assert unpack(pack(read)).tobytes() == read.tobytes()


@pytest.mark.parametrize(
    ("version", "size", "digest"),
    [
        (3, 782, "dd70a0a466e12571ecbbced5816adf51fdb6b10fbdb3d688d502b41e142b564d"),
        (4, 846, "7ae98aea396e2aab627b9e68612f83f91c0e0a06d184f227e4880c576fc05df2"),
    ],
)
def test_the_layouts_of_earlier_versions_are_as_they_were(version, size, digest):
    layout = OLDER[version]
    assert layout.itemsize == size
    assert hashlib.sha256(repr(layout.descr).encode()).hexdigest() == digest


def test_what_was_counted_before_the_update_is_known_after_it():
    older = np.zeros(1, OLDER[4])
    older["version"], older["counts"][0, Count.EVENTS] = 4, 3
    ids = hash_ids(["t3", "t2", "t1"])
    older["recent_ids"][0, :3] = ids
    states = unpack([older.tobytes()])
    held = states["recent_low"][0, :3].tolist()
    assert held == fingerprints(ids[::-1]).astype(np.uint32).tolist()
