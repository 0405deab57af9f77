"""The transactions' feed stops for a day while the app's goes on: nobody is falsely warned of."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from typing import Any

import numpy as np
import pytest
from harness import Worker, in_environment, make_settings
from plain_math import Silence
from portfolio import DAY, START, purchase, visit
from test_silence import parameters
from traces import Event, as_messages, run_undisturbed, warnings_by_id, write
from typer.testing import CliRunner

from ebbwatch.cli import command_line
from ebbwatch.stack import Stack
from streams.config import Settings

HOUR = 3_600.0
REGULARS, DAYS = 200, 20  # customers, and days in a row that a leaver bought on
OFF = START + 40 * DAY + 10 * HOUR  # the feed stops
BACK = OFF + 26 * HOUR  # and sends what it kept
END = BACK + 3 * DAY
BEGUN = {"before": 2, "within": 3, "after": 6}  # days from the start on which leavers did
RETURNED = OFF + 5 * HOUR  # bought while the feed was away, before they were due
EACH = 3

run = partial(CliRunner().invoke, command_line())


def leaver(name: str, begun: int) -> list[Event]:
    """Bought daily from a day on, and then no more."""
    return [purchase(name, day, START + (begun + day) * DAY + 9 * HOUR) for day in range(DAYS)]


def due(begun: int) -> float:
    """When a leaver is to be warned of; a tenure begins with its day."""
    middle = parameters()["rules"]["silence"]["middle"]
    return START + (begun + Silence(parameters(), DAYS - 1, DAYS - 1.0).tenure_at(middle)) * DAY


def transactions() -> list[Event]:
    rng, events = np.random.default_rng(5), list[Event]()
    for number in range(REGULARS):
        for half_day in range(int((END - START) / DAY) * 2):
            at = START + half_day // 2 * DAY + (7 + half_day % 2 * 8 + rng.uniform(0, 8)) * HOUR
            events.append(purchase(f"regular-{number}", half_day, at))
    for number in range(EACH):
        for name, begun in BEGUN.items():
            events += leaver(f"{name}-{number}", begun)
        events += leaver(f"returned-{number}", BEGUN["within"])
        events.append(purchase(f"returned-{number}", DAYS, RETURNED + number))
    return sorted(events, key=time_of)


def time_of(event: Event) -> float:
    return datetime.fromisoformat(event["event_time"]).timestamp()


def visits(start: float, end: float) -> Iterator[Event]:
    for number in range(round((end - start) / HOUR)):
        yield visit(f"regular-{number % REGULARS}", int(start) + number, start + number * HOUR + 1)


def of_silence(settings: Settings) -> list[dict[str, Any]]:
    found = [json.loads(value) for _, value in warnings_by_id(settings).values()]
    return [w for w in found if (w["rule"], w["lifecycle"]) == ("silence", "raised")]


def raised(settings: Settings) -> dict[str, float]:
    return {warning["customer_id"]: time_of(warning) for warning in of_silence(settings)}


def test_a_stopped_feed_warns_of_nobody_and_loses_nobody(
    stack: Stack,
    topic_prefix: str,
    start: Callable[..., Worker],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert due(BEGUN["before"]) < OFF + HOUR < OFF + 8 * HOUR < due(BEGUN["within"]) < BACK
    settings = make_settings(stack, topic_prefix, partitions=1)
    in_environment(settings, monkeypatch)
    events = transactions()
    feeds = settings.transaction_topic, settings.interaction_topic
    write(settings, feeds[0], as_messages(e for e in events if time_of(e) < OFF))
    write(settings, feeds[1], as_messages(visits(START, BACK - HOUR)))
    run_undisturbed(settings, start)

    assert set(raised(settings)) == {f"before-{number}" for number in range(EACH)}
    shown = run(["feeds", "show", "--json"])
    held = {feed["stream"]: feed["held_since"] for feed in json.loads(shown.stdout)["feeds"]}
    assert (shown.exit_code, held["interactions"]) == (1, None)
    since = datetime.fromisoformat(held["transactions"]).timestamp()
    assert OFF - HOUR < since < OFF + HOUR
    assert held["pos"] == held["transactions"]

    write(settings, feeds[0], as_messages(e for e in events if OFF <= time_of(e) < BACK))
    write(settings, feeds[0], as_messages(e for e in events if time_of(e) >= BACK))
    write(settings, feeds[1], as_messages(visits(BACK - HOUR, END)))
    run_undisturbed(settings, start)

    at = raised(settings)
    assert set(at) == {f"{name}-{number}" for name in BEGUN for number in range(EACH)}
    for number in range(EACH):
        assert at[f"before-{number}"] == pytest.approx(due(BEGUN["before"]), abs=1.0)
        assert at[f"after-{number}"] == pytest.approx(due(BEGUN["after"]), abs=1.0)
        assert BACK < at[f"within-{number}"] < BACK + 6 * HOUR
    assert run(["feeds", "show"]).exit_code == 0
    for warning in of_silence(settings):
        feed = warning["feed"]
        assert time_of({"event_time": feed["heard_at"]}) <= time_of(warning)
        assert (feed["events"] > 300) == (warning["confidence"] == "normal")
        assert 100 < feed["customers"] < 400
        assert feed["usual"] > 300
