"""The weekly mail through a real Kafka to a real mail server: at most once, figures alone."""

import asyncio
import json
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from desk_cases import MONDAY, a_case
from harness import environment, fresh, make_settings
from smtp_server import SmtpServer, smtp_server
from traces import read_all, write
from typer.testing import CliRunner

from ebbwatch.cli import command_line
from ebbwatch.stack import Stack
from schemas.outputs.desk import DeskAssignment
from scoring.facts.calendar import BookCalendar
from scoring.warning.desk import CaseDesk, desk_rules
from streams.broker.message import Message
from streams.config import Settings
from streams.tools.desk.digest import (
    Digest,
    DigestError,
    Post,
    Sent,
    address,
    letter,
    send_digest,
)

TO, FROM = "desk@bank.example", "ebbwatch@bank.example"
WEEK = timedelta(days=7)


def told(*cases) -> list[DeskAssignment]:
    desk = CaseDesk(
        desk_rules(b"minor.below = 20\nquiet.hours = '00:00-23:59'"), BookCalendar("UTC")
    )
    for case in cases:
        desk.hear(case)
    return desk.decide(MONDAY)


LEADS = told(
    a_case("c-great", 1_999.0),
    a_case("c-small", 120.0, rules=("dissatisfaction",)),
    a_case("c-risk", 150.0, route="risk"),
    a_case("c-none", 2_000.0),
)


@pytest.fixture(scope="module")
def topics(stack: Stack) -> Settings:
    """Topics with leads in them, which tests only read."""
    own = make_settings(stack, fresh("digest"), partitions=2)
    messages = [Message(m.customer_id.encode(), m.model_dump_json().encode()) for m in LEADS]
    write(own, own.assignment_topic, messages)
    return own


@pytest.fixture
def own(topics: Settings, topic_prefix: str) -> Settings:
    """The same leads, and a group that has sent nothing yet, to its own address."""
    return topics.model_copy(update={"group": f"{topic_prefix}group"})


@pytest.fixture
def whom(topic_prefix: str) -> str:
    return f"{topic_prefix}desk@bank.example"


@pytest.fixture
def server() -> Iterator[SmtpServer]:
    with smtp_server() as started:
        yield started


def sent(own: Settings, url: str, to: str, at: datetime = MONDAY, **how) -> tuple[Sent, list[str]]:
    return asyncio.run(send_digest(own, Post(url), FROM, [to], at, **how))


def test_the_mail_tells_of_minor_leads_by_route_the_most_value_first(own, server, whom):
    assert sent(own, server.url, whom) == (Sent.NOW, [])
    (mail,) = server.mails
    assert mail["Subject"] == "Ebbwatch: 3 minor leads, week 2026-W10"
    assert (mail["To"], mail["From"], server.whom) == (whom, FROM, [f"rcpt TO:<{whom}>"])
    plain = mail.get_body(("plain",)).get_content().splitlines()
    offer = "Make the customer an offer that gives a reason to buy again."
    assert plain[2:7] == [
        "Risk: 1 leads, 1.50 EUR at risk",
        f"  c-risk  1.50 EUR  middle  {offer}  2026-03-02",
        "",
        "Relationship: 2 leads, 21.19 EUR at risk",
        f"  c-great  19.99 EUR  middle  {offer}  2026-03-02",
    ]
    assert plain[7].endswith("2026-03-02  no offers")
    page = mail.get_body(("html",)).get_content()
    assert "<td>c-great</td><td>19.99 EUR</td>" in page
    assert "c-none" not in str(mail)


def test_a_week_s_mail_is_sent_once_and_the_next_week_s_as_well(own, server, whom):
    weeks = [MONDAY, MONDAY + timedelta(days=6), MONDAY + WEEK, MONDAY + WEEK]
    outcomes = [sent(own, server.url, whom, at)[0] for at in weeks]
    assert outcomes == [Sent.NOW, Sent.BEFORE, Sent.NOW, Sent.BEFORE]
    assert len(server.mails) == 2
    assert sent(own, server.url, whom, weeks[-1], again=True)[0] is Sent.NOW
    keys = {each.key for each in read_all(own, own.progress_topic)}
    assert not any(b"bank.example" in key for key in keys)


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({"mail": "451 later"}, "not taken: 451 later"),
        ({"rcpt": "550 nobody"}, r"not taken: no recipient is \(550\)"),
        ({"DATA.": "552 too much"}, "not taken: 552 too much"),
        ({"ehlo": "drop"}, "Connection unexpectedly closed"),
    ],
)
def test_what_a_server_did_not_take_is_tried_again_the_next_time(own, server, whom, answers, said):
    with smtp_server(answers) as refusing, pytest.raises(DigestError, match=said) as refused:
        sent(own, refusing.url, whom)
    assert whom not in str(refused.value)
    assert refused.value.is_unsent
    assert sent(own, server.url, whom)[0] is Sent.NOW


