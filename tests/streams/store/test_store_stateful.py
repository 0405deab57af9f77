"""The store's contract by whatever comes: the fake and Redis are asked the same, and answer alike.

Owners old and new, commits made again, out of turn or of another's id, and stores that go back to
what they were: 15 lives by default, more by `make fuzz`.
"""

import asyncio
import copy
import os
import uuid
from collections.abc import Callable, Coroutine
from typing import Any, Final

import pytest
from fakes import NAMED, FakeStore
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from redis.asyncio import Redis

from ebbwatch.stack import Stack
from streams.store import (
    Activated,
    Activation,
    Backfill,
    Budget,
    Commit,
    Entry,
    Fenced,
    Lost,
    RedisStore,
    SetAside,
    Store,
    owner_of,
)
from streams.store.clients import connect
from streams.store.meta import PARTS

LIVES: Final = int(os.environ.get("EBBWATCH_FUZZ", "20000")) // 1333
PARTITIONS: Final = 2
EVER: Final = float("inf")

numbers = st.integers(0, PARTITIONS - 1)
customers = st.sampled_from([b"a", b"b", b"\x00", "ä".encode(), b"c" * 64])
instants = st.sampled_from([0.0, 1.5, 0.1 + 0.2, 1e9, 4e9])
parts = st.fixed_dictionaries(
    {},
    optional={
        "states": st.dictionaries(customers, st.binary(max_size=9), max_size=4),
        "armed": st.dictionaries(customers, st.none() | instants, max_size=4),
        "outbox": st.lists(st.builds(Entry, st.just("t"), customers, st.binary(max_size=5),
                                     st.just(b"[]")), max_size=70),
        "histograms": st.dictionaries(st.sampled_from(["x:1", "x:2"]),
                                      st.sampled_from([-1, 1, 2]), max_size=2),
        "backfill": st.builds(Backfill, instants, st.just("plan"), st.integers(0, 2)),
        "activated": st.builds(Activated, st.just("v1"), st.just("b"), instants),
        "set_aside": st.dictionaries(st.sampled_from(["no_rate"]),
                                     st.builds(SetAside, st.integers(0, 9), instants, st.text(
                                         max_size=3), st.just("e"), st.just("g"))),
        "topic_ids": st.dictionaries(st.sampled_from(["t", "i"]), st.just("id"), max_size=2),
        "rises": st.dictionaries(st.sampled_from([0, 1, 2, 25, 26, 500_000]), st.integers(1, 4)),
        "budget": st.builds(Budget, st.sampled_from([0.0, 0.5, 1.0]), st.integers(0, 6)),
    },
)  # fmt: skip


