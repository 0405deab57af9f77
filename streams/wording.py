"""A warning's reasons in plain words: what was, what is, and what would clear it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from schemas import MINOR_UNITS
from scoring.features import Feature
from scoring.model import Model
from scoring.rules import RULES
from scoring.state import Floats


@dataclass(frozen=True)
class Words:
    """How one rule speaks. Every part is given the features and the model."""

    text: Callable[[Floats, Model], str]
    would_clear: Callable[[Floats, Model], str]


def money(minor: float, currency: str) -> str:
    """Show an amount of minor units.

    >>> money(123456, "USD"), money(123456, "JPY")
    ('1,234.56 USD', '123,456 JPY')
    """
    exponent = MINOR_UNITS[currency]
    return f"{minor / 10**exponent:,.{exponent}f} {currency}"


def _percent(share: float) -> str:
    return f"{100 * share:.0f}%"


def _silence(f: Floats, model: Model) -> str:
    usual = (
        f"usually buys every {f[Feature.USUAL_GAP]:.0f} days"
        if f[Feature.FREQUENCY]
        else ("bought on one day only")
    )
    return (
        f"No purchase for {f[Feature.DAYS_SINCE_LAST]:.0f} days; {usual}. "
        f"{_percent(f[Feature.P_NO_PURCHASE])} likely to buy nothing "
        f"in the next {model.horizon:.0f} days."
    )


def _spend(f: Floats, model: Model) -> str:
    currency = model.parameters.book_currency
    then, now = (money(f[row], currency) for row in (Feature.SPEND_THEN, Feature.SPEND_NOW))
    return f"Spends {now} a month lately against {then} before."


def _use(f: Floats, _: Model) -> str:
    return f"Uses the card {f[Feature.USE_NOW]:.1f} times a month lately against {f[Feature.USE_THEN]:.1f} before."


def _engagement(f: Floats, _: Model) -> str:
    return f"{f[Feature.VISITS_NOW]:.1f} visits and contacts a month lately against {f[Feature.VISITS_THEN]:.1f} before."


def _overdue(f: Floats, _: Model) -> str:
    return (
        f"{_percent(f[Feature.OVERDUE_RATE])} of recent instalments overdue "
        f"({f[Feature.OVERDUE]:.1f} overdue against {f[Feature.REPAID]:.1f} repaid, the older counting less)."
    )


def _dissatisfaction(f: Floats, _: Model) -> str:
    parts = (
        (Feature.COMPLAINTS, "complaints"),
        (Feature.LOW_SURVEYS, "low survey scores"),
        (Feature.DETRACTIONS, "a detractor's answer"),
    )
    heard = [name for row, name in parts if f[row] > 0.05]  # noqa: PLR2004 - faded away
    return f"Shows dissatisfaction: {', '.join(heard) or 'negative contacts'}."


def _spend_to_clear(f: Floats, model: Model) -> str:
    target = _kept("spend_decline", model) * f[Feature.SPEND_THEN]
    return f"Spending back at {money(target, model.parameters.book_currency)} a month."


def _use_to_clear(f: Floats, model: Model) -> str:
    target = _kept("card_use_decline", model) * f[Feature.USE_THEN]
    return f"Card use back at {target:.1f} times a month."


def _engagement_to_clear(f: Floats, model: Model) -> str:
    target = _kept("engagement_decline", model) * f[Feature.VISITS_THEN]
    return f"Visits and contacts back at {target:.1f} a month."


def _repaid_to_clear(f: Floats, model: Model) -> str:
    overdue, repaid = f[Feature.OVERDUE], f[Feature.REPAID]
    needed = overdue / _floor("overdue", model) - overdue - repaid - 1.0
    return f"{max(1, int(needed) + 1)} instalments repaid in time."


def _floor(name: str, model: Model) -> float:
    """Value a rule's warning clears below."""
    slot = next(slot for slot, rule in enumerate(RULES) if rule.name == name)
    return float(model.middle[slot] - model.hysteresis[slot])


def _kept(name: str, model: Model) -> float:
    return 1.0 - _floor(name, model)


WORDS: Final[Mapping[str, Words]] = {
    "silence": Words(_silence, lambda _f, _m: "A purchase."),
    "spend_decline": Words(_spend, _spend_to_clear),
    "card_use_decline": Words(_use, _use_to_clear),
    "engagement_decline": Words(_engagement, _engagement_to_clear),
    "overdue": Words(_overdue, _repaid_to_clear),
    "dissatisfaction": Words(_dissatisfaction, lambda _f, _m: "The cause settled, and no new one."),
}
