"""Errors as programs read them: RFC 9457, which never repeat what was asked for."""

from collections.abc import Iterator, Mapping
from typing import Final

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field
from redis.exceptions import RedisError
from starlette.exceptions import HTTPException

from scoring import ScoringError
from streams.parameters.in_use import BasisError
from streams.retry import told
from streams.store import DamagedError
from streams.tools.customers.view import NotScoredError, TooEarlyError

AWAY: Final = (RedisError, DamagedError, BasisError, ScoringError)  # of the system, for now
MEDIA: Final = "application/problem+json"
TITLES: Final[Mapping[int, str]] = {
    400: "Not to be used so",
    401: "Who are you?",
    403: "Not yours to do",
    404: "Not there",
    405: "Not a way to ask",
    409: "Not scored",
    413: "Too much",
    421: "Not asked by a name of this server",
    422: "Not to be understood",
    503: "Not now",
}
log = structlog.get_logger()


class Problem(BaseModel):
    """What went wrong."""

    type: str = Field(default="about:blank", description="Kind of the problem.")
    title: str = Field(description="The status in words.")
    status: int = Field(description="HTTP status.")
    detail: str = Field(description="Where, what was expected, what helps.")


class ProblemError(HTTPException):
    """An answer that is a problem; `detail` says where and what was expected."""


def answered(status: int, detail: str, headers: Mapping[str, str] | None = None) -> Response:
    """A problem as a response."""
    problem = Problem(title=TITLES.get(status, "Problem"), status=status, detail=detail)
    return JSONResponse(problem.model_dump(), status, headers=headers, media_type=MEDIA)


def answer_to(error: Exception) -> Response | None:
    """The problem that an error is answered with; None of what nobody foresaw."""
    if isinstance(error, HTTPException):
        return answered(error.status_code, str(error.detail), error.headers)
    if isinstance(error, RequestValidationError):
        return answered(422, "; ".join(_places(error)))
    if isinstance(error, TooEarlyError):
        return answered(422, str(error))
    if isinstance(error, NotScoredError):
        return answered(409, str(error))
    if isinstance(error, AWAY):
        log.warning("cannot answer", error=told(error), exc_info=None)
        return answered(503, told(error), {"Retry-After": "5"})
    return None


def install(app: FastAPI) -> None:
    """Answer every error of an app's so."""
    for known in (HTTPException, RequestValidationError, TooEarlyError, NotScoredError, *AWAY):
        app.add_exception_handler(known, _answer)


async def _answer(_: Request, error: Exception) -> Response:
    found = answer_to(error)
    assert found is not None  # noqa: S101 - as installed
    return found


def _places(error: RequestValidationError) -> Iterator[str]:
    """Where and what was expected; what came may be a card number."""
    for each in error.errors():
        yield f"{'.'.join(str(part) for part in each['loc'])}: {each['msg']}"
