"""What Redis's refusals mean for who asked: one table, by the code each reply begins with."""

import re
from enum import Enum
from types import MappingProxyType
from typing import Final, NamedTuple

from redis.exceptions import (
    AskError,
    AuthenticationError,
    BusyLoadingError,
    ClusterCrossSlotError,
    ClusterDownError,
    ExecAbortError,
    MasterDownError,
    MovedError,
    NoPermissionError,
    NoScriptError,
    OutOfMemoryError,
    ReadOnlyError,
    ResponseError,
    TryAgainError,
)

DENIED: Final = "AuthorizationFailed"  # in the names of errors of aiokafka and kafka-python
NO_RIGHT: Final = "`ebbwatch access rights` shows what each process has to be allowed"
NOT_CLUSTER: Final = "it is a Redis Cluster's node: redis+cluster:// in EBBWATCH_REDIS_URL"


class Verdict(Enum):
    """What to do about a refusal: what was asked for may be asked again, or never will be granted.

    `WAIT`: ask again later. `RECONNECT`: ask again, by connections made anew, since these lead to
    a server that no longer is the one to ask. `END`: no waiting mends it.
    """

    WAIT = "wait"
    RECONNECT = "reconnect"
    END = "end"


class Refusal(NamedTuple):
    """A kind of refusal.

    Attributes:
        verdict: what to do.
        error: redis-py's class for it, whose message lacks the code; None where it has none.
        helps: what helps, where the reply does not say it.
    """

    verdict: Verdict
    error: type[Exception] | None = None
    helps: str = ""


_WAIT, _RECONNECT, _END = Verdict.WAIT, Verdict.RECONNECT, Verdict.END
REFUSALS: Final = MappingProxyType(
    {
        "LOADING": Refusal(_WAIT, BusyLoadingError),
        "BUSY": Refusal(_WAIT),
        "MISCONF": Refusal(_WAIT),
        "NOREPLICAS": Refusal(_WAIT),
        "OOM": Refusal(_WAIT, OutOfMemoryError),
        "MASTERDOWN": Refusal(_WAIT, MasterDownError),
        "CLUSTERDOWN": Refusal(_WAIT, ClusterDownError),
        "TRYAGAIN": Refusal(_WAIT, TryAgainError),
        "NOSCRIPT": Refusal(_WAIT, NoScriptError),  # each call brings the script along
        "READONLY": Refusal(_RECONNECT, ReadOnlyError),
        "UNBLOCKED": Refusal(_RECONNECT),
        "MOVED": Refusal(_END, MovedError, NOT_CLUSTER),  # the cluster's own client follows it
        "ASK": Refusal(_END, AskError, NOT_CLUSTER),
        "CROSSSLOT": Refusal(_END, ClusterCrossSlotError),
        "NOPERM": Refusal(_END, NoPermissionError, "grant it to the user of EBBWATCH_REDIS_URL"),
        "NOAUTH": Refusal(_END, AuthenticationError, "user and password in EBBWATCH_REDIS_URL"),
        "WRONGPASS": Refusal(_END, AuthenticationError, "user and password in EBBWATCH_REDIS_URL"),
        "DENIED": Refusal(_END),
        "WRONGTYPE": Refusal(_END),
        "EXECABORT": Refusal(_END, ExecAbortError),
        "ERR": Refusal(_END),
    }
)
# As redis-py tells of a pipeline's command, Redis of a transaction, and Redis 6 of a script's call.
_INSIDE: Final = re.compile(r"(?:caused error: \(['\"]|because of: |: -)([A-Z]{3,})\b")
_FIRST: Final = re.compile(r"[A-Z]{3,}\b")
_PIPELINE: Final = re.compile(r"^Command # \d+ \(.*\) of pipeline caused error: ", re.DOTALL)
_LONGEST: Final = 1_000  # of a server's words; an own error ends with what to do, which has to stay
_VAGUE: Final = ("", "ERR", "EXECABORT")  # may have another inside


def code(error: Exception) -> str:
    """The code a refusal began with, wherever the client put it; "" where it is no refusal.

    >>> code(ResponseError("MISCONF Redis is configured to save RDB snapshots"))
    'MISCONF'
    >>> code(ReadOnlyError("You can't write against a read only replica."))
    'READONLY'
    """
    found = getattr(error, "status_code", None) or _by_class(error)
    if found not in _VAGUE or not isinstance(error, ResponseError):
        return "" if found == "ERR" else found
    text = str(error)
    inside, first = _INSIDE.search(text), _FIRST.match(text)
    if inside and inside[1] in REFUSALS:
        return inside[1]
    return found or (first[0] if first else "ERR")


def _by_class(error: Exception) -> str:
    codes = (code for code, refusal in REFUSALS.items() if refusal.error is type(error))
    return next(codes, "")


def refusal(error: Exception) -> Refusal | None:
    """What a reply of Redis's means, None where it is none; one of an unknown code ends."""
    found = code(error)
    return REFUSALS.get(found, Refusal(_END)) if found else None


def denied(error: BaseException) -> str:
    """What helps whom Kafka does not allow something; "" where it is another error.

    >>> from aiokafka.errors import GroupAuthorizationFailedError
    >>> denied(GroupAuthorizationFailedError("ebbwatch"))
    '`ebbwatch access rights` shows what each process has to be allowed'
    """
    return NO_RIGHT if DENIED in type(error).__name__ else ""


def told(error: BaseException) -> str:
    """An error in words, on one line: its code or class, its text, what helps.

    What a pipeline was asked is left out: it names customers.

    >>> told(ResponseError("MISCONF Errors writing to the AOF file"))
    'MISCONF Errors writing to the AOF file'
    >>> told(TimeoutError())
    'TimeoutError'
    """
    text = " ".join(_PIPELINE.sub("", str(error)).split())[:_LONGEST]
    found = code(error) if isinstance(error, Exception) else ""
    named = found or type(error).__name__
    helps = REFUSALS[found].helps if found in REFUSALS else denied(error)
    said = text if found and found in text else f"{named} {text}".strip()
    return f"{said} ({helps})" if helps else said
