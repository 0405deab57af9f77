"""The merge equals a plain one that takes head by head, wherever it is cut and resumed."""

from collections import Counter
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stream_events import record

from scoring.facts.events import EVENT
from streams.intake.chunk import Chunk, empty_chunk, join
from streams.intake.merge import before_round, merge

# Few distinct times, so that ties and disorder are common.
TIMES = st.lists(st.sampled_from([0.0, 1.0, 2.0, 2.5, 3.0, -1.0, 1.75e9]), max_size=12)
TOPICS = st.lists(TIMES, min_size=1, max_size=4)
ALL = 10**6

Pick = tuple[int, int]  # topic, position within it


def head_by_head(topics: list[list[float]], behind: list[bool], limit: int) -> list[Pick]:
    """Take the earliest head, of equal ones the first topic's, while no unknown one could be it."""
    heads = [0] * len(topics)
    picked: list[Pick] = []
    while len(picked) < limit:
        ended = [head == len(times) for head, times in zip(heads, topics, strict=True)]
        if all(ended) or any(end and late for end, late in zip(ended, behind, strict=True)):
            break
        _, topic = min((topics[t][heads[t]], t) for t, end in enumerate(ended) if not end)
        picked.append((topic, heads[topic]))
        heads[topic] += 1
    return picked


def merged(topics: list[list[float]], behind: list[bool], limit: int) -> list[Pick]:
    """What `merge` takes, as picks."""
    order, taken = merge([np.array(times) for times in topics], behind, limit)
    picks = [(topic, at) for topic, count in enumerate(taken) for at in range(count)]
    assert sorted(order.tolist()) == list(range(len(picks)))
    return [picks[place] for place in order]


@settings(deadline=None)
@given(TOPICS, st.data())
def test_merging_is_taking_the_earliest_head_again_and_again(
    topics: list[list[float]], data: st.DataObject
) -> None:
    behind = data.draw(st.lists(st.booleans(), min_size=len(topics), max_size=len(topics)))
    limit = data.draw(st.integers(0, 30))
    assert merged(topics, behind, limit) == head_by_head(topics, behind, limit)


@settings(deadline=None)
@given(TOPICS, st.data())
def test_a_merge_resumed_anywhere_gives_the_same_order(
    topics: list[list[float]], data: st.DataObject
) -> None:
    whole = head_by_head(topics, [False] * len(topics), ALL)
    at, known = [0] * len(topics), [0] * len(topics)
    found: list[Pick] = []
    while len(found) < len(whole):
        known = (
            [data.draw(st.integers(k, len(t))) for k, t in zip(known, topics, strict=True)]
            if data.draw(st.booleans())
            else [len(t) for t in topics]
        )
        waiting = [t[a:k] for t, a, k in zip(topics, at, known, strict=True)]
        behind = [k < len(t) for k, t in zip(known, topics, strict=True)]
        picks = merged(waiting, behind, data.draw(st.integers(1, 9)))
        found += [(topic, at[topic] + place) for topic, place in picks]
        at = [sum(topic == t for topic, _ in found) for t in range(len(topics))]
    assert found == whole


@settings(deadline=None)
@given(TOPICS, TOPICS, st.data())
def test_nothing_is_taken_that_an_unknown_event_could_precede(
    topics: list[list[float]], unknown: list[list[float]], data: st.DataObject
) -> None:
    later = [*unknown, *([[]] * len(topics))][: len(topics)]
    behind = [bool(times) or data.draw(st.booleans()) for times in later]
    taken = merged(topics, behind, ALL)
    longer = [times + more for times, more in zip(topics, later, strict=True)]
    assert taken == head_by_head(longer, [False] * len(topics), ALL)[: len(taken)]


def test_nothing_at_all_is_taken_while_a_topic_behind_shows_nothing() -> None:
    assert merged([[1.0, 2.0], []], [False, True], ALL) == []
    assert merged([[1.0, 2.0], []], [True, False], ALL) == [(0, 0), (0, 1)]


def test_of_one_instant_the_first_topics_event_goes_first() -> None:
    assert merged([[5.0], [5.0, 4.0], [5.0]], [False] * 3, ALL) == [(0, 0), (1, 0), (1, 1), (2, 0)]


def chunk(offsets: list[int], end: int) -> Chunk:
    """A chunk whose events tell their offset by their time."""
    events = np.zeros(len(offsets), EVENT)
    events["time"] = offsets
    names = [b"c%d" % offset for offset in offsets]
    records = [record("t", offset, b"{}") for offset in offsets]
    return Chunk(events, names, records, np.array(offsets, np.int64), end)


@pytest.mark.parametrize(
    ("at", "head", "head_end", "tail"),
    [
        (0, [], 3, [3, 5, 9]),
        (1, [3], 5, [5, 9]),
        (2, [3, 5], 9, [9]),
        (3, [3, 5, 9], 12, []),
        (7, [3, 5, 9], 12, []),
    ],
)
def test_a_chunk_is_cut_before_an_event_whatever_gaps_lie_between(
    at: int, head: list[int], head_end: int, tail: list[int]
) -> None:
    first, rest = chunk([3, 5, 9], 12).split(at)
    assert (first.offsets.tolist(), first.end) == (head, head_end)
    assert (rest.offsets.tolist(), rest.end) == (tail, 12)
    assert first.events["time"].tolist() == head
    assert rest.customers == [b"c%d" % offset for offset in tail]


def test_chunks_are_put_behind_each_other() -> None:
    whole = join([empty_chunk(3), chunk([3, 5], 6), chunk([8], 9), empty_chunk(11)])
    assert (whole.offsets.tolist(), whole.end, len(whole)) == ([3, 5, 8], 11, 3)
    assert [r.offset for r in whole.records] == [3, 5, 8]
    assert whole.events["time"].tolist() == [3, 5, 8]


@given(st.lists(st.sampled_from([b"a", b"b", b"c"])), st.integers(1, 5), st.randoms())
def test_a_prefix_before_a_round_is_the_longest_with_so_few_of_each(
    customers: list[bytes], rounds: int, random: Random
) -> None:
    order = list(range(len(customers)))
    random.shuffle(order)
    count = before_round(customers, np.array(order, np.int64), rounds)
    most = [
        max(Counter(customers[index] for index in order[:end]).values(), default=0)
        for end in range(len(order) + 1)
    ]
    assert count == max(n for n, found in enumerate(most) if found <= rounds)
