"""Simulated events as they stand on the wire, and as columns of a table."""

from typing import Any, Final

import polars as pl

from modelling.simulation.doings.statements import STATUSES
from modelling.simulation.happenings import (
    CHANNELS,
    CUSTOMER_DIGITS,
    NUMBER_DIGITS,
    PAYING,
    SCORED,
    Happenings,
)
from scoring.facts.kinds import Kind

NAMES: Final = {int(kind): kind.name.lower() for kind in Kind}
ABROAD: Final = "GBP"
RATE: Final = 0.8  # amounts abroad by those in the book currency (assumed)
_EPOCH_MONTH: Final = 1970
_CARD_USE: Final = ("merchant_category", "merchant_id", "card_id", "channel")
_MONEY: Final = ("amount", "currency", "book_amount")
_REVERSAL: Final = (*_CARD_USE, "reverses", "reversed_time")
_OVERDUE: Final = ("instalment_id", "days_overdue")

# Event type -> fields beyond id, customer, time and type; empty ones are left out.
FIELDS: Final = {
    Kind.PURCHASE: (*_MONEY, *_CARD_USE),
    Kind.DECLINED: (*_MONEY, *_CARD_USE),
    Kind.CASH_ADVANCE: (*_MONEY, *_CARD_USE),
    Kind.REFUND: (*_MONEY, *_REVERSAL),
    Kind.REPAYMENT: (*_MONEY, "channel"),
    Kind.FEE: _MONEY,
    Kind.INTEREST: _MONEY,
    Kind.APP_SESSION: ("duration_seconds",),
    Kind.WEB_VISIT: ("duration_seconds",),
    Kind.CALL: ("sentiment",),
    Kind.CHAT: ("sentiment",),
    Kind.COMPLAINT: ("sentiment",),
    Kind.SURVEY: ("score",),
    Kind.NPS: ("score",),
    Kind.CAMPAIGN_SENT: ("campaign_id",),
    Kind.CAMPAIGN_OPENED: ("campaign_id",),
    Kind.CAMPAIGN_CONVERTED: ("campaign_id",),
    Kind.CARD_ACTIVATED: ("card_id",),
    Kind.CARD_BLOCKED: ("card_id",),
    Kind.ACCOUNT_CLOSED: (),
    Kind.INSTALMENT_OVERDUE: (*_MONEY, *_OVERDUE),
    Kind.INSTALMENT_CURED: ("instalment_id",),
    Kind.CREDIT_BUREAU_STATUS: ("status",),
    Kind.BALANCE_SNAPSHOT: ("balance", "credit_limit", "currency"),
}
COMMON: Final = ("event_id", "customer_id", "event_time", "type")


def lines(rows: Happenings, currency: str) -> pl.Series:
    """Each event as one JSON text, in the order of the rows.

    Args:
        rows: the events, dtype `HAPPENING`.
        currency: of the books, ISO 4217.
    """
    frame = _columns(rows, currency).with_row_index("row")
    written = [
        part.select("row", line=pl.concat_str([*_opening(), *_texts(FIELDS[kind]), pl.lit("}")]))
        for kind in FIELDS
        if not (part := frame.filter(pl.col("kind") == int(kind))).is_empty()
    ]
    return pl.concat(written).sort("row")["line"]


def table(rows: Happenings, currency: str) -> pl.DataFrame:
    """The events as a table that `modelling.history` reads by default: amounts in major units."""
    frame = _columns(rows, currency)
    own = {field for fields in FIELDS.values() for field in fields}
    kept = [name for name in frame.columns if name in own or name in COMMON]
    major = [_divided(frame[name], 100.0) for name in ("amount", "book_amount")]
    instants = [pl.from_epoch(name, "s").dt.replace_time_zone("UTC") for name in ("time", "back")]
    times = dict(zip(("event_time", "reversed_time"), instants, strict=True))
    return frame.with_columns(*major, **times).select(kept)


def _columns(rows: Happenings, currency: str) -> pl.DataFrame:
    """All fields, named as on the wire; null where a row has none."""
    raw = pl.DataFrame({name: rows[name] for name in rows.dtype.names or ()}).with_columns(
        seconds=_divided(pl.Series(rows["detail"]), 10.0),
        feeling=_divided(pl.Series(rows["sentiment"]), 100.0),
    )
    fields = {**_common(), **_money(currency), **_card_use(), **_reversal(), **_contact()}
    return raw.select("kind", "time", **fields, **_account())


