"""What messages of every kind are made of."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from schemas import Band, Confidence
from schemas.outputs.messages import BandBefore
from scoring.facts.state import States
from scoring.feature import Feature
from scoring.warning.lifecycle import LOW
from streams.outbox.wording import Features

BANDS: Final[tuple[Band, ...]] = ("low", "middle", "high")
THIN_HISTORY: Final = 3  # repeat purchases below which silence says little
Row = Mapping[str, Any]  # one row of a step's warnings, scores or cases


def rows(table: States) -> Iterator[Row]:
    """Rows of a structured array as plain Python values, which are read many times faster."""
    names = table.dtype.names or ()
    for values in zip(*(table[name].tolist() for name in names), strict=True):
        yield dict(zip(names, values, strict=True))


def instant(seconds: float) -> datetime:
    """Epoch seconds as a time."""
    return datetime.fromtimestamp(seconds, UTC)


def confidence(f: Features) -> Confidence:
    """How far to believe what is told of a customer."""
    return "low" if f[Feature.FREQUENCY] < THIN_HISTORY else "normal"


def band_before(row: Row) -> BandBefore | None:
    """What a warning was that was open."""
    if row["before"] == LOW:
        return None
    return BandBefore(band=BANDS[row["before"]], sequence=row["sequence"] - 1)
