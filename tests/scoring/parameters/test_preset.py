import pytest
from cases import document

from scoring.parameters import ParameterError, Silence, parse


def test_a_packaged_file_says_whose_customers_it_was_made_from():
    assert "CD shop" in parse(document()).preset


def test_a_bank_s_own_file_is_no_preset():
    own = document()
    del own["preset"]
    assert parse(own).preset is None


@pytest.mark.parametrize("wrong", ["", "x" * 201, 3, ["a"]])
def test_words_that_are_none_are_refused(wrong):
    with pytest.raises(ParameterError, match="preset"):
        parse({**document(), "preset": wrong})


def test_a_scorecard_without_a_definition_foretells_silence_of_its_horizon():
    churn = {
        "horizon_days": 56.0,
        "base_rate": 0.1,
        "points_to_double": 20.0,
        "intercept": 0.0,
        "terms": [{"input": "silence", "weight": 1.0, "centre": 0.0}],
        "calibration": {"type": "none"},
        "thresholds": {"middle": 0.5, "high": 0.8},
    }
    assert parse({**document(), "churn": churn}).leaving == Silence(days=56.0)
