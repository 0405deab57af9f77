"""The desk's process on a real Kafka: killed, fenced, erased, and told what is no case."""

import asyncio
import json
import random
import signal
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from desk_cases import MONDAY, a_case, closed
from harness import Worker, await_that, crew, fresh, make_settings, start
from prometheus_client import CollectorRegistry
from traces import read_all, write

from ebbwatch.stack import Stack
from schemas.outputs.cases import CustomerCase
from schemas.outputs.desk import DeskAssignment
from streams.broker.clients import ClientOptions
from streams.broker.message import Message
from streams.broker.partitioner import partitioner
from streams.broker.partitions import NoTopicError, PartitionCountError
from streams.config import Settings
from streams.tools.desk import DeskError
from streams.tools.desk.rationing import ration, run

CAPACITY, STORM, DAYS = 10, 200, 6
__all__ = ["start"]  # a fixture
RULES = f"""
quiet = false
minor.below = 1
[contact]
hand_outs = 1
days = 30
[route.risk]
capacity = 0
[route.relationship]
capacity = {CAPACITY}
closed = []
"""
PROGRAM = """
import os, signal, sys
import streams.tools.desk.rationing.run as run
from ebbwatch.cli import main

run.AT_ONCE = 3  # many transactions to die in
what, where, nth = os.environ.get("DIES", "nothing inside 0").split()
write, tell = run.write_batches, run._Rationing._tell
seen = 0

def die():
    os.kill(os.getpid(), signal.SIGKILL)

async def dying_write(*of):
    await write(*of)
    if where == "inside" and seen == int(nth):
        die()

async def dying_tell(self, told):
    global seen
    seen += any(each.status == what for each in told)
    await tell(self, told)
    if where == "behind" and seen == int(nth):
        die()

if what != "nothing":
    run.write_batches, run._Rationing._tell = dying_write, dying_tell
sys.argv[1:] = ["desk", "run"]
main()
"""
DESK = ("-c", PROGRAM)
DEATHS = ("queued inside 5", "handed_out inside 2", "handed_out behind 1")
DAY = timedelta(days=1)


def settings_of(stack: Stack, folder: Path, rules: str = RULES, **changes: Any) -> Settings:
    file = folder / "desk.toml"
    file.write_text(rules, encoding="utf-8")
    return make_settings(stack, fresh("desk"), desk_file=file, **changes)


@pytest.fixture
def own(stack: Stack, tmp_path: Path) -> Settings:
    return settings_of(stack, tmp_path)


def publish(own: Settings, *cases: CustomerCase) -> None:
    told = [Message(case.customer_id.encode(), case.model_dump_json().encode()) for case in cases]
    write(own, own.case_topic, told)


def assignments(own: Settings) -> list[DeskAssignment]:
    """Every assignment ever told, as a read-committed reader sees them, by partition."""
    records = [each for each in read_all(own, own.assignment_topic) if each.value is not None]
    return [DeskAssignment.model_validate_json(each.value) for each in records]


def handed_out(own: Settings) -> list[Any]:
    """Hand-outs, each once, though later messages carry it on."""
    told = [each.handed_out for each in assignments(own) if each.status == "handed_out"]
    return list(dict.fromkeys(told))


def the_day_comes(own: Settings, day: int) -> None:
    """Let the clock of a replay move on: it is the latest event time of any case."""
    at = MONDAY + day * DAY
    publish(own, a_case("clock", 0.0, event_time=at, opened_at=at, sequence=day + 1))


def test_a_storm_drains_by_value_at_risk_over_days_however_often_the_desk_is_killed(
    own: Settings, tmp_path: Path
) -> None:
    values = list(range(1_000, 1_000 + STORM))
    random.Random(7).shuffle(values)
    cases = {f"c{n}": a_case(f"c{n}", float(value)) for n, value in enumerate(values)}
    publish(own, *cases.values())
    with crew(tmp_path) as begin:
        the_day_comes(own, 0)
        for death in DEATHS:  # in a transaction, written or not, and between two
            assert begin(own, DESK, {"DIES": death}).process.wait(60) == -signal.SIGKILL
        desk = begin(own, DESK)
        for day in range(DAYS):
            the_day_comes(own, day)
            await_that("all of a day", lambda n=day + 1: len(handed_out(own)) >= n * CAPACITY, desk)
        assert desk.stop() == 0
    out = handed_out(own)
    assert Counter(each.day for each in out) == {
        (MONDAY + day * DAY).date(): CAPACITY for day in range(DAYS)
    }
    worth = {case.case_id: case.value_at_risk for case in cases.values()}
    by_day = defaultdict(list)
    for each in sorted(out, key=lambda each: (each.day, each.rank)):
        by_day[each.day].append(worth[each.case_id])
    drained = [value for day in sorted(by_day) for value in by_day[day]]
    assert drained == sorted(values, reverse=True)[: DAYS * CAPACITY]
    told = assignments(own)
    last = {each.case_id: each for each in told}
    waiting = {case_id for case_id, each in last.items() if each.status == "queued"}
    assert waiting | {each.case_id for each in out} == worth.keys()
    assert len(waiting) + len(out) == STORM
    assert len({(each.case_id, each.sequence) for each in told}) == len(told)


