from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from cases import document

from scoring.model import ScoringModel
from scoring.parameters import ParameterError, digest, parse, sealed
from scoring.parameters.origins import Origin, require_currency

ESTIMATE = {
    "model": "bgnbd",
    "parameters": {"r": 0.24},
    "standard_errors": {"r": 0.01},
    "log_likelihood": -9582.4,
    "customers": 2357,
    "cells": 1411,
    "diagnostics": [],
}
FIT = {
    "fitted_by": "ebbwatch 1",
    "source": "files",
    "window": {"first_day": "1997-01-01", "until": "1997-09-30"},
    "time_unit": "week",
    "money_unit": "major",
    "counts": {"rows": 6919, "used": 6919},
    "customers": 2357,
    "purchases": ESTIMATE,
    "spend": None,
    "winsorised": {"quantile": 0.999, "cap": None, "customers": 0},
    "holdout": {
        "until": "1998-06-30",
        "days": 273,
        "expected": 1653.4,
        "actual": 1882,
        "correlation": None,
        "mean_absolute_error": 0.785,
        "bins": [
            {"frequency": 0, "customers": 1411, "expected": 0.2, "actual": 0.2},  # as it was
            {"frequency": 1, "most": 16, "customers": 9, "expected": 0.9, "actual": 1.0},
            {"frequency": 17, "most": None, "customers": 1, "expected": 0.9, "actual": 1.0},
        ],
    },
    "diagnostics": ["All is well."],
}


def test_provenance_is_taken_and_changes_nothing_but_the_version() -> None:
    plain, fitted = parse(document()), parse({**document(), "fit": FIT})
    assert fitted.purchases == plain.purchases
    assert fitted.version != plain.version


def test_the_last_day_that_the_fit_saw_is_told_and_ends_on_the_clock_of_the_book() -> None:
    there = parse({**document(), "book_timezone": "Asia/Shanghai", "fit": FIT})
    assert there.fitted_until == date(1997, 9, 30)
    ends = datetime(1997, 10, 1, tzinfo=ZoneInfo("Asia/Shanghai")).timestamp()
    assert ScoringModel(there).fitted_until == ends
    assert parse(document()).fitted_until is None
    assert ScoringModel(parse(document())).fitted_until is None


@pytest.mark.parametrize(
    ("section", "where"),
    [
        ({"window": {"first_day": None, "until": "1997-02-29"}}, "fit.window.until"),
        ({"window": {"first_day": None, "until": "0000-01-01"}}, "fit.window.until"),
        ({"window": {"first_day": None, "until": "\u0661\u0669\u0669\u0667-01-01"}}, "fit.window"),
        ({"source": "hearsay"}, "fit.source"),
        ({"window": {"first_day": "1.1.97", "until": "1997-09-30"}}, "fit.window.first_day"),
        ({"counts": {"rows": -1}}, "fit.counts.rows"),
        ({"purchases": {**ESTIMATE, "log_likelihood": float("nan")}}, "fit.purchases"),
        ({"more": 1}, "fit.more"),
    ],
)
def test_provenance_of_another_form_is_refused(section, where) -> None:
    with pytest.raises(ParameterError, match=where):
        parse({**document(), "fit": {**FIT, **section}})


def test_a_sealed_file_has_the_version_of_the_plain_one() -> None:
    whole = sealed(document())
    assert list(whole)[-1] == "sha256"
    assert whole["sha256"] == digest(document()) == digest(whole)
    assert parse(whole).version == parse(document()).version
    assert sealed(whole) == whole


def test_a_damaged_file_is_refused() -> None:
    damaged = {**sealed(document()), "margin": 0.31}
    with pytest.raises(ParameterError, match=r"sha256: expected .*damaged or was edited by hand"):
        parse(damaged)


@pytest.mark.parametrize("seal", ["", "0" * 63, "G" * 64, 7])
def test_a_seal_of_another_form_is_refused(seal) -> None:
    with pytest.raises(ParameterError, match="sha256"):
        parse({**document(), "sha256": seal})


def test_digests_are_of_any_json_value() -> None:
    assert digest([1]) != digest([2])


def test_parts_of_another_currency_are_refused_by_name():
    parts = {"rules": Origin(made_from="a log"), "spend": Origin(made_from="a log", currency="EUR")}
    require_currency(parts, "EUR")
    with pytest.raises(ParameterError, match=r"origins\.spend: .*USD.*EUR"):
        require_currency(parts, "USD")
