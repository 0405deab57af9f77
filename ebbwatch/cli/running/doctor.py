"""`ebbwatch doctor`."""

from collections import Counter
from types import MappingProxyType
from typing import Any, Final

import typer
from rich.text import Text

from ebbwatch.cli.output import Json, console, say_json

WRONG, WARNED = 1, 3  # exit codes; a command that was typed wrong is 2
LOOKS: Final = MappingProxyType(
    {"ok": ("✓", "green"), "warning": ("!", "yellow"), "wrong": ("✗", "red")}
)


def doctor(*, as_json: Json = False) -> None:
    """Look at all that workers rest on, and say what mends what is not as it should be.

    Files, Redis and what it holds, Kafka and its topics, clocks, workers' progress and dead letters
    of the last day; nothing is changed. Exit code 1 where anything is wrong, 3 for warnings alone.
    """
    from streams.config import Settings
    from streams.tools.doctor import examine

    states: Counter[str] = Counter()
    told = []
    for finding in examine(Settings()):
        states[finding.state] += 1
        told.append(finding._asdict())
        if not as_json:
            _tell(finding)
    if as_json:
        say_json({"states": {state: states[state] for state in LOOKS}, "checks": told})
    else:
        console().print(", ".join(f"{states[state]} {state}" for state in LOOKS))
    if states["wrong"] or states["warning"]:
        raise typer.Exit(WRONG if states["wrong"] else WARNED)


def _tell(finding: Any) -> None:  # noqa: ANN401 - a Finding, which is imported with what finds it
    sign, colour = LOOKS[finding.state]
    head = Text.assemble((f"{sign} {finding.state:<8}", colour), (f"{finding.check:<18}", "bold"))
    console().print(head + Text(finding.found), soft_wrap=True)
    for command in finding.mend:
        console().print(Text(f"{'':10}mend: {command}", "dim"), soft_wrap=True)
