"""Segmentations by which a rule may have thresholds of its own: those that silence does not move.

A threshold that moved by itself would be crossed at instants that no timer knows.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, get_args

from schemas import Segments

_QUINTILES: Final = ("1", "2", "3", "4", "5")


def _classes(name: str) -> tuple[str, ...]:
    return get_args(Segments.model_fields[name].annotation)


STILL: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "frequency": _QUINTILES,
        "monetary": _QUINTILES,
        "nps": _classes("nps"),
        "top_category": _classes("top_category"),
        "usual_category": _classes("usual_category"),
    }
)
"""Classes of each; of `frequency` and `monetary` those of the parameter file's cut points."""

BY_CUTS: Final = ("frequency", "monetary")

MOVING: Final[Mapping[str, str]] = MappingProxyType(
    {
        "recency": "its days grow in silence",
        "rfm": "its recency grows in silence; frequency and monetary stand still",
        "value_tier": "the lifetime value ahead falls in silence; monetary stands still",
        "activity": "activity fades in silence",
        "lifecycle": "silence makes a customer lapse, and warnings decide who declines",
        "loyalty": "silence ends it, and so do warnings",
        "standing": "warnings decide it",
        "term": "the days since the first purchase grow in silence",
    }
)
"""Why the others cannot have thresholds."""
