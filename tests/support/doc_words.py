"""Whether a command that the documentation shows is one that there is."""

import re
import subprocess
import tomllib
from functools import cache
from importlib.util import find_spec
from typing import Any

import yaml
from doc_blocks import ROOT

from ebbwatch.cli.reference.page import leaves
from ebbwatch.serve.settings import ServeSettings
from streams.config import Settings

COMMANDS: dict[str, Any] = dict(leaves())
# Programs of others, whose words are theirs.
OTHERS = {"curl", "jq", "kafka-acls.sh", "mv", "openssl", "sed"}


def understood(words: list[str]) -> None:
    """Try a whole command.

    Raises:
        AssertionError: there is nothing of the kind.
        typer.exceptions.TyperException: the command is Ebbwatch's, and takes it not so.
    """
    match words:
        case ["ebbwatch", *own]:
            name = command_of(own)
            COMMANDS[name].make_context(name, own[len(name.split()) :])
        case ["make", *_]:
            assert make(*words[1:]).returncode == 0, words
        case ["python" | ".venv/bin/python", "-m", module, *_]:
            assert find_spec(module) is not None, words
        case ["export", setting]:
            understood_setting(setting)
        case ["pip", "install", asked]:
            extra = asked.removeprefix("ebbwatch[").removesuffix("]")
            assert extra in project()["optional-dependencies"], words
        case ["docker", "compose", *options]:
            assert set(options) <= {"up", "--build", "--profile", *profiles()}, words
        case ["sh", script]:
            assert (ROOT / script).is_file(), words
        case [first, *rest] if "=" in first:
            understood_setting(first)
            understood(rest)
        case [first, *_]:
            assert first in OTHERS, words


def understood_in_part(said: str) -> None:
    """Try what is said of commands where words are left out: their names and options."""
    for each in re.split(r"(?=\bebbwatch [a-z])|(?=\bmake [a-z])|(?=\bpython -m )", said):
        words = re.findall(r"[\w./-]+", each)
        match words:
            case ["ebbwatch", *own] if own:
                name = command_of(own)
                options = {one for param in COMMANDS[name].params for one in param.opts}
                told = set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", each))
                assert told <= options | {"--help"}, (name, told - options)
            case ["make", target, *_]:
                assert make(target).returncode == 0, said
            case ["python", "-m", module, *_]:
                assert find_spec(module) is not None, said


def command_of(words: list[str]) -> str:
    """The command that words begin with."""
    named = [name for name in COMMANDS if words[: len(name.split())] == name.split()]
    assert len(named) == 1, words
    return named[0]


def understood_setting(assigned: str) -> None:
    """Try a variable."""
    name = assigned.partition("=")[0]
    own = {f"EBBWATCH_{field}" for field in Settings.model_fields}
    served = {f"EBBWATCH_SERVE_{field}" for field in ServeSettings.model_fields}
    assert name in {each.upper() for each in own | served}, assigned


@cache
def make(*words: str) -> "subprocess.CompletedProcess[str]":
    """What `make` would do."""
    asked = ["make", "--dry-run", *words]
    return subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False)


@cache
def project() -> dict[str, Any]:
    """What pyproject.toml says of the project."""
    told: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return told


@cache
def profiles() -> set[str]:
    """Those of docker-compose.yml."""
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))["services"]
    return {name for service in services.values() for name in service.get("profiles", ())}
