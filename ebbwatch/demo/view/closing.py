"""The demo's closing summary: what was shown, and where to look next."""

from pathlib import Path
from typing import Final

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from ebbwatch.demo.events.personas import PERSONAS, Persona
from ebbwatch.demo.report import BANDS, PersonaOutcome, Report
from ebbwatch.demo.settings import variables
from streams.config import Settings
from streams.outbox.phrases import action_text

BAND_STYLES: Final = {"low": "green", "middle": "yellow", "high": "bold red"}


def closing(found: Report, settings: Settings, kept: Path | None) -> RenderableType:
    """The whole summary.

    Args:
        found: The run's figures.
        settings: The demo's.
        kept: Folder of the stack that goes on running, or None.
    """
    parts = (
        _headline(found),
        _warnings(found),
        _worth(found),
        _personas(found),
        _next(settings, kept),
    )
    return Group(*(Padding(part, (1, 2, 0, 2)) for part in parts), Text(""))


def grouped(value: float) -> str:
    """A figure with its thousands apart.

    >>> grouped(71795.4)
    '71 795'
    """
    return f"{value:,.0f}".replace(",", " ")


def _headline(found: Report) -> Text:
    complete = found.applied + found.dead_lettered == found.produced
    return Text.assemble(
        ("✓ " if complete else "✗ ", "green" if complete else "red"),
        (grouped(found.applied), "bold"),
        f" of {grouped(found.produced)} events applied, ",
        (grouped(found.dead_lettered), "bold"),
        " set aside, ",
        (grouped(found.customers), "bold"),
        " customers; ",
        (grouped(found.events_per_second), "bold"),
        " events/s from first to last; ",
        (f"{found.seconds:.0f} s", "bold"),
        " in all.",
    )


def _warnings(found: Report) -> Table:
    grid = Table(box=None, padding=(0, 3, 0, 0), pad_edge=False, header_style="bold")
    grid.add_column("Warnings by rule")
    for band in BANDS[::-1]:
        grid.add_column(Text(band, style=BAND_STYLES[band]), justify="right")
    for rule, counts in found.warnings_by_rule.items():
        grid.add_row(rule.replace("_", " "), *_figures(counts))
    grid.add_row("all", *_figures(found.warnings), style="bold")
    return grid


def _worth(found: Report) -> Text:
    worth = found.worth
    if worth is None:
        return Text("")
    return Text.assemble(
        "Silences of whom enough is at stake: ",
        (grouped(worth.warnings), "bold"),
        " warnings, ",
        (f"{worth.mean_lead_days:.0f} days", "bold"),
        " before they count as leaving, in the mean. ",
        f"“Silent for {worth.plain_days:.0f} days” leads by as much and would have raised ",
        (grouped(worth.plain_warnings), "bold"),
        ". In no month were more than ",
        (f"{worth.most_a_month:.1%}", "bold"),
        " of the customers warned of.",
    )


def _figures(counts: dict[str, int]) -> list[str]:
    return [grouped(counts[band]) for band in BANDS[::-1]]


def _personas(found: Report) -> RenderableType:
    parts = [part for p in PERSONAS for part in _persona(p, found.personas[p.name])]
    return Group(Text("Synthetic customers among the real ones", style="bold"), *parts)


def _persona(persona: Persona, outcome: PersonaOutcome) -> list[RenderableType]:
    mark = ("✓ ", "green") if outcome.as_expected else ("✗ ", "red")
    heading = Text.assemble(mark, (persona.name, "bold"), (f"  {persona.story}", "dim"))
    parts = [_verdict(outcome), *(Text(reason) for reason in outcome.reasons)]
    return [heading, *(Padding(line, (0, 0, 0, 2)) for line in parts)]


def _verdict(outcome: PersonaOutcome) -> Text:
    if outcome.band is None:
        return Text("no warning, as it should be" if outcome.as_expected else "no warning")
    return Text.assemble(
        (outcome.band, BAND_STYLES[outcome.band]),
        f" on {str(outcome.event_time)[:10]}, {outcome.route} topic, rule {outcome.rule}, ",
        ("do: ", "dim"),
        action_text(str(outcome.action), "en"),
    )


def _next(settings: Settings, kept: Path | None) -> RenderableType:
    heading = Text("Where to look next", style="bold")
    if kept is None:
        return Group(heading, _steps(_AFTERWARDS))
    exports = [Text(f"export {name}={value}") for name, value in variables(settings).items()]
    end = Text(f"ebbwatch stack down --folder {kept}", style="cyan", no_wrap=True)
    return Group(heading, *exports, _steps(_INSIDE), end)


def standing_open(address: str) -> RenderableType:
    """Where the page is."""
    return Text.assemble(
        "The page on this data: ", (address, "bold cyan"), ("  (Ctrl-C ends it)", "dim")
    )


def _steps(steps: dict[str, str]) -> Table:
    grid = Table.grid(padding=(0, 3, 0, 0))
    for command, purpose in steps.items():
        grid.add_row(Text(command, style="cyan"), Text(purpose, style="dim"))
    return grid


_AFTERWARDS: Final = {
    "ebbwatch demo --page": "the same, and the page on it at http://127.0.0.1:8642",
    "ebbwatch demo --keep": "the same, leaving Kafka and Redis running to look around in",
    "ebbwatch stack up": "a Kafka and a Redis for your own events",
    "README.md": "five minutes with your own events",
}
_INSIDE: Final = {
    "ebbwatch desk run": "a desk that hands out as many cases as its officers can take",
    "ebbwatch serve --without-login": "the page on this data, at http://127.0.0.1:8642",
    "ebbwatch inspect persona-a": "why A was warned about: state, scores, reasons",
    "ebbwatch inspect cdnow-00002": "a real customer",
    "ebbwatch topics list": "the topics, warnings and scores among them",
}
