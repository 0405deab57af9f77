"""The queries: a row a customer, for purchase and spend models, or customers' lives, for the rest.

What a scorecard weighs is decayed from event to event and looked at on days of silences, which no
aggregate of days tells exactly; of so many events as a scorecard learns from, some customers' lives
are therefore taken as they are.
"""

from typing import Final, Literal

from modelling.history.summary import day_number
from modelling.warehouse.cleaned import named
from modelling.warehouse.clocks import day
from modelling.warehouse.consent import withdrew
from modelling.warehouse.kept import BOUGHT, COUNT, kept
from modelling.warehouse.request import WarehouseQuery
from modelling.warehouse.stages import INDENT, Stages, case, text
from scoring.facts.kinds import VALUE, Kind

SummaryKind = Literal["customers", "lives"]
VERSION: Final = 1
LIVES: Final = (
    "customer_id, event_id, time_us, kind, amount, reverses, reversed_us, merchant_category,"
    f"{INDENT}score, sentiment"
)
VALUED: Final = tuple(int(kind) for kind in Kind if VALUE[kind] != 0)


def summary_sql(query: WarehouseQuery, kind: SummaryKind) -> str:
    """The query, one statement, ready to be run.

    Args:
        query: what to sum up.
        kind: a row a customer, or a row an event of customers drawn by lot.
    """
    stages = kept(query)
    select = _customers(stages, query) if kind == "customers" else f"SELECT {LIVES}"
    source = "totals" if kind == "customers" else "kept"
    note = f"-- {query.words.note}\n" if query.words.note else ""
    listed = f",{INDENT}".join((select, *_about(query, kind)))
    return f"{note}{stages.sql(f'{listed}{INDENT}FROM {source} CROSS JOIN told')}\n"


def _consenting(query: WarehouseQuery) -> str:
    if not query.has("purpose"):
        return ""
    refused = "SELECT 1 FROM withdrew WHERE refuser = kept.customer_id"
    return f"{INDENT}AND NOT EXISTS ({refused})"


def _customers(stages: Stages, query: WarehouseQuery) -> str:
    """Add the steps that count by customer; what is to be selected of them."""
    valued = case([(BOUGHT, "time_us")], "COALESCE(reversed_us, time_us)")
    days = {
        "day": day(query.words, "time_us", query.zone),
        "value_day": day(query.words, valued, query.zone),
        "value": case([(BOUGHT, "amount")], "-amount"),
    }
    if query.has("purpose"):
        stages.then("withdrew", withdrew())
    stages.then("valuable", f"SELECT * FROM kept WHERE kind IN {named(VALUED)}{_consenting(query)}")
    stages.add("dated", days)
    stages.then("firsts", _firsts(query))
    stages.then("marked", _marked(query))
    stages.then("totals", _totals(query))
    columns = [
        "SELECT customer_id",
        "purchase_days - 1 AS frequency",
        "latest_day - earliest_day AS recency_days",
        f"{_until(query)} - earliest_day AS tenure_days",
        "repeat_value",
        "total_value",
        *(["later_purchase_days"] if query.holdout else []),
    ]
    return f",{INDENT}".join(columns)


def _firsts(query: WarehouseQuery) -> str:
    first, last = (day(query.words, f"{most}(time_us)", query.zone) for most in ("MIN", "MAX"))
    return (
        f"SELECT customer_id AS buyer, MIN(time_us) AS first_us,{INDENT}{first} AS earliest_day,"
        f"{INDENT}{last} AS latest_day, COUNT(DISTINCT day) AS purchase_days{INDENT}"
        f"FROM dated WHERE {BOUGHT}{_in_window(query, ' AND ')} GROUP BY customer_id"
    )


def _marked(query: WarehouseQuery) -> str:
    """The events of customers who bought by the last day, and which count for their first day."""
    is_first = "value_day = earliest_day"
    if not all(query.has(name) for name in ("event_id", "reverses", "reversed_time")):
        joined = "dated JOIN firsts ON customer_id = buyer"
        return f"SELECT *, {is_first} AS is_first{INDENT}FROM {joined}"
    ids = (
        "SELECT customer_id AS namer, MIN(event_id) AS first_id FROM dated"
        f" JOIN firsts ON customer_id = buyer WHERE {BOUGHT} AND time_us = first_us"
        " GROUP BY customer_id"
    )
    return (
        f"SELECT *, {is_first} OR COALESCE(reverses = first_id, FALSE) AS is_first{INDENT}"
        f"FROM dated JOIN firsts ON customer_id = buyer{INDENT}"
        f"JOIN ({ids}) AS named ON customer_id = namer"
    )


def _totals(query: WarehouseQuery) -> str:
    within = _in_window(query, "") or "TRUE"
    total = f"CASE WHEN {within} THEN value ELSE 0 END"
    repeat = f"CASE WHEN {within} AND NOT is_first THEN value ELSE 0 END"
    columns = [
        "customer_id, earliest_day, latest_day, purchase_days",
        f"CAST(SUM({total}) AS BIGINT) AS total_value",
        f"CAST(SUM({repeat}) AS BIGINT) AS repeat_value",
    ]
    if query.holdout is not None:
        later = f"{BOUGHT} AND NOT ({within})"
        columns.append(f"COUNT(DISTINCT CASE WHEN {later} THEN day END) AS later_purchase_days")
    listed = f",{INDENT}".join(columns)
    by = "customer_id, earliest_day, latest_day, purchase_days"
    return f"SELECT {listed}{INDENT}FROM marked GROUP BY {by}"


def _in_window(query: WarehouseQuery, before: str) -> str:
    return "" if query.until is None else f"{before}day <= {day_number(query.until)}"


def _until(query: WarehouseQuery) -> str:
    """Number of the last day that is summed up."""
    return "last_day" if query.until is None else str(day_number(query.until))


def _about(query: WarehouseQuery, kind: SummaryKind) -> tuple[str, ...]:
    """What the whole table says of itself, the same in every row."""
    iso = query.words.iso_day.format
    until, holdout = (
        None if one is None else one.isoformat() for one in (query.until, query.holdout)
    )
    columns = {
        "summary_of": text(kind),
        "summary_version": str(VERSION),
        "book_currency": text(query.currency),
        "book_timezone": text(query.zone),
        "has_amounts": str(int(query.has("amount"))),
        "share_drawn": text(repr(query.share)),
        "history_first_day": iso("first_day"),
        "history_last_day": iso("last_day"),
        "until_day": iso("last_day") if until is None else text(until),
        "holdout_day": query.words.text.format("NULL") if holdout is None else text(holdout),
    }
    if kind == "customers" and query.has("purpose"):
        columns[f"{COUNT}withdrew"] = "(SELECT COUNT(*) FROM withdrew)"
    return (*(f"{sql} AS {name}" for name, sql in columns.items()), "told.*")
