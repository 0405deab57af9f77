"""Wire events from JSON lines, checked against the very contract the worker checks them against."""

from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import Annotated, Any, Final, NamedTuple

import polars as pl
from pydantic import Field

from modelling.history.cleaning import LeftOut
from modelling.history.files import Source
from schemas import BatchAdapter, Interaction, Rejection, Transaction, validate_batch

AT_ONCE: Final = 20_000
WIRE_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "row": pl.Int64,
    "customer_id": pl.String,
    "event_time": pl.Datetime("us", "UTC"),
    "amount": pl.Int64,
    "type": pl.String,
    "event_id": pl.String,
    "source": pl.String,
    "currency": pl.String,
    "book_amount": pl.Int64,
    "merchant_category": pl.String,
    "score": pl.Int64,
    "sentiment": pl.Float64,
    "purpose": pl.String,
    "granted": pl.Boolean,
    "legal_basis": pl.String,
    "reverses": pl.String,
    "reversed_time": pl.Datetime("us", "UTC"),
    "card_id": pl.String,
    "merchant_id": pl.String,
    "channel": pl.String,
    "touchpoint": pl.String,
}
_CONTRACT: Final[Any] = Annotated[Transaction | Interaction, Field(discriminator="type")]


class Lines(NamedTuple):
    """What a file of wire events holds.

    Attributes:
        frame: the good events, columns as `WIRE_SCHEMA` has them; `row` is the line, from 1.
        left_out: the others, by reason.
        rows: lines that are not blank.
    """

    frame: pl.DataFrame
    left_out: list[LeftOut]
    rows: int


def read_lines(source: Source) -> Lines:
    """Read a file of wire events; blank lines are skipped."""
    adapter: BatchAdapter[dict[str, Any]] = BatchAdapter(_CONTRACT)
    frames, rows = [pl.DataFrame(schema=WIRE_SCHEMA)], 0
    refused: list[tuple[int, Rejection]] = []
    for numbers, values in _batches(source):
        events, rejections = validate_batch(adapter, values)
        refused += [(numbers[bad.index], bad) for bad in rejections]
        frames.append(_frame(numbers, events))
        rows += len(values)
    return Lines(pl.concat(frames), _counted(source, refused), rows)


def _counted(source: Source, refused: list[tuple[int, Rejection]]) -> list[LeftOut]:
    counts = Counter(bad.reason for _, bad in refused)
    first = {bad.reason: (line, bad) for line, bad in reversed(refused)}
    return [
        LeftOut(
            reason, counts[reason], f"{source.path}: row {n}, {bad.where}", bad.expected, bad.got
        )
        for reason, (n, bad) in first.items()
    ]


def _batches(source: Source) -> Iterator[tuple[list[int], list[bytes]]]:
    with source.path.open("rb") as file:
        numbered = ((n, line) for n, line in enumerate(file, start=1) if line.strip())
        while batch := list(islice(numbered, AT_ONCE)):
            numbers, values = zip(*batch, strict=True)
            yield list(numbers), list(values)


def _frame(numbers: list[int], events: list[dict[str, Any] | None]) -> pl.DataFrame:
    kept = [(n, e) for n, e in zip(numbers, events, strict=True) if e is not None]
    columns = {
        name: pl.Series(name, [e.get(name) for _, e in kept], kind)
        for name, kind in WIRE_SCHEMA.items()
        if name != "row"
    }
    return pl.DataFrame({"row": pl.Series([n for n, _ in kept], dtype=pl.Int64), **columns})
