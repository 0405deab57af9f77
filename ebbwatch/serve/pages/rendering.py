"""Templates, rendered in the language that is asked for."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import quote

from jinja2 import Environment
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from ebbwatch.serve.pages import charts
from ebbwatch.serve.pages.door import Door
from ebbwatch.serve.pages.sheets import CLASSES
from ebbwatch.serve.pages.wording import Wording, accepted_language
from schemas.outputs.words import LANGUAGES, catalogue
from streams.parameters.in_use import InUse

LANGUAGE: Final = "ebbwatch_language"
YEAR: Final = 31_536_000  # seconds


@dataclass(frozen=True)
class Renderer:
    """Renders templates.

    Attributes:
        templates: where they are.
        in_use: the parameters in use, whose currency amounts are of.
        door: knows who looks.
    """

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
            others=[catalogue(each) for each in LANGUAGES if each != words.language],
            path=request.url.path,
            now=datetime.now(UTC),
            can_leave=self.door.has_passwords,
            **values,
        )
        response = HTMLResponse(text, code)
        if request.query_params.get("lang") in LANGUAGES:
            response.set_cookie(LANGUAGE, words.language, max_age=YEAR, samesite="strict")
        return response

    def words(self, request: Request) -> Wording:
        """In the language that is asked for, was chosen before, or is the browser's."""
        chosen = request.query_params.get("lang") or request.cookies.get(LANGUAGE)
        accepted = accepted_language(request.headers.get("accept-language", ""))
        model = self.in_use.current.model
        return Wording.of(chosen or accepted, model.parameters.book_currency, model.rules.texts)

    def error(self, request: Request, status: int, of: str = "") -> Response:
        """Say what is wrong, with words of its own where `of` says of what."""
        return self(request, "error.html", status, status=status, what=f"error.{status}{of}")

    def must_log_in(self, request: Request) -> Response:
        """Lead whoever is not let in to where they may be."""
        if not self.door.has_passwords:
            return self.error(request, 401)
        return RedirectResponse(f"/login?then={quote(request.url.path, safe='')}", 303)
