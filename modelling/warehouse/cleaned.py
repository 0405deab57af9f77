"""The rows of a table that can be used, in the core's units, and the reason why others cannot."""

from typing import Final

from modelling.bulk.lots import DIGITS, below
from modelling.history.layout.cells import BLANKS
from modelling.history.table.money import PAYING, ZERO_ALLOWED
from modelling.history.table.parts import REVERSALS, TRANSACTIONS
from modelling.warehouse import amounts
from modelling.warehouse.clocks import clock, is_usable, place
from modelling.warehouse.consent import bad_granted
from modelling.warehouse.request import WarehouseQuery
from modelling.warehouse.stages import INDENT, Stages, any_of, case, text
from schemas import MINOR_UNITS
from schemas.constraints import ID_PATTERN
from scoring.facts.kinds import Kind
from streams.intake.columns import KINDS, UNKNOWN

CODES: Final = ("customer_id", "event_id", "reverses", "merchant_category")
TEXTS: Final = (
    *("type", "amount", "currency", "book_amount", "score", "sentiment"),
    *("purpose", "granted", "legal_basis"),
)
TIMES: Final = ("event_time", "reversed_time")
EXACT: Final = 2**53  # floats from here on do not tell whole numbers apart
NAMES: Final = {int(code): name for name, code in KINDS.items()}
ASKED: Final = {Kind.SURVEY: (1, 5), Kind.NPS: (0, 10)}
_MCC: Final = "^[0-9]{1,4}$"
# Those with a backslash are written in two ways by dialects, so that a bank has to see to them.
_BLANKS: Final = tuple(one for one in BLANKS if "\\" not in one)
_POINT_ZERO: Final = "^-?[0-9]+[.]0+$"  # of what was a float once
_NUMBER: Final = "^[+-]?[0-9.]+([eE][+-]?[0-9]+)?$"


def named(codes: "tuple[int, ...]") -> str:
    """Names of event types by their codes, in brackets."""
    return any_of([NAMES[code] for code in codes])


def read(query: WarehouseQuery) -> Stages:
    """The table's columns under the wire's names: text without blanks, and microseconds."""
    given = query.columns.names()
    columns = [f"{_code(query, given[name])} AS {name}" for name in CODES if name in given]
    columns += [f"{_text(query, given[name])} AS {name}" for name in TEXTS if name in given]
    columns += [
        f"{clock(query.words, query.words.name(given[name]), query.time_type)} AS {name}"
        for name in TIMES
        if name in given
    ]
    listed = f",{INDENT}".join(columns)
    return Stages("given", f"SELECT {listed}{INDENT}FROM {_source(query.table)}", query.words.fence)


def clean(query: WarehouseQuery) -> Stages:
    """Rows with what becomes of them, and `reason`, null for those that can be used."""
    stages = read(query)
    for name in (one for one in TIMES if query.has(one)):
        if query.time_type == "instant":
            stages.add(f"{name}_known", {f"{name}_us": name})
        else:
            place(stages, query.words, name, query.zone)
    kind = "LOWER(type)" if query.has("type") else text(NAMES[Kind.PURCHASE])
    stages.add("typed", {"kind": kind})
    stages.add("weighed", {"is_paying": f"kind IN {named(PAYING)}"})
    _money(stages, query)
    stages.add("judged", {"reason": case([(when, text(name)) for name, when in reasons(query)])})
    return stages


def _money(stages: Stages, query: WarehouseQuery) -> None:
    """Adds `book_minor`, amounts in the book currency, and the `kind` that their sign makes."""
    if not query.has("amount"):
        stages.add("valued", {"booked": "CAST(0 AS BIGINT)", "signed": "kind"})
        return
    amounts.add_minor_units(stages, query.words, "amount", _powers(query))
    booked = "amount_minor"
    if query.has("currency"):
        foreign, book = _foreign(query), "CAST(NULL AS BIGINT)"
        if query.has("book_amount"):
            own = amounts.powers(None, query.currency, query.unit)
            amounts.add_minor_units(stages, query.words, "book_amount", own)
            fine = f"NOT {amounts.too_large('book_amount', own)}"
            if query.unit == "minor":
                fine += " AND book_amount_exact = book_amount_minor"
            book = case([(fine, "book_amount_minor")])
        booked = case([(foreign, book)], "amount_minor")
    stages.add("booked", {"booked": booked})
    refund, bought = text(NAMES[Kind.REFUND]), text(NAMES[Kind.PURCHASE])
    signed = case([(f"kind = {bought} AND booked < 0", refund)], "kind")
    stages.add("valued", {"signed": signed})


def reasons(query: WarehouseQuery) -> list[tuple[str, str]]:
    """Why rows are not used, and the condition of each, in order of precedence."""
    found = [("missing_id", "customer_id IS NULL"), ("bad_id", _unlike(query, "customer_id"))]
    if query.has("event_id"):
        found.append(("bad_id", _unlike(query, "event_id")))
    if query.has("type"):
        known = any_of(sorted(KINDS))
        found.append(("unknown_type", f"kind IS NULL OR kind NOT IN {known}"))
    usable = f"event_time_us IS NULL OR NOT ({is_usable('event_time_us')})"
    found += [("missing_time", "event_time IS NULL"), ("bad_time", usable)]
    found += _money_reasons(query) if query.has("amount") else []
    if query.has("reverses"):
        takes_back = f"signed IN {named(REVERSALS)}"
        found.append(("bad_id", f"{takes_back} AND {_unlike(query, 'reverses')}"))
    if query.has("reversed_time"):
        wrong = f"reversed_time_us IS NULL OR NOT ({is_usable('reversed_time_us')})"
        there = f"signed IN {named(REVERSALS)} AND reversed_time IS NOT NULL"
        found.append(("bad_time", f"{there} AND ({wrong})"))
    found += _answer_reasons(query)
    return found if query.share >= 1.0 else [*found, ("not_drawn", f"NOT {_drawn(query)}")]


