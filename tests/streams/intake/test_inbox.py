"""What waits of a topic: nothing twice, nothing out of turn, offsets only forward."""

import time
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stream_events import record

from schemas import rejection
from scoring.facts.events import EVENT
from streams.intake import inbox as module
from streams.intake.chunk import Chunk
from streams.intake.decode import Dead, Decoder
from streams.intake.inbox import Inbox, SkippedError, take
from streams.intake.progress import Batch, End
from streams.intake.records import Records

BAD = b"bad"


class ByTimestamp:
    """Decodes a record to an event at its timestamp, unless its value is bad."""

    def decode(self, records: Records) -> tuple[Chunk, list[Dead]]:
        good = [each for each in records if each.value != BAD]
        events = np.zeros(len(good), EVENT)
        events["time"] = [each.timestamp for each in good]
        offsets = np.array([each.offset for each in good], np.int64)
        refused = rejection(0, "not_json", "$", "JSON", "bad")
        dead = [Dead(each, refused) for each in records if each.value == BAD]
        return Chunk(events, [b"c"] * len(good), good, offsets, records[-1].offset + 1), dead


def inbox(applied: int = 0) -> Inbox:
    return Inbox(applied, cast("Decoder", ByTimestamp()))


def batch(*offsets: int, bad: tuple[int, ...] = (), topic: str = "t") -> Records:
    return [record(topic, at, BAD if at in bad else b"{}", timestamp_ms=at) for at in offsets]


def ended(box: Inbox, end: int, position: int | None = None) -> Inbox:
    box.reach(end, End(end if position is None else position, end))
    return box


def deliver(box: Inbox, *batches: Records) -> list[Dead]:
    for each in batches:
        box.feed(each)
    return box.decode(10**6)


def test_a_topic_is_behind_until_its_end_is_known_and_reached() -> None:
    box = inbox()
    assert box.behind
    box.reach(None, End(0, None))
    assert box.behind
    box.reach(3, End(3, 5))
    assert box.behind
    box.reach(5, End(5, 5))
    assert box.behind  # fetched, not delivered
    box.feed(batch(0, 1, 2, 3, 4))
    assert box.behind  # delivered, not decoded
    box.decode(10)
    assert not box.behind


def test_only_a_changed_end_is_news() -> None:
    box = inbox()
    assert box.reach(None, End(0, 2))
    assert not box.reach(None, End(0, 2))
    assert box.reach(2, End(2, 2))


def test_an_empty_topic_is_not_behind() -> None:
    assert not ended(inbox(), 0).behind


def test_markers_of_transactions_at_the_end_leave_no_topic_behind() -> None:
    box = inbox()
    box.reach(2, End(4, 4))  # offsets 2 and 3 are control records: never delivered
    deliver(box, batch(0, 1))
    assert not box.behind
    assert box.lag == 4
    stretch = take({"t": box}, 9)
    assert stretch is not None
    box.applied = stretch.offsets["t"]
    assert (box.applied, box.lag) == (2, 0)


def test_a_redelivered_record_is_ignored() -> None:
    box = ended(inbox(applied=2), 6)
    deliver(box, batch(0, 1, 2, 3), batch(2, 3), batch(1, 2, 3, 4), batch(5))
    stretch = take({"t": box}, 99)
    assert stretch is not None
    assert stretch.chunk.offsets.tolist() == [2, 3, 4, 5]
    assert box.backlog == 0


def numbered(number: int | None, *offsets: int) -> Batch:
    made = Batch(batch(*offsets))
    made.number = number
    return made


def test_batches_are_taken_in_the_order_they_were_fetched_whatever_gaps_lie_between() -> None:
    box = ended(inbox(), 9)
    deliver(box, numbered(0, 0, 1), numbered(1, 5), numbered(2, 8))
    assert box.waiting.offsets.tolist() == [0, 1, 5, 8]


def test_a_batch_fetched_before_the_partition_was_sought_is_ignored() -> None:
    box = ended(inbox(applied=3), 9)
    deliver(box, numbered(None, 7, 8), numbered(0, 3, 4))
    assert box.waiting.offsets.tolist() == [3, 4]


