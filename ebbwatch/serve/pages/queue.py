"""The work queue's view."""

from typing import Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response

from ebbwatch.serve import audit
from ebbwatch.serve.pages.rendering import Renderer
from ebbwatch.serve.queue import STATES, CaseFeed, ChosenCases, HistoryFeed, unsettled
from scoring.warning.desk import ROUTES
from streams.outbox.parts import BANDS

DUE: Final = ("overdue",)


def add_queue(router: APIRouter, page: Renderer, feed: CaseFeed, past: HistoryFeed) -> None:
    """Add the view to the page's routes."""

    @router.get("/queue")
    async def queue(request: Request) -> Response:
        who = page.door.who(request)
        if who is None:
            return page.must_log_in(request)
        chosen = chosen_of(request.query_params)
        audit.listed(who, chosen.page)
        return page(request, "queue.html", **await queue_view(feed, past, chosen, who))


def chosen_of(asked: QueryParams) -> ChosenCases:
    """What an address asks for; what it cannot ask for, it does not."""
    words = {name: asked.get(name, "").strip()[:64] for name in ChosenCases._fields}
    page = words.pop("page")
    known = {"state": STATES, "route": ROUTES, "band": BANDS, "due": DUE}
    for name, of in known.items():
        words[name] = words[name] if words[name] in of else ""
    number = int(page) if page.isdecimal() and page.isascii() and len(page) < 9 else 1  # noqa: PLR2004
    return ChosenCases(**words, page=number)


async def queue_view(
    feed: CaseFeed, past: HistoryFeed, chosen: ChosenCases, who: str
) -> dict[str, Any]:
    """Names of the queue's template."""
    cases = feed.cases
    shown = None if cases is None else await cases.page(chosen)
    officers = [] if cases is None else cases.board.officers
    asked = chosen._asdict()
    given = {name: word for name, word in asked.items() if word}
    return {
        "shown": shown,
        "by_route": {} if shown is None else {each.route: each for each in shown.routes},
        "fates": {}
        if cases is None or shown is None
        else {
            line.customer: fate
            for line in shown.lines
            if (fate := unsettled(past.history, line, cases.board))
        },
        "chosen": chosen,
        "asked": asked,
        "feed": feed,
        "states": STATES,
        "routes": ROUTES,
        "bands": BANDS[:0:-1],
        "dues": DUE,
        "officers": sorted(officers, key=lambda each: (each != who, each)),
        "who": who,
        "zone": None if cases is None else cases.board.desk.calendar.zone,
        "to": lambda number: "/queue?" + urlencode({**given, "page": number}),
        "again": "/queue?" + urlencode(given),
    }
