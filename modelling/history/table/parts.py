"""Ids, types and times of a table's rows, and what else an event may carry."""

from collections.abc import Callable
from typing import Final

import numpy as np
import polars as pl

from modelling.history.cleaning import Check
from modelling.history.contract import kinds_with
from modelling.history.layout.cells import BLANKS, cleaned
from modelling.history.table.raw import Part, Raw, flags, numbers, unlike
from modelling.history.table.times import expected, microseconds
from schemas import TRANSACTION_EXAMPLES
from schemas.cards import contains_card_number, is_card_number
from schemas.constraints import ID_EXPECTED, ID_PATTERN, TEXT_PATTERN, CardToken
from scoring.arrays import Ints
from scoring.facts.consent import word
from scoring.facts.kinds import SHOWS_CARD, Kind
from streams.intake.columns import CODES, KINDS, UNKNOWN

REVERSALS: Final = kinds_with("reverses")
TRANSACTIONS: Final = tuple(sorted(KINDS[name] for name in TRANSACTION_EXAMPLES))
GRANTED: Final = {
    **dict.fromkeys(("true", "1", "1.0", "yes"), True),
    **dict.fromkeys(("false", "0", "0.0", "no"), False),
}
_MCC: Final = "^[0-9]{4}$"


def ids(raw: Raw) -> Part:
    """Customer and event ids."""
    customer, event = raw.text("customer_id"), raw.text("event_id")
    checks = [
        Check("missing_id", "customer_id", "a customer id", flags(customer.is_null())),
        Check("bad_id", "customer_id", ID_EXPECTED, unlike(customer, ID_PATTERN)),
        Check("bad_id", "event_id", ID_EXPECTED, unlike(event, ID_PATTERN)),
    ]
    row = raw.frame["row"].cast(pl.String)
    named = event.fill_null(f"{raw.source.label}:" + row)
    return Part({"customer_id": customer, "event_id": within_source(raw, named)}, checks)


def within_source(raw: Raw, ids: pl.Series) -> pl.Series:
    """Ids as they are unique: of wire events that name their source, both, a space between them."""
    if not raw.source.is_wire or raw.frame["source"].null_count() == raw.rows:
        return ids
    return (raw.text("source") + " ").fill_null("") + ids


def kinds(raw: Raw) -> Part:
    """Kinds of events; purchases where the table has no types."""
    if not raw.has("type"):
        return Part({"kind": np.full(raw.rows, int(Kind.PURCHASE))}, [])
    names = raw.text("type").str.to_lowercase()
    kind: Ints = names.replace_strict(KINDS, default=-1, return_dtype=pl.Int64).to_numpy()
    told = "a type such as purchase, refund, repayment or app_session"
    return Part({"kind": kind}, [Check("unknown_type", "type", told, kind < 0)])


def event_times(raw: Raw) -> Part:
    """Event times, microseconds since 1970."""
    given = raw.column("event_time")
    time = _instants(raw, "event_time")
    missing = flags(given.is_null() if given.dtype != pl.String else _is_empty(given))
    told = expected(raw.layout.times)
    checks = [
        Check("missing_time", "event_time", told, missing),
        Check("bad_time", "event_time", told, flags(time.is_null())),
    ]
    return Part({"time": time}, checks)


def reversals(raw: Raw, kind: Ints) -> Part:
    """What refunds and chargebacks take back; nothing for other events."""
    is_reversal = np.isin(kind, REVERSALS)
    if not is_reversal.any():
        return Part({"reverses": None, "reversed_time": None}, [])
    reverses = raw.text("reverses").fill_null(UNKNOWN).set(pl.Series(~is_reversal), None)
    given = raw.column("reversed_time")
    time = _instants(raw, "reversed_time")
    bad = flags(time.is_null() & ~_is_empty(given.cast(pl.String))) & is_reversal
    checks = [
        Check("bad_id", "reverses", ID_EXPECTED, unlike(reverses, ID_PATTERN)),
        Check("bad_time", "reversed_time", expected(raw.layout.times), bad),
    ]
    columns = {
        "reverses": within_source(raw, reverses),
        "reversed_time": time.set(pl.Series(~is_reversal), None),
    }
    return Part(columns, checks)


def categories(raw: Raw, kind: Ints) -> Part:
    """Merchant category codes of purchases, 0 where there is none."""
    if not raw.has("merchant_category"):
        return Part({"category": 0}, [])
    code = raw.text("merchant_category").fill_null("0")
    bought = kind == Kind.PURCHASE
    bad = bought & unlike(code.str.zfill(4), _MCC)
    found = code.cast(pl.Int64, strict=False).fill_null(0).to_numpy()
    checks = [Check("bad_merchant_category", "merchant_category", "4 digits", bad)]
    return Part({"category": np.where(bought & ~bad, found, 0)}, checks)