def test_a_seek_numbers_batches_anew() -> None:
    box = ended(inbox(), 9)
    deliver(box, numbered(0, 0, 1), numbered(1, 2), numbered(0, 0, 1, 2, 3), numbered(1, 4))
    assert box.waiting.offsets.tolist() == [0, 1, 2, 3, 4]


def test_a_batch_lost_on_its_way_is_told() -> None:
    box = ended(inbox(), 9)
    box.feed(numbered(0, 0, 1))
    with pytest.raises(
        SkippedError, match="t-0: expected batch 1, got batch 2 at offset 4"
    ) as told:
        box.feed(numbered(2, 4, 5))
    assert (told.value.expected, told.value.batch.number) == (1, 2)


def test_what_waits_behind_an_open_transaction_leaves_its_topic_behind_and_is_lag() -> None:
    box = inbox()
    box.reach(2, End(2, 9, stable=2))
    deliver(box, batch(0, 1))
    box.applied = 2
    assert (box.behind, box.lag, box.is_held_up) == (True, 7, True)
    assert not box.pass_over()
    box.reach(None, End(9, 9, stable=9))
    assert (box.behind, box.is_held_up) == (False, False)


def test_a_topic_whose_fetches_go_unanswered_is_behind() -> None:
    assert not ended(inbox(), 0).behind
    box = inbox()
    box.reach(None, End(0, 0, heard=time.monotonic() - module.UNHEARD - 1))
    assert box.behind
    assert box.unheard > module.UNHEARD


def test_markers_are_passed_where_all_is_applied_and_only_then() -> None:
    box = inbox()
    box.reach(2, End(4, 4))
    assert not box.pass_over()  # two records are on their way
    box.feed(batch(0, 1))
    assert not box.pass_over()
    box.decode(9)
    assert not box.pass_over()
    stretch = take({"t": box}, 9)
    assert stretch is not None
    box.applied = stretch.offsets["t"]
    assert box.pass_over()
    passed = take({"t": box}, 9)
    assert passed is not None
    assert (len(passed.chunk), passed.offsets) == (0, {"t": 4})
    box.applied = 4
    assert not box.pass_over()


def test_an_end_told_of_a_reading_that_began_elsewhere_tells_nothing() -> None:
    box = inbox()
    assert not box.reach(None, End(90, 90, sought=90))  # as after Redis came back older
    assert not box.pass_over()
    assert box.behind
    assert box.reach(None, End(0, 0, sought=0))


@pytest.mark.parametrize("limit", [1, 2, 99])
def test_dead_records_move_offsets_like_any_other(limit: int) -> None:
    box = ended(inbox(), 6)
    dead = deliver(box, batch(0, 1, 2, 3, 4, 5, bad=(0, 3, 5)))
    assert [letter.record.offset for letter in dead] == [0, 3, 5]
    offsets, seen = [], []
    while (stretch := take({"t": box}, limit)) is not None:
        box.applied = stretch.offsets["t"]
        offsets.append(box.applied)
        seen += stretch.chunk.offsets.tolist()
    assert seen == [1, 2, 4]
    assert offsets == {1: [2, 4, 6], 2: [4, 6], 99: [6]}[limit]


def test_a_batch_of_dead_records_alone_is_a_stretch_without_events() -> None:
    box = ended(inbox(), 2)
    deliver(box, batch(0, 1, bad=(0, 1)))
    stretch = take({"t": box}, 9)
    assert stretch is not None
    assert (len(stretch.chunk), stretch.offsets) == (0, {"t": 2})


def test_nothing_is_cut_where_nothing_can_be_ordered() -> None:
    early, late = ended(inbox(), 3), inbox()
    deliver(early, batch(0, 1, 2))
    assert take({"early": early, "late": late}, 9) is None
    assert early.backlog == 3


