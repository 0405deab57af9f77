"""All commands, and the groups that some of them stand in.

Every command's file declares its options and imports what it works with when it runs, so that
`--help` imports none of it.
"""

import logging
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Final, NamedTuple

import typer

from ebbwatch.cli.customers.explain import explain
from ebbwatch.cli.customers.export import export
from ebbwatch.cli.customers.inspect import inspect
from ebbwatch.cli.customers.outcome import outcome
from ebbwatch.cli.customers.outcomes.command import outcomes
from ebbwatch.cli.customers.segments import segments
from ebbwatch.cli.customers.serve import serve
from ebbwatch.cli.customers.tail import tail
from ebbwatch.cli.customers.verify import verify
from ebbwatch.cli.customers.warnings import warnings
from ebbwatch.cli.demo import demo
from ebbwatch.cli.history.backfill import backfill
from ebbwatch.cli.history.backtest import backtest
from ebbwatch.cli.history.calibrate import calibrate
from ebbwatch.cli.history.features import features
from ebbwatch.cli.history.fit import fit
from ebbwatch.cli.history.fit_churn import fit_churn
from ebbwatch.cli.history.look import look
from ebbwatch.cli.history.simulate import simulate
from ebbwatch.cli.history.summary_sql import summary_sql
from ebbwatch.cli.one_line import OneLineErrors
from ebbwatch.cli.output import Json, say_json
from ebbwatch.cli.reference.examples import EXITS, epilog
from ebbwatch.cli.running import brake, clock, feeds
from ebbwatch.cli.running.doctor import doctor
from ebbwatch.cli.running.recovery import backup, rebuild, restore
from ebbwatch.cli.running.worker import worker
from ebbwatch.cli.sending import desk, dlq
from ebbwatch.cli.sending.produce import produce
from ebbwatch.cli.sending.webhook import webhook
from ebbwatch.cli.setting_up import access, config, parameters, rules, rules_diff, stack, topics
from ebbwatch.cli.setting_up.registry import register


def schemas(
    folder: Annotated[Path, typer.Argument(help="Where to write them.")], *, as_json: Json = False
) -> None:
    """Write the contracts to a folder: JSON Schemas, and an AsyncAPI document of the topics.

    The document names topics, partitions and retention as this installation's settings do.
    """
    from schemas import export
    from streams.config import Settings
    from streams.tools.contracts import asyncapi

    document = asyncapi.write(Settings(), folder)
    written = [str(path) for path in (*export.write(folder), document)]
    if as_json:
        say_json({"written": written})
    else:
        sys.stdout.write("".join(f"{path}\n" for path in written))


class Group(NamedTuple):
    """Commands that share a first word, by their second one."""

    words: str
    commands: Mapping[str, Callable[..., None]]


WORDS: Final = "Early warning of ebbing card customers: Kafka in, explained churn warnings out."
COMMANDS: Final = (
    demo,
    doctor,
    worker,
    serve,
    produce,
    inspect,
    explain,
    export,
    warnings,
    tail,
    outcome,
    outcomes,
    segments,
    verify,
    webhook,
    look,
    calibrate,
    fit,
    fit_churn,
    features,
    backtest,
    backfill,
    backup,
    restore,
    rebuild,
    summary_sql,
    simulate,
    schemas,
    register,
)
GROUPS: Final = MappingProxyType(
    {
        "topics": Group(
            "Create, list and adopt the topics Ebbwatch reads and writes.",
            {"create": topics.create, "list": topics.show, "adopt": topics.adopt},
        ),
        "clock": Group(
            "Partitions' clocks, by which silence is judged.",
            {"show": clock.show, "reset": clock.reset},
        ),
        "feeds": Group(
            "What feeds usually bring, and which is quiet so that silence warnings wait.",
            {"show": feeds.show, "release": feeds.release},
        ),
        "brake": Group(
            "Partitions whose warnings are held, since an hour had far too many.",
            {"show": brake.show, "release": brake.release},
        ),
        "dlq": Group(
            "Dead letters: what was set aside, and putting it back once repaired.",
            {"list": dlq.show_all, "show": dlq.show, "replay": dlq.replay},
        ),
        "stack": Group(
            "A real Kafka and a real Redis on this machine, without Docker.",
            {"up": stack.up, "down": stack.down, "status": stack.status},
        ),
        "parameters": Group(
            "The parameter file that workers score with.",
            {"new": parameters.new},
        ),
        "rules": Group(
            "The rules that warn: a file of them checked, those in force, what another changes.",
            {"check": rules.check, "show": rules.show, "diff": rules_diff.diff},
        ),
        "desk": Group(
            "The desk: cases rationed to what people can look after in a day.",
            {
                "run": desk.run,
                "digest": desk.digest,
                "check": desk.check,
                "show": desk.show,
            },
        ),
        "access": Group(
            "Who may ask `ebbwatch serve`: programs by tokens, people by passwords.",
            {"token": access.token, "password": access.password, "rights": access.rights},
        ),
        "config": Group(
            "What is configured; `ebbwatch doctor` tells whether it works.",
            {"show": config.show},
        ),
    }
)


def main() -> None:
    """Run the command line; what libraries log stays out of the way unless a command shows it."""
    logging.getLogger().addHandler(logging.NullHandler())
    command_line()(prog_name="ebbwatch")


def command_line() -> typer.Typer:
    """All commands, ready to be run."""
    built = typer.Typer(
        cls=OneLineErrors,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        help=WORDS,
        epilog=" ".join(f"Exit code {code}: {meaning}" for code, meaning in EXITS.items()),
    )
    for command in COMMANDS:
        name = command.__name__.replace("_", "-")
        built.command(name, epilog=epilog(name))(command)
    for name, group in GROUPS.items():
        built.add_typer(_built(name, group), name=name)
    return built


def _built(first: str, group: Group) -> typer.Typer:
    built = typer.Typer(no_args_is_help=True, help=group.words)
    for name, command in group.commands.items():
        built.command(name, epilog=epilog(f"{first} {name}"))(command)
    return built
