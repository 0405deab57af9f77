"""The parameter file's purchase model may be any of three."""

from typing import Any

import pytest
from cases import document

from scoring.models import BGNBD, MBGNBD, OneMean, OwnMean, ParetoNBD, limit_model
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


ALIKE = "one rate of buying for all"


@pytest.mark.parametrize(
    ("kind", "limit", "weeks", "days"),
    [
        ("bgnbd", "nobody leaves", {"r": 0.5, "alpha": 6.0}, {"r": 0.5, "alpha": 42.0}),
        ("paretonbd", f"nobody leaves, {ALIKE}", {"rate": 0.7}, {"rate": 0.7 / 7.0}),
        (
            "mbgnbd",
            "one probability of leaving for all",
            {"r": 0.5, "alpha": 6.0, "leave_probability": 0.1},
            {"r": 0.5, "alpha": 42.0, "leave_probability": 0.1},
        ),
        (
            "paretonbd",
            "one rate of leaving for all",
            {"r": 0.5, "alpha": 6.0, "leave_rate": 0.7},
            {"r": 0.5, "alpha": 42.0, "leave_rate": 0.7 / 7.0},
        ),
        (
            "paretonbd",
            ALIKE,
            {"rate": 0.7, "s": 0.6, "beta": 11.0},
            {"rate": 0.7 / 7.0, "s": 0.6, "beta": 77.0},
        ),
        ("bgnbd", ALIKE, {"rate": 7.0, "a": 1.0, "b": 2.0}, {"rate": 1.0, "a": 1.0, "b": 2.0}),
        (
            "bgnbd",
            "all leave as soon as they may",
            {"r": 0.5, "alpha": 6.0, "leave_share": 1.0},
            {"r": 0.5, "alpha": 42.0, "leave_share": 1.0},
        ),
    ],
)
def test_a_limit_is_a_model_and_its_times_and_rates_become_days(
    kind: str, limit: str, weeks: dict[str, float], days: dict[str, float]
) -> None:
    found = parse(with_model({"type": kind, "limit": limit, **weeks})).purchases
    assert found == limit_model(kind, days)


@pytest.mark.parametrize(
    ("section", "where", "told"),
    [
        ({"limit": "nobody leaves", "rate": 0.7}, "purchase_model", ALIKE),
        ({"limit": "nobody at all", "r": 0.5, "alpha": 6.0}, "purchase_model", "nobody leaves"),
        ({"limit": "nobody leaves", "r": 0.5}, "purchase_model", "parameters alpha r | rate"),
        ({"limit": "nobody leaves", **BETA_GEOMETRIC}, "purchase_model", "alike in buying"),
        ({"limit": "nobody leaves", "rate": -1.0}, "purchase_model.rate", "greater than 0"),
        ({"limit": "", "rate": 1.0, "leave_share": 2.0}, "purchase_model.leave_share", "less than"),
        ({"limit": 3, "rate": 1.0}, "purchase_model.limit", "string"),
        ({"limit": "nobody leaves", "rate": 1.0, "gamma": 1.0}, "purchase_model.gamma", "Extra"),
        ({"limit": None, **BETA_GEOMETRIC}, "purchase_model.limit", "Extra inputs"),
        ({"type": "nbd", "limit": "nobody leaves", "rate": 1.0}, "purchase_model.type", "bgnbd"),
    ],
)
def test_what_is_wrong_with_a_limit_is_named(
    section: dict[str, Any], where: str, told: str
) -> None:
    with pytest.raises(ParameterError) as caught:
        parse(with_model({"type": "bgnbd", **section}))
    assert caught.value.where == where
    assert told in str(caught.value)


def with_spend(section: object) -> dict[str, Any]:
    changed: dict[str, Any] = document()
    changed["spend_model"] = section
    return changed


def test_spend_may_be_one_mean_or_each_customers_own() -> None:
    one = {"type": "gammagamma", "limit": "one mean for all", "mean": 9.99}
    assert parse(with_spend(one)).spend == OneMean(999.0)
    assert parse(with_spend({"type": "own_mean"})).spend == OwnMean()


@pytest.mark.parametrize(
    ("section", "where"),
    [
        ({"type": "gammagamma", "limit": "one mean for all"}, "spend_model.mean"),
        ({"type": "gammagamma", "limit": "one mean for all", "mean": 0.0}, "spend_model.mean"),
        ({"type": "gammagamma", "limit": "all", "mean": 1.0}, "spend_model.limit"),
        ({"type": "own_mean", "mean": 1.0}, "spend_model.mean"),
        ({"type": "mean"}, "spend_model.type"),
        (None, "spend_model"),
    ],
)
def test_what_is_wrong_with_a_spend_model_is_named(section: object, where: str) -> None:
    with pytest.raises(ParameterError) as caught:
        parse(with_spend(section))
    assert caught.value.where == where
