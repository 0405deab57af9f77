"""A worker with the bank's own model in its shadow: what its metrics say is what the log says."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from harness import PATIENCE, Worker, await_that, make_settings, unused_port
from onnx_models import logistic
from panel_oracle import Expected, log_of, spread_purchases
from redis.asyncio import Redis
from traces import as_messages, ends, is_done, progress, samples, states, with_redis, write

from ebbwatch.stack import Stack
from scoring.arrays import DAY, Floats
from scoring.facts.state import States
from scoring.feature import Feature
from scoring.model import ScoringModel
from scoring.monitoring import SCORES, Panel, is_due, sample, unpack_panel
from streams.broker.message import partition_of
from streams.config import Settings
from streams.panel import RedisPanelStore
from streams.parameters.file import load_model
from streams.store import RedisStore

WEIGHT, BIAS, THRESHOLD = 0.03, -1.5, 0.6
SHARE = 0.75
PERIOD = 14.0  # days
RESTLESS = """
from streams.config import Settings
from streams.panel import keeper
from streams.run import run
keeper.LONGEST_REST = 0.0  # so that there are as many rounds however fast it runs
run(Settings())
"""


def risk_by_hand(states_: States, now: Floats, matrix: Floats) -> Floats:
    del states_, now
    odds = WEIGHT * matrix[Feature.DAYS_SINCE_LAST] + BIAS
    risk: Floats = 1.0 / (1.0 + np.exp(-odds))
    return risk


def panels(settings: Settings) -> list[Panel]:
    """What Redis holds."""
    store = with_redis(settings, lambda redis: _panels(settings, redis))
    return [unpack_panel(packed) for packed in store if packed is not None]


async def _panels(settings: Settings, redis: Redis) -> list[bytes | None]:
    store = RedisStore(redis, settings.redis_prefix, settings.partitions)
    kept = RedisPanelStore(redis, store)
    return [await kept.panel(number) for number in range(settings.partitions)]


def due(settings: Settings) -> list[bool]:
    """Whether each partition has yet to look at its panel."""
    pairs = zip(panels(settings), progress(settings).claims, strict=True)
    return [is_due(panel, claim.clock, PERIOD * DAY) for panel, claim in pairs]


def expected(
    events: list[dict[str, object]], settings: Settings, found: list[Panel], model: ScoringModel
) -> tuple[Counter[tuple[str, str, str]], int]:
    """Outcomes of the closed rounds and members of the last ones, from the log."""
    counts: Counter[tuple[str, str, str]] = Counter()
    last = 0
    for number, panel in enumerate(found):
        log = log_of(
            [e for e in events if partition_of(str(e["customer_id"]).encode(), 2) == number]
        )
        chosen = set(sample(log.customers, SHARE, settings.panel_size).ids)
        members = [row for row, customer in enumerate(log.customers) if customer in chosen]
        own = np.isin(log.rows, members)
        log = log._replace(rows=log.rows[own], events=log.events[own])
        made = Expected(log, model, risk_by_hand, THRESHOLD)
        for one in panel.rounds[panel.rounds["status"] == 1]:
            assert made.add(float(one["at"])) == one["members"]
        counts += made.counts
        last += int(panel.rounds["members"][-1])
    return counts, last


@pytest.mark.slow
def test_the_metrics_precision_is_the_one_computed_from_the_log(
    stack: Stack, topic_prefix: str, start: Callable[..., Worker], tmp_path: Path
) -> None:
    challenger = tmp_path / "bank.onnx"
    told = {"features": "days_since_last", "threshold": str(THRESHOLD)}
    challenger.write_bytes(logistic(np.array([WEIGHT]), BIAS, **told))
    settings = make_settings(
        stack,
        topic_prefix,
        partitions=2,
        batch_records=100,
        panel_share=SHARE,
        panel_days=PERIOD,
        panel_effort=1.0,
        challenger_file=challenger,
        metrics_port=unused_port(),
    )
    events = spread_purchases(800)
    write(settings, settings.transaction_topic, as_messages(events))
    worker, upto = start(settings, ("-c", RESTLESS)), ends(settings)
    await_that("all applied", lambda: is_done(settings, upto), worker)
    await_that("the last rounds", lambda: not any(due(settings)), worker)
    found = panels(settings)
    counts, members = expected(events, settings, found, load_model(settings))

    def are_told() -> bool:
        outcomes = shown(settings, "ebbwatch_panel_outcomes")
        return outcomes == {key: counts[key] for key in outcomes}

    await_that("the last rounds' outcomes", are_told, worker)
    assert sum(counts.values()) > 5_000
    precision = shown(settings, "ebbwatch_panel_precision_ratio")
    for model in ("champion", "challenger"):
        churned, stayed = (counts[model, told, "yes"] for told in ("churned", "stayed"))
        assert precision[(model,)] == pytest.approx(churned / (churned + stayed), rel=1e-12)
    assert shown(settings, "ebbwatch_panel_customers") == {(): members}
    assert shown(settings, "ebbwatch_panel_unknown") == {(): 0}
    assert sum(shown(settings, "ebbwatch_challenger_errors_total").values()) == 0
    drift = shown(settings, "ebbwatch_drift_psi")
    assert drift.keys() == {(name,) for name in SCORES}
    assert all(index >= 0.0 for index in drift.values())
    assert members < 0.85 * len(states(settings))
    assert worker.stop() == 0


def shown(settings: Settings, name: str) -> dict[tuple[str, ...], float]:
    """A metric's samples by model, outcome and flag."""
    order = ("model", "outcome", "flagged", "reason", "feature")
    by_labels = samples(settings, name)
    return {
        tuple(dict(key)[label] for label in order if label in dict(key)): value
        for key, value in by_labels.items()
    }


def test_a_challenger_that_cannot_be_used_ends_the_start_in_one_line(
    stack: Stack, topic_prefix: str, start: Callable[..., Worker], tmp_path: Path
) -> None:
    challenger = tmp_path / "bank.onnx"
    challenger.write_bytes(logistic(np.ones(3)))
    settings = make_settings(stack, topic_prefix, challenger_file=challenger)
    worker = start(settings, ("-m", "ebbwatch.cli", "worker"))
    assert worker.process.wait(timeout=PATIENCE) == 1
    told = worker.tail().strip().splitlines()
    assert len(told) == 1
    assert told[0].startswith(f"ebbwatch: challenger {challenger}: model: expected one input of")
