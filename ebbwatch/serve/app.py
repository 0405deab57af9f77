"""The web application, composed of what it is given; nothing is opened here."""

from typing import Final

from fastapi import FastAPI
from fastapi.responses import JSONResponse, Response
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.types import ASGIApp

from ebbwatch.serve.access import Tokens
from ebbwatch.serve.api import StraightToOne, about_one, api, asker, install
from ebbwatch.serve.desk import Desk
from ebbwatch.serve.hardening import Hardening
from ebbwatch.serve.pages import Door, pages
from ebbwatch.serve.portfolio import Sweeper
from ebbwatch.serve.queue import AnswerSender, CaseFeed, HistoryFeed
from ebbwatch.serve.settings import ServeSettings
from streams.parameters.in_use import InUse
from streams.store.lookups import Lookups

ABOUT: Final = (
    "Customers scored at the moment of the question, silence since their last event included. "
    "Advisory only: a decision about a customer needs a person."
)


def build(
    serving: ServeSettings,
    desk: Desk,
    lookups: Lookups,
    sweeper: Sweeper,
    feed: CaseFeed,
    past: HistoryFeed,
    sender: AnswerSender,
    in_use: InUse,
) -> ASGIApp:
    """Compose the application.

    Args:
        serving: who may come in.
        desk: answers about customers.
        lookups: of the store, for the probes.
        sweeper: tells of all customers.
        feed: tells of open cases.
        past: tells what happened to customers.
        sender: writes answers.
        in_use: the parameters in use.

    Raises:
        AccessFileError: a file of names and hashes cannot be used.
        OSError: it cannot be read.
    """
    app = FastAPI(title="Ebbwatch", version="1", description=ABOUT, docs_url=None, redoc_url=None)
    install(app)
    tokens = None if serving.tokens_file is None else Tokens(serving.tokens_file)
    who = asker(tokens, without_login=serving.without_login)
    app.include_router(api(desk, who))
    pages(app, desk, sweeper, feed, past, sender, in_use, Door(serving))
    _probes(app, lookups)
    inside = StraightToOne(app, about_one(desk, who))
    return Hardening(TrustedHostMiddleware(inside, serving.names, www_redirect=False))


def _probes(app: FastAPI, lookups: Lookups) -> None:
    @app.get("/livez", include_in_schema=False)
    async def livez() -> Response:
        return JSONResponse({"ok": True})

    @app.get("/readyz", include_in_schema=False)
    async def readyz() -> Response:
        """Whether Redis answers; where it does not, this is a problem of status 503."""
        await lookups.customers(1)
        return JSONResponse({"ok": True})
