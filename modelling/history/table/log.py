"""A cleaned history as the core's columns."""

from typing import Any, Final, NamedTuple

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
    short,
    within_sources,
)
from scoring.facts.kinds import Kind
from scoring.facts.touchpoints import mark
from scoring.step.replay import EventLog
from streams.intake.columns import REMOTE, UNKNOWN

AT_ONCE: Final = 50_000  # ids hashed together: they stay in the processor's cache
PER_SECOND: Final = 1e6


class Customers(NamedTuple):
    """Who has events in a history.

    Attributes:
        ids: sorted, each once, shape (n,).
        rows: index of each event's customer in them, shape (events,).
    """

    ids: pl.Series
    rows: Ints

    @classmethod
    def of(cls, ids: pl.Series) -> "Customers":
        """Number the customers of events.

        >>> Customers.of(pl.Series(["b", "a", "b"])).rows.tolist()
        [1, 0, 1]
        """
        coded = ids.cast(pl.Categorical(pl.Categories.random()))
        once = coded.unique()
        codes, names = once.to_physical().to_numpy(), once.cast(pl.String)
        order = names.arg_sort().to_numpy()
        place = np.zeros(int(codes.max(initial=0)) + 1, np.int64)
        place[codes[order]] = np.arange(len(order))
        return cls(names.gather(order), place[coded.to_physical().to_numpy()])

    def events(self) -> Ints:
        """How many events each has, shape (n,)."""
        counts: Ints = np.bincount(self.rows, minlength=len(self.ids))
        return counts


def event_log(frame: pl.DataFrame, customers: Customers) -> EventLog:
    """Turn a cleaned history into columns; events as the frame has them."""
    ids: list[bytes] = customers.ids.cast(pl.Binary).to_list()
    return EventLog(ids, customers.rows, _events(frame))


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
    remote = frame["channel"].is_in(REMOTE) & (frame["kind"] == Kind.PURCHASE)
    _name(events, "card", frame["card"])
    _name(events, "merchant", frame["merchant"].set(~remote, None))
    _place(events, frame["touchpoint"])
    return events


def _place(events: Events, touchpoints: pl.Series) -> None:
    """Note where interactions happened; a bank has few touchpoints."""
    named = touchpoints.drop_nulls().unique().to_list()
    if named:
        marks = {each: mark(each) for each in named}
        found = touchpoints.replace_strict(marks, default=0, return_dtype=pl.UInt32).to_numpy()
        events["merchant"] = np.where(found > 0, found, events["merchant"])


def _name(events: Events, column: str, ids: pl.Series) -> None:
    if ids.null_count() < len(ids):
        known = ids.set((ids == UNKNOWN).fill_null(value=False), None)
        events[column] = short(_hashed(known))
