"""Whom the rules file leaves alone: as many as it says, and the same ones whatever else is so."""

import numpy as np
import pytest
from cases import MODEL, changed, event, log, purchases, run
from scipy.stats import binom
from test_rules_file import mistakes

from scoring.facts.kinds import Kind
from scoring.model import ScoringModel
from scoring.models import ParameterError
from scoring.rules import HoldoutShare, read_rules, shipped
from scoring.warning.arm import arm
from streams.broker.partitioner import KNOWN
from streams.config import Settings
from streams.outbox.messages import Messages, rows

IDS = [b"customer-%d" % number for number in range(100_000)]
SHARE, SALT = 0.1, "spring"
ONCE_IN = 1e-6  # chance that a fair deal fails


@pytest.fixture(scope="module")
def held():
    return np.array([arm(customer, HoldoutShare(SHARE, SALT)) == "holdout" for customer in IDS])


def is_fair(held, share=SHARE):
    least, most = binom.interval(1.0 - ONCE_IN, len(held), share)
    return least <= held.sum() <= most


def test_as_many_are_held_out_as_the_file_says(held):
    assert is_fair(held)


@pytest.mark.parametrize("name", KNOWN)
def test_and_as_many_in_every_partition(held, name):
    partition = KNOWN[name].many(IDS, 12)
    assert len(np.unique(partition)) == 12
    assert all(is_fair(held[partition == each]) for each in range(12))


def test_another_salt_deals_anew_independently(held):
    other = np.array(
        [arm(customer, HoldoutShare(SHARE, "summer")) == "holdout" for customer in IDS]
    )
    assert is_fair(other[held])
    assert is_fair(other[~held])


def test_nobody_at_share_0_everybody_at_1_and_the_held_out_stay_so_as_it_grows(held):
    some, is_held = IDS[:2_000], held[:2_000]
    dealt = {
        share: np.array([arm(each, HoldoutShare(share, SALT)) == "holdout" for each in some])
        for share in (0.0, SHARE, 0.3, 1.0)
    }
    assert (dealt[0.0].sum(), dealt[1.0].sum()) == (0, 2_000)
    assert (dealt[SHARE] == is_held).all()
    assert (dealt[0.3] >= is_held).all()
    assert dealt[0.3].sum() > is_held.sum()


def test_it_is_the_same_deal_on_every_machine_and_day():
    # By hashlib alone, outside of this program: blake2b keyed with the salt's 16 bytes.
    dealt = [arm(customer, HoldoutShare(0.5)) for customer in IDS[:16]]
    assert "".join("h" if each == "holdout" else "t" for each in dealt) == "thtthtthhhthtttt"


def test_a_customer_s_warnings_of_all_rules_and_their_case_are_of_one_arm():
    days = [20_000 + 7 * week for week in range(12)]
    complaints = [event(Kind.COMPLAINT, days[-1] + n) for n in range(3)]
    for share, expected in ((0.0, "treated"), (1.0, "holdout")):
        rules = read_rules(f"holdout = {{ share = {share} }}".encode())
        model = ScoringModel(MODEL.parameters, rules)
        ended = run(log(purchases(*days), *complaints), model=model, until=days[-1] + 80)
        messages = Messages.of(Settings(), model)
        told = [messages._warning(row, b"c") for row in rows(ended.warnings)]
        told += [messages._case(row, b"c") for row in rows(ended.cases)]
        assert len({each.rule for each in told if hasattr(each, "rule")}) > 1
        assert {each.arm for each in told} == {expected}
    assert rules.digest != shipped().digest


@pytest.mark.parametrize(
    ("content", "line", "expected"),
    [
        (b"holdout = 0.1", 1, "a table"),
        (b"holdout = { share = 10 }", 1, "less than or equal to 1"),
        (b"holdout = { share = -0.1 }", 1, "greater than or equal to 0"),
        (b"[holdout]\nshare = nan", 2, "a finite number"),
        (b"[holdout]\nshare = '0.1'", 2, "a valid number"),
        (b"[holdout]\nshare = 0.1\nsalt = ''", 3, "at least 1 character"),
        (b"[holdout]\nshare = 0.1\nsalt = '" + b"s" * 65 + b"'", 3, "at most 64 characters"),
        (b"[holdout]\nshares = 0.1", 2, "a key of rules (share?)"),
        (b"holdout_share = 0.1", 1, "a key of rules (holdout?)"),
    ],
)
def test_a_mistake_of_the_holdout_is_told_with_its_line(content, line, expected):
    told = mistakes(content)
    assert any(at == line and expected in said for at, _, said in told), told


@pytest.mark.parametrize(("key", "now"), [("holdout_share", "share"), ("salt", "salt")])
def test_a_parameter_file_that_states_it_is_told_where_it_is_now(key, now):
    with pytest.raises(
        ParameterError,
        match=rf"feedback: .*{key} is stated in the rules file now: \[holdout\], {now}",
    ):
        changed(feedback={key: 0.1})
