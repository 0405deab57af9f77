from typing import Any

import pytest

from ebbwatch.demo.events.personas import PERSONAS
from ebbwatch.demo.progress import Reading
from ebbwatch.demo.replay import Pace
from ebbwatch.demo.report import outcome, report

A, A_HEALTHY, *_ = PERSONAS


def _warning(**fields: Any) -> dict[str, Any]:
    reasons = [{"rule": "overdue", "text": "o"}, {"rule": "card_use_decline", "text": "c"}]
    return {
        "customer_id": "persona-a",
        "event_time": "1998-03-24T09:19:19Z",
        "rule": "overdue",
        "route": "risk",
        "band": "high",
        "action": "win_back_repayment_plan",
        "reasons": reasons,
        **fields,
    }


def test_the_expected_warning_is_told_even_among_later_ones() -> None:
    others = [
        _warning(event_time="1998-01-01T00:00:00Z", rule="silence", route="relationship"),
        _warning(event_time="1998-06-01T00:00:00Z"),
    ]
    found = outcome(A, [*others, _warning()])
    assert found.as_expected
    assert (found.warnings, found.rule, found.event_time) == (3, "overdue", "1998-03-24T09:19:19Z")
    assert found.rules == ("overdue", "card_use_decline")


@pytest.mark.parametrize(
    "fields",
    [
        {"band": "middle"},
        {"route": "relationship"},
        {"action": "spend_incentive"},
        {"reasons": [{"rule": "overdue", "text": "o"}]},
    ],
)
def test_a_persona_without_its_warning_is_not_as_expected(fields: dict[str, Any]) -> None:
    assert not outcome(A, [_warning(**fields)]).as_expected


def test_silence_is_right_for_a_twin_and_wrong_for_a_persona() -> None:
    assert outcome(A_HEALTHY, [_warning()]).as_expected
    assert not outcome(A_HEALTHY, [_warning(customer_id=A_HEALTHY.name)]).as_expected
    assert not outcome(A, []).as_expected


def test_dead_letters_are_no_applied_events() -> None:
    warnings = [_warning(), _warning(band="low", rule="silence")]
    told = report(Reading(100, 100, 7, 0, 0.0), 2, warnings, seconds=9.0, replay_seconds=4.0)
    assert (told.produced, told.applied, told.dead_lettered) == (100, 98, 2)
    assert told.events_per_second == 24
    assert told.warnings == {"low": 1, "middle": 0, "high": 1}
    assert told.warnings_by_rule["silence"] == {"low": 1, "middle": 0, "high": 0}


def test_the_pace_counts_from_before_the_first_to_the_last_applied_event() -> None:
    pace = Pace(Reading(0, 100, 0, 0, 0.0), 10.0)
    pace.take(Reading(0, 100, 0, 0, 0.0), 15.0)
    pace.take(Reading(60, 100, 5, 9, 0.0), 16.0)
    pace.take(Reading(100, 100, 5, 9, 0.0), 17.0)
    pace.take(Reading(100, 100, 5, 0, 0.0), 21.0)
    assert (pace.seconds, pace.rate, pace.idle(23.0)) == (2.0, 50.0, 2.0)
