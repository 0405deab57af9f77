"""A cleaned history as wire events: what `ebbwatch produce` writes and a worker takes in.

What a state depends on is the history's own. What the contract asks for beyond that and a history
does not have is filled with stand-ins, which change no state.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

import polars as pl

from modelling.history.contract import kinds_with, required
from modelling.history.reading import History
from modelling.history.stand_ins import stand_ins
from scoring.facts.consent import Purpose, said
from scoring.facts.kinds import Kind
from streams.intake.columns import CODES, UNKNOWN

AT_ONCE: Final = 200_000
_CHANNELS: Final = {code: name or "pos" for name, code in CODES.items()}


def as_wire(history: History) -> Iterator[bytes]:
    """Yield each event as one JSON text, in the history's order, without a line end.

    Amounts are in the book currency; event ids are those the history's events are hashed by.
    """
    for start in range(0, history.frame.height, AT_ONCE):
        part = history.frame.slice(start, AT_ONCE)
        for line in _lines(part, history.book.currency):
            yield line.encode("ascii")


def _lines(frame: pl.DataFrame, currency: str) -> pl.Series:
    kind = pl.col("kind").cast(pl.Int64)
    names = {int(each): each.name.lower() for each in required()}
    fixed = {int(each): _fragment(stand_ins(each)) for each in required()}
    parts = [
        *_quoted('{"event_id":', _id("event_id")),
        _where(_has_source, pl.format(',"source":"{}"', _parted("event_id").list.first())),
        *_quoted(',"customer_id":', pl.col("customer_id")),
        *_quoted(',"event_time":', _instant("time")),
        *_quoted(',"type":', kind.replace_strict(names, return_dtype=pl.String)),
        kind.replace_strict(fixed, return_dtype=pl.String),
        *_optional(frame, kind, currency),
        pl.lit("}"),
    ]
    return frame.select(pl.concat_str(parts)).to_series()


def _optional(frame: pl.DataFrame, kind: pl.Expr, currency: str) -> list[pl.Expr]:
    """What only some types carry, each empty where it does not apply."""
    amount = pl.format(',"amount":{}', "amount")
    code = pl.lit(f',"currency":"{currency}"')
    category = pl.format(',"merchant_category":"{}"', _padded("category"))
    back = pl.format(',"reverses":"{}"', _id("reverses"))
    when_back = pl.format(',"reversed_time":"{}"', _instant("reversed_time"))
    named = [
        _where(kind.is_in(kinds_with(name)), pl.format(f',"{name}":"{{}}"', told))
        for name, told in (
            ("merchant_id", pl.col("merchant").fill_null(UNKNOWN)),
            ("card_id", pl.col("card").fill_null(UNKNOWN)),
            ("channel", pl.col("channel").replace_strict(_CHANNELS, return_dtype=pl.String)),
        )
    ]
    return [
        *named,
        _where(kind.is_in(kinds_with("amount")), amount),
        _where(kind.is_in(kinds_with("currency")), code),
        _where(kind == Kind.PURCHASE, category),
        _where(kind.is_in(kinds_with("score")), pl.format(',"score":{}', "score")),
        _where(kind == Kind.CONSENT_CHANGED, pl.col("score").replace_strict(_WORDS, default="")),
        _where(pl.col("touchpoint").is_not_null(), _texts(frame, "touchpoint")),
        _where(pl.col("sentiment") != 0, pl.format(',"sentiment":{}', "sentiment")),
        _where(kind.is_in(kinds_with("reverses")), back),
        _where(pl.col("reversed_time").is_not_null(), when_back),
    ]


_has_source: Final = pl.col("event_id").str.contains(" ", literal=True)


def _id(column: str) -> pl.Expr:
    """An id without the source that it may stand behind."""
    return _parted(column).list.last()


def _parted(column: str) -> pl.Expr:
    return pl.col(column).str.split(" ")


def _where(applies: pl.Expr, text: pl.Expr) -> pl.Expr:
    return pl.when(applies).then(text).otherwise(pl.lit(""))


def _quoted(before: str, text: pl.Expr) -> tuple[pl.Expr, ...]:
    """Ids and names need no escaping: their patterns allow nothing that would."""
    return pl.lit(before + '"'), text, pl.lit('"')


def _texts(frame: pl.DataFrame, name: str) -> pl.Expr:
    """A field of few texts, in any script."""
    fields = {text: _fragment({name: text}) for text in frame[name].drop_nulls().unique()}
    return pl.col(name).replace_strict(fields, default="", return_dtype=pl.String)


def _padded(column: str) -> pl.Expr:
    return pl.col(column).cast(pl.String).str.zfill(4)


def _instant(column: str) -> pl.Expr:
    return pl.from_epoch(column, "us").dt.strftime("%Y-%m-%dT%H:%M:%S%.6fZ")


def _fragment(fields: Mapping[str, Any]) -> str:
    return "".join(f",{json.dumps(name)}:{json.dumps(value)}" for name, value in fields.items())


_WORDS: Final = {code: _fragment(said(code)) for code in range(1 + 2 * len(Purpose))}
