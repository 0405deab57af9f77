"""Parameters by which everybody is warned of: held, whoever is killed; once released, sent once."""

import json
from collections import defaultdict
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from harness import Worker, await_that, in_environment, make_settings, unused_port
from portfolio import portfolio
from test_reload import activations, document, strict
from traces import (
    as_messages,
    braked,
    brakes,
    ends,
    is_done,
    progress,
    read_all,
    samples,
    scrape,
    warnings_by_id,
    with_store,
    write,
)
from typer.testing import CliRunner

from ebbwatch.cli import command_line
from ebbwatch.stack import Stack
from streams.config import Settings
from streams.parameters.file import write_document
from streams.store import RedisStore

pytestmark = pytest.mark.slow
SEED = 20_261_126
CUSTOMERS = 240
METRIC = "ebbwatch_brake_held"
run = partial(CliRunner().invoke, command_line())


def never() -> dict[str, Any]:
    """Parameters by which hardly anybody is warned of."""
    limits = {"middle": 0.97, "high": 0.99, "hysteresis": 1e-4, "points": 20, "floor": 0.2}
    return document(name="never", rules=dict.fromkeys(document()["rules"], limits))


def told(settings: Settings) -> int:
    """Messages on all output topics."""
    return sum(len(read_all(settings, topic)) for topic in settings.output_topics)


def in_order(settings: Settings) -> None:
    """See that each warning's messages are there once, in order and without a gap."""
    sequences = defaultdict(list)
    for warning, sequence in warnings_by_id(settings):
        sequences[warning].append(sequence)
    for found in sequences.values():
        assert found == list(range(found[0], found[0] + len(found)))
        assert found[0] in {0, 1}


def bands(settings: Settings) -> dict[str, str]:
    """The band that was last told of each warning."""
    found = sorted(warnings_by_id(settings).items())
    return {warning: json.loads(body)["band"] for (warning, _), (_, body) in found}


@pytest.fixture
def calm(
    stack: Stack,
    topic_prefix: str,
    tmp_path: Path,
    start: Callable[..., Worker],
    monkeypatch: pytest.MonkeyPatch,
) -> tuple[Settings, Worker]:
    """A worker that has applied and published a year and a half of a portfolio's life."""
    file = tmp_path / "parameters.json"
    write_document(file, never())
    settings = make_settings(
        stack,
        topic_prefix,
        partitions=2,
        parameters_file=file,
        parameters_poll=0.1,
        brake_share=0.1,
        brake_least=10,
        metrics_port=unused_port(),
    )
    in_environment(settings, monkeypatch)
    log = portfolio(CUSTOMERS, SEED)
    write(settings, settings.transaction_topic, as_messages(log.transactions))
    write(settings, settings.interaction_topic, as_messages(log.interactions))
    worker, upto = start(settings), ends(settings)
    await_that("all applied", lambda: is_done(settings, upto), worker)
    assert braked(settings) == 0  # at full speed
    return settings, worker


def change(settings: Settings, to: dict[str, Any], worker: Worker, times: int) -> None:
    """Put other parameters in place, and wait until both partitions judged everybody anew."""
    assert settings.parameters_file is not None
    write_document(settings.parameters_file, to)
    made = partial(activations, settings)
    await_that("it", lambda: [len(each) for each in made()] == [times] * 2, worker)

    def is_judged() -> bool:
        clocks = [claim.clock for claim in progress(settings).claims]

        async def due(store: RedisStore) -> int:
            counts = [await store.counts(number, clock) for number, clock in enumerate(clocks)]
            return sum(each[2] for each in counts)

        return with_store(settings, due) == 0

    await_that("everybody judged", is_judged, worker)


def test_a_storm_is_held_through_deaths_and_released_once(
    calm: tuple[Settings, Worker], start: Callable[..., Worker]
) -> None:
    settings, worker = calm
    before = told(settings)
    change(settings, strict(), worker, 1)
    assert braked(settings) == 2
    rises = sum(brake.rises for brake in brakes(settings))
    assert rises > 0.5 * CUSTOMERS
    await_that("the metric", lambda: sum(samples(settings, METRIC).values()) == rises, worker)
    assert sum(samples(settings, "ebbwatch_outbox_depth").values()) == 0
    status, page = scrape(settings, "/readyz")
    assert (status, json.loads(page)["held"]) == (200, [0, 1])
    assert '"warnings held"' in worker.log.read_text()

    worker.kill()
    worker = start(settings)
    await_that("a look", lambda: sum(samples(settings, METRIC).values()) == rises, worker)
    assert worker.stop() == 0  # it does not wait for what is held
    assert told(settings) == before
    shown = json.loads(run(["brake", "show", "--json"]).stdout)["held"]
    counted = [each for one in shown for each in one["warnings"]]
    up = sum(each["count"] for each in counted if each["lifecycle"] in {"raised", "escalated"})
    assert up == rises

    assert run(["brake", "release", "1"]).exit_code == 0
    assert run(["brake", "show"]).exit_code == 1
    worker, upto = start(settings), ends(settings)
    await_that("one partition", lambda: braked(settings) == 1 and is_done(settings, upto), worker)
    assert run(["brake", "release"]).exit_code == 0
    messages = sum(claim.outbox for claim in progress(settings).claims)
    await_that("all", lambda: told(settings) == messages, worker)
    assert braked(settings) == 0
    in_order(settings)
    assert sum(samples(settings, METRIC).values()) == 0


def test_where_the_parameters_are_put_back_first_all_of_it_is_cleared_at_once(
    calm: tuple[Settings, Worker],
) -> None:
    settings, worker = calm
    before = bands(settings)
    change(settings, strict(), worker, 1)
    change(settings, never(), worker, 2)
    assert braked(settings) == 2
    assert bands(settings) == before
    assert run(["brake", "release"]).exit_code == 0
    messages = sum(claim.outbox for claim in progress(settings).claims)
    await_that("all", lambda: told(settings) == messages, worker)
    in_order(settings)
    after = bands(settings)
    assert len(after) > len(before) + 0.5 * CUSTOMERS
    assert after == {warning: before.get(warning, "low") for warning in after}
