import numpy as np
import pytest
from cases import MODEL, changed

from scoring.errors import ScoringError, StateError
from scoring.events import hash_ids
from scoring.models import ParameterError
from scoring.state import OLDER, STATE, VERSION, new_states, pack, unpack


def test_states_pack_to_fixed_records_and_back():
    states = new_states(3)
    states["total_value"] = [1, -2, 2**60]
    records = pack(states)
    assert {len(record) for record in records} == {STATE.itemsize}
    assert unpack(records).tobytes() == states.tobytes()


def test_an_unknown_customer_unpacks_to_a_new_state_that_can_be_written():
    states = unpack([None, pack(new_states(1))[0]])
    states["flags"] = 1
    assert states["version"].tolist() == [VERSION] * 2


def test_nothing_unpacks_to_nothing():
    assert len(unpack([])) == 0


@pytest.mark.parametrize(
    "record",
    [
        b"",
        b"\x01\x00",
        bytes(STATE.itemsize),
        b"\x02\x00" + bytes(9),
        b"\x01\x00" + bytes(STATE.itemsize - 2),
    ],
)
def test_a_record_of_another_size_or_version_is_refused(record):
    with pytest.raises(StateError, match=r"state 1: expected version 2, 678 bytes, got version"):
        unpack([None, record])


def test_a_record_of_the_first_version_is_read_and_written_anew():
    old = np.zeros(2, OLDER[1])
    old["version"] = 1
    old["counts"][1] = np.arange(8)
    old["total_value"] = [5, 2**60]
    old["level"][1, 3] = 2
    old["sums"][1, -1] = 0.1
    read = unpack([None, old[:1].tobytes(), old[1:].tobytes()])
    assert read["version"].tolist() == [VERSION] * 3
    assert read["counts"][2].tolist() == [*range(8), 0]
    assert read["total_value"].tolist() == [0, 5, 2**60]
    assert (read["level"][2, 3], read["sums"][2, -1]) == (2, 0.1)
    assert not read["categories"].any()
    assert OLDER[1].itemsize == 546
    assert unpack(pack(read)).tobytes() == read.tobytes()


def test_an_error_carries_where_expected_and_got_and_prints_whatever_came():
    error = ScoringError(where="a", expected="b", got="\ud800" * 999)
    assert (error.where, error.expected) == ("a", "b")
    assert len(str(error)) < 1500
    str(error).encode("ascii")


def test_ids_hash_alike_everywhere_and_apart_from_each_other():
    ids = [f"CDNOW_master.txt:{n}" for n in range(100_000)]
    assert len(set(hash_ids(ids).tolist())) == len(ids)
    assert hash_ids(["a" * 64, "a"]).tolist()[1] == hash_ids(["a"])[0]
    assert hash_ids(["persona-a"]).tolist() == [6153891954864633832]
    assert (hash_ids(["", "x"]) > 0).all()


def test_a_parameter_file_has_exactly_the_rules_of_the_registry():
    extra = {"unheard_of": {"middle": 1.0, "high": 2.0, "hysteresis": 0.1, "points": 1.0}}
    with pytest.raises(ParameterError, match="rules: expected card_use_decline"):
        changed(rules=extra)


def test_an_unknown_time_zone_is_refused():
    with pytest.raises(ParameterError, match="book_timezone"):
        changed(book_timezone="Mars/Olympus").calendar  # noqa: B018 - built when first asked for


def test_the_packaged_model_reads_in_days_and_minor_units():
    assert MODEL.purchases.alpha == pytest.approx(4.413602098 * 7)
    assert MODEL.spend.v == pytest.approx(1544.3524)
    assert np.isfinite(MODEL.middle).all()
