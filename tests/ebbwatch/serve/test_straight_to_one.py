"""Questions about one customer go past the framework, and all others to it."""

import asyncio
import json
from typing import Any

import pytest
from fastapi import Request, Response
from starlette.types import Message, Receive, Scope, Send

from ebbwatch.serve.api import ProblemError, StraightToOne
from scoring import ScoringError
from streams.tools.customers.view import NotScoredError, TooEarlyError


async def framework(_: Scope, __: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 299})


def asked(path: str, method: str = "GET", error: Exception | None = None) -> list[Any]:
    """What is sent to whoever asked."""
    sent: list[Message] = []

    async def one(request: Request) -> Response:
        if error is not None:
            raise error
        return Response(request.path_params["customer"])

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": method, "path": path, "headers": [], "query_string": b""}
    asyncio.run(StraightToOne(framework, one)(scope, None, send))  # type: ignore[arg-type]
    return [sent[0]["status"], *(message["body"] for message in sent[1:])]


@pytest.mark.parametrize("customer", ["c-1", "c/once@bank", ""])
def test_a_question_about_one_customer_goes_straight_to_its_answer(customer: str) -> None:
    assert asked(f"/v1/customers/{customer}") == [200, customer.encode()]


@pytest.mark.parametrize(
    ("path", "method"),
    [
        ("/v1/customers/c-1", "POST"),
        ("/v1/customers/c-1", "HEAD"),
        ("/v1/customers:batch", "GET"),
        ("/v1/customers", "GET"),
        ("/customers/c-1", "GET"),
    ],
)
def test_whatever_else_goes_to_the_framework(path: str, method: str) -> None:
    assert asked(path, method) == [299]


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (ProblemError(404, "nobody"), 404),
        (TooEarlyError("early"), 422),
        (NotScoredError("withdrew"), 409),
        (ScoringError(where="there", expected="this", got="that"), 503),
    ],
)
def test_an_error_is_answered_as_the_framework_would(error: Exception, status: int) -> None:
    told, body = asked("/v1/customers/c-1", error=error)
    assert (told, json.loads(body)["status"]) == (status, status)


def test_an_error_that_nobody_foresaw_stays_one() -> None:
    with pytest.raises(ZeroDivisionError):
        asked("/v1/customers/c-1", error=ZeroDivisionError())


def test_what_is_no_request_goes_to_the_framework_too() -> None:
    heard: list[str] = []

    async def app(scope: Scope, _: Receive, __: Send) -> None:
        heard.append(scope["type"])

    asyncio.run(StraightToOne(app, None)({"type": "lifespan"}, None, None))  # type: ignore[arg-type]
    assert heard == ["lifespan"]
