"""Section of where each part of a parameter file comes from, and whose money it speaks of."""

from typing import Annotated

from pydantic import Field

from scoring.models import ParameterError
from scoring.parameters._section import RuleName, Section


class Origin(Section):
    """Where a part comes from.

    Attributes:
        made_from: What it was made from, in words.
        currency: Of its amounts; None for a part without any.
    """

    made_from: Annotated[str, Field(min_length=1, max_length=400)]
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] | None = None


Origins = dict[RuleName, Origin]


def require_currency(origins: Origins, book_currency: str) -> None:
    """Refuse a part whose amounts are another currency's: as numbers they mean something else.

    Raises:
        ParameterError: There is one; the first is named.
    """
    for part, origin in origins.items():
        if origin.currency not in {None, book_currency}:
            raise ParameterError(
                where=f"origins.{part}",
                expected=f"a part whose amounts are in {book_currency}, the book's currency; fit it"
                " anew, or leave it out",
                got=f"{origin.currency}, {origin.made_from}",
            )
