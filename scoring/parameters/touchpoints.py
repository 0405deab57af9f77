"""Section of which family each of the bank's touchpoints is of."""

from collections.abc import Mapping
from typing import Annotated, Final

from pydantic import Field

from schemas.fields import TouchpointFamily
from scoring.facts.touchpoints import SHIPPED, Family, Touchpoints, head
from scoring.models import ParameterError

Heads = Annotated[
    dict[Annotated[str, Field(min_length=1, max_length=64)], TouchpointFamily],
    Field(max_length=1_000),
]
"""Family by what a touchpoint begins with, up to its first `:` or `/`."""
_EXPECTED: Final = "what touchpoints begin with, before their first : or /"


def touchpoints(given: Mapping[str, TouchpointFamily]) -> Touchpoints:
    """The shipped families, and over them the file's.

    Raises:
        ParameterError: One can be no beginning, or two are one beginning in two ways.
    """
    own: dict[str, Family] = {}
    for name, family in given.items():
        place, known, told = f"touchpoints.{name}", head(name), Family[family.upper()]
        if not known or head(f"{name}x") == known:  # what comes behind its end does not count
            raise ParameterError(where=place, expected=_EXPECTED, got=name)
        if own.get(known, told) is not told:
            expected = f"one family of {known}, in whatever case, with - or _"
            raise ParameterError(where=place, expected=expected, got=family)
        own[known] = told
    return Touchpoints({**SHIPPED, **own})
