import hashlib

import numpy as np
import pytest
from cases import MODEL, changed, document

from scoring import ScoringError
from scoring.facts.events import hash_ids
from scoring.facts.state import (
    OLDER,
    RULE_SLOTS,
    STATE,
    VERSION,
    Count,
    StateError,
    new_states,
    pack,
    unpack,
)
from scoring.model import ScoringModel
from scoring.models import ParameterError
from scoring.parameters import RuleLimits, parse


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
    with pytest.raises(
        StateError,
        match=rf"state 1: expected version {VERSION}, {STATE.itemsize} bytes, got version",
    ):
        unpack([None, record])


def test_a_record_of_an_earlier_version_is_read_and_written_anew(monkeypatch):
    fields = [(name, STATE[name]) for name in STATE.names if name != "categories"]
    narrower = {"counts": np.dtype(("<u4", (4,))), "level": np.dtype(("u1", (8,)))}
    layout = np.dtype([(name, narrower.get(name, dtype)) for name, dtype in fields])
    monkeypatch.setitem(OLDER, 1, layout)
    old = np.zeros(2, layout)
    old["version"] = 1
    old["counts"][1] = np.arange(4)
    old["total_value"] = [5, 2**60]
    old["level"][1, 3] = 2
    old["sums"][1, -1] = 0.1
    read = unpack([None, old[:1].tobytes(), old[1:].tobytes()])
    assert read["version"].tolist() == [VERSION] * 3
    assert read["counts"][2].tolist() == [*range(4), *[0] * (len(Count) - 4)]
    assert read["total_value"].tolist() == [0, 5, 2**60]
    assert read["level"][2].tolist() == [0, 0, 0, 2, *[0] * (RULE_SLOTS - 4)]
    assert read["sums"][2, -1] == 0.1
    assert not read["categories"].any()
    assert unpack(pack(read)).tobytes() == read.tobytes()


def test_the_layout_before_severities_were_kept_is_as_it_was():
    layout = OLDER[3]
    assert layout.itemsize == 782
    digest = hashlib.sha256(repr(layout.descr).encode()).hexdigest()
    assert digest == "dd70a0a466e12571ecbbced5816adf51fdb6b10fbdb3d688d502b41e142b564d"


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


def test_a_parameter_file_that_names_an_unknown_rule_is_refused():
    extra = {"unheard_of": {"middle": 1.0, "high": 2.0, "hysteresis": 0.1, "points": 1.0}}
    with pytest.raises(ParameterError, match="rules: expected some of card_use_decline"):
        changed(rules=extra)


def test_a_rule_that_a_parameter_file_does_not_name_takes_the_limits_of_its_row():
    asked = document()
    named = asked["rules"].pop("overdue")
    asked["rules"]["silence"]["middle"] = 0.5
    rules = ScoringModel(parse(asked)).parameters.rules
    assert rules["overdue"] == RuleLimits(**named)
    assert rules["silence"].middle == 0.5
    assert ScoringModel(parse({**asked, "rules": {}})).parameters.rules == MODEL.parameters.rules
    del asked["rules"]
    assert ScoringModel(parse(asked)).parameters.rules == MODEL.parameters.rules


def test_an_unknown_time_zone_is_refused():
    with pytest.raises(ParameterError, match="book_timezone"):
        changed(book_timezone="Mars/Olympus").calendar  # noqa: B018 - built when first asked for


def test_the_packaged_model_reads_in_days_and_minor_units():
    assert MODEL.purchases.alpha == pytest.approx(4.413602098 * 7)
    assert MODEL.spend.v == pytest.approx(1544.3524)
    assert np.isfinite(MODEL.middle).all()