def test_a_second_desk_takes_over_and_the_first_ends_with_one_clear_line(
    own: Settings, start: Callable[..., Worker]
) -> None:
    publish(own, a_case("a"))
    first = start(own, DESK)
    await_that("the first works", lambda: len(handed_out(own)) == 1, first)
    second = start(own, DESK)
    await_that("the second has read", lambda: "all read" in second.tail(), second)
    publish(own, a_case("b"))
    await_that("the second works", lambda: len(handed_out(own)) == 2, second)
    assert first.process.wait(60) == 1
    told = f"ebbwatch: {own.group}-desk: another desk of this group has begun; run one"
    assert told in first.tail().splitlines()
    assert second.stop() == 0


def worked(
    own: Settings, until: Callable[[], bool], registry: CollectorRegistry | None = None
) -> CollectorRegistry:
    """Let a desk work in this process until something is so."""
    registry = registry or CollectorRegistry()

    async def work() -> None:
        stop = asyncio.Event()
        task = asyncio.create_task(ration(own, stop, registry))
        try:
            async with asyncio.timeout(60):
                while not (await asyncio.to_thread(until)) and not task.done():  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
        finally:
            stop.set()
            await task

    asyncio.run(work())
    return registry


def test_it_tells_how_it_stands_and_says_nothing_twice_after_a_start(
    stack: Stack, tmp_path: Path
) -> None:
    own = settings_of(stack, tmp_path, RULES.replace("capacity = 10", "capacity = 2"), partitions=2)
    rich = [a_case(f"c{n}", 900.0 - n) for n in range(5)]
    publish(own, *rich, a_case("small", 3.0), a_case("held", 999.0, arm="holdout"))
    registry = worked(own, lambda: len(assignments(own)) == 8)

    def figure(name: str, **labels: str) -> float | None:
        return registry.get_sample_value(f"ebbwatch_desk_{name}", labels)

    of = {"route": "relationship"}
    assert figure("handed_out_total", **of) == 2
    assert figure("queued", **of) == 3
    assert figure("capacity_left", **of) == 0
    assert figure("minor", **of) == 1
    assert figure("oldest_queued_seconds", **of) == 3_600
    assert figure("handed_out_total", route="risk") == 0
    before = assignments(own)
    publish(own, closed(rich[0], "retained"))
    registry = worked(own, lambda: len(assignments(own)) == 9)
    (told,) = assignments(own)[:0] or [m for m in assignments(own) if m not in before]
    assert (told.customer_id, told.status, told.withdrawn_by) == ("c0", "withdrawn", "retained")
    assert figure("withdrawn_total", reason="retained") == 1
    headers = dict(read_all(own, own.assignment_topic)[0].headers)
    assert headers["ce_source"] == f"/ebbwatch/{own.group}/desk".encode()


def test_files_that_are_changed_are_taken_up_and_bad_ones_are_not(
    own: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "LOOK", 0.1)
    held = tmp_path / "held.csv"
    own = own.model_copy(update={"no_offers_file": held})
    held.write_text("nobody", "utf-8")
    rules = own.desk_file
    assert rules is not None
    publish(own, a_case("a"), *(a_case(f"c{n}", 900.0 - n) for n in range(CAPACITY)))
    registry = CollectorRegistry()

    def refused() -> bool:
        return bool(registry.get_sample_value("ebbwatch_desk_files_refused_total"))

    steps: list[Callable[[], object]] = [
        lambda: len(handed_out(own)) == CAPACITY,
        lambda: rules.write_text("capacity = ", "utf-8"),
        refused,
        lambda: held.write_text("a,no_consent", "utf-8"),
        lambda: rules.write_text(RULES.replace("capacity = 10", "capacity = 11"), "utf-8"),
        lambda: len(handed_out(own)) == CAPACITY + 1,
        lambda: any(m.no_offers == ("no_consent",) for m in assignments(own)),
    ]

    def done() -> bool:
        if steps and steps[0]():
            del steps[0]
        return not steps

    worked(own, done, registry)


