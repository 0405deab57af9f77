import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from panel_cases import bought_log, rounds

from scoring.arrays import DAY
from scoring.facts.packing import StateError
from scoring.monitoring import Drift, Panel, is_due, pack_panel, unpack_panel
from scoring.monitoring.panel import HEAD

LOG = bought_log()
ONES = Drift(*(np.ones_like(part) for part in Drift.new()))
PANEL = rounds(LOG, np.arange(80.0, 150.0, 7.0))._replace(drift=ONES)
PACKED = pack_panel(PANEL)
WEEK = 7 * DAY


def same(one, other):
    return pack_panel(one) == pack_panel(other)


def test_a_panel_survives_packing():
    back = unpack_panel(PACKED)
    assert back.models == PANEL.models
    assert back.rounds.tobytes() == PANEL.rounds.tobytes()
    assert back.entries.tobytes() == PANEL.entries.tobytes()
    for got, expected in zip(back.drift, PANEL.drift, strict=True):
        np.testing.assert_array_equal(got, expected)
    assert same(unpack_panel(pack_panel(Panel.new(("", "")))), Panel.new(("", "")))


def test_an_unpacked_panel_goes_on_like_the_one_that_was_packed():
    assert same(rounds(LOG, [160], panel=unpack_panel(PACKED)), rounds(LOG, [160], panel=PANEL))


def test_no_customer_id_is_kept():
    named = bought_log()._replace(customers=[f"customer-{n}".encode() for n in range(50)])
    assert b"customer-" not in pack_panel(rounds(named, [100, 107]))


@given(st.integers(0, len(PACKED) - 1))
def test_a_panel_cut_short_is_refused(size):
    with pytest.raises(StateError, match="panel: expected version 3"):
        unpack_panel(PACKED[:size])


@pytest.mark.parametrize(
    "packed",
    [b"", b"\0", b"\4\0" + PACKED[2:], PACKED + b"\0", b"\3\0" + b"\xff" * (len(PACKED) - 2)],
    ids=["empty", "short", "newer", "longer", "garbage"],
)
def test_anything_else_is_refused(packed):
    with pytest.raises(StateError, match=r"panel: expected version 3, .* bytes, got version"):
        unpack_panel(packed)


def test_versions_of_models_are_kept_as_far_as_there_is_room():
    long = "n" * 300
    assert unpack_panel(pack_panel(Panel.new((long, "\u00e4")))).models == (long[:160], "\u00e4")
    assert HEAD["models"].subdtype[0].itemsize == 160


def test_another_challenger_begins_anew_beside_the_same_champion():
    after = PANEL.of_models((PANEL.models[0], "newer"))
    assert after.models == (PANEL.models[0], "newer")
    tallied, kept = after.rounds["tally"], PANEL.rounds["tally"]
    assert tallied[:, 0].tobytes() == kept[:, 0].tobytes()
    assert kept["rows"][:, 1].sum() > 0
    assert tallied["rows"][:, 1].sum() == 0
    assert np.isnan(after.entries["risk"][:, 1]).all()
    assert not after.entries["flagged"][:, 1].any()
    assert not after.rounds["compared"].any()
    assert after.drift.expected[:-1].any(axis=1).all()
    assert not after.drift.expected[-1].any()


def test_another_champion_begins_anew_and_the_challenger_too():
    after = PANEL.of_models(("newer", PANEL.models[1]))
    assert after.models == ("newer", PANEL.models[1])
    assert np.isnan(after.entries["risk"]).all()
    assert not after.rounds["tally"]["rows"].any()
    assert not after.drift.expected.any()
    assert np.array_equal(after.rounds["at"], PANEL.rounds["at"])


def test_the_same_models_change_nothing():
    assert PANEL.of_models(PANEL.models) is PANEL


def test_a_round_is_due_once_the_clock_passes_a_multiple_of_the_period():
    assert not is_due(Panel.new(("", "")), 0.0, WEEK), "no event yet"
    assert is_due(Panel.new(("", "")), 1.0, WEEK)
    last = float(PANEL.rounds["at"][-1])
    following = (last // WEEK + 1) * WEEK
    assert not is_due(PANEL, last, WEEK)
    assert not is_due(PANEL, np.nextafter(following, 0.0), WEEK)
    assert is_due(PANEL, following, WEEK)
    assert is_due(PANEL, following + 20 * WEEK, WEEK)
