"""What people may look at."""

from importlib import resources
from typing import Final
from urllib.parse import parse_qs, quote, urlsplit

from fastapi import APIRouter, FastAPI
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response

from ebbwatch.serve.api.problems import ProblemError, answered
from ebbwatch.serve.desk import Desk
from ebbwatch.serve.pages.customer import CustomerPages, add_customers
from ebbwatch.serve.pages.door import Door
from ebbwatch.serve.pages.queue import add_queue
from ebbwatch.serve.pages.rendering import Renderer
from ebbwatch.serve.pages.sheets import portfolio_view, today_view
from ebbwatch.serve.portfolio import Sweeper
from ebbwatch.serve.queue import AnswerSender, CaseFeed, HistoryFeed
from streams.parameters.in_use import InUse

STATIC: Final = {
    "page.css": "text/css",
    "htmx-2.0.11.min.js": "text/javascript",
    "icon.svg": "image/svg+xml",
}


def pages(
    app: FastAPI,
    desk: Desk,
    sweeper: Sweeper,
    feed: CaseFeed,
    past: HistoryFeed,
    sender: AnswerSender,
    in_use: InUse,
    door: Door,
) -> None:
    """Add the pages to an application.

    Args:
        app: the application.
        desk: knows customers.
        sweeper: knows the portfolio.
        feed: knows open cases.
        past: knows what happened to customers.
        sender: writes answers.
        in_use: the parameters in use.
        door: lets people in.
    """
    loader = PackageLoader("ebbwatch.serve.pages")
    templates = Environment(
        loader=loader,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    page = Renderer(templates, in_use, door)
    router = APIRouter(include_in_schema=False)
    _add_views(router, page, sweeper, feed, past)
    add_customers(router, CustomerPages(page, desk, feed, past, sender, door.forms))
    add_queue(router, page, feed, past)
    _add_login(router, page)

    @router.get("/static/{name}")
    async def static(name: str) -> Response:
        if name not in STATIC:
            raise ProblemError(404, "static: expected a file of the page")
        with resources.as_file(resources.files(__package__).joinpath("static", name)) as file:
            kept = {"cache-control": "public, max-age=3600"}
            return FileResponse(file, media_type=STATIC[name], headers=kept)

    app.include_router(router)
    _add_nowhere(app, page)


def _add_views(
    router: APIRouter, page: Renderer, sweeper: Sweeper, feed: CaseFeed, past: HistoryFeed
) -> None:
    @router.get("/")
    async def portfolio(request: Request) -> Response:
        if page.door.who(request) is None:
            return page.must_log_in(request)
        overview, words = sweeper.overview, page.words(request)
        shown = None if overview is None else portfolio_view(overview, words)
        today, progress = today_view(feed, past), sweeper.progress
        return page(request, "portfolio.html", shown=shown, today=today, progress=progress)

    @router.get("/customers")
    async def search(request: Request) -> Response:
        asked = request.query_params.get("id", "").strip()
        return RedirectResponse(f"/customers/{quote(asked, safe='')}" if asked else "/", 303)


def _add_nowhere(app: FastAPI, page: Renderer) -> None:
    @app.exception_handler(404)
    async def nowhere(request: Request, error: HTTPException) -> Response:
        """What is not there, told to browsers by a page; programs keep to theirs."""
        is_browser = "text/html" in request.headers.get("accept", "")
        if is_browser and not request.url.path.startswith(("/v1/", "/static/")):
            return page.error(request, 404, "_page")
        return answered(404, error.detail)


def _add_login(router: APIRouter, page: Renderer) -> None:
    @router.get("/login")
    async def login(request: Request) -> Response:
        if not page.door.has_passwords:
            return page.error(request, 401)
        return page(request, "login.html", wrong="", name="", then=_then(request))

    @router.post("/login")
    async def enter(request: Request) -> Response:
        given = parse_qs((await request.body()).decode("utf-8", "replace"))
        name, password, then = (given.get(k, [""])[0] for k in ("name", "password", "then"))
        wrong = await page.door.let_in(name, password)
        if wrong is not None:
            status = 429 if wrong == "login.waits" else 401
            shown = {"wrong": wrong, "name": name[:64], "then": _local(then)}
            return page(request, "login.html", status, **shown)
        response = RedirectResponse(_local(then), 303)
        page.door.remember(response, request, name)
        return response

    @router.post("/logout")
    async def leave() -> Response:
        response = RedirectResponse("/login" if page.door.has_passwords else "/", 303)
        page.door.forget(response)
        return response


def _then(request: Request) -> str:
    return _local(request.query_params.get("then", "/"))


def _local(address: str) -> str:
    """A path of this page; anything else is its beginning."""
    parts = urlsplit(address)
    is_here = address.startswith("/") and not address.startswith(("//", "/\\"))
    return quote(parts.path) if is_here and not (parts.scheme or parts.netloc) else "/"
