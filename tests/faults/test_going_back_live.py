"""Redis goes back, or is emptied, under real workers: all is as if it had not.

Every state and warning, and of the cases that people answered to, snoozed and were handed out.
"""

import asyncio
import json
from collections import Counter
from collections.abc import Callable
from operator import itemgetter
from pathlib import Path
from typing import Any

import pytest
from answers import answers
from brake import DYING_WORKER, Brake
from harness import PATIENCE, Worker, await_that, crew, fresh, inputs_of, make_settings
from portfolio import portfolio
from redis.asyncio import Redis
from traces import (
    as_messages,
    cases_by_id,
    differences,
    ends,
    is_done,
    lag,
    read_all,
    run_undisturbed,
    states,
    warnings_by_id,
    write,
)

from ebbwatch.stack import Stack
from streams.config import Settings

SEED = 20_260_311
RULES = "quiet = false\n[route.risk]\nclosed = []\n[route.relationship]\nclosed = []\n"
DESK = ("-m", "ebbwatch.cli", "desk", "run")
Held = dict[bytes, bytes | None]


def with_redis(settings: Settings, work: Callable[[Redis], Any]) -> Any:
    async def worked() -> Any:
        redis = Redis.from_url(settings.redis_url.get_secret_value())
        try:
            return await work(redis)
        finally:
            await redis.aclose()

    return asyncio.run(worked())


def held(settings: Settings) -> Held:
    """All that Redis holds of one run now."""

    async def read(redis: Redis) -> Held:
        keys = [key async for key in redis.scan_iter(f"{settings.redis_prefix}:*")]
        pipe = redis.pipeline(transaction=True)  # or commits would come between
        for key in keys:
            pipe.dump(key)
        return dict(zip(keys, await pipe.execute(), strict=True))

    found: Held = with_redis(settings, read)
    return found


def give_back(settings: Settings, past: Held) -> None:
    """Let Redis hold what it held, in one moment, as after a restart."""

    async def replace(redis: Redis) -> None:
        keys = [key async for key in redis.scan_iter(f"{settings.redis_prefix}:*")]
        pipe = redis.pipeline(transaction=True)
        if keys:
            pipe.delete(*keys)
        for key, value in past.items():
            if value is not None:
                pipe.restore(key, 0, value)
        await pipe.execute()

    with_redis(settings, replace)


@pytest.fixture(scope="module")
def calm(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of an undisturbed run that is done."""
    settings = make_settings(stack, fresh("calm"))
    log = portfolio(1_000, SEED, per_customer=16.0)
    write(settings, settings.transaction_topic, as_messages(log.transactions))
    write(settings, settings.interaction_topic, as_messages(log.interactions))
    write(settings, settings.outcome_topic, as_messages(answers(1_000, SEED, 2_000)))
    with crew(tmp_path_factory.mktemp("calm")) as start:
        run_undisturbed(settings, start)
    return settings


def at_desk(settings: Settings) -> dict[str, str]:
    """What the desk said last of each case; it handed none out twice, and says nothing twice."""
    records = read_all(settings, settings.assignment_topic)
    told = [json.loads(record.value) for record in records]
    said = Counter((each["case_id"], each["sequence"]) for each in told)
    out = {(each["case_id"], each["handed_out"]["at"]) for each in told if each["handed_out"]}
    by_case = Counter(case_id for case_id, _ in out)
    assert by_case.keys(), "expected cases that were handed out"
    assert {*said.values(), *by_case.values()} == {1}, (said.most_common(3), by_case.most_common(3))
    return {each["case_id"]: each["status"] for each in told}


def is_known(desk: dict[str, str], case: dict[str, Any]) -> bool:
    """Whether the desk has a customer's last case as it is."""
    status = desk.get(case["case_id"])
    if case["status"] == "closed":
        return status in {None, "withdrawn"}
    if case["status"] == "open" and case["progress"] == "new":
        return status in {"queued", "minor", "handed_out"}
    return True


@pytest.mark.slow
@pytest.mark.parametrize("past", ["older", "emptied"])
def test_a_redis_that_goes_back_under_its_workers_loses_and_doubles_nothing(
    calm: Settings, stack: Stack, start: Callable[..., Worker], tmp_path: Path, past: str
) -> None:
    prefix = f"{calm.group}.{past}."
    settings = make_settings(
        stack,
        prefix,
        batch_records=100,
        inbox_records=1_000,
        desk_file=tmp_path / "desk.toml",
        **inputs_of(calm),
    )
    (tmp_path / "desk.toml").write_text(RULES)
    brake, upto = Brake(tmp_path / "brake"), ends(settings)
    total = lag(settings, upto)
    brake.hold_at(1_000)
    worker = start(settings, DYING_WORKER, brake.variables)
    desk = start(settings, DESK)
    await_that("a start", lambda: lag(settings, upto) < total - 3_000, worker)
    before = held(settings) if past == "older" else {}
    brake.hold_at(2_000)
    await_that("more", lambda: lag(settings, upto) < total - 6_000, worker)
    give_back(settings, before)
    assert worker.process.wait(timeout=PATIENCE) == 70
    assert "gave way to" in worker.tail() or "store at" in worker.tail()

    # As its supervisor would start it again, but with batches of another size.
    brake.release()
    larger = settings.model_copy(update={"batch_records": 3_000, "inbox_records": 9_000})
    worker = start(larger, DYING_WORKER, brake.variables)
    await_that("all applied", lambda: is_done(settings, upto), worker)
    assert worker.stop() == 0

    assert '"redis went back"' in worker.log.read_text()
    assert differences(states(settings), states(calm)) == {}
    assert warnings_by_id(settings) == warnings_by_id(calm)
    cases = cases_by_id(settings)
    assert cases == cases_by_id(calm)
    told = [json.loads(body) for body in cases.values()]
    assert {case["status"] for case in told} == {"open", "snoozed", "closed"}
    assert {"new", "acknowledged"} < {case["progress"] for case in told}
    last = {case["customer_id"]: case for case in sorted(told, key=itemgetter("event_time"))}
    assert len({case["status"] for case in last.values()}) > 1

    def has_heard() -> bool:
        found = at_desk(settings)
        return all(is_known(found, case) for case in last.values())

    await_that("a desk that has heard it all", has_heard, desk)
    assert desk.stop() == 0, desk.tail()