def test_who_is_erased_is_forgotten_whether_or_not_a_desk_was_there(own: Settings) -> None:
    publish(own, a_case("stays"), a_case("goes"), a_case("goes-too"))
    worked(own, lambda: len(handed_out(own)) == 3)

    def erased() -> set[bytes]:
        return {each.key for each in read_all(own, own.assignment_topic) if each.value is None}

    erase(own, "goes")
    worked(own, lambda: erased() == {b"goes"})
    erase(own, "goes-too")
    worked(own, lambda: erased() == {b"goes", b"goes-too"})
    worked(own, lambda: True)
    assert len(read_all(own, own.assignment_topic)) == 8


def erase(own: Settings, customer: str) -> None:
    async def forget() -> None:
        place = partitioner(own.partitioner).one(customer.encode(), own.partitions)
        async with ClientOptions(own).producer() as producer:
            await producer.send_and_wait(own.case_topic, None, customer.encode(), partition=place)

    asyncio.run(forget())


def test_what_is_no_case_is_counted_told_and_in_nobody_s_way(
    own: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = json.loads(a_case("bad").model_dump_json()) | {"value_at_risk": -1}
    for value in (b"", b"{", json.dumps(bad).encode(), b"\xff"):
        write(own, own.case_topic, [Message(b"bad", value)])
    publish(own, a_case("good"))
    registry = worked(own, lambda: len(handed_out(own)) == 1)
    assert registry.get_sample_value("ebbwatch_desk_unreadable_total") == 4
    told = capsys.readouterr().out
    assert "value_at_risk: expected CustomerCase" in told


def test_assignments_that_are_none_or_have_no_cases_are_refused(own: Settings) -> None:
    publish(own, a_case("a"))
    worked(own, lambda: len(handed_out(own)) == 1)
    elsewhere = own.model_copy(update={"case_topic": own.score_topic})
    with pytest.raises(DeskError, match="expected the cases behind 1 assignments"):
        worked(elsewhere, lambda: False)
    write(own, own.assignment_topic, [Message(b"x", b'{"layout": 0}')])
    with pytest.raises(DeskError, match=r"assignment-\d+@\d+, .*expected DeskAssignment"):
        worked(own, lambda: False)


def test_topics_that_are_missing_or_of_another_size_are_told(own: Settings) -> None:
    with pytest.raises(NoTopicError, match="ebbwatch topics create"):
        worked(own.model_copy(update={"assignment_topic": "nowhere"}), lambda: False)
    with pytest.raises(PartitionCountError, match="expected 5 partitions, got 4"):
        worked(own.model_copy(update={"partitions": 5}), lambda: False)


def test_a_case_goes_to_whom_people_give_it_and_stays_there_after_a_start(
    stack: Stack, tmp_path: Path
) -> None:
    officers = "officer = { o1 = { capacity = 1 }, o2 = { capacity = 0 } }"
    own, case = settings_of(stack, tmp_path, RULES + officers), a_case("a")
    said = {
        "customer_id": "a",
        "event_time": MONDAY.isoformat(),
        "type": "reassigned",
        "case_id": case.case_id,
        "answered_by": "o1",
    }
    with crew(tmp_path) as begin:
        publish(own, case)
        desk = begin(own, DESK)
        await_that("a hand-out", lambda: handed_out(own), desk)
        for officer in ("o9", "o2"):  # of whom the first is none, which is told of
            event = {**said, "event_id": officer, "officer": officer}
            write(own, own.outcome_topic, [Message(b"a", json.dumps(event).encode())])
        await_that("the move", lambda: len(assignments(own)) == 3, desk)
        assert desk.stop() == 0
        again = begin(own, DESK)
        publish(own, a_case("b", event_time=MONDAY + DAY))
        await_that("a second hand-out", lambda: len(assignments(own)) == 5, again)
        assert again.stop() == 0
    told = [
        (each.customer_id, each.handed_out and each.handed_out.officer) for each in assignments(own)
    ]
    of_a = [officer for customer, officer in told if customer == "a"]
    assert of_a == [None, "o1", "o2"]
