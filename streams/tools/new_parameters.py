"""A parameter file for a bank to begin with, made of a preset and of what the bank says of itself.

What another bank's customers did says something of how people buy and leave; its amounts say
nothing. They are brought to the order of magnitude of the bank's own: by what its customers spend,
where that is given, else by a rate of exchange. Each part says where it comes from.
"""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from importlib import resources
from typing import Any, Final, NamedTuple

from schemas import MINOR_UNITS
from scoring import ScoringError
from scoring.feature import Feature
from scoring.model import ScoringModel
from scoring.parameters import parse
from streams.config import packaged
from streams.parameters.file import read_document

DIGITS: Final = 4  # of a converted amount; it is an order of magnitude
PARTS: Final = (
    *("purchase_model", "spend_model", "rules", "scorecard"),
    *("segments", "leaving", "churn", "reference"),
)
CUTS: Final = ("monetary_value", "clv")  # of segments, amounts
SPEND: Final = Feature.EXPECTED_SPEND.name.lower()  # of a scorecard's inputs, the one in money


class Conversion(NamedTuple):
    """How a preset's amounts become the bank's.

    Attributes:
        factor: of the bank's major units for one of the preset's; None where it is not known.
        words: where it comes from.
    """

    factor: float | None
    words: str


def new_document(
    preset: str, currency: str, timezone: str, mean_purchase: float | None = None
) -> dict[str, Any]:
    """Make a bank's first parameter file of a preset.

    Args:
        preset: name of the packaged file to begin with.
        currency: of the book, ISO 4217.
        timezone: of the book, IANA.
        mean_purchase: what a customer spends on a day with purchases, on average, major units.

    Raises:
        ScoringError: something of it cannot be used.
    """
    document = dict(read_document(packaged(preset)))
    if currency not in MINOR_UNITS:
        expected = "an ISO 4217 code with a minor unit, such as AUD"
        raise ScoringError(where="--currency", expected=expected, got=currency)
    conversion = _conversion(document, currency, mean_purchase)
    if conversion.factor is None:
        document = _moneyless(document)
        money = {"spend_model": document["spend_model"]}
    else:
        money = _converted(document, conversion.factor)
    origins = dict(_origins(document, money, currency, conversion))
    if "reference" in document:
        document["reference"] = _without_amounts(document["reference"])
    document |= {
        "name": f"{preset}-{currency.lower()}",
        "book_currency": currency,
        "currency_exponent": MINOR_UNITS[currency],
        "book_timezone": timezone,
        **money,
        "origins": origins,
    }
    document.pop("sha256", None)
    ScoringModel(parse(document)).calendar  # noqa: B018 - a zone that does not exist is refused
    return document


def _conversion(
    document: Mapping[str, Any], currency: str, mean_purchase: float | None
) -> Conversion:
    own, known = document["book_currency"], _rates()
    if mean_purchase is not None:
        if not 0.0 < mean_purchase < float("inf"):
            expected = f"an amount above 0 in {currency}"
            raise ScoringError(where="--mean-purchase", expected=expected, got=mean_purchase)
        spend = document["spend_model"]
        mean = spend["p"] * spend["v"] / (spend["q"] - 1.0)
        words = f"scaled so that a purchase day is worth {mean_purchase:g} {currency} on average"
        return Conversion(mean_purchase / mean, words)
    if currency == own:
        return Conversion(1.0, "as they are")
    if currency not in known.per_usd or own != "USD":
        return Conversion(
            None,
            f"left out, since no rate from {own} is packaged: each customer is taken to go on"
            " spending their own mean so far; --mean-purchase would scale the preset's",
        )
    rate = known.per_usd[currency]
    words = f"converted at {rate:g} {currency} a {own}, {known.words}, an order of magnitude"
    return Conversion(rate, words)


class _Rates(NamedTuple):
    per_usd: Mapping[str, float]
    words: str


def _rates() -> _Rates:
    """Units for a US dollar: the European Central Bank's reference rates, and official pegs."""
    text = resources.files("streams.tools").joinpath("usd_rates.json").read_text("utf-8")
    found = json.loads(text)
    words = f"the ECB's reference rates of {found['date']} or an official peg"
    return _Rates({**found["pegged"], **found["per_usd"]}, words)


def _converted(document: Mapping[str, Any], factor: float) -> dict[str, Any]:
    """The parts that speak of money, their amounts converted."""
    spend, card, cuts = document["spend_model"], document["scorecard"], document.get("segments")
    parts = {"spend_model": {**spend, "v": spend["v"] * factor}}
    if "least_value" in card:
        parts["scorecard"] = {**card, "least_value": _rounded(card["least_value"] * factor)}
    if cuts:
        parts["segments"] = {**cuts, **{name: _all(cuts[name], factor) for name in CUTS}}
    return parts


def _moneyless(document: Mapping[str, Any]) -> dict[str, Any]:
    """The preset without its amounts: no cut points of segments, and a customer's own mean."""
    kept = {name: part for name, part in document.items() if name != "segments"}
    card = {name: value for name, value in kept["scorecard"].items() if name != "least_value"}
    return {**kept, "scorecard": card, "spend_model": {"type": "own_mean"}}


def _all(amounts: Sequence[float], factor: float) -> list[float]:
    return [_rounded(amount * factor) for amount in amounts]


def _rounded(amount: float) -> float:
    return float(f"{amount:.{DIGITS}g}")


def _without_amounts(reference: Mapping[str, Any]) -> dict[str, Any]:
    """Distributions of what is no money: workers make the others of their own first round."""
    kept = {name: d for name, d in reference["distributions"].items() if name != SPEND}
    return {**reference, "distributions": kept}


def _origins(
    document: Mapping[str, Any], money: Collection[str], currency: str, conversion: Conversion
) -> Iterator[tuple[str, dict[str, str]]]:
    source = f"preset {document['name']}, {document['preset']}"
    for part in (each for each in PARTS if document.get(each)):
        if part in money:
            yield part, {"made_from": f"{source}; amounts {conversion.words}", "currency": currency}
        else:
            yield part, {"made_from": source}
