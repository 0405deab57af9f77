"""What happened to customers: bounded, each answer once, and what no worker has taken yet."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from desk_cases import MONDAY, a_case

from ebbwatch.serve.queue import CaseBoard, CaseLine, CaseRanking, CustomerHistory, history
from schemas import BatchAdapter, validate_batch
from schemas.events.outcomes import CustomerOutcome
from schemas.ids import case_id
from scoring.facts.calendar import BookCalendar
from scoring.warning.desk import CaseDesk, desk_rules

CONTRACT = BatchAdapter[Any](CustomerOutcome)


def said(customer: str, kind: str, at: datetime = MONDAY, **more: Any) -> dict[str, Any]:
    made = {
        "event_id": f"e-{kind}-{at.isoformat()}",
        "customer_id": customer,
        "event_time": at.isoformat(),
        "type": kind,
        "case_id": case_id(customer.encode(), 1),
        "answered_by": "officer-3",
        **more,
    }
    (found,), rejected = validate_batch(CONTRACT, [json.dumps(made).encode()])
    assert rejected == []
    return found


def test_the_latest_is_first_and_an_answer_that_was_sent_twice_is_told_once() -> None:
    known = CustomerHistory()
    later = MONDAY + timedelta(hours=1)
    snoozed = said("c", "snoozed", later, until="2026-03-09T00:00:00+01:00", note="on leave")
    for each in (said("c", "contacted", touchpoint="phone"), snoozed, snoozed):
        known.answer(each)
    first, second = known.of("c")
    assert (first.kind, first.detail[:10], first.note) == ("snoozed", "2026-03-09", "on leave")
    assert (second.kind, second.detail, second.who) == ("contacted", "phone", "officer-3")
    known.answer(said("c", "acknowledged", later))  # a replay's clock stands still
    assert [each.kind for each in known.of("c")] == ["acknowledged", "snoozed", "contacted"]
    assert known.of("nobody") == []
    known.erase("c")
    assert (known.of("c"), known._count) == ([], 0)


def test_it_is_bounded_for_each_and_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "ALL", 30)
    known = CustomerHistory()
    for number in range(200):
        at = MONDAY + timedelta(minutes=number)
        known.answer(said("often", "contacted", at))
        known.answer(said(f"c{number}", "contacted", at))
    kept = [name for name in known._entries if known.of(name)]
    assert len(known.of("often")) == history.EACH
    assert sum(len(known.of(name)) for name in kept) == known._count == 30
    assert "c199" in kept
    assert "c0" not in kept


async def line_of(**changes: Any) -> CaseLine:
    board = CaseBoard(CaseDesk(desk_rules(), BookCalendar("UTC")), is_replay=True)
    board.hear(a_case("c", **changes))
    found = CaseRanking(board).find("c")
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("kind", "hours", "changes", "pending"),
    [
        ("contacted", 1, {}, "contacted"),
        ("contacted", 0, {}, "contacted"),  # a replay's clock stands still
        ("contacted", 0, {"progress": "contacted"}, ""),
        ("contacted", -1, {}, ""),
        ("retained", 1, {}, "retained"),
        ("retained", 0, {}, ""),  # of one of several warnings: taken
        ("snoozed", 1, {"status": "snoozed", "snoozed_until": MONDAY}, ""),
    ],
)
async def test_an_answer_is_pending_until_the_case_has_changed(
    kind: str, hours: int, changes: Any, pending: str
) -> None:
    known = CustomerHistory()
    more = {"until": "2026-03-09T00:00:00Z"} if kind == "snoozed" else {}
    known.answer(said("c", kind, MONDAY + timedelta(hours=hours), **more))
    assert known.pending(await line_of(**changes)) == pending
    assert CustomerHistory().pending(await line_of()) == ""
