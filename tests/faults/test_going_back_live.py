"""Redis goes back, or is emptied, under real workers: every state and warning as if it had not."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from brake import DYING_WORKER, Brake
from harness import PATIENCE, Worker, await_that, crew, fresh, inputs_of, make_settings
from portfolio import portfolio
from redis.asyncio import Redis
from traces import (
    as_messages,
    differences,
    ends,
    is_done,
    lag,
    run_undisturbed,
    states,
    warnings_by_id,
    write,
)

from ebbwatch.stack import Stack
from streams.config import Settings

SEED = 20_260_311
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
    with crew(tmp_path_factory.mktemp("calm")) as start:
        run_undisturbed(settings, start)
    return settings


@pytest.mark.slow
@pytest.mark.parametrize("past", ["older", "emptied"])
def test_a_redis_that_goes_back_under_its_workers_loses_and_doubles_nothing(
    calm: Settings, stack: Stack, start: Callable[..., Worker], tmp_path: Path, past: str
) -> None:
    prefix = f"{calm.group}.{past}."
    settings = make_settings(
        stack, prefix, batch_records=100, inbox_records=1_000, **inputs_of(calm)
    )
    brake, upto = Brake(tmp_path / "brake"), ends(settings)
    total = lag(settings, upto)
    brake.hold_at(1_000)
    worker = start(settings, DYING_WORKER, brake.variables)
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
