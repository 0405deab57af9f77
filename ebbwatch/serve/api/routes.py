"""What programs may ask."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request, Security
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from fastapi.security import HTTPBearer
from fastapi.security.utils import get_authorization_scheme_param
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
BEARER: Final = HTTPBearer(auto_error=False, description="A token of `ebbwatch access token`.")
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


class OneAsked(BaseModel):
    """What may stand behind the address of a customer."""

    at: Instant | None = Field(default=None, description=_AT)
    would_clear: bool = Field(default=False, description=_CLEARING)


class ManyAsked(BaseModel):
    """A question about many customers."""

    customers: list[CustomerOfApi] = Field(min_length=1, max_length=MOST)
    at: Instant | None = Field(default=None, description=_AT)


_NOTHING: Final = OneAsked()
Asker = Callable[[Request], Awaitable[str]]


class BatchAnswer(BaseModel):
    """The answer, in the order asked, each customer once."""

    customers: list[CustomerNow]
    unknown: list[str] = Field(description="Of whom nothing is held.")
    too_early: list[str] = Field(description="Whose last event is later than the instant.")
    not_scored: list[str] = Field(description="Who withdrew consent to profiling.")


def about_one(desk: Desk, who: Asker) -> Callable[[Request], Awaitable[Response]]:
    """What answers about the customer whom a request's path names."""

    async def customer(request: Request) -> Response:
        """State, scores, reasons and open warnings of a customer at this moment, or another."""
        asker = await who(request)
        own, asked = checked(request.path_params["customer"]), _asked(request)
        try:
            found = await desk.ask(
                Inquiry(own, _seconds(asked.at), with_clearing=asked.would_clear)
            )
        except NotScoredError:
            audit.looked_up(asker, [own], "api", found=True)
            raise
        audit.looked_up(asker, [own], "api", found=found is not None)
        if found is None:
            raise ProblemError(404, NOBODY)
        return Response(found.model_dump_json(), media_type="application/json")

    return customer


def api(desk: Desk, who: Asker) -> APIRouter:
    """The routes.

    Args:
        desk: answers.
        who: names who asks.
    """
    router = APIRouter(prefix="/v1", tags=["customers"], responses=_PROBLEMS)
    # FastAPI takes as long to find parameters as an answer takes, so this one finds its own, and
    # `StraightToOne` goes past the route, which is here for the API's description.
    router.get(
        "/customers/{customer:path}",
        response_model=CustomerNow,
        responses=_UNKNOWN,
        openapi_extra=_described(),
    )(about_one(desk, who))

    @router.post("/customers:batch", response_model=BatchAnswer, dependencies=[Security(BEARER)])
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


def _described() -> dict[str, Any]:
    """The parameters of a question about one customer, and its token, as OpenAPI has them."""
    customer = {"description": "The customer's pseudonymous id.", "schema": {"type": "string"}}
    behind = OneAsked.model_json_schema()["properties"]
    return {
        "parameters": [
            {"name": "customer", "in": "path", "required": True, **customer},
            *(
                {"name": name, "in": "query", "description": of.pop("description"), "schema": of}
                for name, of in behind.items()
            ),
        ],
        "security": [{BEARER.scheme_name: []}],
    }


def _asked(request: Request) -> OneAsked:
    """What stands behind an address; FastAPI's error where it cannot be understood."""
    if not request.scope["query_string"]:
        return _NOTHING
    try:
        return OneAsked.model_validate(dict(request.query_params))
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False)
        raise RequestValidationError(
            [{**each, "loc": ("query", *each["loc"])} for each in found]
        ) from None


def asker(tokens: Tokens | None, *, without_login: bool) -> Asker:
    """A dependency that names who asks.

    Args:
        tokens: who may ask; None for nobody.
        without_login: whether everybody may.
    """

    async def who(request: Request) -> str:
        given = request.headers.get("authorization")
        scheme, token = get_authorization_scheme_param(given)
        known = tokens if scheme.lower() == "bearer" else None
        owner = None if known is None else known.owner(token)
        if owner is not None:
            return owner
        if without_login:
            return ANYBODY
        expected = "Authorization: expected Bearer and a token of `ebbwatch access token`"
        raise ProblemError(401, expected, {"WWW-Authenticate": "Bearer"})

    return who