def test_a_server_that_is_not_there_costs_no_week(own, server, whom):
    with pytest.raises(DigestError, match="Connection refused"):
        sent(own, "smtp://127.0.0.1:1", whom)
    assert sent(own, server.url, whom)[0] is Sent.NOW


def test_what_may_have_been_sent_is_not_sent_again_unless_asked_to(own, whom):
    with smtp_server({"DATA.": "drop"}) as vanishing:
        with pytest.raises(DigestError, match="may have been sent or not"):
            sent(own, vanishing.url, whom)
        assert sent(own, vanishing.url, whom)[0] is Sent.BEGUN
        assert len(vanishing.mails) == 1
        vanishing.answers.clear()
        assert sent(own, vanishing.url, whom, again=True)[0] is Sent.NOW
        assert sent(own, vanishing.url, whom)[0] is Sent.BEFORE


def test_a_process_that_is_killed_while_it_sends_sends_no_second_mail(own, server, whom):
    class KilledError(BaseException):
        pass

    class Dying(Post):
        def send(self, mail):
            super().send(mail)
            raise KilledError

    with pytest.raises(KilledError):
        asyncio.run(send_digest(own, Dying(server.url), FROM, [whom], MONDAY))
    assert sent(own, server.url, whom)[0] is Sent.BEGUN
    assert len(server.mails) == 1


def test_where_there_are_no_leads_nothing_is_sent_or_noted(stack, server, whom):
    own = make_settings(stack, fresh("digest"), partitions=1)
    assert sent(own, server.url, whom)[0] is Sent.EMPTY
    assert server.mails == []
    assert read_all(own, own.progress_topic) == []


def test_the_mail_s_words_are_those_of_the_language():
    digest = Digest("2026-W10")
    for each in LEADS:
        digest.take(each)
    mail = letter(digest, "zh", FROM, [TO])
    assert mail["Subject"] == "Ebbwatch：2026-W10 周小额线索 3 条"
    plain = mail.get_body(("plain",)).get_content()
    assert "客户关系：2 条线索，风险价值 21.19 EUR" in plain
    assert "向客户提供优惠，促使其再次消费。" in plain


def test_a_long_list_is_cut_and_an_erased_customer_is_not_in_it():
    digest = Digest("2026-W10")
    for each in told(*(a_case(f"c{n}", 100.0 + n) for n in range(60)), a_case("gone", 1.0)):
        digest.take(each)
    digest.forget("gone")
    mail = letter(digest, "en", FROM, [TO])
    assert "... and 10 more." in mail.get_body(("plain",)).get_content()
    assert "gone" not in mail.as_string()
    assert "Risk: no leads" in mail.get_body(("html",)).get_content()


def test_what_stands_in_an_id_is_no_markup():
    (lead,) = told(a_case("c", 100.0))
    digest = Digest("2026-W10")
    digest.take(lead.model_copy(update={"customer_id": "<b>&"}))
    assert "&lt;b&gt;&amp;" in letter(digest, "en", FROM, [TO]).get_body(("html",)).get_content()


@pytest.mark.parametrize(
    "given",
    ["", "a", "a@b\nBcc: c@d", "a@b\r\n", "a@b,c@d", "A <a@b>", "a b@c", "a..b@c", "ä@b", "a@b;c"],
)
def test_an_address_that_could_hide_another_is_refused(given):
    with pytest.raises(DigestError, match="--to: expected an address"):
        address(given, "--to")


@pytest.mark.parametrize(
    ("url", "user"),
    [
        ("http://mail", None),
        ("smtp://", None),
        ("smtp://user:secret@mail", None),
        ("smtp://mail/path", None),
        ("smtp://mail:99999", None),
        ("smtp://mail\n", None),
        ("smtp://mail", "user"),
    ],
)
def test_a_server_that_cannot_be_meant_is_refused_without_showing_secrets(url, user):
    with pytest.raises(DigestError, match="--smtp: expected") as refused:
        Post(url, user)
    assert "secret" not in str(refused.value)


def test_the_command_says_what_became_of_it(own, whom, server, monkeypatch):
    for name, value in environment(own).items():
        monkeypatch.setenv(name, value)
    asked = ["desk", "digest", "--smtp", server.url, "--to", whom, "--from", FROM, "--json"]
    for outcome in ("sent", "before"):
        done = CliRunner().invoke(command_line(), asked)
        assert done.exit_code == 0, done.output
        assert json.loads(done.stdout)["not_taken_for"] == []
        assert json.loads(done.stdout)["outcome"] == {"sent": "now"}.get(outcome, outcome)
    assert len(server.mails) == 1
    server.answers["rcpt TO:<b@"] = "550 nobody"
    done = CliRunner().invoke(command_line(), [*asked[:-1], "--to", "b@bank.example"])
    assert done.exit_code == 1
    assert "b@bank.example: the server did not take it" in done.stderr
    wrong = CliRunner().invoke(command_line(), [*asked, "--language", "xx"])
    assert wrong.exit_code == 1
    assert "expected en or zh" in wrong.stderr
