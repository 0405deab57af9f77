"""The events of a history that count, each once, and what is told of all its rows together."""

from typing import Final

from modelling.history.summary import day_number
from modelling.history.table.parts import REVERSALS, TRANSACTIONS
from modelling.warehouse.cleaned import ASKED, NAMES, clean, named, number_of, reasons, took_back
from modelling.warehouse.clocks import day
from modelling.warehouse.consent import SAID, code
from modelling.warehouse.request import WarehouseQuery
from modelling.warehouse.stages import INDENT, Stages, case, text
from scoring.facts.kinds import Kind

BOUGHT: Final = f"kind = {text(NAMES[Kind.PURCHASE])}"
COUNT: Final = "count_"  # begins names of columns of counts


def kept(query: WarehouseQuery) -> Stages:
    """Events in step `kept`, and in `told` the one row of what is told of them all.

    Events have the columns customer_id, event_id, time_us, kind, amount, reverses, reversed_us,
    merchant_category, score and sentiment; those that the table has not are null.
    """
    stages = clean(query)
    stages.add("numbered", {"place": _place(query)}, "reason IS NULL")
    fates = [("place > 1", text("duplicate"))]
    if query.last is not None:
        late = f"{day(query.words, 'event_time_us', query.zone)} > {day_number(query.last)}"
        fates.append((late, text("after_until")))
    stages.add("fated", {"fate": case(fates)})
    stages.then("good", _good(query))
    stages.then("kept", _with_reversed_times(query))
    stages.then("told", _told(query), query.words.once)
    return stages


def _place(query: WarehouseQuery) -> str:
    """Number of a row among those of one customer and event id; 1 where there is no event id."""
    if not query.has("event_id"):
        return "1"
    order = "ORDER BY event_time_us, signed, booked"
    number = f"ROW_NUMBER() OVER (PARTITION BY customer_id, event_id {order})"
    return case([("event_id IS NULL", "1")], number)


def _good(query: WarehouseQuery) -> str:
    no_text, no_number = (cast.format("NULL") for cast in (query.words.text, query.words.number))
    sized = case([(f"signed IN {named(REVERSALS)}", "ABS(booked)")], "booked")
    columns = {
        "customer_id": "customer_id",
        "event_id": "event_id" if query.has("event_id") else no_text,
        "time_us": "event_time_us",
        "kind": "signed",
        "amount": case([("is_paying", sized)], "0"),
        "reverses": took_back("reverses" if query.has("reverses") else no_text),
        "named_us": "reversed_time_us" if query.has("reversed_time") else "CAST(NULL AS BIGINT)",
        "merchant_category": no_text,
        "score": no_number,
        "sentiment": no_number,
    }
    bought = f"signed = {text(NAMES[Kind.PURCHASE])}"
    carried = {
        "merchant_category": (bought, "merchant_category"),
        "sentiment": (f"signed NOT IN {named(TRANSACTIONS)}", number_of(query, "sentiment")),
    }
    columns |= {name: case([carries]) for name, carries in carried.items() if query.has(name)}
    if said := _said(query):
        columns["score"] = case(said)
    listed = f",{INDENT}".join(f"{sql} AS {name}" for name, sql in columns.items())
    return f"SELECT {listed}{INDENT}FROM fated WHERE fate IS NULL"


def _said(query: WarehouseQuery) -> list[tuple[str, str]]:
    """Which rows answer or say something of consent, and what; both are scores."""
    answers = f"signed IN {named(tuple(map(int, ASKED)))}"
    found = [(answers, number_of(query, "score"))] if query.has("score") else []
    words = query.words.number.format(f"({code(query)})") if query.has("granted") else "0"
    return [*found, (SAID, words)] if query.has("purpose") else found


def _with_reversed_times(query: WarehouseQuery) -> str:
    """Where a refund tells only what it takes back, look up when that was."""
    if not (query.has("event_id") and query.has("reverses")):
        back = case([("reverses IS NOT NULL", "named_us")])
        return f"SELECT good.*, {back} AS reversed_us FROM good"
    back = case([("good.reverses IS NOT NULL", "COALESCE(good.named_us, bought.bought_us)")])
    bought = (
        "SELECT customer_id AS bought_by, event_id AS bought_as, time_us AS bought_us"
        f" FROM good WHERE {BOUGHT} AND event_id IS NOT NULL"
    )
    on = "good.customer_id = bought.bought_by AND good.reverses = bought.bought_as"
    return (
        f"SELECT good.*, {back} AS reversed_us{INDENT}"
        f"FROM good LEFT JOIN ({bought}) AS bought{INDENT}ON {on}"
    )


def _told(query: WarehouseQuery) -> str:
    """One row: counts of rows by what became of them, and the first and the last day."""
    left_out = dict.fromkeys(name for name, _ in reasons(query))
    judged = {"rows": "COUNT(*)", **{name: _counted("reason", name) for name in left_out}}
    fated = {"duplicate": _counted("fate", "duplicate")}
    if query.last is not None:
        fated["after_until"] = _counted("fate", "after_until")
    refunds = f"COUNT(CASE WHEN kind IN {named(REVERSALS)} THEN 1 END)"
    zero = f"COUNT(CASE WHEN {BOUGHT} AND amount = 0 THEN 1 END)"
    whose = "COUNT(DISTINCT customer_id)"
    used = {"used": "COUNT(*)", "customers": whose, "refunds": refunds, "zero_purchases": zero}
    first, last = (day(query.words, f"{most}(time_us)", query.zone) for most in ("MIN", "MAX"))
    parts = [
        f"(SELECT {_named(judged)} FROM judged) AS of_all",
        f"(SELECT {_named(fated)} FROM fated) AS of_good",
        f"(SELECT {_named(used)}, {first} AS first_day, {last} AS last_day FROM kept) AS of_kept",
    ]
    return f"SELECT *{INDENT}FROM {f'{INDENT}CROSS JOIN '.join(parts)}"


def _counted(column: str, name: str) -> str:
    return f"COUNT(CASE WHEN {column} = {text(name)} THEN 1 END)"


def _named(counts: dict[str, str]) -> str:
    return ", ".join(f"{sql} AS {COUNT}{name}" for name, sql in counts.items())
