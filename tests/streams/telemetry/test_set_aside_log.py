"""The first of each kind is told at once; then counts."""

from typing import Any

import pytest
from structlog.testing import capture_logs

from schemas import REASONS, Rejection, rejection
from schemas.remedies import remedy
from streams.telemetry.set_aside import EVERY, KINDS, SetAsideLog


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def no_rate(currency: str) -> Rejection:
    return rejection(0, "no_rate", "currency", "book_amount, or a rate to USD", currency)


def test_a_topic_of_one_foreign_currency_is_told_once_with_what_helps_and_then_counted() -> None:
    clock = Clock()
    told = SetAsideLog(clock)
    with capture_logs() as lines:
        for _ in range(8_600):
            told.note("cards", no_rate("AUD"))
            told.tell()
    (line,) = lines
    assert line["log_level"] == "warning"
    expected = {
        "event": "record set aside",
        "topic": "cards",
        "reason": "no_rate",
        "where": "currency",
        "expected": "book_amount, or a rate to USD",
        "got": "AUD",
    }
    assert {name: line[name] for name in expected} == expected
    assert "ebbwatch parameters new --currency AUD" in line["help"]
    assert "EBBWATCH_RATES_FILE" in line["help"]
    with capture_logs() as lines:
        for clock.now in (EVERY, EVERY + 1, 2 * EVERY, 3 * EVERY):
            told.tell()
            told.note("cards", no_rate("AUD"))
    assert [(line["lately"], line["since_start"]) for line in lines] == [
        (8_600, 8_600),
        (2, 8_602),
        (1, 8_603),
    ]


@pytest.mark.parametrize(
    "other",
    [("cards", no_rate("NZD")), ("contacts", no_rate("AUD"))],
)
def test_every_topic_and_every_currency_is_a_kind_of_its_own(other: tuple[str, Any]) -> None:
    told = SetAsideLog()
    with capture_logs() as lines:
        for topic, bad in (("cards", no_rate("AUD")), other, other):
            told.note(topic, bad)
    assert len(lines) == 2


def test_values_of_a_field_are_one_kind_and_no_flood_of_kinds_fills_the_memory() -> None:
    told = SetAsideLog()
    with capture_logs() as lines:
        for number in range(50):
            told.note("cards", rejection(0, "bad_id", "event_id", "an id", f"bad {number}"))
        for number in range(3 * KINDS):
            told.note("cards", rejection(0, "extra_field", f"f{number}", "no such field", 1))
    assert len(lines) == KINDS


def test_a_time_as_a_number_is_told_to_be_text() -> None:
    bad = rejection(0, "wrong_type", "event_time", "a valid string", 1_772_366_400_000)
    assert "ISO 8601" in remedy(bad)
    assert "ISO 8601" not in remedy(rejection(0, "wrong_type", "amount", "a valid integer", "1"))


@pytest.mark.parametrize("reason", REASONS)
def test_every_reason_has_something_that_helps(reason: str) -> None:
    assert len(remedy(rejection(0, reason, "$", "this", "{that}"))) > 20
