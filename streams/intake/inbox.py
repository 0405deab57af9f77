"""What waits of a partition's input topics, and cutting the merged log off it."""

import time
from collections import deque
from collections.abc import Collection, Iterable, Mapping
from itertools import chain
from typing import Final, NamedTuple

import numpy as np

from scoring.facts.events import Events
from streams.intake.chunk import Chunk, empty_chunk, join
from streams.intake.decode import Dead, Decoder
from streams.intake.last_resort import decode_surely
from streams.intake.merge import before_round, merge
from streams.intake.progress import Batch, End
from streams.intake.records import Records, Weights

PIECE: Final = 2_000  # records decoded at once
ROUNDS: Final = 256  # most events of one customer in a stretch
PASS: Final = 1.0  # seconds between commits that move past transactions' markers only
UNHEARD: Final = 10.0  # seconds; a fetch is answered within a second, be it by nothing


class Stretch(NamedTuple):
    """A stretch of the merged log, and the next offset of every topic behind it."""

    chunk: Chunk
    offsets: dict[str, int]


class SkippedError(Exception):
    """A fetched batch was lost on its way here; reading must begin anew.

    Attributes:
        batch: came in its place.
        expected: number of the batch that did not come.
    """

    def __init__(self, batch: Batch, expected: int) -> None:
        first = batch[0]
        super().__init__(
            f"{first.topic}-{first.partition}: expected batch {expected}, "
            f"got batch {batch.number} at offset {first.offset}"
        )
        self.batch, self.expected = batch, expected


class Inbox:
    """What waits of one topic.

    Args:
        applied: next offset to apply.
        decoder: of the topic's records.
    """

    def __init__(self, applied: int, decoder: Decoder) -> None:
        self.applied = self._delivered = self._fetched = self._began = applied
        self.decoder = decoder
        self._next_number = 0
        self._timestamp = 0
        self._batches: deque[Records] = deque()
        self._weights = Weights()
        self._end: End | None = None
        self.waiting = empty_chunk(applied)

    def feed(self, records: Records) -> None:
        """Take delivered records, leaving out what was delivered before.

        Raises:
            SkippedError: a batch between the last one and this was never delivered.
        """
        if isinstance(records, Batch) and not self._continues(records):
            return
        fresh = [record for record in records if record.offset >= self._delivered]
        if fresh:
            self._batches.append(fresh)
            self._delivered = fresh[-1].offset + 1
            self._weights.add(fresh)
            self._timestamp = fresh[-1].timestamp

    @property
    def weight(self) -> int:
        """Bytes of the batches that were delivered and are not yet applied whole."""
        return self._weights.behind(self.applied)

    def _continues(self, batch: Batch) -> bool:
        """Whether a batch was fetched where this inbox reads on, not before it was sought to."""
        if batch.number is None:
            return False
        if batch.number not in {0, self._next_number}:
            raise SkippedError(batch, self._next_number)
        self._next_number = batch.number + 1
        return True

    def reach(self, fetched: int | None, end: End) -> bool:
        """Hear up to where the topic was fetched, and where it ends; tell whether that is news."""
        self._fetched = max(self._fetched, fetched or 0)
        if end.sought not in {None, self._began}:
            return False  # read from elsewhere: it tells nothing of what this inbox lacks
        before, self._end = self._end, end
        return before is None or (end.position, end.end) != (before.position, before.end)

    def pass_over(self) -> bool:
        """Where all is applied, take as read what holds no event, such as a transaction's marker.

        Returns:
            Whether there was any, which the next stretch then passes.
        """
        if self._end is None or self.behind or self.backlog:
            return False
        if self._end.position <= max(self.waiting.end, self.applied):
            return False
        self._delivered = self._end.position
        self.waiting = empty_chunk(self._end.position)
        return True

    @property
    def is_held_up(self) -> bool:
        """Whether all that can be read is here, and more waits behind an open transaction."""
        end = self._end
        if end is None or end.stable is None or end.end is None or self._delivered < self._fetched:
            return False
        return not self._batches and end.stable <= end.position < end.end

    @property
    def unheard(self) -> float:
        """Seconds since a fetch was last answered; 0 while enough waits here."""
        if self._end is None or self.backlog:
            return 0.0
        return max(time.monotonic() - self._end.heard, 0.0)

    @property
    def backlog(self) -> int:
        """Records delivered and not yet applied."""
        return len(self.waiting) + sum(map(len, self._batches))

    @property
    def has_news(self) -> bool:
        """Whether anything decoded, be it dead records only, is not yet applied."""
        return len(self.waiting) > 0 or self.waiting.end > self.applied

    @property
    def behind(self) -> bool:
        """Whether more of the topic exists than waits here decoded, or may exist.

        More may exist where fetches go unanswered, and behind an open transaction.
        """
        if self._end is None or self._end.end is None or self._batches or self.unheard > UNHEARD:
            return True
        return self._delivered < self._fetched or self._end.position < self._end.end

    @property
    def lag(self) -> int:
        """Offsets between the applied and the topic's end."""
        if self._end is None or self._end.end is None or not (self.backlog or self.behind):
            return 0
        return max(self._end.end - self.applied, 0)

    def lag_seconds(self, wall: float) -> float:
        """Age, at `wall`, of the oldest record that waits to be applied, 0 with nothing waiting.

        Of what waits in Kafka alone the age is not known: it counts as the record last delivered.
        Of a record without a stamp it is not known either.
        """
        if not self.lag:
            return 0.0
        waiting = self.waiting.records or (self._batches[0] if self._batches else ())
        oldest = waiting[0].timestamp if waiting else self._timestamp
        return max(wall - oldest / 1000.0, 0.0) if oldest > 0 else 0.0

    def decode(self, enough: int) -> list[Dead]:
        """Decode what was delivered unless `enough` events wait; return what is unusable."""
        if not self._batches or len(self.waiting) >= enough:
            return []
        chunks, dead = [self.waiting], []
        while self._batches and sum(map(len, chunks)) < enough:
            chunk, bad = decode_surely(self.decoder, self._next_piece())
            chunks.append(chunk)
            dead += bad
        self.waiting = join(chunks)
        return dead

    def _next_piece(self) -> Records:
        """Few enough records that what they decode to stays in the processor's cache."""
        records = self._batches.popleft()
        if len(records) > PIECE:
            self._batches.appendleft(records[PIECE:])
        return records[:PIECE]

    def leave_out_before(self, instant: float) -> Events:
        """Forget waiting events of before an instant, epoch seconds; return them."""
        early = self.waiting.events["time"] < instant
        left_out: Events = self.waiting.events[early]
        if len(left_out):
            self.waiting = self.waiting.pick(np.flatnonzero(~early))
        return left_out

    def cut(self, count: int) -> Chunk:
        """Take the first `count` waiting events, and the dead records before the next."""
        head, self.waiting = self.waiting.split(count)
        return head


