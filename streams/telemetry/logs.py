"""Logs: JSON lines on standard error, no payloads, card numbers masked."""

import logging
import sys
import threading
from asyncio import CancelledError
from collections.abc import Collection
from contextlib import suppress
from math import inf
from types import TracebackType
from typing import Any, Final, TextIO

import structlog

from schemas import contains_card_number, mask
from streams.retry import away, told

QUIET: Final = ("aiokafka", "kafka", "faust", "mode", "asyncio", "opentelemetry", "urllib3")
PAUSE: Final = 60.0


def configure(level: str) -> None:
    """Set up logging of this process, libraries' logs included.

    Args:
        level: least level shown of our own; libraries show warnings and worse.
    """
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.processors.format_exc_info,
        _masked,
        structlog.processors.TimeStamper(fmt="iso", utc=True),  # its digits need no search
    ]
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.JSONRenderer(),
        ],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    handler.addFilter(Seldom(QUIET, PAUSE))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    structlog.configure(
        processors=[*shared, structlog.processors.JSONRenderer()],
        logger_factory=structlog.WriteLoggerFactory(_Forgiving(sys.stderr)),  # type: ignore[arg-type]
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level.upper())),
        cache_logger_on_first_use=True,
    )
    _tell_what_nobody_caught()


class _Forgiving:
    """A stream whose errors end nobody: a disk full of logs is no reason to stop.

    Own logs are written to it directly, which takes a quarter of what `logging` takes.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> None:
        with suppress(OSError, ValueError):  # full or gone; closed
            self._stream.write(text)

    def flush(self) -> None:
        with suppress(OSError, ValueError):
            self._stream.flush()


def _tell_what_nobody_caught() -> None:
    """Log what Python would print of errors that nobody caught."""
    log = structlog.get_logger()

    def uncaught(kind: type[BaseException], error: BaseException, _: TracebackType | None) -> None:
        log.critical("nobody caught", error=kind.__name__, exc_info=error)

    def ended(thread: threading.ExceptHookArgs) -> None:
        error = thread.exc_value or thread.exc_type()
        if isinstance(error, CancelledError):
            return  # as whoever stopped it wanted
        log.warning("a thread ended", error=told(error), exc_info=None if away(error) else error)

    def ignored(unraisable: "sys.UnraisableHookArgs") -> None:
        log.warning("ignored", error=repr(unraisable.exc_value), of=repr(unraisable.object)[:200])

    sys.excepthook, threading.excepthook, sys.unraisablehook = uncaught, ended, ignored


class Seldom(logging.Filter):
    """Lets a library say the same thing only now and then: aiokafka repeats itself without pause.

    An error of theirs is a warning here: what they try again, be it in vain, is none, and what
    they give up is raised, and told by whoever asked.

    Args:
        libraries: top-level names of the loggers concerned.
        pause: seconds until the same message of the same logger passes again.
    """

    def __init__(self, libraries: Collection[str], pause: float) -> None:
        super().__init__()
        self._libraries, self._pause = libraries, pause
        self._said: dict[tuple[str, str], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether a record passes; what it is about is in its arguments, so those do not count."""
        if record.name.partition(".")[0] not in self._libraries:
            return True
        if record.levelno > logging.WARNING:
            record.levelno, record.levelname = logging.WARNING, "WARNING"
        error = record.exc_info[1] if record.exc_info else None
        if error is not None and away(error):
            record.exc_info = None  # where in a library a server is away, is no news
        said = (record.name, str(record.msg))
        due = record.created - self._said.get(said, -inf) >= self._pause
        if due:
            self._said[said] = record.created
        return due


def _masked(_logger: Any, _method: str, event: dict[str, Any]) -> dict[str, Any]:  # noqa: ANN401
    own = {name: value for name, value in event.items() if name.startswith("_")}  # structlog's
    return {**{name: _safe(value) for name, value in event.items()}, **own}


def _safe(value: Any) -> Any:  # noqa: ANN401
    """The value as it may stand in a log, however deep a card number hides in it."""
    match value:
        case None | bool() | float():
            return value
        case int():
            return "****" if contains_card_number(str(value)) else value
        case str() | bytes():
            return mask(value)
        case dict():
            return {_safe(name): _safe(each) for name, each in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_safe(each) for each in value]
        case _:
            return mask(repr(value))
