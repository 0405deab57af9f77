"""Cases and answers on a real Kafka and Redis, and the commands around them."""

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from answers import answers
from harness import (
    PATIENCE,
    Worker,
    await_that,
    crew,
    environment,
    fresh,
    make_settings,
    unused_port,
)
from portfolio import portfolio
from traces import as_messages, ends, is_done, read_all, samples, states, write
from typer.testing import CliRunner

from ebbwatch.cli import command_line
from ebbwatch.stack import Stack
from schemas import EarlyWarning
from schemas.outputs.cases import CustomerCase
from scoring.facts.packing import unpack
from scoring.rules import shipped
from streams.config import Settings, dead_letter_topic
from streams.tools.desk import open_warnings

run = partial(CliRunner().invoke, command_line())
CUSTOMERS, SEED = 250, 31
BANDS = ("low", "middle", "high")
Desk = tuple[Settings, Worker]
Open = set[tuple[str, str, str]]  # customer, rule, band


@pytest.fixture(scope="module")
def desk(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A run over customers and answers, all applied and published; its worker lives on."""
    settings = make_settings(stack, fresh("desk"), metrics_port=unused_port())
    log = portfolio(CUSTOMERS, SEED)
    write(settings, settings.transaction_topic, as_messages(log.transactions))
    write(settings, settings.interaction_topic, as_messages(log.interactions))
    write(settings, settings.outcome_topic, as_messages(answers(CUSTOMERS, SEED, 1_500)))
    upto = ends(settings)
    with crew(tmp_path_factory.mktemp("desk")) as start:
        worker = start(settings)
        await_that("all applied", lambda: is_done(settings, upto), worker)
        yield settings, worker
        assert worker.stop() == 0


@pytest.fixture
def told_where(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The settings, also where commands look for them."""
    for name, value in environment(desk[0]).items():
        monkeypatch.setenv(name, value)
    return desk[0]


def of_redis(settings: Settings) -> Open:
    found = states(settings)
    names = {slot: name for name, slot in shipped().slots.items()}
    levels = unpack(list(found.values()))["level"].tolist()
    return {
        (customer.decode(), names[slot], BANDS[level])
        for customer, own in zip(found, levels, strict=True)
        for slot, level in enumerate(own)
        if level
    }


def cases_of(settings: Settings) -> list[CustomerCase]:
    records = read_all(settings, settings.case_topic)
    return [CustomerCase.model_validate_json(record.value) for record in records]


def test_the_open_set_is_the_same_in_warnings_in_cases_and_in_redis(
    desk: Desk,
) -> None:
    settings, _ = desk
    held, known = of_redis(settings), asyncio.run(open_warnings(settings))
    assert len(held) > 50
    assert {(w.customer_id, w.rule, w.band) for w in known.open} == held
    assert known.incomplete == []
    cases = cases_of(settings)
    last = {case.customer_id: case for case in cases}
    snoozed = {name for name, case in last.items() if case.status == "snoozed"}  # told of later
    assert {
        (name, w.rule, w.band)
        for name, case in last.items()
        if name not in snoozed
        for w in case.warnings
    } == {one for one in held if one[0] not in snoozed}


def test_a_customer_has_one_case_whose_messages_come_once_and_in_order(
    desk: Desk,
) -> None:
    cases = cases_of(desk[0])
    before: dict[str, CustomerCase] = {}
    for case in cases:
        last = before.get(case.customer_id)
        number = int(case.case_id.split(".")[1])
        if case.sequence == 1:
            assert number == (int(last.case_id.split(".")[1]) + 1 if last else 1)
            assert last is None or last.status == "closed"
            assert case.previous is None
        else:
            assert last is not None
            assert (case.case_id, case.sequence) == (last.case_id, last.sequence + 1)
            assert case.previous is not None
            assert (case.previous.status, case.previous.leading) == (last.status, last.leading)
        before[case.customer_id] = case
    assert {case.status for case in cases} == {"open", "snoozed", "closed"}
    ends_of = {case.closed_by for case in cases}
    assert ends_of >= {"cleared", "retained", "false_alarm", "lost", "returned"}


def test_answers_are_counted_or_set_aside(desk: Desk) -> None:
    settings, _ = desk
    of_events = samples(settings, "ebbwatch_events_total")
    mine = {
        labels: n
        for labels, n in of_events.items()
        if dict(labels)["topic"] == settings.outcome_topic
    }
    by = {name: sum(n for labels, n in mine.items() if dict(labels)["outcome"] == name)
          for name in ("applied", "earlier", "dead_letter")}  # fmt: skip
    letters = read_all(settings, dead_letter_topic(settings.outcome_topic))
    assert by["dead_letter"] == len(letters) > 0
    assert min(by.values()) > 0
    assert sum(by.values()) == 1_500
    assert sum(samples(settings, "ebbwatch_answers_total").values()) == by["applied"]
    waits = sum(samples(settings, "ebbwatch_time_to_action_seconds_count").values())
    assert 0 < waits <= by["applied"]
    reasons = samples(settings, "ebbwatch_answer_reasons_total")
    assert {dict(labels)["reason"] for labels, n in reasons.items() if n} == {"other"}


def test_open_warnings_are_listed_by_value_at_risk_and_chosen(told_where: Settings) -> None:
    held = of_redis(told_where)
    listed = json.loads(run(["warnings", "--json"]).stdout)
    found = [EarlyWarning.model_validate_json(json.dumps(each)) for each in listed["warnings"]]
    assert (listed["open"], listed["incomplete"]) == (len(held), [])
    assert {(w.customer_id, w.rule, w.band) for w in found} == held
    worth = [w.severity for w in found]
    assert worth == sorted(worth, reverse=True)
    asked: list[tuple[list[str], Callable[[EarlyWarning], bool]]] = [
        (["--rule", "silence", "--rule", "overdue"], lambda w: w.rule in {"silence", "overdue"}),
        (["--route", "risk"], lambda w: w.route == "risk"),
        (["--band", "high"], lambda w: w.band == "high"),
        (["--severity", "100"], lambda w: w.severity >= 10_000),
    ]
    for options, is_meant in asked:
        ids = run(["warnings", "--ids", *options]).stdout.split()
        assert ids == [w.warning_id for w in found if is_meant(w)]
        assert 0 < len(ids) < len(found), options
    page = run(["warnings", "--band", "high"]).stdout
    assert f"of {len(held)} open" in page
    every = run(["warnings"]).stdout
    assert found[0].warning_id in every
    assert all(w.action_text and w.action_text in every for w in found if w.arm == "treated")
    refused = run(["warnings", "--band", "low"])
    assert (refused.exit_code, refused.stderr) == (
        1, "ebbwatch: --band: expected middle or high, got low\n",
    )  # fmt: skip


@pytest.mark.usefixtures("told_where")
def test_an_answer_from_a_shell_clears_a_warning_once_and_who_follows_sees_it(
    desk: Desk,
) -> None:
    settings, worker = desk
    first = run(["warnings", "--ids", "--rule", "silence"]).stdout.split()[0]
    command = [sys.executable, "-m", "ebbwatch.cli", "tail", "--since", "1h"]
    with following(command) as lines:
        assert any(first in line for line in lines)
        clock = latest(settings)
        asked = ["outcome", first, "false_alarm", "--reason", "travelling", "--at", clock, "--json"]
        told = [json.loads(run(asked).stdout) for _ in range(2)]
        assert told[0]["event"] == told[1]["event"]
        assert told[0]["is_open"]
        upto = ends(settings)
        await_that("both applied", lambda: is_done(settings, upto), worker)
        assert next(line for line in lines if "cleared by false_alarm" in line and first in line)
    mine = {"topic": settings.outcome_topic, "type": "false_alarm", "outcome": "duplicate"}
    counts = samples(settings, "ebbwatch_events_total")
    (duplicates,) = [n for labels, n in counts.items() if dict(labels) == mine]
    assert duplicates == 1
    assert first not in run(["warnings", "--ids"]).stdout
    late = run(["outcome", first, "contacted", "--at", clock])
    assert "it had cleared; the answer counts" in late.stdout


TAIL = [sys.executable, "-m", "ebbwatch.cli", "tail", "--since", "1h"]


def tailed(*options: str, wanted: int, **how: Any) -> tuple[list[str], int]:
    """The first lines that are followed, and how it ends on Ctrl-C."""
    with subprocess.Popen(
        [*TAIL, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **how
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        lines = [process.stdout.readline() for _ in range(wanted)]
        process.send_signal(signal.SIGINT)
        process.stdout.read()
        assert process.stderr.read() == ""
        return lines, process.wait(PATIENCE)


@pytest.mark.usefixtures("told_where")
def test_what_is_followed_is_what_the_topics_hold_and_only_what_was_asked_for(
    desk: Desk,
) -> None:
    settings, _ = desk
    every = [
        EarlyWarning.model_validate_json(record.value)
        for topic in (settings.risk_topic, settings.relationship_topic)
        for record in read_all(settings, topic)
    ]
    one = next(w for w in every if w.lifecycle == "cleared" and w.previous)
    own = sorted(w.model_dump_json() for w in every if w.customer_id == one.customer_id)
    options = ("--customer", one.customer_id)
    lines, status = tailed("--json", *options, wanted=len(own))
    assert (sorted(line.rstrip("\n") for line in lines), status) == (own, 0)
    assert one.previous is not None
    told = [w for w in every if w.customer_id == one.customer_id and w.rule == one.rule]
    asked = (*options, "--rule", one.rule, "--band", one.previous.band, "--severity", "1e9")
    over, _ = tailed("--json", *asked, wanted=1)  # that it cleared, whatever it is worth now
    assert json.loads(over[0])["warning_id"] in {w.warning_id for w in told}
    assert json.loads(over[0])["lifecycle"] == "cleared"


@pytest.mark.usefixtures("told_where")
def test_cases_are_followed_and_colour_is_for_a_terminal_alone(desk: Desk) -> None:
    case = next(each for each in cases_of(desk[0]) if each.status == "open")
    options = ("--cases", "--customer", case.customer_id)
    (plain, *_), _ = tailed(*options, wanted=1)
    assert "\x1b" not in plain
    assert case.customer_id in plain
    screen, terminal = os.openpty()
    with subprocess.Popen([*TAIL, *options], stdout=terminal, env=coloured()) as process:
        shown = os.read(screen, 4_096).decode()
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 0
    os.close(terminal)
    os.close(screen)
    assert "\x1b[" in shown
    uncoloured = re.sub(r"\x1b\[[\d;]*m", "", shown).replace("\r", "")
    assert uncoloured.startswith(plain)


def coloured() -> dict[str, str]:
    own = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    return {**own, "TERM": "xterm-256color"}


@pytest.mark.usefixtures("told_where")
def test_who_reads_no_more_ends_it_without_a_word(tmp_path: Path) -> None:
    said = tmp_path / "said"
    shell = f"{' '.join(TAIL)} 2>{said} | head -n 1"
    done = subprocess.run(["bash", "-c", shell], capture_output=True, text=True, check=True)
    assert done.stdout.count("\n") == 1
    assert said.read_text() == ""


@pytest.mark.parametrize("since", ["soon", "2w", "-1h", "1.5h"])
def test_a_since_that_is_no_instant_is_refused(since: str) -> None:
    refused = run(["tail", "--since", since])
    assert refused.exit_code == 1
    assert refused.stderr == (
        f"ebbwatch: --since: expected 30m, 2h, 7d or an ISO 8601 instant, got {since}\n"
    )


@contextmanager
def following(command: list[str]) -> Iterator[Iterator[str]]:
    """The lines that a command prints, which is ended with the block."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield iter(process.stdout.readline, "")
        finally:
            process.terminate()


def latest(settings: Settings) -> str:
    """An instant behind all that was told."""
    told = [
        json.loads(record.value)["event_time"]
        for record in read_all(settings, settings.transaction_topic)
    ]
    return (max(map(datetime.fromisoformat, told)) + timedelta(days=1)).isoformat()


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (["nonsense", "retained"], "expected a warning's id"),
        ([f"{'0' * 24}.silence.1", "retained"], "expected one published to"),
        (["{first}", "forgotten"], "answer: expected one of acknowledged"),
        (["{first}", "lost"], "reason: expected"),
        (["{first}", "retained", "--customer", "someone"], "expected one of customer someone's"),
        (["{first}", "retained", "--at", "2020-01-01T00:00:00Z"], "--at: expected from the raise"),
        (["{first}", "retained", "--at", "2020-01-01"], "--at: expected an offset"),
        (["{first}", "retained", "--at", "soon"], "--at: expected an ISO 8601 instant"),
        (["{first}", "retained"], "--at: expected in mode replay"),
        (["{first}", "snoozed", "--until", "999d"], "until: up to 366 days"),
    ],
)
def test_an_answer_that_cannot_be_used_is_refused_in_one_line(
    told_where: Settings, asked: list[str], words: str
) -> None:
    first = run(["warnings", "--ids"]).stdout.split()[0]
    dated = [] if "--at" in asked or words.endswith("replay") else ["--at", latest(told_where)]
    before = sum(1 for _ in read_all(told_where, told_where.outcome_topic))
    refused = run(["outcome", *(part.format(first=first) for part in asked), *dated])
    assert (refused.exit_code, refused.stderr.count("\n")) == (1, 1)
    assert words in refused.stderr
    assert sum(1 for _ in read_all(told_where, told_where.outcome_topic)) == before


def test_outcomes_tell_of_answers_precision_and_what_acting_is_worth(told_where: Settings) -> None:
    asked = ["outcomes", "--days", "28", "--contact-cost", "2", "--offer-cost", "10"]
    told: dict[str, Any] = json.loads(run([*asked, "--json"]).stdout)
    assert told["answers"].pop("reassigned") == 0, "the desk's, and no case is handed out here"
    assert min(told["answers"].values()) > 0
    judged = sum(each["right"] + each["wrong"] for each in told["precision"])
    assert judged > 20
    for each in told["precision"]:
        assert 0.0 <= each["lower"] <= each["value"] <= each["upper"] <= 1.0
    up = told["uplift"]
    warned = {
        w["customer_id"] for w in map(json.loads, _bodies(told_where)) if w["lifecycle"] == "raised"
    }
    assert up["treated"][1] + up["holdout"][1] + up["waiting"] == len(warned)
    assert up["holdout"][1] == 0
    assert up["value"] is None
    page = run(asked)
    assert page.exit_code == 0
    assert "[holdout] share" in page.stdout


def _bodies(settings: Settings) -> list[bytes]:
    topics = (settings.risk_topic, settings.relationship_topic)
    return [record.value for topic in topics for record in read_all(settings, topic)]
