"""Other parameters while events stream, a death in the middle, and files that cannot be used."""

import asyncio
import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from brake import DYING_WORKER, Brake
from harness import PATIENCE, Worker, await_that, crew, fresh, inputs_of, make_settings, unused_port
from portfolio import portfolio
from traces import (
    as_messages,
    differences,
    ends,
    is_done,
    lag,
    progress,
    read_all,
    run_undisturbed,
    samples,
    states,
    warnings_by_id,
    with_store,
    write,
)

import scoring.models
from ebbwatch.stack import Stack
from scoring.facts.state import LIFECYCLE, LIFECYCLE_SCORES
from scoring.parameters import parse
from streams.config import Settings
from streams.parameters.file import write_document
from streams.store import Activation, RedisStore

SEED = 20_260_401


def document(**changes: Any) -> dict[str, Any]:
    packaged = Path(scoring.models.__file__).with_name("cdnow.json")
    return {**json.loads(packaged.read_text()), **changes}


def strict() -> dict[str, Any]:
    limits = {"middle": 0.5, "high": 0.8, "hysteresis": 0.02, "points": 20, "floor": 0.2}
    return document(name="strict", rules=dict.fromkeys(document()["rules"], limits))


def activations(settings: Settings) -> list[list[Activation]]:
    """Of every partition."""

    async def read(store: RedisStore) -> list[list[Activation]]:
        return list(await asyncio.gather(*map(store.activations, range(settings.partitions))))

    return with_store(settings, read)


def versions_told(settings: Settings) -> list[tuple[int, float, str]]:
    """Partition, instant and parameters of every warning."""
    topics = (settings.risk_topic, settings.relationship_topic)
    records = [record for topic in topics for record in read_all(settings, topic)]
    warnings = [(record.partition, json.loads(record.value)) for record in records]
    return [
        (number, datetime.fromisoformat(told["event_time"]).timestamp(), told["model_version"])
        for number, told in warnings
    ]


@pytest.fixture(scope="module")
def calm(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of a run that keeps its parameters, which is over."""
    settings = make_settings(stack, fresh("calm"))
    log = portfolio(700, SEED, per_customer=16.0)
    write(settings, settings.transaction_topic, as_messages(log.transactions))
    write(settings, settings.interaction_topic, as_messages(log.interactions))
    with crew(tmp_path_factory.mktemp("calm")) as start:
        run_undisturbed(settings, start)
    return settings


@pytest.fixture
def reloading(stack: Stack, topic_prefix: str, calm: Settings, tmp_path: Path) -> Settings:
    """Settings of another run over the same input, whose parameter file may be replaced."""
    file = tmp_path / "parameters.json"
    write_document(file, document())
    return make_settings(
        stack,
        f"{topic_prefix}reload.",
        batch_records=100,
        inbox_records=1_000,
        parameters_file=file,
        parameters_poll=0.1,
        brake_share=0.0,  # everybody is warned of by the other limits
        **inputs_of(calm),
    )


@pytest.mark.slow
@pytest.mark.parametrize("dies", [False, True], ids=["lives on", "is killed"])
def test_parameters_replaced_while_events_stream_lose_and_double_nothing(
    calm: Settings, reloading: Settings, start: Callable[..., Worker], tmp_path: Path, *, dies: bool
) -> None:
    settings, upto, brake = reloading, ends(reloading), Brake(tmp_path / "brake")
    assert settings.parameters_file is not None
    brake.hold_at(600)
    worker = start(settings, DYING_WORKER, brake.variables)
    total = lag(settings, upto)
    await_that("a start", lambda: lag(settings, upto) < total - 2_000, worker)
    write_document(settings.parameters_file, strict())
    brake.hold_at(900)
    await_that("an activation", lambda: any(activations(settings)), worker)
    if dies:
        worker.kill()
        worker = start(settings, DYING_WORKER, brake.variables)
    assert lag(settings, upto) > 1_000
    brake.release()
    await_that("all applied", lambda: is_done(settings, upto), worker)
    assert worker.stop() == 0

    got, expected = progress(settings), progress(calm)
    assert [c.offsets for c in got.claims] == [c.offsets for c in expected.claims]
    assert [c.clock for c in got.claims] == [c.clock for c in expected.claims]
    moved = differences(states(settings), states(calm)).keys()
    assert "level" in moved
    assert moved <= {*LIFECYCLE, *LIFECYCLE_SCORES}
    assert warnings_by_id(settings), "and none of them twice"

    old, new = parse(document()).version, parse(strict()).version
    of_partitions = activations(settings)
    assert [[each.version for each in made] for made in of_partitions] == [[new]] * 4
    told = versions_told(settings)
    for number, at, version in told:
        (activation,) = of_partitions[number]
        assert at == activation.clock or version == (old if at < activation.clock else new)
    at_once = {n for n, at, version in told if version == new and at == of_partitions[n][0].clock}
    assert at_once == {0, 1, 2, 3}, "warnings are moved by the new limits alone"


def replace(file: Path, text: str) -> None:
    """Put a text in a file's place at once: a half-written one would be refused as well."""
    draft = file.with_suffix(".draft")
    draft.write_text(text)
    draft.replace(file)


def test_a_worker_refuses_files_it_cannot_use_and_takes_the_next_good_one(
    stack: Stack, topic_prefix: str, start: Callable[..., Worker], tmp_path: Path
) -> None:
    file = tmp_path / "parameters.json"
    write_document(file, document())
    settings = make_settings(
        stack,
        topic_prefix,
        parameters_file=file,
        parameters_poll=0.1,
        metrics_port=unused_port(),
    )
    worker = start(settings)

    def reloads(outcome: str) -> float:
        found = samples(settings, "ebbwatch_parameters_reloads_total")
        return found.get((("outcome", outcome),), 0.0)

    whole = json.dumps(strict())
    bad = (
        whole[: len(whole) // 2],
        json.dumps({**strict(), "sha256": "0" * 64}),
        json.dumps({**strict(), "book_timezone": "Europe/Zurich"}),
    )
    await_that("a start", lambda: samples(settings, "ebbwatch_model_info"), worker)
    for number, text in enumerate(bad, 1):
        replace(file, text)
        await_that("a refusal", lambda count=number: reloads("refused") >= count, worker)
    in_use = dict(*samples(settings, "ebbwatch_model_info"))["version"]
    assert in_use == parse(document()).version
    write_document(file, strict())
    await_that("a good one", lambda: reloads("loaded") == 1.0, worker)
    assert dict(*samples(settings, "ebbwatch_model_info"))["version"] == parse(strict()).version
    assert worker.stop() == 0
    assert "expected book_timezone UTC, which its states are built on" in worker.tail()


def test_a_worker_with_parameters_on_another_basis_ends_with_a_clear_line(
    calm: Settings, start: Callable[..., Worker], tmp_path: Path
) -> None:
    file = tmp_path / "elsewhere.json"
    write_document(file, document(book_timezone="Europe/Zurich"))
    before = states(calm)
    worker = start(calm.model_copy(update={"parameters_file": file}))
    assert worker.process.wait(timeout=PATIENCE) == 70
    (line,) = [line for line in worker.tail().splitlines() if '"ending"' in line]
    told = "expected book_timezone UTC, which its states are built on, got Europe/Zurich"
    assert told in json.loads(line)["error"]
    assert states(calm) == before
