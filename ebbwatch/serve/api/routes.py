"""What programs may ask."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path, Query, Security
from fastapi.responses import Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, TypeAdapter, ValidationError

from ebbwatch.serve import audit
from ebbwatch.serve.access import Tokens
from ebbwatch.serve.api.problems import MEDIA, Problem, ProblemError
from ebbwatch.serve.desk import Desk
from ebbwatch.serve.settings import ANYBODY
from schemas import is_card_number
from schemas.fields import Id, Time
from schemas.outputs.now import CustomerNow
from streams.tools.customers.finding import Inquiry
from streams.tools.customers.view import NotScoredError, TooEarlyError

MOST: Final = 500  # customers of one question
NO_CARD: Final = "expected a pseudonymous customer id, got a card number, which is not kept"
NOBODY: Final = "customer: expected one that a record is held of, found none"
_ID: Final = TypeAdapter[str](Id)
_PROBLEM: Final[dict[str, Any]] = {"model": Problem, "content": {MEDIA: {}}}
_PROBLEMS: Final[dict[int | str, dict[str, Any]]] = {
    401: _PROBLEM | {"description": "No token, or nobody's."},
    422: _PROBLEM | {"description": "No customer id, or an instant that cannot be told of."},
    503: _PROBLEM | {"description": "Redis is away, or holds what these parameters do not fit."},
}
_UNKNOWN: Final[dict[int | str, dict[str, Any]]] = {
    404: _PROBLEM | {"description": "Nothing is held of the customer."},
    409: _PROBLEM | {"description": "The customer withdrew consent to profiling."},
}


def _no_card(customer: str) -> str:
    if is_card_number(customer):
        raise ValueError(NO_CARD)
    return customer


def _with_its_plus(text: object) -> object:
    """An instant whose + came as the space that forms make of it."""
    return text.replace(" ", "+") if isinstance(text, str) else text


CustomerOfApi = Annotated[Id, AfterValidator(_no_card)]
Instant = Annotated[Time, BeforeValidator(_with_its_plus)]
_AT: Final = "The instant asked about, ISO 8601 with offset, from the last event on; else now."
_CLEARING: Final = "Whether to find what would clear each open warning: tens of milliseconds more."


class ManyAsked(BaseModel):
    """A question about many customers."""

    customers: list[CustomerOfApi] = Field(min_length=1, max_length=MOST)
    at: Instant | None = Field(default=None, description=_AT)


class BatchAnswer(BaseModel):
    """The answer, in the order asked, each customer once."""

    customers: list[CustomerNow]
    unknown: list[str] = Field(description="Of whom nothing is held.")
    too_early: list[str] = Field(description="Whose last event is later than the instant.")
    not_scored: list[str] = Field(description="Who withdrew consent to profiling.")


def api(desk: Desk, tokens: Tokens | None, *, without_login: bool) -> APIRouter:
    """The routes.

    Args:
        desk: answers.
        tokens: who may ask; None for nobody.
        without_login: whether everybody may.
    """
    router = APIRouter(prefix="/v1", tags=["customers"], responses=_PROBLEMS)
    who = _asker(tokens, without_login=without_login)

    @router.get("/customers/{customer:path}", response_model=CustomerNow, responses=_UNKNOWN)
    async def customer(
        customer: Annotated[str, Path(description="The customer's pseudonymous id.")],
        asker: Annotated[str, Depends(who)],
        at: Annotated[Instant | None, Query(description=_AT)] = None,
        *,
        would_clear: Annotated[bool, Query(description=_CLEARING)] = False,
    ) -> Response:
        """State, scores, reasons and open warnings of a customer at this moment, or another."""
        own = checked(customer)
        try:
            found = await desk.ask(Inquiry(own, _seconds(at), with_clearing=would_clear))
        except NotScoredError:
            audit.looked_up(asker, [own], "api", found=True)
            raise
        audit.looked_up(asker, [own], "api", found=found is not None)
        if found is None:
            raise ProblemError(404, NOBODY)
        return Response(found.model_dump_json(), media_type="application/json")

    @router.post("/customers:batch", response_model=BatchAnswer)
    async def batch(asked: ManyAsked, asker: Annotated[str, Depends(who)]) -> Response:
        """The same of up to 500 customers at once."""
        ids, at = list(dict.fromkeys(asked.customers)), _seconds(asked.at)
        questions = (desk.ask(Inquiry(own, at)) for own in ids)
        found = await asyncio.gather(*questions, return_exceptions=True)
        answer = BatchAnswer(customers=[], unknown=[], too_early=[], not_scored=[])
        for own, each in zip(ids, found, strict=True):
            if isinstance(each, CustomerNow):
                answer.customers.append(each)
            elif each is None:
                answer.unknown.append(own)
            elif isinstance(each, TooEarlyError):
                answer.too_early.append(own)
            elif isinstance(each, NotScoredError):
                answer.not_scored.append(own)
            else:
                raise each
        unknown = set(answer.unknown)
        audit.looked_up(asker, [own for own in ids if own not in unknown], "api", found=True)
        audit.looked_up(asker, answer.unknown, "api", found=False)
        return Response(answer.model_dump_json(), media_type="application/json")

    return router


def checked(customer: str) -> str:
    """A customer's id as it came in a path.

    Raises:
        ProblemError: it is none, or a card number; it is not repeated.
    """
    try:
        own = _ID.validate_python(customer)
    except ValidationError as error:
        raise ProblemError(422, "customer: expected " + _expected(error)) from None
    if is_card_number(own):
        raise ProblemError(422, f"customer: {NO_CARD}")
    return own


def _expected(error: ValidationError) -> str:
    return str(error.errors(include_input=False, include_url=False)[0]["msg"])


def _seconds(at: datetime | None) -> float | None:
    return None if at is None else at.timestamp()


def _asker(tokens: Tokens | None, *, without_login: bool) -> Callable[..., Any]:
    """A dependency that names who asks."""
    bearer = HTTPBearer(auto_error=False, description="A token of `ebbwatch access token`.")

    async def who(given: Annotated[HTTPAuthorizationCredentials | None, Security(bearer)]) -> str:
        owner = None if tokens is None or given is None else tokens.owner(given.credentials)
        if owner is not None:
            return owner
        if without_login:
            return ANYBODY
        expected = "Authorization: expected Bearer and a token of `ebbwatch access token`"
        raise ProblemError(401, expected, {"WWW-Authenticate": "Bearer"})

    return who
