"""docs/cli.md: every command as it declares itself, with its examples and exit codes."""

from collections.abc import Iterator
from dataclasses import fields
from typing import Any, Final

import typer

from ebbwatch.cli.app import command_line
from ebbwatch.cli.history.options import HistoryOptions
from ebbwatch.cli.reference.examples import EXAMPLES, EXITS

OF_HISTORY: Final = {field.name for field in fields(HistoryOptions)} - {"paths"}
HEAD: Final = """\
# The command line

Written by `python -m ebbwatch.cli.reference > docs/cli.md`; a test holds it to the commands.

Every command takes `--help`, and all but those that run until they are stopped `--json`: one JSON
document on standard output, or where many things are told, one a line. What goes wrong is one line
on standard error that says where, what was expected and what came. Settings are `EBBWATCH_`
variables (`ebbwatch config show`).

Completion: `ebbwatch --install-completion` sets it up for the shell it is typed in (bash, zsh, fish
or PowerShell), from the next one on; `ebbwatch --show-completion` prints what it would install.

| exit code | meaning |
|---|---|
"""
HISTORY: Final = """\
## Options of a history

HISTORY is files or folders of Parquet, CSV, spreadsheets or JSON lines, or `kafka`: what the topics
hold ([histories.md](histories.md)). The commands that read one take these beside their own.
"""


def page() -> str:
    """The whole page."""
    codes = "".join(f"| {code} | {meaning} |\n" for code, meaning in EXITS.items())
    commands = list(leaves())
    reader = next(command for _, command in commands if _history(command))
    parts = [_section(name, command) for name, command in commands]
    return "\n".join([HEAD + codes, *parts, HISTORY, *_table(_history(reader))])


def leaves() -> Iterator[tuple[str, Any]]:
    """Every command by its words, in the order of `ebbwatch --help`."""
    whole: Any = typer.main.get_command(command_line())
    for name, command in whole.commands.items():
        inside = getattr(command, "commands", None)
        if inside is None:
            yield name, command
        else:
            yield from ((f"{name} {second}", each) for second, each in inside.items())


def _section(name: str, command: Any) -> str:  # noqa: ANN401 - Typer keeps Click's types to itself
    own = [each for each in command.params if each.name not in OF_HISTORY and not each.hidden]
    lines = [f"## ebbwatch {name}", "", command.help.strip(), ""]
    lines += ["```", *EXAMPLES[name], "```", "", *_table(own)]
    if _history(command):
        lines += ["And the [options of a history](#options-of-a-history).", ""]
    return "\n".join(lines)


def _history(command: Any) -> list[Any]:  # noqa: ANN401 - likewise
    return [each for each in command.params if each.name in OF_HISTORY]


def _table(parameters: list[Any]) -> list[str]:
    told = [_row(each) for each in parameters if each.name != "help"]
    return ["| option | meaning |", "|---|---|", *told, ""] if told else []


def _row(each: Any) -> str:  # noqa: ANN401 - likewise
    is_option = each.param_type_name == "option"
    names = each.opts + each.secondary_opts if is_option else [each.metavar or each.name.upper()]
    need = "" if not each.required else " Required."
    default = f" Default: {each.default}." if _is_told(each.default) else ""
    words = f"{each.help or ''}{need}{default}".replace("|", "\\|")
    return f"| {', '.join(f'`{name}`' for name in names)} | {words} |"


def _is_told(default: object) -> bool:
    return (
        isinstance(default, int | float | str) and not isinstance(default, bool) and default != ""
    )
