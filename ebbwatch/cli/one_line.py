"""Errors a user can mend, told in one line on standard error."""

import sys
from typing import Any, Final

import typer
from aiokafka.errors import KafkaError as AioKafkaError
from kafka.errors import KafkaError
from pydantic import ValidationError
from redis.exceptions import RedisError
from typer.core import TyperGroup

from ebbwatch.demo.child import DemoError
from ebbwatch.stack import StackError
from scoring import ScoringError
from streams.broker.topics import PartitionCountError
from streams.tools.produce_file import MissingTopicError

FAILED: Final = 1
SECRETS: Final = ("redis_url", "kafka_password")


class UserError(Exception):
    """What a command was given cannot be used; its text says where, expected, got."""


MENDABLE: Final = (
    AioKafkaError,
    DemoError,
    KafkaError,
    MissingTopicError,
    OSError,
    PartitionCountError,
    RedisError,
    ScoringError,
    StackError,
    UserError,
    ValidationError,
)


class OneLineErrors(TyperGroup):
    """A group of commands whose mendable errors end the program with one line and exit code 1."""

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401 - Typer keeps Click's types to itself
        """Run the command."""
        try:
            return super().invoke(ctx)
        except MENDABLE as error:
            sys.stderr.write(f"ebbwatch: {one_line(error)}\n")
            raise typer.Exit(FAILED) from error


def one_line(error: BaseException) -> str:
    """An error in one line, naming the variable where a setting is wrong."""
    if isinstance(error, ValidationError):
        return "; ".join(_setting(detail) for detail in error.errors(include_url=False))
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename}: {error.strerror}"
    told = " ".join(str(error).split())
    return told or type(error).__name__


def _setting(detail: Any) -> str:  # noqa: ANN401 - one of pydantic's error details
    place = ".".join(str(part) for part in detail["loc"])
    got = "a secret" if place in SECRETS else repr(detail["input"])
    return f"EBBWATCH_{place.upper()}: {detail['msg']}, got {got}"
