import pytest
from cases import changed, churn_section, document

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
    assert parse({**document(), "churn": churn_section(56.0)}).leaving == Silence(days=56.0)


def test_a_risk_is_meant_within_its_scorecard_s_days_or_those_of_no_purchase():
    model = changed(churn=churn_section(56.0))
    assert (model.churn_horizon, model.horizon) == (56.0, changed().horizon)
    assert changed().churn_horizon == changed().horizon != 56.0
