"""A customer's whole story, told in warnings."""

from fakes import FakeStore, sequenced
from stream_events import Event, event

from schemas.ids import warning_id


def story() -> tuple[list[Event], list[Event]]:
    """A regular buyer who complains, stops, comes back, and pays late."""
    purchases = [event("purchase", day) for day in (*range(0, 90, 3), 200, 203)]
    troubles = [
        *(event("complaint", day) for day in (60, 61, 62)),
        *(event("instalment_overdue", day, instalment_id=str(day)) for day in (70, 75, 80)),
        *(event("instalment_cured", day, instalment_id=str(day)) for day in (201, 202, 203)),
        event("app_session", 400),
    ]
    return purchases, troubles


async def run() -> FakeStore:
    store, _ = await sequenced(*story())
    return store


async def test_a_whole_story_is_told_in_valid_warnings_with_every_lifecycle() -> None:
    warnings = (await run()).warnings()
    assert {w.lifecycle for w in warnings} == {"raised", "escalated", "eased", "cleared"}
    for episode in {w.warning_id for w in warnings}:
        told_of = [w for w in warnings if w.warning_id == episode]
        assert [w.sequence for w in told_of] == list(range(1, len(told_of) + 1))
        assert [w.lifecycle == "raised" for w in told_of] == [True] + [False] * (len(told_of) - 1)
        assert {w.raised_at for w in told_of} == {told_of[0].event_time}
        assert all(w.rule in {reason.rule for reason in w.reasons} for w in told_of)
    assert len({(w.warning_id, w.sequence) for w in warnings}) == len(warnings)


async def test_the_same_log_tells_the_same_bytes() -> None:
    first, second = await run(), await run()
    assert first.parts[0].outbox == second.parts[0].outbox


def test_ids_tell_customer_rule_and_episode_apart_and_nothing_else() -> None:
    named = [
        (c, r, e) for c in (b"c", b"c\0", b"") for r in ("silence", "overdue") for e in (1, 12)
    ]
    ids = [warning_id(*each) for each in named]
    assert len(set(ids)) == len(named)
    assert ids == [warning_id(*each) for each in named]
    assert warning_id(b"c1", "silence", 1) == "8170bf8323414bdfdfa85a19.silence.1"
