import copy
import json
import math
from pathlib import Path
from typing import Any

import pytest

import scoring.models
from scoring.parameters import ParameterError, digest, parse

CDNOW = Path(scoring.models.__file__).with_name("cdnow.json")


@pytest.fixture
def document() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(CDNOW.read_text())
    return loaded


def put(document: dict[str, Any], path: str, value: object) -> dict[str, Any]:
    changed = copy.deepcopy(document)
    *parents, last = path.split(".")
    section = changed
    for parent in parents:
        section = section[parent]
    section[last] = value
    return changed


def test_the_shipped_file_speaks_days_and_cents(document: dict[str, Any]) -> None:
    parameters = parse(document)

    assert parameters.purchases.alpha == pytest.approx(4.413602098 * 7)
    assert parameters.purchases.r == 0.242594521
    assert parameters.spend.v == pytest.approx(1544.3524)
    assert parameters.half_lives_days == tuple(document["half_lives_days"].values())
    assert parameters.rules["silence"].middle == document["rules"]["silence"]["middle"]
    assert (parameters.book_currency, parameters.currency_exponent) == ("USD", 2)


def test_a_years_discount_is_the_files_rate(document: dict[str, Any]) -> None:
    assert math.exp(-365 * parse(document).discount_rate) == pytest.approx(1 / 1.15)


def test_days_and_minor_units_are_taken_as_they_are(document: dict[str, Any]) -> None:
    parameters = parse(put(put(document, "time_unit", "day"), "money_unit", "minor"))

    assert parameters.purchases.alpha == 4.413602098
    assert parameters.spend.v == 15.443524


def test_the_version_is_name_and_digest(document: dict[str, Any]) -> None:
    parameters = parse(document)

    assert parameters.digest == digest(document)
    assert parameters.version == f"cdnow-{digest(document)[:12]}"


def test_the_digest_sees_values_and_not_their_order(document: dict[str, Any]) -> None:
    backwards = dict(reversed(document.items()))

    assert digest(backwards) == digest(document)
    assert digest(put(document, "margin", 0.31)) != digest(document)


def test_rules_cannot_be_changed_afterwards(document: dict[str, Any]) -> None:
    parameters = parse(document)

    with pytest.raises(TypeError):
        parameters.rules["silence"] = parameters.rules["overdue"]  # type: ignore[index]
    with pytest.raises(ValueError, match="frozen"):
        parameters.rules["silence"].middle = 0.1  # type: ignore[misc]


@pytest.mark.parametrize(
    ("path", "value", "where"),
    [
        ("schema_version", 2, "schema_version"),
        ("schema_version", True, "schema_version"),
        ("name", "Bad Name", "name"),
        ("name", "cdnow\n", "name"),
        ("time_unit", "month", "time_unit"),
        ("money_unit", "cents", "money_unit"),
        ("currency_exponent", 5, "currency_exponent"),
        ("book_currency", "usd", "book_currency"),
        ("book_timezone", "../etc/passwd", "book_timezone"),
        ("purchase_model.type", "pareto_nbd", "purchase_model.type"),
        ("purchase_model.alpha", 0, "purchase_model.alpha"),
        ("purchase_model.r", "0.24", "purchase_model.r"),
        ("purchase_model.b", math.nan, "purchase_model.b"),
        ("spend_model.q", 1.0, "spend_model.q"),
        ("spend_model.v", math.inf, "spend_model.v"),
        ("horizon_days", 0.5, "horizon_days"),
        ("clv_horizon_days", 1e6, "clv_horizon_days"),
        ("annual_discount_rate", -0.01, "annual_discount_rate"),
        ("margin", 1.5, "margin"),
        ("margin", True, "margin"),
        ("margin", 10**400, "margin"),
        ("half_lives_days.long", 1, "half_lives_days"),
        ("rules.silence.high", 0.5, "rules.silence"),
        ("rules.silence.hysteresis", 0.99, "rules.silence"),
        ("rules.silence.floor", 0.99, "rules.silence"),
        ("rules.silence.middle", 0, "rules.silence.middle"),
        ("rules.silence.points", -1, "rules.silence.points"),
        ("rules.silence.medium", 1, "rules.silence.medium"),
        ("scorecard.base_rate", 1.0, "scorecard.base_rate"),
        ("scorecard.score_drift", 0.0, "scorecard.score_drift"),
        ("rules", [], "rules"),
        ("surprise", 1, "surprise"),
    ],
)
def test_what_is_wrong_is_named(
    document: dict[str, Any], path: str, value: object, where: str
) -> None:
    with pytest.raises(ParameterError) as caught:
        parse(put(document, path, value))

    assert caught.value.where == where
    assert caught.value.expected


OPTIONAL = {"rules", "segments", "preset", "leaving", "churn", "fit", "sha256"}


@pytest.mark.parametrize(
    "section", ["", "purchase_model", "spend_model", "half_lives_days", "scorecard"]
)
def test_nothing_may_be_missing(document: dict[str, Any], section: str) -> None:
    for key in set(document[section] if section else document) - OPTIONAL:
        damaged = copy.deepcopy(document)
        del (damaged[section] if section else damaged)[key]
        with pytest.raises(ParameterError) as caught:
            parse(damaged)
        assert caught.value.where == f"{section}.{key}".removeprefix(".")


@pytest.mark.parametrize("damaged", [None, [], "cdnow", 1.5, {}])
def test_what_is_no_parameter_file_is_refused(damaged: object) -> None:
    with pytest.raises(ParameterError):
        parse(damaged)
