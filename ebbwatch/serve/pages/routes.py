"""What people may look at."""

import asyncio
from dataclasses import dataclass
from importlib import resources
from typing import Any, Final
from urllib.parse import parse_qs, quote, urlsplit

from fastapi import APIRouter, FastAPI
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response

from ebbwatch.serve import audit
from ebbwatch.serve.api.problems import AWAY, ProblemError
from ebbwatch.serve.api.routes import checked
from ebbwatch.serve.desk import Desk
from ebbwatch.serve.pages import charts
from ebbwatch.serve.pages.door import Door
from ebbwatch.serve.pages.sheets import CLASSES, customer_view, portfolio_view, sheet
from ebbwatch.serve.pages.wording import Wording
from ebbwatch.serve.portfolio import Sweeper
from streams.outbox.phrases import LANGUAGES
from streams.parameters.in_use import InUse
from streams.tools.customers.finding import Inquiry

LANGUAGE: Final = "ebbwatch_language"
YEAR: Final = 31_536_000  # seconds
STATIC: Final = {
    "page.css": "text/css",
    "htmx-2.0.11.min.js": "text/javascript",
    "icon.svg": "image/svg+xml",
}


@dataclass(frozen=True)
class _Page:
    """Renders templates in the language asked for."""

    templates: Environment
    in_use: InUse
    door: Door

    def __call__(self, request: Request, template: str, code: int = 200, **values: Any) -> Response:  # noqa: ANN401 - a template's
        """Render a template."""
        words = self.words(request)
        values.setdefault("user", self.door.who(request))
        text = self.templates.get_template(template).render(
            t=words,
            charts=charts,
            classes=CLASSES,
            other=LANGUAGES[words.language == LANGUAGES[0]],
            path=request.url.path,
            can_leave=self.door.has_passwords,
            **values,
        )
        response = HTMLResponse(text, code)
        if request.query_params.get("lang") in LANGUAGES:
            response.set_cookie(LANGUAGE, words.language, max_age=YEAR, samesite="strict")
        return response

    def words(self, request: Request) -> Wording:
        accepted = request.headers.get("accept-language", "")[:2].lower()
        asked = request.query_params.get("lang") or request.cookies.get(LANGUAGE) or accepted
        return Wording.of(asked, self.in_use.current.model.parameters.book_currency)

    def error(self, request: Request, status: int) -> Response:
        return self(request, "error.html", status, status=status)


def pages(app: FastAPI, desk: Desk, sweeper: Sweeper, in_use: InUse, door: Door) -> None:
    """Add the pages to an application.

    Args:
        app: the application.
        desk: knows customers.
        sweeper: knows the portfolio.
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
    page = _Page(templates, in_use, door)
    router = APIRouter(include_in_schema=False)
    _add_views(router, page, desk, sweeper)
    _add_login(router, page)

    @router.get("/static/{name}")
    async def static(name: str) -> Response:
        if name not in STATIC:
            raise ProblemError(404, "static: expected a file of the page")
        with resources.as_file(resources.files(__package__).joinpath("static", name)) as file:
            kept = {"cache-control": "public, max-age=3600"}
            return FileResponse(file, media_type=STATIC[name], headers=kept)

    app.include_router(router)


def _add_views(router: APIRouter, page: _Page, desk: Desk, sweeper: Sweeper) -> None:
    @router.get("/")
    async def portfolio(request: Request) -> Response:
        if page.door.who(request) is None:
            return _must_log_in(request, page)
        overview, words = sweeper.overview, page.words(request)
        shown = None if overview is None else portfolio_view(overview, words)
        return page(request, "portfolio.html", shown=shown, progress=sweeper.progress)

    @router.get("/customers")
    async def search(request: Request) -> Response:
        asked = request.query_params.get("id", "").strip()
        return RedirectResponse(f"/customers/{quote(asked, safe='')}" if asked else "/", 303)

    @router.get("/customers/{customer:path}")
    async def customer(request: Request, customer: str) -> Response:
        who = page.door.who(request)
        if who is None:
            return _must_log_in(request, page)
        try:
            own = checked(customer)
        except ProblemError as error:
            return page.error(request, error.status_code)
        try:
            held = await desk.held(Inquiry(own))
            audit.looked_up(who, [own], "page", found=held is not None)
            if held is None:
                return page.error(request, 404)
            words = page.words(request)
            messages = page.in_use.current.messages.in_language(words.language)
            shown = await asyncio.to_thread(sheet, held, messages)
        except AWAY:
            return page.error(request, 503)
        return page(request, "customer.html", **customer_view(shown, words))


def _add_login(router: APIRouter, page: _Page) -> None:
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


def _must_log_in(request: Request, page: _Page) -> Response:
    if not page.door.has_passwords:
        return page.error(request, 401)
    return RedirectResponse(f"/login?then={quote(request.url.path, safe='')}", 303)


def _then(request: Request) -> str:
    return _local(request.query_params.get("then", "/"))


def _local(address: str) -> str:
    """A path of this page; anything else is its beginning."""
    parts = urlsplit(address)
    is_here = address.startswith("/") and not address.startswith(("//", "/\\"))
    return quote(parts.path) if is_here and not (parts.scheme or parts.netloc) else "/"
