"""Errors a user can mend, told in one line on standard error."""

import os
import sys
from types import MappingProxyType
from typing import Any, Final

import typer
from typer.core import TyperGroup

FAILED: Final = 1
PREFIXES: Final = MappingProxyType({"ServeSettings": "EBBWATCH_SERVE_"})
SECRETS: Final = (
    "redis_url",
    "kafka_password",
    "kafka_key_password",
    "proxy_secret",
    "traces_endpoint",
)
OF_KAFKA: Final = ("aiokafka.errors:KafkaError", "kafka.errors:KafkaError")
WRONG_SETTING: Final = "pydantic:ValidationError"
MENDABLE: Final = (
    WRONG_SETTING,
    *OF_KAFKA,
    "ebbwatch.demo.child:DemoError",
    "ebbwatch.serve.access.files:AccessFileError",
    "ebbwatch.stack.failure:StackError",
    "redis.exceptions:RedisError",
    "scoring:ScoringError",
    "scoring.facts.packing:StateError",
    "streams.broker.partitions:PartitionCountError",
    "streams.parameters.in_use:BasisError",
    "streams.store:DamagedError",
    "streams.store:Fenced",
    "streams.store:Lost",
    "streams.telemetry.sending:TracingError",
    "streams.tools.backfill:BackfillError",
    "streams.tools.contracts.registry:RegistryError",
    "streams.tools.customers.look_up:UnknownCustomerError",
    "streams.tools.customers.view:NotScoredError",
    "streams.tools.customers.view:TooEarlyError",
    "streams.tools.desk:DeskError",
    "streams.tools.desk.digest:DigestError",
    "streams.tools.desk.rationing:OtherDeskError",
    "streams.tools.producing.checked_lines:LineError",
    "streams.tools.producing.produce_file:MissingTopicError",
    "streams.tools.producing.produce_file:OtherContentError",
    "streams.tools.recovery:RecoveryError",
    "streams.tools.verify:VerifyError",
)
EXTRAS: Final = MappingProxyType(
    {
        "fastapi": "serve",
        "fastexcel": "excel",
        "jinja2": "modelling",
        "matplotlib": "modelling",
        "opentelemetry": "tracing",
        "opentelemetry.exporter": "tracing",
        "opentelemetry.sdk": "tracing",
        "polars": "modelling",
        "uvicorn": "serve",
    }
)


class UserError(Exception):
    """What a command was given cannot be used; its text says where, expected, got."""


class MissingExtraError(Exception):
    """A package that only some commands need is not installed.

    >>> str(MissingExtraError("polars"))
    "polars: not installed; install it: pip install 'ebbwatch[modelling]'"
    """

    def __init__(self, package: str) -> None:
        extra = f"ebbwatch[{EXTRAS[package]}]"
        super().__init__(f"{package}: not installed; install it: pip install '{extra}'")
        self.package = package


class OneLineErrors(TyperGroup):
    """A group of commands whose mendable errors end the program with one line and exit code 1."""

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401 - Typer keeps Click's types to itself
        """Run the command."""
        try:
            return self._invoke(ctx)
        except BrokenPipeError as error:  # whoever read has read enough, as `head` has
            sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - until the end
            raise typer.Exit(FAILED) from error
        except mendable() as error:
            sys.stderr.write(f"ebbwatch: {one_line(error)}\n")
            raise typer.Exit(FAILED) from error

    def _invoke(self, ctx: Any) -> Any:  # noqa: ANN401
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()  # so that a broken pipe is found here, not when all is over
        except ModuleNotFoundError as error:
            if error.name is None or error.name not in EXTRAS:
                raise
            raise MissingExtraError(error.name) from error
        return result


def mendable() -> tuple[type[Exception], ...]:
    """The errors that a user can mend."""
    return (OSError, UserError, MissingExtraError, *imported(*MENDABLE))


def imported(*places: str) -> tuple[type[Exception], ...]:
    """Those of the exceptions, each `module:name`, whose module was imported.

    A library that never was cannot have raised any, and telling errors apart imports nothing.

    >>> imported("json:JSONDecodeError", "never.imported:Error")
    (<class 'json.decoder.JSONDecodeError'>,)
    """
    named = (place.split(":") for place in places)
    return tuple(
        getattr(sys.modules[module], name) for module, name in named if module in sys.modules
    )


def one_line(error: BaseException) -> str:
    r"""An error in one line, naming the variable where a setting is wrong.

    >>> one_line(FileNotFoundError(2, "No such file or directory", "events.jsonl"))
    'events.jsonl: No such file or directory'
    >>> one_line(ValueError("two\n  lines"))
    'two lines'
    """
    if isinstance(error, imported(WRONG_SETTING)):
        return _settings(error)
    if isinstance(error, OSError) and error.filename:
        return f"{_variable_of(error.filename)}{error.filename}: {error.strerror}"
    text = " ".join(str(error).split()) or type(error).__name__
    if not isinstance(error, imported(*OF_KAFKA)):
        return text
    from streams.retry import denied

    return f"{text} ({helps})" if (helps := denied(error)) else text


def _variable_of(file: object) -> str:
    """The variable that names a file, if one does: such a path may be right in one folder alone."""
    own = (name for name, value in os.environ.items() if value == str(file))
    return next((f"{name}: " for name in own if name.startswith("EBBWATCH_")), "")


def _settings(error: Any) -> str:  # noqa: ANN401 - pydantic's, which may not be imported
    prefix = PREFIXES.get(error.title, "EBBWATCH_")
    return "; ".join(_setting(detail, prefix) for detail in error.errors(include_url=False))


def _setting(detail: Any, prefix: str) -> str:  # noqa: ANN401 - one of pydantic's error details
    place = ".".join(str(part) for part in detail["loc"])
    if not place:  # of several together
        return f"{prefix}*: {detail['msg'].removeprefix('Value error, ')}"
    got = "a secret" if place in SECRETS else repr(detail["input"])
    return f"{prefix}{place.upper()}: {detail['msg']}, got {got}"