def has_work(inboxes: Collection[Inbox]) -> bool:
    """Whether anything waits that a worker can work off: not what an open transaction holds up."""
    return any(each.lag for each in inboxes) and not any(each.is_held_up for each in inboxes)


class Passing:
    """Moves inboxes past what holds no event, so that whoever reads the lag finds none.

    Not at once: each time is a commit, and transactions may end many times a second.
    """

    def __init__(self) -> None:
        self._next = time.monotonic()

    def over(self, inboxes: Iterable[Inbox]) -> bool:
        """Whether any was moved."""
        now = time.monotonic()
        if now < self._next or not [inbox for inbox in inboxes if inbox.pass_over()]:
            return False
        self._next = now + PASS
        return True


def take(inboxes: Mapping[str, Inbox], limit: int) -> Stretch | None:
    """Cut off up to `limit` events that can be ordered, or None where nothing can be applied.

    At most `ROUNDS` are of one customer: a turn is short whoever it is about.
    """
    waiting = list(inboxes.values())
    if not any(inbox.has_news for inbox in waiting):
        return None
    times = [inbox.waiting.events["time"] for inbox in waiting]
    behind = [inbox.behind for inbox in waiting]
    order, taken = merge(times, behind, limit)
    pairs = zip(waiting, taken, strict=True)
    customers = list(chain(*(inbox.waiting.customers[:count] for inbox, count in pairs)))
    if (fewer := before_round(customers, order, ROUNDS)) < len(order):
        order, taken = merge(times, behind, fewer)
    heads = [inbox.cut(count) for inbox, count in zip(waiting, taken, strict=True)]
    offsets = {name: head.end for name, head in zip(inboxes, heads, strict=True)}
    if all(offsets[name] <= inbox.applied for name, inbox in inboxes.items()):
        return None
    return Stretch(join(heads).pick(order), offsets)
