"""A cleaned history as the core's columns."""

from typing import Any, Final

import numpy as np
import polars as pl

from scoring.arrays import Ints
from scoring.facts.categories import TABLE
from scoring.facts.events import (
    EVENT,
    ID_BYTES,
    Events,
    Hashes,
    hash_ids,
    within_sources,
)
from scoring.step.replay import EventLog

AT_ONCE: Final = 50_000  # ids hashed together: they stay in the processor's cache
PER_SECOND: Final = 1e6


def event_log(frame: pl.DataFrame) -> EventLog:
    """Turn a cleaned history into columns; customers by id, events as the frame has them."""
    customers = frame["customer_id"].unique().sort()
    ids: list[bytes] = customers.cast(pl.Binary).to_list()
    return EventLog(ids, _rows(frame["customer_id"], customers), _events(frame))


def hash_texts(texts: pl.Series) -> Hashes:
    """`hash_ids` of a column of ids, within their sources; 0 where there is none.

    Args:
        texts: ids, or source and id with a space between them.

    Returns:
        Shape (len(texts),).

    >>> hash_texts(pl.Series(["a", None])).astype(bool).tolist()
    [True, False]
    """
    if not texts.str.contains(" ", literal=True).any():
        return _hashed(texts)
    parts = texts.str.splitn(" ", 2).struct
    first, second = parts[0], parts[1]
    named = second.is_not_null()
    sources = first.set(~named, "").to_list()
    return within_sources(_hashed(second.fill_null(first)), sources)


def _hashed(texts: pl.Series) -> Hashes:
    hashes = np.zeros(len(texts), np.uint64)
    for start in range(0, len(texts), AT_ONCE):
        part = texts.slice(start, AT_ONCE).fill_null("")
        joined = part.str.pad_end(ID_BYTES, "\0").str.join("").item()
        packed: Any = np.frombuffer(joined.encode(), f"S{ID_BYTES}")
        hashes[start : start + AT_ONCE] = hash_ids(packed)
    return np.where(texts.is_null().to_numpy(), np.uint64(0), hashes)


def _rows(ids: pl.Series, customers: pl.Series) -> Ints:
    numbered = pl.DataFrame({"customer_id": customers}).with_row_index("number")
    found = ids.to_frame().join(numbered, on="customer_id", how="left", maintain_order="left")
    rows: Ints = found["number"].cast(pl.Int64).to_numpy()
    return rows


def _events(frame: pl.DataFrame) -> Events:
    events = np.zeros(frame.height, EVENT)
    events["kind"], events["amount"] = frame["kind"].to_numpy(), frame["amount"].to_numpy()
    events["category"] = TABLE[frame["category"].to_numpy()]
    events["score"], events["sentiment"] = frame["score"].to_numpy(), frame["sentiment"].to_numpy()
    events["time"] = frame["time"].to_numpy() / PER_SECOND
    reversed_time = frame["reversed_time"].fill_null(frame["time"])
    events["reversed_time"] = reversed_time.to_numpy() / PER_SECOND
    events["id"] = hash_texts(frame["event_id"])
    if frame["reverses"].null_count() < frame.height:
        events["reverses"] = hash_texts(frame["reverses"])
    return events
