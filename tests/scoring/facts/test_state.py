import numpy as np
import pytest
from cases import MODEL, changed, document

from scoring import ScoringError
from scoring.facts.events import hash_ids
from scoring.model import ScoringModel
from scoring.models import ParameterError
from scoring.parameters import RuleLimits, parse


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
    with pytest.raises(ParameterError, match="rules: expected some of card_abandoned"):
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
