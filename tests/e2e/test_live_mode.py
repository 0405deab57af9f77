import json
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from harness import Worker, await_that, make_settings, unused_port
from plain_math import Silence
from portfolio import DAY, purchase
from traces import as_messages, read_all, scrape, write

import scoring.models
from ebbwatch.stack import Stack

QUIET = "quiet-customer"
LATENESS = 1.0
AHEAD = 10.0  # seconds from now to the instant the timer is due
BOUGHT = range(17, 6, -1)  # days ago: a purchase a day, then none for a week


def parameters_due_at(due: float, first_day: float) -> dict[str, Any]:
    """Parameters after which the customer's silence crosses its threshold at an instant."""
    path = Path(scoring.models.__file__).with_name("cdnow.json")
    daily = {"type": "bgnbd", "r": 5.0, "alpha": 5.0, "a": 0.1, "b": 10.0}
    changed = {"name": "daily", "time_unit": "day", "horizon_days": 2, "purchase_model": daily}
    parameters = {**json.loads(path.read_text()), **changed}
    silence = Silence(parameters, len(BOUGHT) - 1, BOUGHT[0] - BOUGHT[-1])
    middle = silence.probability((due - first_day) / DAY)
    limits = {"middle": middle, "high": (1.0 + middle) / 2.0, "hysteresis": 0.01, "points": 40.0}
    return {**parameters, "rules": {**parameters["rules"], "silence": limits}}


@pytest.mark.slow
def test_a_timer_fires_by_the_wall_clock_where_all_inputs_are_at_their_end(
    stack: Stack, topic_prefix: str, start: Callable[..., Worker], tmp_path: Path
) -> None:
    due, today = time.time() + AHEAD, time.time() // DAY * DAY
    file = tmp_path / "parameters.json"
    file.write_text(json.dumps(parameters_due_at(due, today - BOUGHT[0] * DAY)))
    settings = make_settings(
        stack,
        topic_prefix,
        mode="live",
        allowed_lateness=LATENESS,
        parameters_file=file,
        metrics_port=unused_port(),
    )
    events = [purchase(QUIET, ago, today - ago * DAY + 1_000.0) for ago in BOUGHT]
    write(settings, settings.transaction_topic, as_messages(events))
    worker = start(settings)

    def warned() -> list[Any]:
        return read_all(settings, settings.relationship_topic)

    (record,) = await_that("a warning", warned, worker)
    warning = json.loads(record.value)
    told = [warning[name] for name in ("customer_id", "rule", "band", "lifecycle")]
    assert told == [QUIET, "silence", "middle", "raised"]
    assert abs(datetime.fromisoformat(warning["event_time"]).timestamp() - due) < 1.0
    assert record.timestamp / 1000.0 >= due + LATENESS
    assert "\nebbwatch_live 1.0\n" in scrape(settings, "/metrics")[1]
    assert worker.stop() == 0
