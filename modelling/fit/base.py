"""The file that a fit takes all else from, and where each part of the new one comes from."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np

from modelling.history import Summary
from schemas import MINOR_UNITS
from scoring import ScoringError
from scoring.arrays import Floats
from scoring.model import ScoringModel
from scoring.parameters import parse
from scoring.segments.histograms import QUINTILES, TIERS

PARTS: Final = (
    *("purchase_model", "spend_model", "rules", "scorecard"),
    *("segments", "leaving", "promise"),
)
STALE: Final = ("churn", "reference")  # made over the models that are replaced
SILENCE: Final = "silence"
OF_MONEY: Final = ("spend_model", "segments", "scorecard")
LONGEST: Final = 400  # characters of an origin


def prepared(base: object, currency: str | None, timezone: str | None) -> dict[str, Any]:
    """A base file made ready for a bank's own currency and time zone.

    Where the currency changes, cut points of segments are left out, to be made anew of the history:
    they are amounts, as the spend model is, which no fit keeps. So is a scorecard, which weighs
    amounts.

    Raises:
        ScoringError: The base, the currency or the time zone cannot be used, or an amount of the
            base's is in another currency.
    """
    parse(base)
    document = dict(base) if isinstance(base, Mapping) else {}
    own = document["book_currency"]
    if currency is not None and currency != own:
        if currency not in MINOR_UNITS:
            expected = "an ISO 4217 code with a minor unit"
            raise ScoringError(where="currency", expected=expected, got=currency)
        _require_no_amount(document, currency)
        document |= {"book_currency": currency, "currency_exponent": MINOR_UNITS[currency]}
        document = without_scorecard(document)
        document.pop("segments", None)
        kept = document.get("origins", {}).items()
        document["origins"] = {
            part: origin for part, origin in kept if origin.get("currency") in {None, currency}
        }
    if timezone is not None:
        document["book_timezone"] = timezone
    document.pop("sha256", None)
    parse(document)
    return document


def without_scorecard(document: Mapping[str, Any]) -> dict[str, Any]:
    """A file without what was made over models that are replaced; silence is warned about again.

    Beside a scorecard the rule `silence` tells and does not raise; without one it has to.
    """
    rest = {name: value for name, value in document.items() if name not in STALE}
    rules = document.get("rules", {})
    if "churn" in document and SILENCE in rules:
        own = {name: value for name, value in rules[SILENCE].items() if name != "raises"}
        rest["rules"] = {**rules, SILENCE: own}
    return rest


def _require_no_amount(document: Mapping[str, Any], currency: str) -> None:
    least = document["scorecard"].get("least_value", 0.0)
    if least:
        raise ScoringError(
            where="scorecard.least_value of the base",
            expected=f"an amount in {currency}: begin with ebbwatch parameters new, or set it",
            got=f"{least:g} {document['book_currency']}",
        )


def origins(
    document: Mapping[str, Any], base: Mapping[str, Any], anew: Mapping[str, str]
) -> dict[str, dict[str, Any]]:
    """Where each part of a new file comes from.

    Args:
        document: The new file.
        base: What its other parts are of.
        anew: Where parts come from that are not the base's.
    """
    return dict(_origins(document, base, anew))


def _origins(
    document: Mapping[str, Any], base: Mapping[str, Any], anew: Mapping[str, str]
) -> Iterator[tuple[str, dict[str, Any]]]:
    currency, known = document["book_currency"], base.get("origins", {})
    preset = base.get("preset")
    source = f"file {base['name']}" if preset is None else f"preset {base['name']}, {preset}"
    for part in (each for each in PARTS if document.get(each)):
        if part in known and part not in anew:
            yield part, known[part]
        else:
            money = {"currency": currency} if part in OF_MONEY else {}
            yield part, {"made_from": anew.get(part, source)[:LONGEST], **money}


def cut_points(
    document: Mapping[str, Any], summary: Summary, kept: Mapping[str, Any]
) -> dict[str, Any]:
    """Cut points of segments made anew of a fit's customers: quintiles, and tiers of value.

    Args:
        document: The new file, whose models tell what customers are worth.
        summary: The customers.
        kept: Cut points of which those that are neither counts nor amounts are taken over.
    """
    model = ScoringModel(parse(document))
    alive = model.purchases.p_alive(summary.x, summary.t_x, summary.T)
    spend = model.spend.expected_spend(summary.x, summary.monetary_value)
    worth = model.margin * spend * alive * model.discounted_ahead(summary.x, summary.T)
    unit = 1.0 if document["money_unit"] == "minor" else 10.0 ** document["currency_exponent"]
    columns = {
        "recency_days": (summary.T - summary.t_x, QUINTILES, 1.0),
        "frequency": (summary.x, QUINTILES, 1.0),
        "monetary_value": (summary.monetary_value, QUINTILES, unit),
        "clv": (worth, TIERS, unit),
    }
    return {**kept, **{name: _cuts(*column) for name, column in columns.items()}}


def _cuts(values: Floats, shares: tuple[float, ...], unit: float) -> list[float]:
    found = np.quantile(values, shares, method="inverted_cdf") / unit
    return [float(f"{cut:.4g}") for cut in found]
