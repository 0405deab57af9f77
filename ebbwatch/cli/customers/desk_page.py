"""What the desk is shown: open warnings, and messages as they come."""

from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from ebbwatch.cli.customers.chosen import Chosen, Told
from ebbwatch.cli.pages.customer import COLOURS
from schemas import EarlyWarning
from streams.outbox.phrases import money
from streams.tools.desk import OpenSet


class Listing:
    """Open warnings that were asked for.

    Args:
        known: all that the topics tell.
        chosen: which are wanted.
    """

    def __init__(self, known: OpenSet, chosen: Chosen) -> None:
        every = known.open
        self.warnings = list(filter(chosen, every))
        self.open, self.incomplete = len(every), known.incomplete

    def document(self) -> dict[str, Any]:
        """As one JSON value."""
        told = [warning.model_dump(mode="json") for warning in self.warnings]
        return {"open": self.open, "incomplete": self.incomplete, "warnings": told}


def listed(of: Listing) -> RenderableType:
    """Open warnings for people, three lines each."""
    shown = len(of.warnings)
    head = f"{of.open} open" if shown == of.open else f"{shown} of {of.open} open"
    lines = [Text(head, style="bold")]
    for warning in of.warnings:
        lines += [_line(warning), Text(f"    {_to_do(warning)}")]
        lines.append(Text(f"    {warning.warning_id}", style="dim"))
    if of.incomplete:
        missing = f"messages are missing of {len(of.incomplete)}, such as {of.incomplete[0]}"
        lines.append(Text(missing, style="red"))
    return Group(*lines)


def _line(w: EarlyWarning) -> Text:
    since = w.raised_at.strftime("%Y-%m-%d %H:%M UTC")
    return Text.assemble(
        (f"{money(w.severity, w.currency):>16}  ", "bold"),
        (f"{w.band.upper():<6} ", COLOURS[w.band]),
        f"{w.rule}  {w.customer_id}  since {since}",
    )


def _to_do(told: Told) -> str:
    """What a person is asked to do; messages of before there were words have the code alone."""
    return "Held out: leave alone." if told.arm == "holdout" else told.action_text or told.action


def line(told: Told) -> Text:
    """One message as it comes, in a line."""
    when = told.event_time.strftime("%Y-%m-%d %H:%M:%S UTC")
    why = f" by {told.closed_by}" if told.closed_by else ""
    what, about, name = _named(told)
    return Text.assemble(
        (f"{when}  ", "dim"),
        f"{what}{why}  ",
        (f"{money(told.severity, told.currency)}  ", "bold"),
        (f"{told.band} ", COLOURS[told.band]),
        f"{about}  {told.customer_id}  {_to_do(told)}  ",
        (name, "dim"),
    )


def _named(told: Told) -> tuple[str, str, str]:
    """What became of it, what it is about, and its id."""
    if isinstance(told, EarlyWarning):
        return told.lifecycle, told.rule, told.warning_id
    rules = ", ".join(warning.rule for warning in told.warnings)
    return told.status, f"{told.kind} {rules}".strip(), told.case_id
