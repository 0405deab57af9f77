"""What a customer was offered before: remembered over cases, the last few, once each."""

from itertools import permutations

import numpy as np
import pytest
from cases import answer, log, purchases, run
from hypothesis import given
from hypothesis import strategies as st

from scoring.facts.kinds import Kind
from scoring.facts.packing import pack, unpack
from scoring.facts.state import OFFER, OFFERS, new_states
from scoring.warning.offers import note_offers

DAYS = [20_000 + 7 * week for week in range(12)]
WARNED = DAYS[-1] + 70.5  # some days after the warning of silence
MADE, TAKEN = Kind.OFFER_MADE, Kind.ACCEPTED


def held(states, row=0):
    """Code, day and whether it was taken, of each offer remembered."""
    columns = (states[name][row].tolist() for name in OFFER)
    return [one for one in zip(*columns, strict=True) if one[1]]


def after(*answers):
    """Offers of a customer of whom some was answered: kind, day, code."""
    states = new_states(1)
    for kind, day, code in answers:
        note_offers(states, answer(kind, day, merchant=code), np.array([day]))
    return held(states)


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ([(MADE, 9, 5)], [(5, 9, 0)]),
        ([(MADE, 9, 5), (TAKEN, 11, 5)], [(5, 9, 1)]),
        ([(MADE, 9, 5), (TAKEN, 11, 0)], [(5, 9, 1)]),
        ([(MADE, 8, 4), (MADE, 9, 5), (TAKEN, 11, 4)], [(5, 9, 0), (4, 8, 1)]),
        ([(MADE, 8, 4), (MADE, 9, 5), (TAKEN, 11, 0)], [(5, 9, 1), (4, 8, 0)]),
        ([(TAKEN, 11, 5)], [(5, 11, 1)]),
        ([(TAKEN, 11, 0)], [(0, 11, 1)]),
        ([(MADE, 9, 0), (TAKEN, 10, 0)], [(0, 9, 1)]),
        ([(MADE, 9, 5), (TAKEN, 10, 6)], [(6, 10, 1), (5, 9, 0)]),
        ([(MADE, 9, 5), (MADE, 9, 5)], [(5, 9, 0)]),
        ([(MADE, 9, 5), (MADE, 9, 6)], [(6, 9, 0), (5, 9, 0)]),
        ([(Kind.CONTACTED, 9, 5), (Kind.RETAINED, 9, 5), (MADE, 0, 5), (MADE, 70_000, 5)], []),
    ],
)
def test_an_offer_is_remembered_with_its_day_and_what_came_of_it(answers, expected):
    assert after(*answers) == expected


def test_the_last_three_are_kept_whatever_order_they_come_in():
    offers = [(MADE, day, day) for day in (3, 5, 7, 9)]
    for order in permutations(offers):
        assert after(*order) == [(9, 9, 0), (7, 7, 0), (5, 5, 0)]
    assert OFFERS == 3


@given(st.lists(st.tuples(st.sampled_from([MADE, TAKEN]), st.integers(1, 9), st.integers(0, 3))))
def test_a_plain_list_remembers_the_same(answers):
    plain = []
    for kind, day, code in answers:
        if kind == TAKEN:
            same = [one for one in plain if code in {0, one[0]}]
        else:
            same = [one for one in plain if (one[0], one[1]) == (code, day)]
        if same:
            same[0][2] |= kind == TAKEN
        else:
            plain.insert(0, [code, day, int(kind == TAKEN)])
            plain = sorted(plain, key=lambda one: -one[1])[:3]
    assert after(*answers) == [tuple(one) for one in plain]


def test_the_next_case_tells_what_was_offered_in_the_one_before():
    first = answer(MADE, WARNED, merchant=77)
    kept = answer(Kind.RETAINED, WARNED + 1)
    back = [DAYS[-1] + 75 + 7 * week for week in range(12)]
    ended = run(log(purchases(*DAYS), first, kept, purchases(*back)), until=back[-1] + 400)
    offer, day = (ended.cases[name][:, 0].tolist() for name in ("offer", "offer_day"))
    numbers = ended.cases["number"]
    assert numbers.max() == 2
    assert set(zip(offer, day, strict=True)) == {(0, 0), (77, int(WARNED))}
    assert all(offer[row] == 77 for row in np.flatnonzero(numbers == 2))
    assert unpack(pack(ended.states)).tobytes() == ended.states.tobytes()
