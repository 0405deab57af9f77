"""Open warnings from messages alone, answers kept to their contract, and what acting is worth."""

import math
import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fakes import sequenced
from stream_events import START, event

from schemas import EarlyWarning
from schemas.ids import case_id, warning_id
from scoring.facts.packing import unpack
from scoring.rules import shipped
from streams.tools.desk import Costs, DeskError, Given, OpenSet, answer_of
from streams.tools.desk.answering import About
from streams.tools.desk.story import Story

NOW = datetime.fromtimestamp(START, UTC)


async def told() -> tuple[list[EarlyWarning], set[tuple[str, str, str]]]:
    """Warnings that rise, escalate, ease and clear, and those that Redis holds open at the end."""
    log = [event("purchase", day, f"c{n}") for n in range(4) for day in range(0, 60, 3 + n)]
    log += [event("purchase", 250 + n / 9, f"c{n % 2}") for n in range(40)]
    complaints = [event("complaint", 61.0 + n, f"c{n}") for n in range(3)]
    log.sort(key=lambda each: str(each["event_time"]))
    store, _ = await sequenced(log, complaints)
    states = unpack(list(store.parts[0].states.values()))
    names = {slot: name for name, slot in shipped().slots.items()}
    held = {
        (customer.decode(), names[slot], ("low", "middle", "high")[level])
        for customer, levels in zip(store.parts[0].states, states["level"].tolist(), strict=True)
        for slot, level in enumerate(levels)
        if level
    }
    return store.warnings(), held


async def test_the_open_set_is_what_redis_holds_whatever_order_it_is_read_in() -> None:
    messages, held = await told()
    assert {w.lifecycle for w in messages} == {"raised", "escalated", "cleared"}
    assert held
    for seed in range(5):
        mixed = random.Random(seed).sample(messages, len(messages))
        known = OpenSet()
        for message in mixed:
            known.take(message)
        found = known.open
        assert {(w.customer_id, w.rule, w.band) for w in found} == held
        assert [w.severity for w in found] == sorted((w.severity for w in found), reverse=True)
        assert known.incomplete == []


async def test_a_message_said_twice_changes_nothing_and_one_that_is_missing_is_told() -> None:
    messages, _ = await told()
    ids = [w.warning_id for w in messages]
    longest = max(ids, key=ids.count)
    own = sorted((w for w in messages if w.warning_id == longest), key=lambda w: w.sequence)
    assert len(own) >= 3
    known = OpenSet()
    assert [known.take(message) for message in (own[0], own[0], own[2], own[1])] == [
        True, False, True, False,
    ]  # fmt: skip
    assert known.incomplete == []
    lacking = OpenSet()
    lacking.take(own[0])
    lacking.take(own[2])
    assert lacking.incomplete == [longest]
    forgotten = OpenSet()  # as retention does: from the beginning on
    forgotten.take(own[1])
    forgotten.take(own[2])
    assert forgotten.incomplete == []


def about(**changes: Any) -> About:
    name = warning_id(b"c1", "silence", 2)
    return About(**{"name": name, "customer": "c1", "raised_at": NOW, "newest": name,
                    "is_open": True, **changes})  # fmt: skip


def given(kind: str, *, at: datetime = NOW, dated: bool = False, **details: str) -> Given:
    return Given(kind, "o1", at, dated, details)


def test_the_same_answer_has_one_id_and_another_one_another() -> None:
    first = answer_of(about(), given("contacted"))
    again = answer_of(about(), given("contacted", at=NOW + timedelta(hours=3)))
    assert first["event_id"] == again["event_id"]
    assert first["event_time"] != again["event_time"]
    others = [
        answer_of(about(), given("acknowledged")),
        answer_of(about(), given("contacted", dated=True)),
        answer_of(about(), given("contacted", at=NOW + timedelta(hours=3), dated=True)),
        answer_of(about(name=case_id(b"c1", 2)), given("contacted")),
    ]
    assert len({each["event_id"] for each in [first, *others]}) == 5
    assert others[-1]["case_id"] == case_id(b"c1", 2)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (given("lost"), "reason: expected"),
        (given("lost", reason="boredom"), "reason: expected"),
        (given("retained", offer="x"), "offer: expected no such field of retained, got"),
        (given("snoozed"), "until: expected"),
        (given("snoozed", until="2099-01-01T00:00:00Z"), "until: up to 366 days after event_time"),
        (given("contacted", at=NOW - timedelta(seconds=1)), "--at: expected from the raise on"),
        (Given("contacted", "Ann Other", NOW, False, {}), "answered_by: expected"),
    ],
)
def test_an_answer_that_workers_would_set_aside_is_refused(answer: Given, words: str) -> None:
    with pytest.raises(DeskError, match=words):
        answer_of(about(), answer)