def scores(raw: Raw, kind: Ints) -> Part:
    """Answers to surveys and to the promoter question, words about consent, 0 for other events."""
    answers, words = _answers(raw, kind), _words(raw, kind)
    score = answers.columns["score"] + words.columns["score"]
    return Part({"score": score}, [*answers.checks, *words.checks])


def _words(raw: Raw, kind: Ints) -> Part:
    """What changes of consent say; nothing where the purpose is not told."""
    purpose, basis = raw.text("purpose"), raw.text("legal_basis").fill_null("consent")
    granted = raw.column("granted").cast(pl.String).str.strip_chars().str.to_lowercase()
    allowed = granted.replace_strict(GRANTED, default=None, return_dtype=pl.Boolean)
    said = (kind == Kind.CONSENT_CHANGED) & ~flags(purpose.is_null())
    code = np.zeros(raw.rows, np.int64)
    for row in np.flatnonzero(said & ~flags(allowed.is_null())).tolist():
        code[row] = word(purpose[row], granted=allowed[row], legal_basis=basis[row].lower())
    bad = said & flags(allowed.is_null())
    return Part({"score": code}, [Check("bad_granted", "granted", "true or false", bad)])


def _answers(raw: Raw, kind: Ints) -> Part:
    survey, nps = kind == Kind.SURVEY, kind == Kind.NPS
    if not (survey | nps).any():
        return Part({"score": 0}, [])
    given = numbers(raw.column("score"))
    lowest, highest = np.where(survey, [[1], [5]], [[0], [10]])
    good = (given >= lowest) & (given <= highest) & (given == np.rint(given))
    told = "1 to 5 for a survey, 0 to 10 for nps"
    checks = [Check("bad_score", "score", told, (survey | nps) & ~good)]
    return Part({"score": np.where((survey | nps) & good, given, 0)}, checks)


def sentiments(raw: Raw, kind: Ints) -> Part:
    """Sentiment of interactions, 0 where none was scored."""
    if not raw.has("sentiment"):
        return Part({"sentiment": 0.0}, [])
    given = raw.column("sentiment")
    scored = ~np.isin(kind, TRANSACTIONS) & ~flags(_is_empty(given.cast(pl.String)))
    found = numbers(given)
    good = np.abs(found) <= 1
    checks = [Check("bad_sentiment", "sentiment", "a number from -1 to 1", scored & ~good)]
    return Part({"sentiment": np.where(scored & good, found, 0.0)}, checks)


def places(raw: Raw, kind: Ints) -> Part:
    """Cards, and where something happened, null or 0 where they are not known.

    Transactions have a merchant and a channel, what is none has a touchpoint.

    No row is left out for them: most histories have none, or names instead of ids.
    """
    code = raw.column("channel").cast(pl.String).str.to_lowercase()
    channel = code.replace_strict(CODES, default=0, return_dtype=pl.UInt8)
    moved = pl.Series(np.isin(kind, TRANSACTIONS))
    columns = {
        "card": _known(raw, "card_id").set(pl.Series(~SHOWS_CARD[kind]), None),
        "merchant": _known(raw, "merchant_id").set(~moved, None),
        "channel": channel.fill_null(0).set(~moved, 0),
        "touchpoint": _known(raw, "touchpoint", TEXT_PATTERN, contains_card_number).set(
            moved, None
        ),
    }
    return Part(columns, [])


def _known(
    raw: Raw,
    name: str,
    pattern: str = ID_PATTERN,
    is_number: Callable[[str], bool] = is_card_number,
) -> pl.Series:
    """Ids or words that an event may carry, null where there is none."""
    column = raw.column(name)
    if raw.source.is_wire:
        return column
    texts, inexact = cleaned(column)
    if inexact is not None:
        return pl.repeat(None, raw.rows, dtype=pl.String, eager=True)
    once = texts.drop_nulls().unique()
    doubtful = once.filter(~once.str.contains(CardToken.harmless)).to_list()
    numbers = [each for each in doubtful if is_number(each)]
    return texts.set(pl.Series(unlike(texts, pattern)) | texts.is_in(numbers), None)


def _is_empty(texts: pl.Series) -> pl.Series:
    return texts.is_null() | texts.str.strip_chars().is_in(BLANKS).fill_null(value=False)


def _instants(raw: Raw, name: str) -> pl.Series:
    return microseconds(raw.column(name), raw.zone, raw.place(name), raw.layout.times)
