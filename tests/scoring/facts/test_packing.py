import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.facts.packing import (
    CASE,
    HEAD,
    PER_CARD,
    PER_CHARGE,
    PER_CONTACT,
    PER_SLOT,
    StateError,
    pack,
    unpack,
)
from scoring.facts.state import CARDS, CHARGES, FAMILIES, RULE_SLOTS, VERSION, new_states


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
    sizes = [HEAD + (CASE if each else 0) + PER_SLOT * each for each in slots]
    assert [len(record) for record in records] == sizes
    assert unpack(records).tobytes() == states.tobytes()


def test_who_never_had_a_warning_takes_no_room_for_rules_or_cases():
    assert HEAD == 729


def test_a_record_holds_as_many_cards_and_charges_as_there_are():
    states = new_states(3)
    states["card"][1, :2], states["charge"][1, :3] = 7, 9
    states["card"][2], states["charge"][2], states["episode"][2, 0] = 1, 1, 1
    states["charge_days"][1, 2], states["charge_amount"][2] = [6, 5, 4, 3, 2, 1], 0.5
    records = pack(states)
    most = HEAD + CARDS * PER_CARD + CHARGES * PER_CHARGE + CASE + PER_SLOT
    assert [len(record) for record in records] == [HEAD, HEAD + 2 * PER_CARD + 3 * PER_CHARGE, most]
    assert unpack(records).tobytes() == states.tobytes()
    cut = records[1][:-1], records[1] + records[1][:1], records[1][:486] + b"\x05\x00"
    for broken in (*cut, records[1][:486] + b"\x00\x09" + records[1][488:]):
        with pytest.raises(StateError):
            unpack([broken])


def test_a_record_holds_the_families_of_touchpoints_that_were_met_and_no_others():
    states = new_states(4)
    states["contacts"]["last"][1, [0, 6]], states["contacts"]["last"][2] = [7, 9], 5
    states["contacts"]["answers"][1, 6], states["card"][1, :2] = [3, 11], 1
    states["episode"][2, 4], states["contacts"]["sums"][2, 3] = 1, [0.5, 1.5, 2.5]
    records = pack(states)
    most = HEAD + CASE + 5 * PER_SLOT + FAMILIES * PER_CONTACT
    assert [len(each) for each in records] == [
        HEAD,
        HEAD + 2 * (PER_CARD + PER_CONTACT),
        most,
        HEAD,
    ]
    assert unpack(records).tobytes() == states.tobytes()
    assert pack(states[1:2]) == records[1:2]
    for broken in (records[1][:-1], records[1] + b"\0", records[2][:-PER_CONTACT]):
        with pytest.raises(StateError):
            unpack([records[0], broken])


@given(st.lists(st.lists(st.integers(0, RULE_SLOTS - 1), max_size=3), max_size=8), st.randoms())
def test_a_customer_packs_to_the_same_record_in_any_company(warned, random):
    states = new_states(len(warned))
    for row, slots in enumerate(warned):
        states["episode"][row, slots] = 1 + row
        states["sums"][row] = random.random()
        states["contacts"]["last"][row, slots and [slot % FAMILIES for slot in slots]] = 1 + row
        states["card"][row, : row % 3], states["charge"][row, : row % 5] = 1 + row, 2 + row
        if slots:
            states["case"][row], states["snoozed_until"][row] = 1, random.random()
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
        b"\x06",
        b"\x01\x00",
        b"\x08\x00",
        bytes(HEAD),
        b"\x08\x00" + bytes(HEAD - 3),
        b"\x08\x00" + bytes(HEAD - 2 - PER_SLOT),
        b"\x08\x00" + bytes(HEAD - 2 + CASE),
        b"\x08\x00" + bytes(HEAD - 2 + PER_SLOT),
        b"\x08\x00" + bytes(HEAD - 2 + CASE + PER_SLOT * (RULE_SLOTS + 1)),
        b"\x02\x00" + bytes(9),
        b"\x01\x00" + bytes(HEAD - 2),
        b"\x05\x00" + bytes(HEAD - 2),
    ],
)
def test_a_record_of_another_size_or_version_is_refused(record):
    with pytest.raises(
        StateError,
        match=rf"state 1: expected version {VERSION}, {HEAD} bytes with {PER_CARD} a card and "
        rf"{PER_CHARGE} a charge, or {CASE} more and {PER_SLOT} a slot, "
        rf"and {PER_CONTACT} a contact, "
        rf"got version \d+, {len(record)} bytes",
    ):
        unpack([None, record])
