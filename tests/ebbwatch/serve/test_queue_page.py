"""The queue's page on a real Kafka: what it shows, whatever is asked, and what it cannot know."""

import hashlib
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from desk_cases import MONDAY, a_case, closed
from harness import await_that, fresh, make_settings
from html_pages import Element, asked_for, mistakes, read
from queue_cases import TODAY, a_warning, assigned, handed_to, looked, publish, queue_site
from redis_servers import own_redis
from served import Served, served
from traces import write

from ebbwatch.stack import Stack
from schemas.outputs.words import LANGUAGES
from streams.broker.message import Message
from streams.config import Settings

pytestmark = [pytest.mark.integration, pytest.mark.slow]
HOSTILE = '"><script>alert(1)</script>'
TOKEN = "t" * 43
OWN = f'{HOSTILE} " onload="alert(2)" \u200f\u0645\u0631\u062d\u0628\u0627 {"W" * 60}'
OWN_WORDS = (
    f"[text.en]\nrule.dissatisfaction = '''{OWN}'''\naction.service_recovery = '''{OWN}'''\n"
)
RULES = """
quiet = false
timezone = "Asia/Shanghai"
[route.relationship]
capacity = 1
closed = []
[route.relationship.officer.officer-3]
capacity = 1
"""


@pytest.fixture(scope="module")
def kafka(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    file = tmp_path_factory.mktemp("desk") / "desk.toml"
    file.write_text(RULES)
    own = make_settings(stack, fresh("queue"), desk_file=file)
    out = a_case("c-angry", 900_000.0, band="high", route="relationship")
    place = handed_to(out, "officer-3")
    lately = a_case("c-weekly", 700_000.0)
    offered = a_case("c-daily", 600_000.0)
    until = MONDAY + timedelta(days=3)
    put_off = a_case("c/once@bank", 500_000.0, status="snoozed", snoozed_until=until)
    gone = a_case("c-gone", 10.0)
    since: Any = {"opened_at": MONDAY - timedelta(days=9)}
    cases = [
        out,
        lately,
        offered,
        put_off,
        a_case("own", 400_000.0, action="own_action", rules=("own_rule",), currency="JPY", **since),
        *(a_case(f"c-{n:03d}", float(n)) for n in range(120)),
        a_case("c-050", 50.0, sequence=2, rules=("dissatisfaction",), action="service_recovery"),
        gone,
        closed(gone),
    ]
    publish(own, own.case_topic, *cases)
    write(own, own.case_topic, [Message(b"c-odd", b'{"no": "case"}'), Message(b"c-000", None)])  # type: ignore[arg-type]
    told = [
        assigned(out, "handed_out", handed_out=place, lately=(place,)),
        assigned(lately, lately=(handed_to(lately, "officer-3", TODAY - timedelta(days=2)),)),
        assigned(offered, no_offers=("complaint",)),
    ]
    publish(own, own.assignment_topic, *told)
    begins = MONDAY - timedelta(hours=17)  # midnight in Shanghai
    again: Any = {"sequence": 2, "previous": {"band": "middle", "sequence": 1}}
    raised = [
        a_warning("c-angry", band="high", intervention="win_back"),
        a_warning("c-weekly", event_time=begins),
        a_warning("c-daily", event_time=begins - timedelta(seconds=1)),
        a_warning("c-weekly", lifecycle="cleared", band="low", intervention="maintain", **again),
    ]
    publish(own, own.relationship_topic, *raised)
    publish(own, own.risk_topic, a_warning("c-angry", rule="churn", route="risk"))
    return own


@pytest.fixture(scope="module")
def site(kafka: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("queue")
    rules, tokens = folder / "rules.toml", folder / "tokens"
    rules.write_text(OWN_WORDS)
    tokens.write_text(f"branch-app:{hashlib.sha256(TOKEN.encode()).hexdigest()}\n")
    own = {"EBBWATCH_RULES_FILE": str(rules), "EBBWATCH_SERVE_TOKENS_FILE": str(tokens)}
    with queue_site(kafka, folder, "c-angry", **own) as running:
        yield running


def queue(site: Served, language: str = "en", **asked: object) -> Element:
    got = looked(site, "/queue?" + urlencode(asked), Accept_Language=language)
    assert got.status == 200, got.text
    return read(got.text)


def rows(shown: Element) -> list[list[str]]:
    (table,) = [each for each in shown.all("table") if each.attributes.get("class") == "cases"]
    (body,) = table.all("tbody")
    return [
        [each.text for each in row.children if isinstance(each, Element)] for row in body.all("tr")
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_can_be_read_heard_and_gone_through_by_keyboard(site: Served, language: str) -> None:
    for asked in ({}, {"state": "snoozed"}, {"page": 2}, {"customer": "nobody"}):
        shown = queue(site, language, **asked)
        assert mistakes(shown) == []
        assert all(each.startswith(("/", "#")) for each in asked_for(shown))
        assert "{" not in shown.all("main")[0].text


def test_cases_are_told_by_value_with_where_each_stands_and_why(site: Served) -> None:
    first, second, third, fourth, fifth, *_ = rows(queue(site))
    assert [each[0] for each in (first, second, third, fourth, fifth)] == ["1", "2", "3", "4", "5"]
    assert first[1:4] == [
        "c-angry high silence, relationship",
        "9,000.00 EUR",
        "handed out today officer-3, no. 1",
    ]
    assert "the limit of contacts lets it out from 2026-03-14 on" in second[3]
    assert "The day's 1 have gone out. No. 2 of 2 that wait." in third[3]
    assert "offer nothing open complaint" in third[5]
    assert "until 2026-03-05 17:00" in fourth[3]  # 9 o'clock UTC in Shanghai
    assert fifth[1] == "own middle own rule, relationship"
    assert fifth[2].startswith("400,000 JPY")
    assert [each[4] for each in (first, third, fourth, fifth)] == [
        "by 2026-03-03", "by 2026-03-07", "", "by 2026-02-26 overdue"
    ]  # fmt: skip
    assert fifth[5] == "Do what the bank calls own_action."
    figures = next(e for e in queue(site).all("dl") if e.attributes.get("class") == "figures")
    assert "relationship desk 1 / 1 2 wait. The least that went out: 9,000.00 EUR." in figures.text


def test_chinese_says_it_in_chinese(site: Served) -> None:
    text = queue(site, "zh").all("main")[0].text
    for said in (
        "工作队列",
        "促使其再次消费",
        "今日已分派",
        "第 1 件",
        "按联系次数限制",
        "不得提供优惠",
        "有未结投诉",
        "截止 2026-02-26 已逾期",
    ):
        assert said in text, said


def test_what_is_chosen_is_shown_and_stays_chosen_on_the_next_page(site: Served) -> None:
    assert [each[1].split()[0] for each in rows(queue(site, owner="officer-3"))] == ["c-angry"]
    assert [each[1].split()[0] for each in rows(queue(site, due="overdue"))] == ["own"]
    assert "mine (officer-3)" in queue(site).text
    assert "mine" not in read(looked(site, "/queue", "somebody").text).text
    shown = queue(site, band="middle", customer="c-0", route="relationship")
    links = {each.attributes.get("rel"): each.attributes["href"] for each in shown.all("a")}
    assert "101 of 123" not in shown.text
    onward = looked(site, links["next"])
    assert "page 2 of 2" in read(onward.text).text
    assert all(each[1].startswith("c-0") for each in rows(read(onward.text)))
    for name, value in (("band", "middle"), ("route", "relationship")):
        select = shown.with_id(f"by-{name}")
        (chosen,) = [e for e in select.all("option") if "selected" in e.attributes]
        assert chosen.attributes["value"] == value


def test_on_paper_a_choice_says_what_was_chosen(site: Served) -> None:
    def printed(**asked: object) -> list[str]:
        shown = queue(site, **asked).with_id("cases").all("p")
        return [e.text for e in shown if e.attributes.get("class") == "print-only"]

    asked = {"state": "queued", "owner": "o<3", "route": "risk", "band": "high", "due": "overdue"}
    assert printed(**asked, customer="c-0", page=2) == [
        "Where it stands: waits; Desk: risk; Band: high; Whose: o<3; Customer: c-0; Due: overdue"
    ]
    assert printed(page=2) == []


@pytest.mark.parametrize(
    "asked",
    [
        {"page": "-1"}, {"page": "99999999999999999999"}, {"page": "²"}, {"page": "x"},
        {"state": HOSTILE}, {"band": "x" * 9_000}, {"route": "risk'--"}, {"sort": "1"},
        {"due": HOSTILE},
    ],
)  # fmt: skip
def test_what_cannot_be_asked_for_is_not(site: Served, asked: dict[str, str]) -> None:
    assert rows(queue(site, **asked))[0][0] in {"1", "51", "101"}


@pytest.mark.parametrize("asked", [{"customer": HOSTILE}, {"owner": HOSTILE}, {"customer": "\0"}])
def test_what_nobody_is_called_finds_nobody(site: Served, asked: dict[str, str]) -> None:
    got = looked(site, "/queue?" + urlencode(asked))
    assert (got.status, "<script>alert" in got.text) == (200, False)
    assert "No open case is of this kind." in got.text


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", ("Today", "2026-03-02 in Asia/Shanghai")), ("zh", ("今日", "Asia/Shanghai 时区"))],
)
def test_the_portfolio_tells_of_the_desk_s_day(
    site: Served, language: str, said: tuple[str, str]
) -> None:
    def section() -> Element:
        shown = read(looked(site, "/", Accept_Language=language).text)
        assert mistakes(shown) == []
        (found,) = [
            e for e in shown.all("section") if e.attributes.get("aria-labelledby") == "today"
        ]
        return found

    await_that("the figures", lambda: 'id="today"' in looked(site, "/").text)
    await_that("all warnings", lambda: bool(section().all("table")))
    assert all(each in section().text for each in said)
    (body,) = section().all("tbody")
    cells = [[each.text for each in row.all("td")] for row in body.all("tr")]
    of = "/" if language == "zh" else "of"
    assert cells == [[f"0 {of} 60", "0", "1"], [f"1 {of} 1", "1", "1"]]


def test_a_customer_s_view_has_the_day_with_the_case(site: Served) -> None:
    def pairs(customer: str) -> str:
        shown = read(looked(site, f"/customers/{customer}").text)
        assert mistakes(shown) == []
        return next(e for e in shown.all("dl") if "across" in e.attributes.get("class", "")).text

    assert "Due by 2026-03-03 " in pairs("c-angry")
    assert "Due" not in pairs("c%2Fonce@bank")  # put off


def test_who_is_not_let_in_sees_no_case(site: Served) -> None:
    got = site.ask("/queue", X_Forwarded_User="officer-3")
    assert (got.status, "c-angry" in got.text) == (401, False)


def test_looks_at_the_queue_are_told_of_and_what_is_no_case_as_well(site: Served) -> None:
    looked(site, "/queue?page=2")
    events = [(line["event"], line.get("who"), line.get("page")) for line in site.told()]
    assert ("queue looked at", "officer-3", 2) in events
    assert ("not for the queue", None, None) in events


def test_what_changes_shows_without_a_restart(site: Served, kafka: Settings) -> None:
    case = a_case("c-late", 950_000.0, sequence=2)
    publish(kafka, kafka.case_topic, case)
    await_that("a new case", lambda: rows(queue(site))[0][1].startswith("c-late"))
    publish(kafka, kafka.case_topic, closed(case))
    await_that("its end", lambda: rows(queue(site))[0][1].startswith("c-angry"))
    assert kafka.desk_file is not None
    kafka.desk_file.write_text(RULES.replace("capacity = 1\nclosed", "capacity = 8\nclosed"))
    await_that("other rules", lambda: "1 / 8" in queue(site).text)
    kafka.desk_file.write_text(RULES)
    await_that("the rules again", lambda: "1 / 1 " in queue(site).text)


def test_without_kafka_the_rest_is_served_and_the_queue_says_so(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("alone")
    variables = {"EBBWATCH_KAFKA_BOOTSTRAP": "127.0.0.1:1", "EBBWATCH_SERVE_WITHOUT_LOGIN": "true"}
    with own_redis(folder) as servers, served(folder, servers.start(), variables) as alone:
        shown = alone.ask("/queue")
        assert (shown.status, "Kafka has not answered yet" in shown.text) == (200, True)
        assert mistakes(read(shown.text)) == []
        assert alone.ask("/customers/c-angry").status == 200
        assert alone.ask("/readyz").status == 200
        await_that("figures", lambda: 'id="today"' in alone.ask("/").text)
        assert "Cases and warnings have not been read yet." in alone.ask("/").text
        await_that("a line", lambda: "queue not read" in alone.log.read_text())


@pytest.mark.parametrize("path", ["/queue?customer=c-050", "/customers/c-angry", "/"])
def test_a_bank_s_own_words_are_words_and_nothing_else(site: Served, path: str) -> None:
    """Neither markup nor code, in texts, options and titles; a browser's mistakes would be here."""
    await_that("the figures", lambda: 'id="open"' in looked(site, "/").text)
    shown = read(looked(site, path).text)
    assert " ".join(OWN.split()) in shown.text
    assert mistakes(shown) == []
    assert {each.attributes.get("src") for each in shown.all("script")} <= {
        "/static/htmx-2.0.11.min.js"
    }


def test_the_api_tells_a_bank_s_own_words_as_they_are(site: Served) -> None:
    got = site.ask("/v1/customers/c-angry", Authorization=f"Bearer {TOKEN}")
    assert (got.status, got.headers["content-type"]) == (200, "application/json")
    assert got.headers["x-content-type-options"] == "nosniff"
    assert OWN in {each["action_text"] for each in got.json["warnings"]}
