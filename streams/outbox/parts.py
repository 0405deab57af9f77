"""What messages of every kind are made of."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from schemas import Band
from scoring.facts.state import States

BANDS: Final[tuple[Band, ...]] = ("low", "middle", "high")
Row = Mapping[str, Any]  # one row of a step's warnings, scores or cases


def rows(table: States) -> Iterator[Row]:
    """Rows of a structured array as plain Python values, which are read many times faster."""
    names = table.dtype.names or ()
    for values in zip(*(table[name].tolist() for name in names), strict=True):
        yield dict(zip(names, values, strict=True))


def instant(seconds: float) -> datetime:
    """Epoch seconds as a time."""
    return datetime.fromtimestamp(seconds, UTC)
