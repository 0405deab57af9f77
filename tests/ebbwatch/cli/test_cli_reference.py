"""docs/cli.md, examples and exit codes are those of the commands."""

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from ebbwatch.cli import command_line
from ebbwatch.cli.customers.verify import NOT_SAME
from ebbwatch.cli.history.calibrate import INCOMPLETE
from ebbwatch.cli.one_line import FAILED
from ebbwatch.cli.reference.examples import EXAMPLES, EXITS
from ebbwatch.cli.reference.page import leaves, page
from ebbwatch.cli.running.doctor import WARNED, WRONG

ROOT = Path(__file__).parents[3]
COMMANDS: dict[str, Any] = dict(leaves())
# They run until they are stopped, and tell what they do in a log, whose lines are JSON.
PROCESSES = {"worker", "serve", "webhook", "desk run"}
SHOWN = [(name, example) for name, examples in EXAMPLES.items() for example in examples]


def test_the_page_is_what_the_commands_declare() -> None:
    assert (ROOT / "docs" / "cli.md").read_text("utf-8") == page()


def test_every_command_has_examples_and_shows_them_in_its_help() -> None:
    assert EXAMPLES.keys() == COMMANDS.keys()
    for name in ("doctor", "dlq list"):
        told = CliRunner().invoke(command_line(), [*name.split(), "--help"]).stdout
        unwrapped = " ".join(told.split())
        assert all(" ".join(example.split()) in unwrapped for example in EXAMPLES[name])


def test_every_command_that_prints_a_result_prints_it_for_machines() -> None:
    silent = {
        name
        for name, command in COMMANDS.items()
        if not any("--json" in each.opts for each in command.params)
    }
    assert silent == PROCESSES


@pytest.mark.parametrize("typed", ["desk show", "rules show --shipped", "rules show"])
def test_what_comes_with_the_program_is_told_for_machines_too(typed: str) -> None:
    told = CliRunner().invoke(command_line(), [*typed.split(), "--json"])
    assert json.loads(told.stdout), told.output


def test_who_may_log_in_is_told_for_machines_too(tmp_path: Path) -> None:
    file = tmp_path / "passwords"
    asked = ["access", "password", "officer-3", "--file", str(file), "--json"]
    told = CliRunner().invoke(command_line(), asked, input="a long enough password\n")
    assert json.loads(told.stdout) == {"name": "officer-3", "file": str(file)}


@pytest.mark.parametrize(("name", "example"), SHOWN, ids=[example for _, example in SHOWN])
def test_an_example_is_read_as_the_command_that_it_shows(name: str, example: str) -> None:
    (typed,) = (part for part in re.split(r"[|>]|&&", example) if "ebbwatch " in part)
    words = shlex.split(typed[typed.index("ebbwatch ") :])[1:]
    own = name.split()
    assert words[: len(own)] == own
    COMMANDS[name].make_context(name, words[len(own) :])  # or what was typed wrong is raised


def test_exit_codes_are_told_of() -> None:
    assert {0, FAILED, WRONG, 2, NOT_SAME, INCOMPLETE, WARNED} == EXITS.keys()
    assert CliRunner().invoke(command_line(), ["inspect", "--nosuch"]).exit_code == 2
    told = " ".join(CliRunner().invoke(command_line(), ["--help"]).stdout.split())
    assert "Exit code 3: Done, with something to know of" in told


@pytest.mark.slow
@pytest.mark.parametrize(("typed", "offered"), [("do", "doctor"), ("dlq re", "replay")])
def test_a_shell_completes_commands(typed: str, offered: str) -> None:
    asked = {"COMP_WORDS": f"ebbwatch {typed}", "COMP_CWORD": str(len(typed.split()))}
    done = subprocess.run(
        [sys.executable, "-m", "ebbwatch.cli"],
        env={**os.environ, **asked, "_EBBWATCH_COMPLETE": "complete_bash"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.split() == [offered]
