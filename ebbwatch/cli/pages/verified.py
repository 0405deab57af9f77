"""A warning derived anew, as `ebbwatch verify` tells of it."""

from dataclasses import asdict
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from ebbwatch.cli.output import WholeTable
from streams.tools.verify import Sequel, Verified


def document(found: Verified) -> dict[str, Any]:
    """The verdict as one JSON value."""
    told = asdict(found)
    told["messages"] = [
        {**each._asdict(), "differences": [one._asdict() for one in each.differences]}
        for each in found.messages
    ]
    return {"is_same": found.is_same, **told}


def page(found: Verified) -> RenderableType:
    """The verdict for people."""
    verdict = "derived anew, byte for byte" if found.is_same else "NOT what was derived anew"
    head = Text.assemble((f"{found.warning_id} ", "bold"), verdict)
    about = (
        f"{found.rule}, customer {found.customer_id}, partition {found.partition}: "
        f"{found.events} events, {found.order}"
    )
    lines = [Text(f"  {each.sequence} {each.lifecycle}: {_told(each)}") for each in found.messages]
    tables = [_table(each) for each in found.messages if each.differences]
    notes = [Text(note, style="dim") for note in found.notes]
    return Group(head, Text(about), *lines, *tables, *notes)


def _told(each: Sequel) -> str:
    if each.is_same:
        return "the same"
    return f"{len(each.differences)} fields differ" if each.is_derived else "not derived"


def _table(each: Sequel) -> Table:
    fields = WholeTable(f"field of {each.sequence}", "published", "derived")
    for one in each.differences:
        fields.add_row(one.field, one.published or "-", one.derived or "-")
    return fields
