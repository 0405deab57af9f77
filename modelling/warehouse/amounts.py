"""Amounts as whole minor units, exactly: from the middle between two to the even one."""

from collections import defaultdict
from typing import Final

from modelling.warehouse.dialects import Dialect
from modelling.warehouse.stages import Stages, any_of, case, text
from schemas import MINOR_UNITS
from schemas.fields import MAX_AMOUNT

NUMBER: Final = "^[+-]?([0-9]{1,30}[.]?[0-9]{0,30}|[.][0-9]{1,30})([eE][+-]?[0-9]{1,2})?$"
INFINITE: Final = ("inf", "+inf", "-inf", "infinity", "+infinity", "-infinity")


def add_minor_units(stages: Stages, dialect: Dialect, column: str, powers: dict[str, str]) -> None:
    """Read a column of text; adds what `values`, `missing` and so on name.

    Args:
        stages: to add to.
        dialect: the words.
        column: of text, null where it is empty.
        powers: minor units in a major unit by the condition under which it is so.
    """
    number, exact = f"{column}_number", f"{column}_exact"
    is_number = dialect.matches.format(column, text(NUMBER))
    reads = dialect.number.format(column)
    stages.add(f"{column}_read", {number: case([(is_number, reads)])})
    decimal = dialect.decimal.format(column)
    bounded = f"ABS({number}) <= {MAX_AMOUNT}"
    scaled = [(f"{bounded} AND {when}", f"{decimal} * {power}") for when, power in powers.items()]
    stages.add(f"{column}_scaled", {exact: case(scaled)})
    whole = f"CAST(FLOOR({exact}) AS BIGINT)"
    stages.add(f"{column}_floored", {f"{column}_floor": whole})
    rest, floor = f"{exact} - {column}_floor", f"{column}_floor"
    up = f"{rest} > 0.5 OR ({rest} = 0.5 AND MOD({floor}, 2) <> 0)"
    stages.add(f"{column}_rounded", {f"{column}_minor": case([(up, f"{floor} + 1")], floor)})


def powers(currency: str | None, book: str, unit: str) -> dict[str, str]:
    """Minor units in a major unit by condition, the whole of them exclusive.

    Args:
        currency: column of currencies, None where all amounts are in the book's.
        book: the book currency.
        unit: what amounts count.

    >>> powers(None, "JPY", "major"), powers(None, "USD", "minor")
    ({'TRUE': '1'}, {'TRUE': '1'})
    """
    if unit == "minor":
        return {"TRUE": "1"}
    if currency is None:
        return {"TRUE": str(10 ** MINOR_UNITS[book])}
    alike: defaultdict[int, list[str]] = defaultdict(list)
    for code, exponent in sorted(MINOR_UNITS.items()):
        alike[exponent].append(code)
    return {f"{currency} IN {any_of(codes)}": str(10**each) for each, codes in alike.items()}


def missing(column: str) -> str:
    """Condition: there is no amount."""
    return f"{column} IS NULL"


def bad(column: str, unit: str) -> str:
    """Condition: there is something, and it is no amount."""
    none = f"(NOT {missing(column)} AND {column}_number IS NULL AND NOT {_infinite(column)})"
    broken = f"{column}_exact <> {column}_minor"
    return f"({none} OR {broken})" if unit == "minor" else none


def too_large(column: str, powers: dict[str, str]) -> str:
    """Condition: it is beyond what an event may carry."""
    power = case(list(powers.items()), "1")
    return f"({_infinite(column)} OR ABS({column}_number * {power}) > {MAX_AMOUNT})"


def _infinite(column: str) -> str:
    return f"LOWER({column}) IN {any_of(INFINITE)}"
