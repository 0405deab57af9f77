import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from harness import Worker, make_settings
from plain_math import Silence
from portfolio import DAY, START, purchase
from traces import as_messages, progress, run_undisturbed, warnings_by_id, write

import scoring.models
from ebbwatch.stack import Stack
from streams.broker.message import partition_of

SILENT, PARTITIONS = "silent-customer", 4
DAYS_BOUGHT = (0, 6, 13, 20, 27, 33)
HOUR = 3_600.0


def parameters() -> dict[str, Any]:
    path = Path(scoring.models.__file__).with_name("cdnow.json")
    content: dict[str, Any] = json.loads(path.read_text())
    return content


def neighbours(count: int) -> list[str]:
    """Other customers, whose events move the silent one's clock."""
    number = partition_of(SILENT.encode(), PARTITIONS)
    names = (f"neighbour-{index}" for index in range(1_000))
    return [name for name in names if partition_of(name.encode(), PARTITIONS) == number][:count]


def test_who_merely_stops_is_warned_at_the_computed_instant(
    stack: Stack, topic_prefix: str, start: Callable[..., Worker]
) -> None:
    settings = make_settings(stack, topic_prefix, partitions=PARTITIONS)
    silence = Silence(parameters(), len(DAYS_BOUGHT) - 1, DAYS_BOUGHT[-1] - DAYS_BOUGHT[0])
    limits = parameters()["rules"]["silence"]
    due = [START + DAY * silence.tenure_at(limits[band]) for band in ("middle", "high")]
    until = int((due[-1] - START) / DAY) + 3
    events = [purchase(SILENT, day, START + day * DAY + 9 * HOUR) for day in DAYS_BOUGHT]
    for place, name in enumerate(neighbours(5)):
        days = range(place % 3, until, 3)
        events += [purchase(name, day, START + day * DAY + place * HOUR) for day in days]
    events.sort(key=lambda event: str(event["event_time"]))
    assert events[-1]["customer_id"] != SILENT
    write(settings, settings.transaction_topic, as_messages(events))
    run_undisturbed(settings, start)

    warnings = [json.loads(value) for key, value in warnings_by_id(settings).values()]
    of_silence = [warning for warning in warnings if warning["rule"] == "silence"]
    assert {warning["customer_id"] for warning in of_silence} == {SILENT}
    told = [(w["lifecycle"], w["band"], w["sequence"]) for w in of_silence]
    assert told == [("raised", "middle", 1), ("escalated", "high", 2)]
    at = [datetime.fromisoformat(warning["event_time"]).timestamp() for warning in of_silence]
    assert max(abs(got - expected) for got, expected in zip(at, due, strict=True)) < 1.0
    clock = progress(settings).claims[partition_of(SILENT.encode(), PARTITIONS)].clock
    assert clock == datetime.fromisoformat(events[-1]["event_time"]).timestamp()
