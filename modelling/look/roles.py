"""Which column is the customer, the time, the amount: by name, among those that could be."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from modelling.history.layout import WIRE
from modelling.look.columns import ColumnLook
from modelling.look.written import options_of
from schemas import MINOR_UNITS
from streams.intake.columns import KINDS

_WHO: Final = "customer|client|cust|kunde|member|user|household"
_WHAT: Final = "event|invoice|transaction|trans|txn|trx|booking|purchase|order|buchungs"
_CUSTOMER: Final = (
    rf"^({_WHO}|card ?holder|account|konto|iban)([ _.-]?(id|no|nr|number|key|code|ref))?$",
    rf"({_WHO}|holder)",
    r"(account|card|konto)",
)
_TIME: Final = (
    rf"^({_WHAT})[ _.-]?(date|time|datetime|timestamp|day|tag|datum)$",
    r"(date|time|datum|booked|posted|day|tag$|when|stamp)",
    r"(^ts$|^dt$|_ts$|_dt$|_at$|zeit|fecha|^data|jour|created|occurred|valuta)",
)
_AMOUNT: Final = (
    r"^(amount|betrag|value|total|spend|sales|umsatz|wert|sum|revenue)$",
    r"(amount|amt|betrag|umsatz|spen[dt]|sales|total|value|revenue|wert|paid|turnover)",
    r"(montant|importe|importo|valor|kwota|bedrag|belopp|beløb|summe|suma)",
    r"(price|debit|charge|cost|preis|prix|precio)",
)
_CURRENCY: Final = (
    rf"^(({_WHAT})[ _.-]?)?(currency|curr|cur|ccy|w(ä|ae)hrung|devise|moneda|moeda|valuta|waluta)"
    r"([ _.-]?(code|iso))?$"
)
_DIRECTIONS: Final = (
    {"c", "d"}, {"cr", "dr"}, {"credit", "debit"}, {"s", "h"}, {"soll", "haben"}, {"in", "out"},
)  # fmt: skip
_QUANTITY: Final = r"^(quantity|qty|menge|units|count)$"
_PRICE: Final = r"^(unit[ _.-]?price|price|preis|einzelpreis)$"
_EVENT_ID: Final = r"^(event|transaction|trans|txn|trx)[ _.-]?(id|no|nr|number|ref)$"
_TOO_MANY_BLANK: Final = 0.01


class Proposal(NamedTuple):
    """How a file would be read.

    Attributes:
        options: by name, as an options file has them.
        questions: what cannot be told from the file.
        alternatives: options that would stand in the place of the first of several.
        missing: what has to be there and is not, in words; empty where all is.
        currencies: the one that all amounts are told to be in; else empty.
    """

    options: dict[str, Any]
    questions: list[str]
    alternatives: list[dict[str, Any]]
    missing: list[str]
    currencies: list[str]


def propose(
    looks: Sequence[ColumnLook], kinds: Sequence[str] | None, given: Mapping[str, Any]
) -> Proposal:
    """Choose columns, and the options that read them.

    Args:
        looks: the columns.
        kinds: different cells of the column `type`; None where there is none.
        given: options that were typed, which are not chosen.
    """
    found = Proposal({}, [], [], [], [])
    named: dict[str | None, ColumnLook] = {one.name: one for one in looks}
    time = named.get(given.get("time-column")) or _time(looks)
    rest = [one for one in looks if one is not time]
    customer = named.get(given.get("id-column")) or _best(
        rest, _CUSTOMER, lambda one: one.different > 0
    )
    _name(found, "id", customer, WIRE.customer_id, "a column of customer ids")
    _name(found, "time", time, WIRE.event_time, "a column of times")
    if customer is not None and customer.blank > _TOO_MANY_BLANK:
        found.options.setdefault("exclude", []).append(_blank(customer))
    others = [one for one in rest if one is not customer]
    _amounts(found, others)
    _types(found, kinds)
    _more(found, others)
    if time is not None:
        _ways(found, time.name, "time", time.as_time)
    return found


def _time(looks: Sequence[ColumnLook]) -> ColumnLook | None:
    """By its name, else the only one that could be."""
    able = [one for one in looks if one.as_time]
    best = _best(able, _TIME, lambda _: True)
    return able[0] if best is None and len(able) == 1 else best


def _blank(column: ColumnLook) -> str:
    named = column.name if re.fullmatch(r"[\w .-]+", column.name) else f'"{column.name}"'
    return f"{named} is blank"


def _name(found: Proposal, option: str, column: ColumnLook | None, default: str, what: str) -> None:
    if column is None:
        found.missing.append(f"{what}: name it by --{option}-column")
    elif column.name != default:
        found.options[f"{option}-column"] = column.name


def _amounts(found: Proposal, others: Sequence[ColumnLook]) -> None:
    numbers = [one for one in others if one.as_number and not any(one.as_time)]
    quantity, price = (_named(numbers, pattern) for pattern in (_QUANTITY, _PRICE))
    amount = _best(numbers, _AMOUNT[:-1], lambda _: True)
    if amount is None and quantity is not None and price is not None:
        found.options["amount"] = " * ".join(operand(one.name) for one in (quantity, price))
        for one in (quantity, price):
            _ways(found, one.name, "number", one.as_number)
        return
    amount = amount or _best(numbers, _AMOUNT, lambda _: True)
    if amount is None and len(numbers) == 1:
        amount = numbers[0]
        found.questions.append(f"Column {amount.name} is taken for amounts: is it?")
    if amount is None:
        found.options["amount-column"] = ""
        found.questions.append("No column looks like amounts: purchases are counted alone.")
        return
    if amount.name != WIRE.amount:
        found.options["amount-column"] = amount.name
    _ways(found, amount.name, "number", amount.as_number)


def operand(name: str) -> str:
    """A column in a formula.

    >>> operand("Unit price"), operand("sum-total")
    ('Unit price', '"sum-total"')
    """
    return name if re.fullmatch(r"[\w .]+", name) else f'"{name}"'


def _types(found: Proposal, kinds: Sequence[str] | None) -> None:
    if kinds is not None and not {each.lower() for each in kinds} & KINDS.keys():
        found.options["type-column"] = ""
        told = ", ".join(kinds[:3])
        found.questions.append(f"Column type is no event type ({told}): all rows are purchases.")


def _more(found: Proposal, others: Sequence[ColumnLook]) -> None:
    event = _named(others, _EVENT_ID)
    if event is not None and event.name != WIRE.event_id and event.blank == 0.0:
        found.options["column"] = [f"event_id={event.name}"]
    _currency(found, others)
    _directions(found, others)


def _directions(found: Proposal, others: Sequence[ColumnLook]) -> None:
    """A column that tells money that comes in from money that goes out."""
    for one in others:
        told = {each.lower() for each in one.examples}
        if told in _DIRECTIONS:
            found.questions.append(
                f"Column {one.name} tells two directions ({', '.join(one.examples)}): if not all "
                f"are purchases, --exclude '{one.name} = {one.examples[-1]}' leaves such rows out."
            )


def _currency(found: Proposal, others: Sequence[ColumnLook]) -> None:
    currency = _named(others, _CURRENCY)
    if currency is None:
        return
    is_code = set(currency.examples) <= MINOR_UNITS.keys()
    if is_code and currency.name != WIRE.currency:
        found.options.setdefault("column", []).append(f"currency={currency.name}")
    elif not is_code and currency.name == WIRE.currency:
        found.options.setdefault("column", []).append("currency=")
    if is_code and currency.different == 1:
        found.currencies.extend(currency.examples)


def _ways(found: Proposal, name: str, what: str, ways: Sequence[str]) -> None:
    """Take the one way there is; ask where there are several."""
    if len(ways) > 1:
        told = " or ".join(ways)
        found.questions.append(f"Column {name} reads as a {what} by {told}: which is right?")
        found.alternatives.extend(options_of(way) for way in ways[1:])
    for option, values in options_of(ways[0]).items() if ways and ways[0] else ():
        if option == "epoch":
            found.options[option] = values[0]
        else:
            known = found.options.setdefault(option, [])
            known.extend(value for value in values if value not in known)


def _best(
    looks: Sequence[ColumnLook], patterns: Sequence[str], fits: Callable[[ColumnLook], bool]
) -> ColumnLook | None:
    return next(_ranked([one for one in looks if fits(one)], patterns), None)


def _ranked(looks: Sequence[ColumnLook], patterns: Sequence[str]) -> Iterator[ColumnLook]:
    for pattern in patterns:
        for one in looks:
            if re.search(pattern, _words(one.name)):
                yield one


def _named(looks: Sequence[ColumnLook], pattern: str) -> ColumnLook | None:
    return next(_ranked(looks, [pattern]), None)


def _words(name: str) -> str:
    """A name in small letters, its words parted: InvoiceDate is invoice_date."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name.strip()).lower()