class Telling:
    """Makes a story's messages."""

    def __init__(self, days: float = 28.0) -> None:
        self.story, self._ids = Story(days), 0

    def warn(self, template: EarlyWarning, customer: str, arm: str, day: float) -> str:
        at = NOW + timedelta(days=day)
        name = warning_id(customer.encode(), template.rule, 1)
        changes = {"customer_id": customer, "warning_id": name, "arm": arm, "raised_at": at,
                   "event_time": at, "value_at_stake": 10_000.0}  # fmt: skip
        self.story.warning(template.model_copy(update=changes))
        return name

    def answer(self, customer: str, kind: str, day: float, **more: Any) -> None:
        self._ids += 1
        self.story.answer({
            "customer_id": customer, "event_id": f"o{self._ids}", "type": kind,
            "event_time": NOW + timedelta(days=day), "answered_by": "o1", **more,
        })  # fmt: skip

    def buy(self, customer: str, day: float) -> None:
        self.story.purchase(customer, NOW + timedelta(days=day))


async def raised() -> EarlyWarning:
    messages, _ = await told()
    return next(w for w in messages if w.lifecycle == "raised" and w.rule == "silence")


async def test_uplift_compares_who_was_treated_with_who_was_left_alone() -> None:
    template, t = await raised(), Telling()
    for number in range(80):  # Newcombe's example (a) the other way round: 56/70 beside 48/80
        t.warn(template, f"t{number}", "treated", 0.0)
        t.warn(template, f"h{number}", "holdout", 1.0)
    for number in range(48):
        t.buy(f"h{number}", 2.0)
        t.buy(f"t{number}", 28.0)  # the last instant that counts
    t.buy("t70", 28.5)  # too late to be a return
    t.buy("t71", -1.0)  # before the warning
    t.warn(template, "young", "holdout", 2.0)  # whose days are not over
    t.buy("nobody", 29.5)
    told_of = t.story.told(Costs()).uplift
    assert (told_of.treated, told_of.holdout, told_of.waiting) == ((48, 80), (48, 80), 1)
    assert told_of.share.value == 0.0
    assert told_of.share.lower == -told_of.share.upper


async def test_expected_profit_is_the_uplifts_worth_less_what_acting_costs() -> None:
    template, t = await raised(), Telling()
    for number in range(10):
        t.warn(template, f"t{number}", "treated", 0.0)
        t.warn(template, f"h{number}", "holdout", 0.0)
        if number < 6:
            t.buy(f"t{number}", 5.0)
        if number < 4:
            t.buy(f"h{number}", 5.0)
        t.answer(f"t{number}", "contacted", 1.0)
        t.answer(f"t{number}", "contacted", 2.0)  # one customer is contacted, not two
    t.answer("t0", "accepted", 3.0)
    t.answer("h0", "accepted", 3.0)  # a held out one's costs are no cost of acting
    t.buy("nobody", 40.0)
    up = t.story.told(Costs(contact=200.0, offer=1_000.0)).uplift
    assert up.cost == 200.0 + 1_000.0 / 10
    assert up.profit.value == pytest.approx(0.2 * 10_000.0 - 300.0)
    assert up.profit.lower == pytest.approx(up.share.lower * 10_000.0 - 300.0)


async def test_without_anyone_held_out_uplift_is_unknown() -> None:
    template, t = await raised(), Telling()
    t.warn(template, "t0", "treated", 0.0)
    t.buy("t0", 29.0)
    report = t.story.told(Costs())
    assert math.isnan(report.uplift.share.value)
    assert (report.precision, report.currency) == ([], "USD")


async def test_precision_counts_each_warning_once_by_rule_and_band() -> None:
    template, t = await raised(), Telling()
    names = [t.warn(template, f"c{n}", "treated", 0.0) for n in range(5)]
    for place, verdict in ((0, "retained"), (1, "false_alarm")):
        closing = {"warning_id": names[place], "customer_id": f"c{place}", "sequence": 2,
                   "lifecycle": "cleared", "band": "low", "intervention": "maintain",
                   "closed_by": verdict,
                   "previous": {"band": "high", "sequence": 1}}  # fmt: skip
        t.story.warning(EarlyWarning.model_validate({**template.model_dump(), **closing}))
        t.answer(f"c{place}", verdict, 1.0, warning_id=names[place], reason="other")
    t.answer("c2", "false_alarm", 2.0, warning_id=names[2], reason="travelling")  # had cleared
    t.answer("c3", "lost", -1.0, warning_id=names[3], reason="price")  # before the raise
    t.answer("c0", "lost", 3.0, warning_id=names[4], reason="price")  # another customer's
    t.answer("c4", "acknowledged", 0.25, warning_id=names[4])
    t.answer("c4", "contacted", 0.5, warning_id=names[4])
    report = t.story.told(Costs())
    assert [each[:] for each in report.precision] == [
        ("silence", "high", 1, 1), ("silence", "low", 0, 1),
    ]  # fmt: skip
    assert report.precision[0].share.lower == pytest.approx(0.0945, abs=1e-4)  # Wilson, 1 of 2
    assert report.answers["lost"] == 2
    assert report.reasons["false_alarm"] == {"other": 1, "travelling": 1}
    assert report.hours_to_action == {"silence": 24.0}  # of 6, 24, 24 and 48 hours
    t.story.answer(next(iter(t.story.answers.values())))
    assert t.story.told(Costs()).answers == report.answers
