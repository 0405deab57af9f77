"""The parameter file's purchase model may be any of three."""

from typing import Any

import pytest
from cases import document

from scoring.models import BGNBD, MBGNBD, ParetoNBD
from scoring.parameters import ParameterError, parse

BETA_GEOMETRIC = {"r": 0.5, "alpha": 6.0, "a": 0.9, "b": 1.6}
PARETO = {"r": 0.5, "alpha": 10.0, "s": 0.6, "beta": 11.0}


def with_model(section: object) -> dict[str, Any]:
    changed: dict[str, Any] = document()
    changed["purchase_model"] = section
    return changed


@pytest.mark.parametrize(
    ("section", "expected"),
    [
        ({"type": "bgnbd", **BETA_GEOMETRIC}, BGNBD(0.5, 42.0, 0.9, 1.6)),
        ({"type": "mbgnbd", **BETA_GEOMETRIC}, MBGNBD(0.5, 42.0, 0.9, 1.6)),
        ({"type": "paretonbd", **PARETO}, ParetoNBD(0.5, 70.0, 0.6, 77.0)),
    ],
    ids=["bgnbd", "mbgnbd", "paretonbd"],
)
def test_the_type_names_the_model_and_all_its_times_become_days(
    section: dict[str, Any], expected: object
) -> None:
    assert parse(with_model(section)).purchases == expected


@pytest.mark.parametrize(
    ("section", "where"),
    [
        ({"type": "gammagamma", **BETA_GEOMETRIC}, "purchase_model.type"),
        ({"type": 3, **BETA_GEOMETRIC}, "purchase_model.type"),
        ({"type": "BGNBD", **BETA_GEOMETRIC}, "purchase_model.type"),
        (PARETO, "purchase_model.type"),
        ({}, "purchase_model.type"),
        (None, "purchase_model"),
        ([], "purchase_model"),
        ({"type": "mbgnbd", **PARETO}, "purchase_model.a"),
        ({"type": "paretonbd", **PARETO, "s": -0.6}, "purchase_model.s"),
        ({"type": "paretonbd", **PARETO, "beta": "11"}, "purchase_model.beta"),
        ({"type": "paretonbd", **PARETO, "gamma": 1.0}, "purchase_model.gamma"),
        ({"type": "paretonbd", **PARETO, "alpha": 10**400}, "purchase_model.alpha"),
    ],
)
def test_what_is_wrong_with_a_purchase_model_is_named(section: object, where: str) -> None:
    with pytest.raises(ParameterError) as caught:
        parse(with_model(section))

    assert caught.value.where == where
