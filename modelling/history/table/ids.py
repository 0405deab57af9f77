"""Ids that differ only by zero padding, case or what parts them: kept apart, but told."""

from typing import NamedTuple

import polars as pl

from modelling.history.shown import shown


class NearMiss(NamedTuple):
    """Ids that would be others' if they were written like them.

    Attributes:
        how_many: ids.
        one: of them.
        other: the one it would be.
    """

    how_many: int
    one: str
    other: str

    def told(self) -> str:
        """In words."""
        return f"{self.how_many} ids, such as {shown(self.one)} beside {shown(self.other)}"


def loosely(ids: pl.Series) -> pl.Series:
    """Ids without zero padding, case and signs that part them.

    >>> loosely(pl.Series(["0012", "12", "AB-7", "ab7", "0"])).to_list()
    ['12', '12', 'ab7', 'ab7', '']
    """
    return ids.str.to_lowercase().str.replace_all(r"[^\p{L}\p{N}]", "").str.strip_chars_start("0")


def nearly_alike(ids: pl.Series) -> NearMiss | None:
    """Ids of a history, each once, that differ only so; None where there are none.

    >>> nearly_alike(pl.Series(["0012", "7", "12"])).told()
    '2 ids, such as 0012 beside 12'
    """
    frame = pl.DataFrame({"id": ids, "loose": loosely(ids)})
    if frame["loose"].n_unique() == frame.height:
        return None
    alike = frame.filter(pl.col("loose").is_duplicated()).sort("loose", "id")
    return NearMiss(alike.height, alike["id"][0], alike["id"][1])


def nearly_among(ids: pl.Series, customers: pl.Series) -> NearMiss | None:
    """Ids that are none of the customers', but differ only so from one's.

    >>> nearly_among(pl.Series(["218", "9"]), pl.Series(["000218"])).told()
    '1 ids, such as 218 beside 000218'
    """
    known = pl.DataFrame({"other": customers, "loose": loosely(customers)}).unique("loose")
    asked = pl.DataFrame({"one": ids, "loose": loosely(ids)})
    found = asked.join(known, on="loose", maintain_order="left")
    return NearMiss(found.height, found["one"][0], found["other"][0]) if found.height else None
