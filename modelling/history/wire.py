"""A cleaned history as wire events: what `ebbwatch produce` writes and a worker takes in.

What a state depends on is the history's own. What the contract asks for beyond that and a history
does not tell is filled with stand-ins, which change no state.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import polars as pl

from modelling.history.reading import History
from modelling.history.table.money import PAYING
from modelling.history.table.parts import REVERSALS, UNKNOWN
from scoring.facts.kinds import Kind

AT_ONCE: Final = 200_000
_CARD: Final = {"card_id": UNKNOWN}
_CARD_USE: Final = {"merchant_id": UNKNOWN, **_CARD, "channel": "pos"}
_NO_CATEGORY: Final = {"merchant_category": "0000"}
_CAMPAIGN: Final = {"campaign_id": UNKNOWN}
_INSTALMENT: Final = {"instalment_id": UNKNOWN}

STAND_INS: Final[Mapping[Kind, Mapping[str, Any]]] = MappingProxyType(
    {
        Kind.PURCHASE: _CARD_USE,
        Kind.DECLINED: {**_CARD_USE, **_NO_CATEGORY},
        Kind.CASH_ADVANCE: {**_CARD_USE, **_NO_CATEGORY},
        Kind.APP_SESSION: {"duration_seconds": 0},
        Kind.WEB_VISIT: {"duration_seconds": 0},
        Kind.CAMPAIGN_SENT: _CAMPAIGN,
        Kind.CAMPAIGN_OPENED: _CAMPAIGN,
        Kind.CAMPAIGN_CONVERTED: _CAMPAIGN,
        Kind.POINTS_EARNED: {"points": 1},
        Kind.POINTS_SPENT: {"points": 1},
        Kind.MEMBERSHIP_CHANGED: {"level": UNKNOWN},
        Kind.CARD_ACTIVATED: _CARD,
        Kind.CARD_BLOCKED: _CARD,
        Kind.CARD_CLOSED: _CARD,
        Kind.INSTALMENT_OVERDUE: {**_INSTALMENT, "days_overdue": 1},
        Kind.INSTALMENT_CURED: _INSTALMENT,
        Kind.CREDIT_BUREAU_STATUS: {"status": "good"},
        Kind.BALANCE_SNAPSHOT: {"balance": 0, "credit_limit": 0},
        Kind.CONSENT_CHANGED: {"purpose": UNKNOWN, "granted": True, "legal_basis": "consent"},
    }
)


def as_wire(history: History) -> Iterator[bytes]:
    """Yield each event as one JSON text, in the history's order, without a line end.

    Amounts are in the book currency; event ids are those the history's events are hashed by.
    """
    for start in range(0, history.frame.height, AT_ONCE):
        part = history.frame.slice(start, AT_ONCE)
        for line in _lines(part, history.book.currency):
            yield line.encode("ascii")


def write_wire(history: History, file: Path) -> int:
    """Write the history as JSON lines; returns how many."""
    with file.open("wb") as lines:
        lines.writelines(line + b"\n" for line in as_wire(history))
    return history.frame.height


def _lines(frame: pl.DataFrame, currency: str) -> pl.Series:
    kind = pl.col("kind").cast(pl.Int64)
    names = {int(each): each.name.lower() for each in Kind}
    fixed = {int(each): _fragment(fields) for each, fields in STAND_INS.items()}
    parts = [
        *_quoted('{"event_id":', pl.col("event_id")),
        *_quoted(',"customer_id":', pl.col("customer_id")),
        *_quoted(',"event_time":', _instant("time")),
        *_quoted(',"type":', kind.replace_strict(names, return_dtype=pl.String)),
        kind.replace_strict(fixed, default="", return_dtype=pl.String),
        *_optional(kind, currency),
        pl.lit("}"),
    ]
    return frame.select(pl.concat_str(parts)).to_series()


def _optional(kind: pl.Expr, currency: str) -> list[pl.Expr]:
    """What only some types carry, each empty where it does not apply."""
    amount = pl.format(',"amount":{}', "amount")
    code = pl.lit(f',"currency":"{currency}"')
    category = pl.format(',"merchant_category":"{}"', _padded("category"))
    back = pl.format(',"reverses":"{}"', "reverses")
    when_back = pl.format(',"reversed_time":"{}"', _instant("reversed_time"))
    in_money = kind.is_in(PAYING)
    return [
        _where(in_money, amount),
        _where(in_money | (kind == Kind.BALANCE_SNAPSHOT), code),
        _where(kind == Kind.PURCHASE, category),
        _where(kind.is_in([Kind.SURVEY, Kind.NPS]), pl.format(',"score":{}', "score")),
        _where(pl.col("sentiment") != 0, pl.format(',"sentiment":{}', "sentiment")),
        _where(kind.is_in(REVERSALS), back),
        _where(pl.col("reversed_time").is_not_null(), when_back),
    ]


def _where(applies: pl.Expr, text: pl.Expr) -> pl.Expr:
    return pl.when(applies).then(text).otherwise(pl.lit(""))


def _quoted(before: str, text: pl.Expr) -> tuple[pl.Expr, ...]:
    """Ids and names need no escaping: their patterns allow nothing that would."""
    return pl.lit(before + '"'), text, pl.lit('"')


def _padded(column: str) -> pl.Expr:
    return pl.col(column).cast(pl.String).str.zfill(4)


def _instant(column: str) -> pl.Expr:
    return pl.from_epoch(column, "us").dt.strftime("%Y-%m-%dT%H:%M:%S%.6fZ")


def _fragment(fields: Mapping[str, Any]) -> str:
    return "".join(f",{json.dumps(name)}:{json.dumps(value)}" for name, value in fields.items())
