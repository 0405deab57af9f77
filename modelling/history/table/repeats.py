"""Rows that stand in several files alike: a day that two extracts have both."""

from typing import Final

import numpy as np
import polars as pl

from scoring.arrays import Bools

_SAME: Final = (
    "customer_id", "time", "kind", "amount", "reverses", "reversed_time", "category", "score",
    "sentiment", "named",
)  # fmt: skip


def identical_rows(frame: pl.DataFrame, with_ids: list[bool]) -> Bools:
    """Which rows an earlier file has as well, row for row, shape (rows,).

    What one file has twice alike are two events; if two files have it twice each, two of the four
    are counted here. Rows with event ids of their own are alike only if those are.

    Args:
        frame: rows of all files, file by file; column `file` numbers them.
        with_ids: of each file, whether its event ids are its own.
    """
    nowhere = np.zeros(frame.height, np.bool_)
    if not _overlap(frame):
        return nowhere
    named = pl.col("file").is_in([n for n, own in enumerate(with_ids) if own])
    keyed = frame.with_columns(named=pl.when(named).then("event_id")).select(*_SAME, "file")
    hashes = keyed.select(pl.struct(_SAME).hash().alias("hash"), "file")
    if hashes["hash"].n_unique() == frame.height:
        return nowhere
    again = np.flatnonzero(hashes["hash"].is_duplicated().to_numpy())
    some = keyed[again].with_columns(place=pl.int_range(pl.len()).over(*_SAME, "file"))
    first = some.select(pl.struct(*_SAME, "place").is_first_distinct()).to_series()
    nowhere[again] = ~first.to_numpy()
    return nowhere


def _overlap(frame: pl.DataFrame) -> bool:
    """Whether any two files have a stretch of time in common."""
    time = pl.col("time")
    spans = frame.group_by("file").agg(begin=time.min(), end=time.max()).sort("begin")
    return bool((spans["begin"].shift(-1) <= spans["end"].cum_max()).any())
