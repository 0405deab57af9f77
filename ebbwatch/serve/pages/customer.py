"""A customer's view, with their case, and where answers to it come in."""

import asyncio
import time
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, urlencode

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from ebbwatch.serve import audit
from ebbwatch.serve.access import Forms
from ebbwatch.serve.api.problems import AWAY, ProblemError
from ebbwatch.serve.api.routes import checked
from ebbwatch.serve.desk import Desk
from ebbwatch.serve.pages.answering import TOUCHPOINTS, AnswerError, Filled, snooze_days
from ebbwatch.serve.pages.rendering import Renderer
from ebbwatch.serve.pages.sheets import customer_view, sheet
from ebbwatch.serve.pages.timeline import last_complaint, timeline
from ebbwatch.serve.queue import (
    MOVE,
    AnswerFate,
    AnswerSender,
    CaseFeed,
    CaseLine,
    HistoryEntry,
    HistoryFeed,
    UnsentError,
    fate_of,
    unsettled,
)
from schemas.events.examples import OUTCOME_EXAMPLES
from schemas.events.outcomes import DISMISSAL_REASONS, LOSS_REASONS
from scoring.facts.state import States
from streams.tools.customers.finding import Inquiry
from streams.tools.customers.view import NotScoredError

ANSWERS: Final = tuple(OUTCOME_EXAMPLES)


@dataclass(frozen=True)
class CustomerPages:
    """Shows customers, and takes answers.

    Attributes:
        page: renders.
        desk: knows customers.
        feed: knows open cases.
        past: knows what happened to them.
        sender: writes answers.
        forms: signs what is filled in.
    """

    page: Renderer
    desk: Desk
    feed: CaseFeed
    past: HistoryFeed
    sender: AnswerSender
    forms: Forms

    async def show(
        self, request: Request, who: str, own: str, wrong: AnswerError | None = None, **more: Filled
    ) -> Response:
        """A customer's view; with what was wrong about an answer, and the answer to be mended."""
        page = self.page
        try:
            held = await self.desk.held(Inquiry(own))
            audit.looked_up(who, [own], "page", found=held is not None)
            if held is None:
                return page.error(request, 404)
            words = page.words(request)
            messages = page.in_use.current.messages.in_language(words.language)
            shown = await asyncio.to_thread(sheet, held, messages)
        except NotScoredError:
            audit.looked_up(who, [own], "page", found=True)
            return page.error(request, 409)
        except AWAY:
            return page.error(request, 503)
        cases, memory = self.feed.cases, page.in_use.current.model.memory
        line = None if cases is None else cases.find(own)
        takers = [] if cases is None or line is None else cases.board.takers(line)
        return page(
            request,
            "customer.html",
            200 if wrong is None else wrong.status,
            **customer_view(shown, words),
            feed=self.feed,
            line=line,
            fate=self._fate(request, own, line, held.states),
            moments=timeline(held.states, memory, shown.curve, self.past.history.of(own), line),
            complained=last_complaint(held.states, memory),
            zone=None if cases is None else cases.board.desk.calendar.zone,
            by_route={} if cases is None else {e.route: e for e in await cases.routes()},
            may_answer=page.door.may_answer(who),
            form=self.forms.issue(who, own),
            filled=more.get("filled", Filled()),
            wrong=wrong,
            days=None if cases is None else snooze_days(cases.board),
            answers=[each for each in ANSWERS if takers or each != "reassigned"],
            takers=takers,
            who=who,
            choices={"loss": LOSS_REASONS, "dismissal": DISMISSAL_REASONS},
            touchpoints=TOUCHPOINTS,
        )

    async def answer(self, request: Request, who: str, own: str) -> Response:
        """Take an answer, and lead back to the customer; where it cannot be sent, say why."""
        filled = Filled()
        try:
            filled = Filled.of(await request.body())
            event = self._event(filled, who, own)
            await self.sender.send(event)
        except AnswerError as wrong:
            return await self.show(request, who, own, wrong, filled=filled.shown_again())
        except UnsentError:
            audit.answered(who, own, event["type"], event["event_id"], sent=False)
            away = AnswerError("answer.away", status=503)
            return await self.show(request, who, own, away, filled=filled.shown_again())
        audit.answered(who, own, event["type"], event["event_id"], sent=True)
        self.past.sent(event)
        told = urlencode({"sent": event["type"], "event": event["event_id"]})
        return RedirectResponse(f"/customers/{quote(own, safe='')}?{told}#case", 303)

    def _fate(
        self, request: Request, own: str, line: CaseLine | None, states: States
    ) -> AnswerFate | None:
        """What became of the answer just sent, or of the last that was not taken; None for none."""
        known, cases = self.past.history, self.feed.cases
        kind, event = (request.query_params.get(name, "") for name in ("sent", "event"))
        board = None if cases is None else cases.board
        if kind not in ANSWERS:
            if line is None or board is None:
                return None
            return unsettled(known, line, board, states)
        unread = HistoryEntry(time.time(), kind, id=event)
        entry = next((each for each in known.of(own) if each.id == event), unread)
        is_over = line is None and kind == MOVE  # whether it was taken before, nothing tells
        return None if is_over else fate_of(entry, known, line, board, states)

    def _event(self, filled: Filled, who: str, own: str) -> dict[str, Any]:
        if not self.forms.is_own(filled.form, who, own):
            raise AnswerError("answer.stale", status=403)
        cases = self.feed.cases
        if cases is None:
            raise AnswerError("answer.away", status=503)
        return filled.event(cases.find(own), cases.board, who)


def add_customers(router: APIRouter, pages: CustomerPages) -> None:
    """Add the view, and where its form is sent, to the page's routes."""

    @router.get("/customers/{customer:path}")
    async def customer(request: Request, customer: str) -> Response:
        who = pages.page.door.who(request)
        if who is None:
            return pages.page.must_log_in(request)
        try:
            own = checked(customer)
        except ProblemError as error:
            return pages.page.error(request, error.status_code)
        return await pages.show(request, who, own)

    @router.post("/answers/{customer:path}")
    async def answer(request: Request, customer: str) -> Response:
        who = pages.page.door.who(request)
        if who is None:
            return pages.page.error(request, 401)
        if not pages.page.door.may_answer(who):
            return pages.page.error(request, 403)
        try:
            own = checked(customer)
        except ProblemError as error:
            return pages.page.error(request, error.status_code)
        return await pages.answer(request, who, own)