def test_a_stretch_holds_the_merged_order_and_every_topics_offset() -> None:
    a, b = ended(inbox(), 5), ended(inbox(), 6)
    deliver(a, batch(0, 3, 4, topic="a"))
    deliver(b, batch(1, 2, 5, topic="b"))
    stretch = take({"a": a, "b": b}, 5)
    assert stretch is not None
    assert [(r.topic, r.offset) for r in stretch.chunk.records] == [
        ("a", 0),
        ("b", 1),
        ("b", 2),
        ("a", 3),
        ("a", 4),
    ]
    assert stretch.chunk.events["time"].tolist() == [0.0, 1.0, 2.0, 3.0, 4.0]
    assert stretch.offsets == {"a": 5, "b": 5}


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 12), st.integers(1, 8)), max_size=8), st.data())
def test_offsets_never_go_back_and_no_record_is_skipped_or_taken_twice(
    deliveries: list[tuple[int, int]], data: st.DataObject
) -> None:
    box, seen = inbox(), []
    for first, count in deliveries:
        start = min(first, box._delivered)  # a consumer may go back, but leaves nothing out
        box.feed(batch(*range(start, start + count), bad=(3, 7)))
        box.reach(start + count, End(20, 20))
        box.decode(data.draw(st.sampled_from([1, 99])))
        while (stretch := take({"t": box}, data.draw(st.integers(1, 5)))) is not None:
            assert stretch.offsets["t"] > box.applied
            box.applied = stretch.offsets["t"]
            seen += stretch.chunk.offsets.tolist()
    assert seen == [offset for offset in range(box.applied) if offset not in {3, 7}]


def test_what_waits_is_not_decoded_while_enough_events_wait() -> None:
    box = ended(inbox(), 4)
    box.feed(batch(0, 1))
    box.decode(2)
    box.feed(batch(2, 3))
    assert box.decode(2) == []
    assert (len(box.waiting), box.backlog, box.behind) == (2, 4, True)
    box.decode(3)
    assert (len(box.waiting), box.backlog, box.behind) == (4, 4, False)


def test_lag_counts_offsets_up_to_the_end_and_ages_with_the_wall() -> None:
    box = inbox()
    assert box.lag == 0
    box.reach(2, End(2, 10))
    assert box.lag == 10
    assert box.lag_seconds(50.0) == 0.0  # nothing delivered yet: age unknown
    box.feed([record("t", 0, b"{}", timestamp_ms=40_000)])
    assert box.lag_seconds(50.0) == 10.0
    assert box.lag_seconds(30.0) == 0.0
    finished: Any = ended(inbox(), 0)
    assert finished.lag_seconds(50.0) == 0.0


def test_lag_is_as_old_as_the_oldest_record_that_waits_decoded_or_not() -> None:
    box = inbox()
    box.reach(2, End(3, 3))
    box.feed(
        [record("t", 0, b"{}", timestamp_ms=10_000), record("t", 1, b"{}", timestamp_ms=5_000)]
    )
    box.feed([record("t", 2, b"{}", timestamp_ms=30_000)])
    assert box.lag_seconds(50.0) == 40.0  # in the order of offsets, whatever later records claim
    box.decode(3)
    assert box.lag_seconds(50.0) == 40.0
    box.cut(2)
    assert box.lag_seconds(50.0) == 20.0


def test_one_customer_takes_no_more_than_its_rounds_of_a_stretch(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "ROUNDS", 3)  # all events here are of one customer
    transactions, interactions = ended(inbox(), 99), ended(inbox(), 100)
    deliver(transactions, batch(*range(0, 100, 2)))
    deliver(interactions, batch(*range(1, 100, 2), topic="i"))
    sizes, found = [], []
    while stretch := take({"t": transactions, "i": interactions}, 1_000):
        sizes.append(len(stretch.chunk))
        found += stretch.chunk.events["time"].tolist()
        for box, topic in ((transactions, "t"), (interactions, "i")):
            box.applied = stretch.offsets[topic]
    assert set(sizes) == {3, 1}
    assert found == sorted(found)
    assert len(found) == 100


def test_what_is_not_applied_yet_weighs_its_bytes_however_few_records_they_are() -> None:
    box = ended(inbox(), 6)
    heavy = [record("t", at, b"x" * 1_000_000, b"k", timestamp_ms=at) for at in (0, 1)]
    deliver(box, heavy, [record("t", 2, None, None, timestamp_ms=2)], batch(3, 4, 5))
    assert box.weight == 2 * 1_000_001 + 3 * (len(b"{}") + len(b"c1"))
    box.feed(heavy)  # delivered again
    assert box.weight == 2 * 1_000_001 + 3 * (len(b"{}") + len(b"c1"))
    box.applied = 1
    assert box.weight > 2_000_000
    box.applied = 3
    assert box.weight == 3 * (len(b"{}") + len(b"c1"))
    box.applied = 6
    assert box.weight == 0
