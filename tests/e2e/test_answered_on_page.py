"""What people answer on the page goes its whole way: Kafka, worker, Redis, topic, and the page."""

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import pytest
from harness import Worker, await_that, crew, environment, fresh, make_settings
from html_pages import read
from portfolio import DAY, START, purchase
from queue_cases import PROXIED, Officer, looked
from served import serving
from traces import as_messages, ends, is_done, read_all, states, write

from ebbwatch.stack import Stack
from schemas.ids import case_id
from schemas.outputs.cases import CustomerCase
from scoring.facts.packing import unpack
from scoring.warning.case_row import Status
from streams.config import Settings

WRONG, LATER, HEARD = "wrongly-warned", "put-off", "clock"  # the last one's events move the clock
BOUGHT = range(0, 42, 7)
SILENT = 150  # days since the start, by which both have been warned about
BACK = datetime(2024, 6, 3, tzinfo=UTC)


class Bank(NamedTuple):
    """A worker that goes on, and an officer at the page."""

    settings: Settings
    worker: Worker
    officer: Officer

    def let_pass(self, until: float) -> None:
        """Let somebody's purchase bring the clock to an instant, and all that follows happen."""
        told = as_messages([purchase(HEARD, int(until), until)])
        write(self.settings, self.settings.transaction_topic, told)
        self.settle()

    def settle(self) -> None:
        upto = ends(self.settings)
        await_that("all applied", lambda: is_done(self.settings, upto), self.worker)

    def told(self, customer: str) -> CustomerCase:
        """The case as the topic holds it."""
        records = read_all(self.settings, self.settings.case_topic)
        own = [each.value for each in records if each.key == customer.encode()]
        return CustomerCase.model_validate_json(own[-1])

    def held(self, customer: str) -> Status:
        """The case as Redis holds it."""
        state = unpack([states(self.settings)[customer.encode()]])
        return Status(int(state["case_status"][0]))

    def listed(self, state: str = "") -> set[str]:
        """Whose cases the page's queue shows."""
        shown = read(looked(self.officer.site, f"/queue?state={state}").text)
        ids = (each.attributes.get("id", "") for each in shown.all("a"))
        return {name.removeprefix("to-") for name in ids if name.startswith("to-")}

    def shown(self, customer: str) -> str:
        """What the page says of the case."""
        page = read(looked(self.officer.site, f"/customers/{customer}").text)
        (case,) = [e for e in page.all("section") if e.attributes.get("aria-labelledby") == "case"]
        return case.text


@pytest.fixture(scope="module")
def bank(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bank]:
    folder = tmp_path_factory.mktemp("bank")
    settings = make_settings(stack, fresh("page"), partitions=1)
    bought = [purchase(name, d, START + d * DAY) for d in BOUGHT for name in (WRONG, LATER)]
    heard = [purchase(HEARD, d, START + d * DAY + 60.0) for d in range(0, SILENT + 1, 3)]
    events = sorted([*bought, *heard], key=lambda each: str(each["event_time"]))
    write(settings, settings.transaction_topic, as_messages(events))
    own = {**os.environ, **environment(settings), **PROXIED, "EBBWATCH_SERVE_ANSWERERS": "*"}
    with crew(folder) as start, serving(folder, settings, own) as site:
        found = Bank(settings, start(settings), Officer(site))
        found.settle()
        await_that("both cases", lambda: found.listed() >= {WRONG, LATER}, found.worker)
        yield found
        assert found.worker.stop() == 0


def becomes(bank: Bank, what: str, is_so: Callable[[], bool]) -> None:
    await_that(what, is_so, bank.worker)


def test_a_case_that_is_answered_on_the_page_closes_everywhere(bank: Bank) -> None:
    assert (bank.told(WRONG).status, bank.held(WRONG)) == ("open", Status.OPEN)
    sent = bank.officer.answer(WRONG, "false_alarm", dismissal="travelling", note="is abroad")
    assert sent.status == 303, sent.text
    back = sent.headers["location"].partition("/customers/")[2]
    becomes(bank, "it to be taken", lambda: "Taken: false alarm." in bank.shown(back))
    becomes(bank, "the page to say so", lambda: "No case is open." in bank.shown(WRONG))
    assert WRONG not in bank.listed()
    told = bank.told(WRONG)
    assert (told.status, told.closed_by) == ("closed", "false_alarm")
    assert bank.held(WRONG) == Status.CLOSED
    assert "is abroad" in looked(bank.officer.site, f"/customers/{WRONG}").text


def test_an_answer_that_the_worker_sets_aside_is_shown_as_such_with_the_reason(bank: Bank) -> None:
    ahead = datetime.now(UTC) + timedelta(days=9)
    told = {"event_id": "ahead", "case_id": case_id(LATER.encode(), 1), "answered_by": "officer-4"}
    event = {**told, "customer_id": LATER, "type": "contacted", "event_time": ahead.isoformat()}
    write(bank.settings, bank.settings.outcome_topic, as_messages([event]))
    said = "Not taken: contacted. By its time it lies ahead"
    becomes(bank, "the page to say so", lambda: said in bank.shown(LATER))
    queue = looked(bank.officer.site, f"/queue?customer={LATER}").text
    assert "not taken: contacted" in queue


def test_a_case_that_is_put_off_on_the_page_is_back_at_the_instant_it_was_put_off_to(
    bank: Bank,
) -> None:
    sent = bank.officer.answer(LATER, "snoozed", until=f"{BACK:%Y-%m-%d}")
    assert sent.status == 303, sent.text
    becomes(bank, "it to be away", lambda: LATER in bank.listed("snoozed"))
    assert LATER not in bank.listed("undecided")
    assert "put off until 2024-06-03 00:00" in bank.shown(LATER)
    assert (bank.told(LATER).snoozed_until, bank.held(LATER)) == (BACK, Status.SNOOZED)

    bank.let_pass(BACK.timestamp() - 1.0)
    assert bank.held(LATER) == Status.SNOOZED
    assert bank.told(LATER).status == "snoozed"

    bank.let_pass(BACK.timestamp() + DAY)
    told = bank.told(LATER)
    late = (told.event_time - BACK).total_seconds()  # of event time, not of when it was worked at
    assert (told.status, 0.0 <= late < 0.01) == ("open", True), late
    assert bank.held(LATER) == Status.OPEN
    becomes(bank, "it to be back", lambda: LATER in bank.listed("undecided"))
    assert LATER not in bank.listed("snoozed")
