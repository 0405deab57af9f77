"""Amounts of a table's rows in minor units of the book currency."""

from typing import Final

import numpy as np
import polars as pl

from modelling.history.cleaning import Check
from modelling.history.contract import kinds_with
from modelling.history.table.amounts import Minor, minor_units
from modelling.history.table.parts import REVERSALS
from modelling.history.table.raw import Part, Raw, flags
from modelling.history.table.times import utc
from schemas import MINOR_UNITS
from schemas.fields import MAX_AMOUNT
from scoring.arrays import Bools, Ints
from scoring.facts.kinds import Kind

# Types that carry an amount, and those whose amount may be zero.
PAYING: Final = kinds_with("amount")
ZERO_ALLOWED: Final = (int(Kind.PURCHASE), int(Kind.DECLINED))
_CODE: Final = "an ISO 4217 code with a minor unit"
_NUMBER: Final = "a number in major units"
_WHOLE: Final = "a whole number of minor units"
_LIMIT: Final = "at most 10^13 minor units"


def book_amounts(raw: Raw, kind: Ints, time: pl.Series) -> Part:
    """Amounts, and the kinds as their signs have it.

    A purchase below zero is a refund; refunds and chargebacks count by size, whatever their sign.
    """
    if not raw.has("amount"):
        return Part({"kind": kind, "amount": np.zeros(raw.rows, np.int64)}, [])
    currency = raw.text("currency").fill_null(raw.book.currency)
    exponents, known = _exponents(currency)
    own = _minor(raw, "amount", exponents)
    paying = np.isin(kind, PAYING)
    amounts, no_rate = _in_book(raw, currency, own.values, time, paying & known)
    too_large = own.too_large | (np.abs(amounts) > MAX_AMOUNT)
    signed = np.where((kind == Kind.PURCHASE) & (amounts < 0), int(Kind.REFUND), kind)
    sized = np.where(np.isin(signed, REVERSALS), np.abs(amounts), amounts)
    least = np.where(np.isin(signed, ZERO_ALLOWED), 0, 1)
    checks = [
        Check("missing_amount", "amount", _NUMBER, paying & own.missing),
        Check(
            "bad_amount",
            "amount",
            _WHOLE if raw.layout.unit == "minor" else _NUMBER,
            paying & own.bad,
        ),
        Check("amount_out_of_range", "amount", _LIMIT, paying & too_large),
        Check("unknown_currency", "currency", _CODE, paying & ~known),
        Check("no_rate", "currency", f"book_amount, or a rate to {raw.book.currency}", no_rate),
        Check("non_positive_amount", "amount", "an amount above zero", paying & (sized < least)),
    ]
    return Part({"kind": signed, "amount": np.where(paying, sized, 0)}, checks)


def _minor(raw: Raw, name: str, exponents: Ints) -> Minor:
    layout = raw.layout
    return minor_units(raw.column(name), exponents, layout.unit, raw.place(name), layout.numbers)


def _exponents(currency: pl.Series) -> tuple[Ints, Bools]:
    found = currency.replace_strict(dict(MINOR_UNITS), default=None, return_dtype=pl.Int64)
    return found.fill_null(0).to_numpy(), flags(found.is_not_null())


def _in_book(
    raw: Raw, currency: pl.Series, own: Ints, time: pl.Series, paying: Bools
) -> tuple[Ints, Bools]:
    """Amounts in the book currency, and which could not be converted."""
    foreign = paying & flags(currency != raw.book.currency)
    no_rate = np.zeros(raw.rows, np.bool_)
    if not foreign.any():
        return own, no_rate
    exponents = np.full(raw.rows, raw.book.exponent)
    booked = _minor(raw, "book_amount", exponents)
    usable = ~(booked.missing | booked.bad | booked.too_large)
    amounts = np.where(foreign & usable, booked.values, own)
    for row in np.flatnonzero(foreign & ~usable).tolist():
        day = utc(time[row] or 0).date()
        converted = raw.book.rates.convert(int(own[row]), currency[row], day)
        # A rate may make more of it than 64 bits hold.
        amounts[row] = min(max(converted or 0, -MAX_AMOUNT - 1), MAX_AMOUNT + 1)
        no_rate[row] = converted is None
    return amounts, no_rate
