import pytest
from cases import document
from pydantic import ValidationError

from scoring.parameters import ParameterError, Promise, digest, parse


def test_a_file_without_the_section_promises_nothing():
    assert parse(document()).promise is None


def test_the_section_is_taken_as_it_is_and_makes_another_version():
    parameters = parse({**document(), "promise": {"precision": 0.4, "alpha": 0.001}})
    assert parameters.promise == Promise(precision=0.4, alpha=0.001)
    assert parameters.digest != digest(document())


def test_the_proof_it_takes_need_not_be_said():
    assert parse({**document(), "promise": {"precision": 0.4}}).promise.alpha == 0.01


@pytest.mark.parametrize("name", ["precision", "alpha"])
@pytest.mark.parametrize("value", [0.0, 1.0, -0.1, 1.1, "0.4", None, float("nan"), True])
def test_what_is_no_probability_between_0_and_1_is_refused(name, value):
    section = {"precision": 0.4, "alpha": 0.01, name: value}
    with pytest.raises((ParameterError, ValueError), match=r"promise|JSON compliant"):
        parse({**document(), "promise": section})
    with pytest.raises(ValidationError, match=name):
        Promise(**section)


@pytest.mark.parametrize("section", [{}, {"alpha": 0.01}, {"precision": 0.4, "recall": 0.2}])
def test_a_section_that_lacks_or_adds_a_field_is_refused(section):
    with pytest.raises(ParameterError, match=r"^promise\.(precision|recall): expected"):
        parse({**document(), "promise": section})
