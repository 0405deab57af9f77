"""What customers said of consent is kept as the latest word, in whatever order words come."""

import numpy as np
import pytest
from cases import event, log, run
from hypothesis import given, settings
from hypothesis import strategies as st
from trying import few

from scoring.arrays import DAY
from scoring.facts.consent import NAMES, Purpose, is_unscored, word
from scoring.facts.kinds import Kind
from scoring.facts.packing import pack, unpack
from scoring.facts.state import Flag

MARKETING, PROFILING = Purpose
FLAGS = {MARKETING: Flag.NO_MARKETING, PROFILING: Flag.NO_PROFILING}


def consent(day, code, **fields):
    return event(Kind.CONSENT_CHANGED, day, 0, score=code, **fields)


def kept(*events):
    states = run(log(*events)).states
    return int(states["flags"][0]), (states["consent_at"][0] / DAY).tolist()


@pytest.mark.parametrize(
    ("purpose", "meant"),
    [
        ("marketing", MARKETING),
        ("Direct-Marketing", MARKETING),
        ("DIRECT_MARKETING", MARKETING),
        ("profiling", PROFILING),
        ("Scoring", PROFILING),
    ],
)
def test_a_purpose_is_known_by_the_terms_of_the_law_in_whatever_case(purpose, meant):
    said = [word(purpose, granted=granted, legal_basis="consent") for granted in (False, True)]
    assert said == [1 + 2 * meant, 2 + 2 * meant]


@pytest.mark.parametrize(
    "purpose", ["unknown", "analytics", "Werbung", "market", "no_marketing", "marketing.email", "_"]
)
@pytest.mark.parametrize("granted", [False, True])
def test_other_purposes_are_harmless(purpose, granted):
    code = word(purpose, granted=granted, legal_basis="consent")
    assert code == 0
    assert kept(consent(20_000, code)) == (0, [-np.inf, -np.inf])


@pytest.mark.parametrize(
    "basis", ["consent", "legitimate_interest", "contract", "legal_obligation"]
)
@pytest.mark.parametrize("purpose", NAMES)
@pytest.mark.parametrize("granted", [False, True])
def test_what_rests_on_contract_or_law_is_not_the_customer_s_to_take_but_for_marketing(
    basis, purpose, granted
):
    is_heard = word(purpose, granted=granted, legal_basis=basis) > 0
    is_theirs = basis in {"consent", "legitimate_interest"}
    objects = NAMES[purpose] is MARKETING and not granted
    assert is_heard == (is_theirs or objects)


@pytest.mark.parametrize("code", [0, 5, 6, 255])
def test_a_word_that_nothing_follows_from_changes_nothing(code):
    assert kept(consent(20_000, 3), consent(20_001, code))[0] == Flag.NO_PROFILING


def test_a_word_that_comes_late_counts_by_its_own_time():
    assert kept(consent(20_010, 4), consent(20_005, 3))[0] == 0
    assert kept(consent(20_005, 4), consent(20_010, 3))[0] == Flag.NO_PROFILING
    assert kept(consent(20_010, 3), consent(20_005, 4)) == (
        Flag.NO_PROFILING,
        [-np.inf, 20_010.0],
    )


def test_a_word_that_comes_twice_counts_once_and_other_kinds_say_nothing():
    said = consent(20_000, 1, id=7)
    assert kept(said, consent(20_001, 2), said) == (0, [20_001.0, -np.inf])
    assert kept(event(Kind.NPS, 20_000, score=3), event(Kind.SURVEY, 20_001, score=1))[0] == 0


def test_a_closed_account_stays_closed_whatever_is_said_of_consent():
    closed = event(Kind.ACCOUNT_CLOSED, 20_000)
    assert kept(closed, consent(20_001, 3), consent(20_002, 4))[0] == Flag.CLOSED


WORDS = st.lists(
    st.tuples(st.integers(0, 5), st.integers(0, 6), st.integers(0, 2)), min_size=1, max_size=14
)


@settings(max_examples=few(50), deadline=None)
@given(WORDS, st.randoms(use_true_random=False), st.data())
def test_any_order_and_any_cut_gives_the_same_facts(said, random, data):
    """By hand: of the latest instant's words a withdrawal, else a grant."""
    events = [
        consent(20_000 + at, code, id=50 + n) if buys else event(Kind.PURCHASE, 20_000 + at)
        for n, (at, code, buys) in enumerate(said)
    ]
    random.shuffle(events)
    cuts = data.draw(st.lists(st.integers(0, len(events)), max_size=3))
    states = run(log(*events), cuts=cuts).states
    for purpose, flag in FLAGS.items():
        codes = {1 + 2 * purpose, 2 + 2 * purpose}
        words = [(at, code % 2 == 1) for at, code, buys in said if buys and code in codes]
        at, withdrawn = max(words, default=(-np.inf, False))
        assert bool(states["flags"][0] & flag) == withdrawn
        assert states["consent_at"][0, purpose] == (20_000 + at) * DAY
    assert is_unscored(states)[0] == bool(states["flags"][0] & Flag.NO_PROFILING)
    assert unpack(pack(states)).tobytes() == states.tobytes()
