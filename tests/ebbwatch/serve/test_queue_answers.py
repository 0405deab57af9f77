"""Answers by the page: each an event that a worker takes, once; whatever else is sent is not."""

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from desk_cases import MONDAY, a_case, closed
from harness import await_that, fresh, make_settings
from html_pages import Element, mistakes, read
from pydantic import ValidationError
from queue_cases import Officer, looked, publish, queue_site
from served import Answer, Served
from traces import read_all

from ebbwatch.serve.access import Forms, forms
from ebbwatch.serve.settings import ServeSettings
from ebbwatch.stack import Stack, running
from ebbwatch.stack.parts import kill_kafka, start_kafka
from schemas import BatchAdapter, validate_batch
from schemas.events.outcomes import CustomerOutcome
from schemas.ids import case_id, customer_hash, warning_id
from streams.config import Settings

pytestmark = [pytest.mark.integration, pytest.mark.slow]
HOSTILE = '"><script>alert(1)</script>'
CARD = "4111 1111 1111 1111"
RULES = 'quiet = false\ntimezone = "America/New_York"\n'
CONTRACT = BatchAdapter[Any](CustomerOutcome)


@pytest.fixture(scope="module")
def kafka(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    file = tmp_path_factory.mktemp("desk") / "desk.toml"
    file.write_text(RULES)
    own = make_settings(stack, fresh("answers"), desk_file=file)
    names = ("c-angry", "c-weekly", "c/once@bank", "c-daily")
    publish(own, own.case_topic, *(a_case(name) for name in names))
    return own


@pytest.fixture(scope="module")
def site(kafka: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("answers")
    who = "officer-3, officer-4"
    with queue_site(kafka, folder, "c-angry", EBBWATCH_SERVE_ANSWERERS=who) as running:
        yield running


@pytest.fixture
def desk(site: Served) -> Officer:
    return Officer(site)


def answers(kafka: Settings) -> list[dict[str, Any]]:
    return [json.loads(each.value) for each in read_all(kafka, kafka.outcome_topic)]


def alert(got: Answer) -> str:
    shown: Element = read(got.text)
    assert mistakes(shown) == []
    return " ".join(e.text for e in shown.everything() if e.attributes.get("role") == "alert")


@pytest.mark.parametrize(
    ("customer", "answer", "given", "told"),
    [
        ("c-angry", "acknowledged", {}, {}),
        ("c-angry", "contacted", {"touchpoint": "phone"}, {"touchpoint": "phone"}),
        ("c-weekly", "offer_made", {"offer": "fee-waiver"}, {"offer": "fee-waiver"}),
        ("c-weekly", "accepted", {"loss": "price"}, {}),  # of another answer
        ("c/once@bank", "retained", {"note": "<b>ok</b>\r\n客户"}, {"note": "<b>ok</b> 客户"}),
        ("c-angry", "lost", {"loss": "moved"}, {"reason": "moved"}),
        ("c-angry", "false_alarm", {"dismissal": "travelling"}, {"reason": "travelling"}),
    ],
)
def test_an_answer_is_an_event_by_the_contract(
    desk: Officer, kafka: Settings, customer: str, answer: str, given: Any, told: Any
) -> None:
    before = len(answers(kafka))
    got = desk.answer(customer, answer, **given)
    assert (got.status, alert(got) if got.status != 303 else "") == (303, "")
    back = got.headers["location"]
    where, _, told_of = back.partition("?")
    assert where == f"/customers/{quote(customer, safe='')}"
    assert "Sent, not yet taken: " in looked(desk.site, back).text
    assert len(answers(kafka)) == before + 1
    event = next(e for e in answers(kafka) if (e["customer_id"], e["type"]) == (customer, answer))
    assert told_of == f"sent={answer}&event={event['event_id']}#case"
    fixed = ("customer_id", "type", "case_id", "answered_by")
    assert tuple(event[name] for name in fixed) == (
        customer, answer, case_id(customer.encode(), 1), "officer-3",
    )  # fmt: skip
    rest = {k: v for k, v in event.items() if k not in {*fixed, "event_id", "event_time"}}
    assert rest == told
    assert validate_batch(CONTRACT, [json.dumps(event).encode()])[1] == []
    assert datetime.fromisoformat(event["event_time"]) == MONDAY  # the replay's clock


def test_a_case_is_put_off_to_the_beginning_of_a_day_of_the_desk_s(
    desk: Officer, kafka: Settings
) -> None:
    """The desk's Monday is 2026-03-02, and its clocks go forward on the 8th."""
    for day, said in (("2026-03-03", "T00:00:00-05:00"), ("2026-03-09", "T00:00:00-04:00")):
        assert desk.answer("c-daily", "snoozed", until=day).status == 303
        untils = [event.get("until") for event in answers(kafka)]
        assert f"{day}{said}" in untils
    for wrong in ("2026-03-02", "2026-02-28", "2027-03-03", "", "tomorrow", "2026-13-01", HOSTILE):
        got = desk.answer("c-daily", "snoozed", until=wrong)
        assert (got.status, alert(got)) == (
            422, "Not sent: Put off until is missing or cannot be used.",
        )  # fmt: skip


def test_a_form_that_is_sent_twice_counts_once_and_two_forms_are_two(
    desk: Officer, kafka: Settings
) -> None:
    given = {**desk.form("c-weekly"), "answer": "contacted", "note": "twice"}
    assert [desk.send("c-weekly", given).status for _ in range(3)] == [303] * 3
    assert desk.answer("c-weekly", "contacted", note="twice").status == 303
    assert desk.send("c-weekly", {**given, "note": "mended"}).status == 303
    own = [e for e in answers(kafka) if e.get("note") in {"twice", "mended"}]
    ids = [event["event_id"] for event in own]
    assert (len(ids), len(set(ids))) == (5, 3)
    assert ids[0] == ids[1] == ids[2]


def test_one_of_several_warnings_may_be_answered_alone(desk: Officer, kafka: Settings) -> None:
    shown = read(looked(desk.site, "/customers/c-angry").text).with_id("about")
    names = [each.attributes["value"] for each in shown.all("option")]
    assert warning_id(b"c-angry", "silence", 1) in names
    assert desk.answer("c-angry", "false_alarm", dismissal="other", about=names[1]).status == 303
    assert names[1] in [event.get("warning_id") for event in answers(kafka)]


@pytest.mark.parametrize(
    ("answer", "given", "status", "said"),
    [
        ("", {}, 422, "choose what was done"),
        (HOSTILE, {}, 422, "choose what was done"),
        ("purchase", {}, 422, "choose what was done"),
        ("lost", {}, 422, "Why they left is missing"),
        ("lost", {"loss": "travelling"}, 422, "Why they left is missing"),
        ("lost", {"loss": HOSTILE}, 422, "Why they left is missing"),
        ("false_alarm", {"dismissal": ""}, 422, "Why it was wrong is missing"),
        ("offer_made", {"offer": HOSTILE}, 422, "Offer's code is missing or cannot"),
        ("offer_made", {"offer": "4111111111111111"}, 422, "Offer's code is missing or cannot"),
        ("contacted", {"touchpoint": "x" * 65}, 422, "By way of is missing or cannot"),
        ("retained", {"note": f"card {CARD}"}, 422, "held a card number"),
        ("retained", {"note": "card \uff14111\u200b1111-1111-1111"}, 422, "held a card number"),
        ("retained", {"note": "x" * 501}, 422, "Note is missing or cannot be used"),
        ("retained", {"note": "a\x00b"}, 422, "Note is missing or cannot be used"),
        ("retained", {"about": warning_id(b"c-weekly", "silence", 1)}, 422, "About is missing"),
        ("retained", {"about": "silence"}, 422, "About is missing"),
        ("retained", {"about": customer_hash(b"c-angry") + ".Silence.1"}, 422, "cannot be used"),
        ("retained", {"case": case_id(b"c-angry", 2)}, 409, "closed meanwhile"),
        ("retained", {"case": case_id(b"c-weekly", 1)}, 409, "closed meanwhile"),
        ("retained", {"case": ""}, 409, "closed meanwhile"),
    ],
)
def test_what_cannot_be_sent_is_said_and_the_rest_stays_filled_in(
    desk: Officer, kafka: Settings, answer: str, given: Any, status: int, said: str
) -> None:
    before = len(answers(kafka))
    got = desk.answer("c-angry", answer, **{"note": "kept <i>", **given})
    assert (got.status, said in alert(got)) == (status, True), alert(got)
    assert len(answers(kafka)) == before
    assert "<script>alert" not in got.text
    assert not any(card in got.text for card in (CARD, "4111111111111111", "\uff14111"))
    if "note" not in given:
        assert read(got.text).with_id("note").text == "kept <i>"
    assert not any(card in desk.site.log.read_text() for card in (CARD, "4111111111111111"))


def test_only_who_was_shown_a_form_may_send_it(desk: Officer, kafka: Settings) -> None:
    before = len(answers(kafka))
    own, other = desk.form("c-angry"), Officer(desk.site, "officer-4").form("c-angry")
    late = f"{'0' * 24}:1:{'0' * 64}"
    forged = (
        "",
        "x",
        late,
        own["form"][:-1],
        other["form"],
        desk.form("c-weekly")["form"],
        "é:é:é",
    )
    for form in forged:
        got = desk.send("c-angry", {**own, "answer": "retained", "form": form, "note": "kept"})
        assert (got.status, "too old, or was not yours" in alert(got)) == (403, True), form
        assert read(got.text).with_id("note").text == "kept"
    assert len(answers(kafka)) == before
    assert desk.send("c-angry", {**own, "answer": "retained"}).status == 303


def test_who_may_only_look_is_shown_no_form_and_is_not_heard(
    desk: Officer, kafka: Settings
) -> None:
    before = len(answers(kafka))
    given = {**desk.form("c-angry"), "answer": "retained"}
    shown = looked(desk.site, "/customers/c-angry", "officer-30").text
    assert ('class="answer"' in shown, "not answer them" in shown) == (False, True)
    assert Officer(desk.site, "officer-30").send("c-angry", given).status == 403
    path, body = "/answers/c-angry", urlencode(given).encode()
    assert desk.site.ask(path, method="POST", body=body).status == 401
    assert desk.send("4111111111111111", given).status == 422
    assert desk.send(HOSTILE, given).status == 422
    assert desk.send("nobody", given).status == 404
    assert looked(desk.site, path).status == 405
    assert len(answers(kafka)) == before


@pytest.mark.parametrize("body", [b"\xff\xfe", b"&".join(b"a%d=1" % n for n in range(99)), b""])
def test_what_no_browser_sends_is_refused(desk: Officer, body: bytes) -> None:
    kind = {"Content_Type": "application/x-www-form-urlencoded"}
    got = looked(desk.site, "/answers/c-angry", method="POST", body=body, **kind)
    assert got.status in {403, 422}
    longer = looked(desk.site, "/answers/c-angry", method="POST", body=b"x" * 70_000, **kind)
    assert longer.status == 413


def test_a_case_that_closed_meanwhile_takes_no_answer_and_the_note_is_not_lost(
    desk: Officer, kafka: Settings
) -> None:
    case = a_case("c-browses")
    publish(kafka, kafka.case_topic, case)
    await_that("a case", lambda: "c-browses" in looked(desk.site, "/queue").text)
    given = {**desk.form("c-browses"), "answer": "contacted", "note": "spoke to <her>"}
    publish(kafka, kafka.case_topic, closed(case))
    await_that("its end", lambda: "c-browses" not in looked(desk.site, "/queue").text)
    got = desk.send("c-browses", given)
    assert (got.status, "closed meanwhile" in alert(got)) == (409, True)
    assert "spoke to <her>" in read(got.text).text
    assert "c-browses" not in {event["customer_id"] for event in answers(kafka)}


def test_what_was_answered_shows_in_the_timeline_and_in_the_queue(desk: Officer) -> None:
    note = "<i>speaks</i> 中文"
    assert desk.answer("c-daily", "offer_made", offer="fee-waiver", note=note).status == 303

    def shown() -> Element:
        return read(looked(desk.site, "/customers/c-daily").text)

    def told() -> str:
        (line,) = [e for e in shown().all("ol") if e.attributes.get("class") == "timeline"]
        return line.text

    await_that("the answer", lambda: note in told())
    assert "offer made , fee-waiver officer-3" in told()
    assert "purchases" in told()
    assert mistakes(shown()) == []
    assert "sent, not yet taken: offer made" in read(looked(desk.site, "/queue").text).text


def test_answers_are_told_of_by_hash_and_without_the_note(desk: Officer) -> None:
    desk.answer("c-weekly", "contacted", note="between us")
    told = [line for line in desk.site.told() if line["event"] == "answered"]
    last = told[-1]
    assert (last["who"], last["answer"]) == ("officer-3", "contacted")
    assert last["customer"] == customer_hash(b"c-weekly")
    assert last["event_id"].startswith("page-")
    assert "between us" not in desk.site.log.read_text()


def test_while_kafka_is_away_cases_are_shown_and_answers_refused_and_nothing_is_lost(
    tmp_path: Path,
) -> None:
    with running() as own:
        kafka = make_settings(own, fresh("away"))
        publish(kafka, kafka.case_topic, a_case("c-angry"))
        with queue_site(kafka, tmp_path, "c-angry", EBBWATCH_SERVE_ANSWERERS="*") as site:
            desk = Officer(site)
            given = {**desk.form("c-angry"), "answer": "contacted", "note": "kept"}
            kill_kafka(own.folder)
            got = desk.send("c-angry", given)
            assert (got.status, "Kafka does not answer" in alert(got)) == (503, True)
            assert read(got.text).with_id("note").text == "kept"
            since = lambda: "the cases are as of" in looked(site, "/queue").text  # noqa: E731
            await_that("the page to say so", since)
            assert "c-angry" in looked(site, "/queue").text
            start_kafka(own.folder)
            await_that("an answer", lambda: desk.send("c-angry", given).status == 303)
            await_that("the page to say so no more", lambda: not since())
            told = answers(kafka)
            assert {(each["type"], each["note"]) for each in told} == {("contacted", "kept")}
            assert len({each["event_id"] for each in told}) == 1
            refused = [line for line in site.told() if line["event"] == "not answered"]
            assert refused[0]["customer"] == customer_hash(b"c-angry")


@pytest.mark.parametrize("given", ["officer 3", "a;b", "a,,b", "é", "**", "x" * 65])
def test_names_of_answerers_are_names(given: str) -> None:
    with pytest.raises(ValidationError, match="answerers"):
        ServeSettings(without_login=True, answerers=given)


def test_nobody_answers_unless_named() -> None:
    may = lambda given, who: ServeSettings(without_login=True, answerers=given).may_answer(who)  # noqa: E731
    assert [may("", "ann"), may("ann", "an"), may("ann, bea", "bea"), may("*", "eve")] == [
        False, False, True, True,
    ]  # fmt: skip
    assert not may("", "")


def test_a_form_lasts_a_working_day(monkeypatch: pytest.MonkeyPatch) -> None:
    own = Forms()
    token = own.issue("ann", "c1")
    assert own.is_own(token, "ann", "c1")
    assert token != own.issue("ann", "c1")
    assert not Forms().is_own(token, "ann", "c1")
    assert not own.is_own(token, "ann", "c2")
    assert not own.is_own(token, "ann\nc1", "")
    later = datetime.now().timestamp() + forms.LASTS + 1.0  # noqa: DTZ005
    monkeypatch.setattr(forms.time, "time", lambda: later)
    assert not own.is_own(token, "ann", "c1")