class Contract(RuleBasedStateMachine):
    """Both stores, asked the same."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.loop = asyncio.Runner()
        self.redis: Redis = self.loop.run(self._connected(url))
        self.real = RedisStore(self.redis, f"t{uuid.uuid4().hex[:12]}", PARTITIONS, lambda: NAMED)
        self.fake = FakeStore()
        self.done: list[Callable[[Store], Coroutine[Any, Any, Any]]] = []
        self.kept: tuple[Any, dict[str, bytes | None]] | None = None

    @staticmethod
    async def _connected(url: str) -> Redis:
        return connect(url, 10.0)

    def teardown(self) -> None:
        self.loop.run(self.redis.delete(*self._keys()))
        self.loop.run(self.redis.aclose())
        self.loop.close()

    def _keys(self) -> list[str]:
        return [self.real.key(number, part) for number in range(PARTITIONS) for part in PARTS]

    def both(self, ask: Callable[[Store], Coroutine[Any, Any, Any]]) -> Any:
        """Ask both stores; whatever they answer or raise is the same."""
        answers = [self.loop.run(self._answered(ask(store))) for store in (self.fake, self.real)]
        assert answers[0] == answers[1]
        return answers[0]

    @staticmethod
    async def _answered(asked: Coroutine[Any, Any, Any]) -> Any:
        try:
            return await asked
        except (Fenced, Lost) as refused:
            return type(refused), str(refused)

    def place(self, number: int, age: int, skew: int) -> tuple[str, int]:
        """An owner's name so many claims old, and the sequence, or one beside it."""
        part = self.fake.parts[number]
        return owner_of(max(part.epoch - age, 0), NAMED), part.sequence + skew

    @rule(number=numbers)
    def claim(self, number: int) -> None:
        found = self.both(lambda store: store.claim(number))
        assert found.sequence == self.fake.parts[number].sequence

    @rule(number=numbers, age=st.sampled_from([0, 0, 0, 1, -1]),
          skew=st.sampled_from([0, 0, 0, 0, 1, -1]), given=parts, clock=instants,
          offset=st.integers(0, 2**53))  # fmt: skip
    def commit(
        self, number: int, age: int, skew: int, given: dict[str, Any], clock: float, offset: int
    ) -> None:
        owner, sequence = self.place(number, age, skew)
        one = Commit(owner, sequence, clock, {"t": offset}, **given)
        self.done.append(lambda store: store.commit(number, one))
        before = self.fake.parts[number].sequence
        refused = self.both(self.done[-1])
        assert self.fake.parts[number].sequence == before + (refused is None)

    @rule(number=numbers, age=st.sampled_from([0, 0, 1]), skew=st.sampled_from([0, 0, 1]),
          clock=instants)  # fmt: skip
    def activate(self, number: int, age: int, skew: int, clock: float) -> None:
        owner, sequence = self.place(number, age, skew)
        one = Activation(owner, sequence, clock, {"t": 1}, "v2", "b", "v1")
        self.done.append(lambda store: store.activate(number, one))
        self.both(self.done[-1])

    @precondition(lambda self: self.done)
    @rule(which=st.integers(0, 3))
    def again(self, which: int) -> None:
        """What was asked is asked again: harmless right after it, refused later."""
        self.both(self.done[-1 - which % len(self.done)])

    @rule(number=numbers, age=st.sampled_from([0, 0, 1]), share=st.floats(0, 1.1))
    def forget(self, number: int, age: int, share: float) -> None:
        owner, _ = self.place(number, age, 0)
        upto = round(self.fake.parts[number].number * share)
        self.both(lambda store: store.forget_published(number, owner, upto))

    @rule(number=numbers, ahead=st.integers(-3, 9), after=st.none() | st.integers(0, 5))
    def resume(self, number: int, ahead: int, after: int | None) -> None:
        owner, _ = self.place(number, 0, 0)
        upto = max(self.fake.parts[number].number + ahead, self.fake.parts[number].published)
        self.both(lambda store: store.resume(number, owner, upto, after))

    @rule(number=numbers)
    def release(self, number: int) -> None:
        self.both(lambda store: store.release(number))

    @rule()
    def keep(self) -> None:
        """Keep what both hold, to go back to."""
        dumped = {key: self.loop.run(self.redis.dump(key)) for key in self._keys()}
        self.kept = copy.deepcopy(dict(self.fake.parts)), dumped

    @precondition(lambda self: self.kept is not None)
    @rule()
    def go_back(self) -> None:
        """Redis comes back as it was."""
        assert self.kept is not None
        held, dumped = self.kept
        self.fake.parts.clear()
        self.fake.parts.update(copy.deepcopy(held))
        for key, value in dumped.items():
            self.loop.run(self.redis.delete(key))
            if value is not None:
                self.loop.run(self.redis.restore(key, 0, value))

    @rule(number=numbers, age=st.sampled_from([0, 1, -1]), skew=st.sampled_from([0, 1, -1]))
    def check(self, number: int, age: int, skew: int) -> None:
        owner, sequence = self.place(number, age, skew)
        self.both(lambda store: store.check(number, owner, sequence))

    @rule(number=numbers, until=instants, limit=st.integers(1, 9),
          ids=st.lists(customers, max_size=3))  # fmt: skip
    def load(self, number: int, until: float, limit: int, ids: list[bytes]) -> None:
        self.both(lambda store: store.load(number, ids, until, limit))

    @rule(number=numbers, ahead=st.integers(0, 80), limit=st.integers(1, 99))
    def outbox(self, number: int, ahead: int, limit: int) -> None:
        after = self.fake.parts[number].published + ahead
        self.both(lambda store: store.outbox(number, after, limit))

    @invariant()
    def all_that_is_held_is_the_same(self) -> None:
        for number in range(PARTITIONS):
            self.both(lambda store, at=number: store.peek(at))
            self.both(lambda store, at=number: store.counts(at, EVER))
            self.both(lambda store, at=number: store.brake(at))
            self.both(lambda store, at=number: store.histograms(at))
            self.both(lambda store, at=number: store.activations(at))


@pytest.mark.slow
@pytest.mark.integration
def test_whatever_comes_the_fake_and_redis_answer_alike(stack: Stack) -> None:
    run_state_machine_as_test(
        lambda: Contract(stack.redis_url),
        settings=settings(
            max_examples=LIVES,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
