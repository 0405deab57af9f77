"""A first parameter file: loadable, in the bank's own money, and honest about where it is from."""

import json
from functools import partial
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ebbwatch.cli import command_line
from schemas import MINOR_UNITS
from scoring import ScoringError
from scoring.churn import ChurnScorecard
from scoring.model import ScoringModel
from scoring.models import ParameterError
from scoring.parameters import parse
from streams.config import PRESETS, packaged
from streams.parameters.file import read_document
from streams.tools.new_parameters import PARTS, SPEND, _rates, new_document

run = partial(CliRunner().invoke, command_line())
NEW = ["parameters", "new", "--currency", "JPY", "--timezone", "Asia/Tokyo"]
BANKS = [("AUD", "Australia/Sydney"), ("JPY", "Asia/Tokyo"), ("KWD", "Asia/Kuwait")]


def mean_spend(document: dict) -> float:
    """What the population spends on a purchase day, major units."""
    parameters = parse(document)
    spend = parameters.spend
    minor = spend.p * spend.v / (spend.q - 1.0)
    return minor / 10.0**parameters.currency_exponent


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize(("currency", "zone"), BANKS)
def test_amounts_are_of_the_banks_own_order_in_its_own_units(
    currency: str, zone: str, preset: str
) -> None:
    before, made = read_document(packaged(preset)), new_document(preset, currency, zone)
    rate = _rates().per_usd[currency]
    assert mean_spend(made) == pytest.approx(rate * mean_spend(before))
    parameters = parse(made)
    assert parameters.currency_exponent == MINOR_UNITS[currency]
    assert parameters.book_timezone == zone
    old, new = parse(before).segments, parameters.segments
    scale = rate * 10.0 ** (MINOR_UNITS[currency] - 2)
    for name in ("monetary_value", "clv"):
        expected = [cut * scale for cut in getattr(old, name)]
        assert getattr(new, name) == pytest.approx(expected, rel=1e-3)
    assert new.recency_days == old.recency_days
    assert parameters.preset == before["preset"]


@pytest.mark.parametrize("preset", PRESETS)
def test_what_customers_spend_goes_before_any_rate(preset: str) -> None:
    made = new_document(preset, "VND", "Asia/Ho_Chi_Minh", mean_purchase=450_000)
    assert mean_spend(made) == pytest.approx(450_000)
    assert "450000 VND on average" in made["origins"]["spend_model"]["made_from"]


@pytest.mark.parametrize("preset", PRESETS)
def test_without_a_rate_no_amount_of_the_preset_is_left(preset: str) -> None:
    made = new_document(preset, "VND", "Asia/Ho_Chi_Minh")
    parameters = parse(made)
    assert parameters.spend.expected_spend([0, 2], [0.0, 70_000.0]).tolist() == [0.0, 70_000.0]
    assert parameters.segments is None
    assert parameters.scorecard.least_value == 0.0
    assert "no rate from USD" in made["origins"]["spend_model"]["made_from"]
    assert "segments" not in made["origins"]


@pytest.mark.parametrize("preset", PRESETS)
def test_each_part_says_where_it_comes_from_and_nothing_of_another_bank_is_left_in_money(
    preset: str,
) -> None:
    made = new_document(preset, "AUD", "Australia/Sydney")
    assert set(made["origins"]) == {part for part in PARTS if part in made}
    for part, origin in made["origins"].items():
        assert preset in origin["made_from"]
        assert ("amounts" in origin["made_from"]) == (origin.get("currency") == "AUD")
        assert (part in {"spend_model", "segments"}) <= ("currency" in origin)
    assert SPEND not in made.get("reference", {}).get("distributions", {})
    card = parse(made).churn
    assert card is None or SPEND not in names(card)


def names(card: ChurnScorecard) -> set[str]:
    return {term.input.name for term in card.terms}


def test_a_part_made_in_another_currency_is_refused_by_name() -> None:
    made = new_document("cards", "AUD", "Australia/Sydney")
    moved = {**made, "book_currency": "JPY", "currency_exponent": 0}
    with pytest.raises(ParameterError, match=r"origins\.\w+: expected .* in JPY.* got AUD, preset"):
        parse(moved)
    alien = {"made_from": "another bank", "currency": "USD"}
    with pytest.raises(ParameterError, match=r"origins.segments: .*got USD, another bank"):
        parse({**made, "origins": {"segments": alien}})
    assert parse({**made, "origins": {}}).book_currency == "AUD"


@pytest.mark.parametrize(
    ("currency", "zone", "mean", "where"),
    [
        ("aud", "UTC", None, "--currency: expected an ISO 4217 code"),
        ("XAU", "UTC", None, "--currency"),
        ("", "UTC", None, "--currency"),
        ("AUD", "UTC", 0.0, "--mean-purchase: expected an amount above 0 in AUD"),
        ("AUD", "UTC", -3.0, "--mean-purchase"),
        ("AUD", "UTC", float("nan"), "--mean-purchase"),
        ("AUD", "UTC", float("inf"), "--mean-purchase"),
        ("AUD", "Mars/Olympus", None, "book_timezone: expected a zone"),
        ("AUD", "", None, "book_timezone"),
        ("AUD", "../etc/passwd", None, "book_timezone"),
    ],
)
def test_what_cannot_be_used_is_refused(
    currency: str, zone: str, mean: float | None, where: str
) -> None:
    with pytest.raises(ScoringError, match=where):
        new_document("cards", currency, zone, mean)


def test_every_packaged_rate_is_of_a_known_currency_and_plausible() -> None:
    rates = _rates().per_usd
    assert set(rates) <= set(MINOR_UNITS)
    assert rates["USD"] == 1.0
    assert all(0.2 < rate < 50_000 for rate in rates.values())


def asked_for_yen(out: Path) -> list[str]:
    books = ["--currency", "JPY", "--timezone", "Asia/Tokyo"]
    return ["parameters", "new", *books, "--out", str(out)]


def test_the_command_writes_a_sealed_file_that_workers_load(tmp_path: Path) -> None:
    out = tmp_path / "bank.json"
    asked = asked_for_yen(out)
    told = run(asked)
    assert told.exit_code == 0
    assert "EBBWATCH_PARAMETERS_FILE" in told.stdout
    document = read_document(out)
    assert ScoringModel(parse(document)).parameters.book_currency == "JPY"
    as_json = json.loads(run([*asked, "--json"]).stdout)
    assert as_json["sha256"] == document["sha256"]
    assert as_json["origins"] == document["origins"]


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        (["--preset", "gold"], "--preset: expected one of cards, cdnow, got gold"),
        (["--out", "/nowhere/bank.json"], "expected a file in a folder that exists"),
        (["--currency", "VND", "--mean-purchase", "0"], "--mean-purchase"),
    ],
)
def test_a_wrong_option_is_told_in_one_line(changed: list[str], told: str, tmp_path: Path) -> None:
    out = tmp_path / "bank.json"
    asked = asked_for_yen(out)
    refused = run([*asked, *changed])
    assert refused.exit_code == 1
    assert told in refused.stderr
    assert not out.exists()
