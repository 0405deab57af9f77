"""Corners of a rules file that no bank's first file has."""

import numpy as np
import pytest
from cases import MODEL

from scoring.facts.state import new_states
from scoring.feature import Feature
from scoring.rules.checks import _segments
from scoring.rules.document import _after, line_of
from scoring.rules.making import _segmented
from scoring.rules.mistakes import Mistake
from scoring.rules.quiet import Quiet
from scoring.rules.sections import RuleTable
from scoring.warning.classes import CODES


def test_a_place_that_no_line_has_is_told_as_the_first() -> None:
    assert line_of({}, ("rule", "x")) == 1


def test_a_comment_opens_no_string() -> None:
    assert _after('a = 1 # """', "") == ""


def test_no_class_stated_is_none() -> None:
    assert _segmented(RuleTable(segment={})) is None


def test_days_may_be_quiet_without_hours() -> None:
    quiet = Quiet(None, (5, 6))._quiet
    assert quiet.sum() == 2 * 24 * 60


@pytest.mark.parametrize("name", CODES)
def test_every_class_is_told_of_a_new_customer(name: str) -> None:
    codes = CODES[name](new_states(2), np.zeros((len(Feature), 2)), MODEL)
    assert codes.shape == (2,)


def test_a_mistake_is_told_in_one_line() -> None:
    assert str(Mistake(3, "rule.a", "one", "two")) == "line 3: rule.a: expected one, got two"


def test_one_segmentation_at_a_time() -> None:
    table = RuleTable(segment={"nps": {}, "monetary": {}})
    faults = list(_segments(table, Feature.CHURN_RISK, 1))
    assert faults[0].expected == "one segmentation"