def _common() -> dict[str, pl.Expr]:
    kind = pl.col("kind").cast(pl.Int64)
    return {
        "event_id": _event_id("number"),
        "customer_id": pl.format("s{}", _digits("customer", CUSTOMER_DIGITS)),
        "event_time": _instant("time"),
        "type": kind.replace_strict(NAMES, return_dtype=pl.String),
    }


def _money(currency: str) -> dict[str, pl.Expr]:
    """Amounts in the book currency, abroad in the one spent as well."""
    own = pl.when(pl.col("kind").is_in(PAYING)).then("amount")
    foreign = (pl.col("amount") * RATE).round().cast(pl.Int64).clip(1)
    abroad = pl.when("is_abroad")
    return {
        "amount": abroad.then(foreign).otherwise(own),
        "currency": abroad.then(pl.lit(ABROAD)).otherwise(pl.lit(currency)),
        "book_amount": abroad.then("amount"),
    }


def _card_use() -> dict[str, pl.Expr]:
    channel = pl.col("channel").cast(pl.Int64)
    return {
        "merchant_category": pl.when(pl.col("category") > 0).then(_digits("category", 4)),
        "merchant_id": pl.format("m-{}", _digits("merchant", 4)),
        "card_id": pl.format("card-{}-{}", _digits("customer", CUSTOMER_DIGITS), "card"),
        "channel": channel.replace_strict(dict(enumerate(CHANNELS))),
    }


def _reversal() -> dict[str, pl.Expr]:
    back = pl.when(pl.col("reverses") >= 0)
    return {
        "back": back.then("reversed_time"),
        "reverses": back.then(_event_id("reverses")),
        "reversed_time": back.then(_instant("reversed_time")),
    }


def _contact() -> dict[str, pl.Expr]:
    return {
        "score": pl.when(pl.col("kind").is_in(SCORED)).then("score"),
        "sentiment": pl.when(pl.col("sentiment") != 0).then("feeling"),
        "duration_seconds": _of("duration_seconds").then("seconds"),
        "campaign_id": _of("campaign_id").then(_monthly("offer")),
    }


def _account() -> dict[str, pl.Expr]:
    statuses = dict(enumerate(STATUSES))
    return {
        "instalment_id": _of("instalment_id").then(_monthly("i")),
        "days_overdue": _of("days_overdue").then("detail"),
        "status": _of("status").then(pl.col("detail").replace_strict(statuses, default=None)),
        "balance": _of("balance").then("amount"),
        "credit_limit": _of("credit_limit").then("detail"),
    }


def _divided(numbers: pl.Series, by: float) -> pl.Series:
    """Quotients to the last bit: Polars multiplies by the reciprocal, and 5.3 becomes 5.30…01."""
    quotients = numbers.to_numpy() / by
    return pl.Series(numbers.name, quotients).fill_nan(None)


def _opening() -> list[pl.Expr]:
    """What every event carries; ids and names need no escaping."""
    return [text for place, name in enumerate(COMMON) for text in _named(name, first=place == 0)]


def _named(name: str, *, first: bool) -> tuple[pl.Expr, ...]:
    opened = "{" if first else ","
    return pl.lit(f'{opened}"{name}":"'), pl.col(name), pl.lit('"')


def _texts(fields: tuple[str, ...]) -> list[pl.Expr]:
    return [_field(name) for name in fields]


def _field(name: str) -> pl.Expr:
    """A field and its value, nothing where there is none."""
    quote = "" if name in _NUMBERS else '"'
    text = pl.format(f',"{name}":{quote}{{}}{quote}', name)
    return text.fill_null("")


_NUMBERS: Final = {
    *("amount", "book_amount", "score", "sentiment", "duration_seconds", "days_overdue"),
    *("balance", "credit_limit"),
}


def _of(field: str) -> Any:  # noqa: ANN401 - Polars keeps the type of a condition to itself
    """Where an event's type has a field."""
    return pl.when(pl.col("kind").is_in([int(k) for k, own in FIELDS.items() if field in own]))


def _event_id(number: str) -> pl.Expr:
    return pl.format("e{}n{}", _digits("customer", CUSTOMER_DIGITS), _digits(number, NUMBER_DIGITS))


def _digits(column: str, width: int) -> pl.Expr:
    return pl.col(column).cast(pl.String).str.zfill(width)


def _monthly(word: str) -> pl.Expr:
    month = pl.col("month").cast(pl.Int64)
    year, of_year = month // 12 + _EPOCH_MONTH, month % 12 + 1
    return pl.format(f"{word}-{{}}-{{}}", year, of_year.cast(pl.String).str.zfill(2))


def _instant(column: str) -> pl.Expr:
    return pl.from_epoch(column, "s").dt.strftime("%Y-%m-%dT%H:%M:%SZ")
