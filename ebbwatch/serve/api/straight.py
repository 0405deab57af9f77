"""The way of the question that is asked most, past what the framework would do with it."""

from collections.abc import Awaitable, Callable
from typing import Final

from fastapi import Request, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from ebbwatch.serve.api.problems import answer_to

OF_CUSTOMERS: Final = "/v1/customers/"


class StraightToOne:
    """Hands questions about one customer to the function that answers them.

    Finding a route and its parameters takes FastAPI longer than it takes to score one of many; the
    route itself has the same function, for all that describes the API.

    Args:
        app: whom all other requests go to.
        one: answers, or raises what `answer_to` knows.
    """

    def __init__(self, app: ASGIApp, one: Callable[[Request], Awaitable[Response]]) -> None:
        self._app, self._one = app, one

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As ASGI has it."""
        is_question = scope["type"] == "http" and scope["method"] == "GET"
        if not (is_question and scope["path"].startswith(OF_CUSTOMERS)):
            await self._app(scope, receive, send)
            return
        scope["path_params"] = {"customer": scope["path"].removeprefix(OF_CUSTOMERS)}
        try:
            response = await self._one(Request(scope))
        except Exception as error:
            told = answer_to(error)
            if told is None:
                raise
            response = told
        await response(scope, receive, send)
