"""What messages of every kind are made of."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from math import isnan
from typing import Any, Final, get_args

from pydantic import BaseModel

from schemas import Band, Confidence, CustomerScore, EarlyWarning, Feed, Segments
from schemas.fields import TouchpointFamily
from schemas.outputs.messages import BandBefore, Withdrawn
from scoring.facts.state import Flag, States
from scoring.feature import Feature
from scoring.model import ScoringModel
from scoring.rules import tier_of
from scoring.segments import FIGURES
from scoring.warning.lifecycle import LOW
from streams.outbox.wording import Features

BANDS: Final[tuple[Band, ...]] = ("low", "middle", "high")
TOUCHPOINTS: Final[tuple[TouchpointFamily, ...]] = get_args(TouchpointFamily)
THIN_HISTORY: Final = 3  # repeat purchases below which silence says little
STALE: Final = 0.5  # of what is usual in a day
OFFERS: Final = frozenset({"offer", "offers", "incentive", "incentives"})
INSTEAD: Final = "advisor_contact"  # of an offer to who wants none
NO_MARKETING: Final = Flag.NO_MARKETING.value  # of plain numbers bits are asked much faster
NO_PROFILING: Final = Flag.NO_PROFILING.value
Row = Mapping[str, Any]  # one row of a step's warnings, scores or cases


def _features_of(contract: type[BaseModel]) -> Mapping[str, Feature]:
    """Fields of a message that are features as they are, times in days being named so."""
    names = {name: name.removesuffix("_days").upper() for name in contract.model_fields}
    found = {name: Feature[own] for name, own in names.items() if own in Feature.__members__}
    # The churn risk is the rules' own without a scorecard, the frequency a whole number.
    return {name: found[name] for name in found if name not in {"churn_risk", "frequency"}}


def _figures_of(contract: type[BaseModel]) -> Mapping[str, int]:
    """Fields of a message that are figures, and their places in the registry."""
    places = {figure.name: place for place, figure in enumerate(FIGURES)}
    return {name: places[name] for name in contract.model_fields if name in places}


SCORED: Final = _features_of(CustomerScore)
WARNED: Final = _features_of(EarlyWarning)
FIGURED: Final = _figures_of(CustomerScore)
FIGURED_CLASSES: Final = _figures_of(Segments)


def rows(table: States) -> Iterator[Row]:
    """Rows of a structured array as plain Python values, which are read many times faster."""
    names = table.dtype.names or ()
    for values in zip(*(table[name].tolist() for name in names), strict=True):
        yield dict(zip(names, values, strict=True))


def instant(seconds: float) -> datetime:
    """Epoch seconds as a time."""
    return datetime.fromtimestamp(seconds, UTC)


def confidence(f: Features, feed: Feed | None = None) -> Confidence:
    """How far to believe what is told of a customer, and by what their feed brought."""
    is_thin = f[Feature.FREQUENCY] < THIN_HISTORY
    return "low" if is_thin or (feed is not None and _is_stale(feed)) else "normal"


def consent_withdrawn(flags: int) -> Withdrawn:
    """What a customer withdrew consent to, by the flags of their state."""
    marketing: Withdrawn = ("marketing",) if flags & NO_MARKETING else ()
    return (*marketing, "profiling") if flags & NO_PROFILING else marketing


def allowed(action: str, flags: int) -> str:
    """An action, or what is done instead where it is an offer and marketing was refused.

    An offer is an action whose code has a word for it, a bank's own as well.

    >>> allowed("win_back_offer", NO_MARKETING), allowed("win_back_call", NO_MARKETING)
    ('advisor_contact', 'win_back_call')
    """
    refused = flags & NO_MARKETING and not OFFERS.isdisjoint(action.lower().split("_"))
    return INSTEAD if refused else action


def tier_told(at_stake: float, flags: int, model: ScoringModel) -> int | None:
    """Place of a customer's value tier; None of whom nothing is scored."""
    return None if flags & NO_PROFILING else tier_of(at_stake, model.thresholds.tiers)


def family_of(code: int) -> TouchpointFamily | None:
    """Name of a family of touchpoints by its `Family` and one; None for 0."""
    return TOUCHPOINTS[code - 1] if code else None


def _is_stale(feed: Feed) -> bool:
    return feed.usual is not None and feed.events < STALE * feed.usual


def feed_of(row: Row) -> Feed | None:
    """What the feed brought before a warning; None where nothing came yet."""
    heard, came, usual, customers = row["feed"]
    if not heard > 0.0:  # also where it is not known
        return None
    return Feed(
        heard_at=instant(heard),
        events=int(came),
        usual=None if isnan(usual) else usual,
        customers=round(customers),
    )


def band_before(row: Row) -> BandBefore | None:
    """What a warning was that was open."""
    if row["before"] == LOW:
        return None
    return BandBefore(band=BANDS[row["before"]], sequence=row["sequence"] - 1)