def _money_reasons(query: WarehouseQuery) -> list[tuple[str, str]]:
    large = amounts.too_large("amount", _powers(query))
    found = [
        ("missing_amount", f"is_paying AND {amounts.missing('amount')}"),
        ("bad_amount", f"is_paying AND {amounts.bad('amount', query.unit)}"),
        ("amount_out_of_range", f"is_paying AND {large}"),
    ]
    if query.has("currency"):
        unknown = f"COALESCE(currency, {text(query.currency)}) NOT IN {any_of(sorted(MINOR_UNITS))}"
        found.append(("unknown_currency", f"is_paying AND {unknown}"))
        found.append(("no_rate", "is_paying AND booked IS NULL"))
    least = case([(f"signed IN {named(ZERO_ALLOWED)}", "0")], "1")
    sized = case([(f"signed IN {named(REVERSALS)}", "ABS(booked)")], "booked")
    return [*found, ("non_positive_amount", f"is_paying AND {sized} < {least}")]


def _answer_reasons(query: WarehouseQuery) -> list[tuple[str, str]]:
    found = []
    if query.has("merchant_category"):
        there = f"signed = {text(NAMES[Kind.PURCHASE])} AND merchant_category IS NOT NULL"
        good = query.words.matches.format("merchant_category", text(_MCC))
        found.append(("bad_merchant_category", f"{there} AND NOT {good}"))
    number = number_of(query, "score") if query.has("score") else "CAST(NULL AS BIGINT)"
    for kind, (low, high) in ASKED.items():
        good = f"{number} BETWEEN {low} AND {high} AND {number} = FLOOR({number})"
        wrong = f"signed = {text(NAMES[kind])} AND NOT COALESCE({good}, FALSE)"
        found.append(("bad_score", wrong))
    if query.has("purpose"):
        found.append(("bad_granted", bad_granted(query)))
    if query.has("sentiment"):
        scored = f"signed NOT IN {named(TRANSACTIONS)} AND sentiment IS NOT NULL"
        good = f"COALESCE(ABS({number_of(query, 'sentiment')}) <= 1, FALSE)"
        found.append(("bad_sentiment", f"{scored} AND NOT {good}"))
    return found


def number_of(query: WarehouseQuery, column: str) -> str:
    """A column of text as a number, null where it is none."""
    is_number = query.words.matches.format(column, text(amounts.NUMBER))
    return case([(is_number, query.words.number.format(column))])


def took_back(column: str) -> str:
    """What a refund takes back, which says so or not."""
    return case([(f"signed IN {named(REVERSALS)}", f"COALESCE({column}, {text(UNKNOWN)})")])


def _powers(query: WarehouseQuery) -> dict[str, str]:
    currency = f"COALESCE(currency, {text(query.currency)})" if query.has("currency") else None
    return amounts.powers(currency, query.currency, query.unit)


def _foreign(query: WarehouseQuery) -> str:
    return f"COALESCE(currency, {text(query.currency)}) <> {text(query.currency)}"


def _drawn(query: WarehouseQuery) -> str:
    return f"SUBSTRING(MD5(customer_id), 1, {DIGITS}) < {text(below(query.share))}"


def _unlike(query: WarehouseQuery, column: str) -> str:
    return f"NOT {query.words.matches.format(column, text(ID_PATTERN))}"


def _text(query: WarehouseQuery, column: str) -> str:
    """A column as text without blanks around it, null where it is empty."""
    return _stripped(query, query.words.text.format(query.words.name(column)))


def _code(query: WarehouseQuery, column: str) -> str:
    """As `_text`, and whole floating-point numbers, as gaps make them, without their point."""
    words, name = query.words, query.words.name(column)
    as_text = words.text.format(name)
    bare = words.stripped.format(as_text)
    number = case([(words.matches.format(bare, text(_NUMBER)), words.number.format(bare))])
    was_float = words.matches.format(bare, text(_POINT_ZERO))
    is_float = f"({words.typeof.format(name)} IN {any_of(words.floats)} OR {was_float})"
    whole = words.text.format(words.bigint.format(bare))
    told = text(
        f"column {_shown(column)}: expected whole numbers below 2^53 where ids are floats, got "
    )
    beyond = words.text.format(words.fails.format(f"{told} || {bare}"))
    cases = [
        (f"{is_float} AND ABS({number}) >= {EXACT}", beyond),
        (f"{is_float} AND {number} = FLOOR({number})", whole),
    ]
    return _stripped(query, case(cases, as_text))


def _shown(column: str) -> str:
    """A column's name in a literal, without what literals of some dialects cannot hold."""
    return column.replace("'", "?").replace("\\", "?")


def _stripped(query: WarehouseQuery, sql: str) -> str:
    """Without blanks around it, null where that is what programs write where there is nothing."""
    bare = query.words.stripped.format(sql)
    return case([(f"{bare} NOT IN {any_of(_BLANKS)}", bare)])


def _source(table: str) -> str:
    return f"{table} AS history" if table.lstrip().startswith("(") else table
