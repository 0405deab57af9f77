"""What the durability benchmark rests on: a power cut that takes what no disk held, and a count."""

import argparse
import asyncio
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from redis_servers import RedisServer

import benchmarks.durability  # noqa: F401 - puts the fault suite on the path
from benchmarks.durability.commits import Loss, commits, lost, sequences
from benchmarks.durability.page import page
from benchmarks.durability.power import Growth, append_only_file, cut, noting
from benchmarks.durability.servers import CHOICES
from benchmarks.durability.trial import Outcome
from ebbwatch.stack.failure import StackError
from ebbwatch.stack.ports import free_ports
from streams.store import Commit, Entry, RedisStore
from streams.store.clients import connect

MESSAGE = Entry("risk", b"anna", b"warned", b"")


@pytest.fixture
def power(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[RedisServer]:
    """A server whose power may be cut, with an `appendfsync` of the test's."""
    options = ("appendonly yes", "save ''", f"appendfsync {request.param}")
    (port,) = free_ports(1)
    server = RedisServer(tmp_path / "redis", port, options, variables=noting(tmp_path))
    yield server.start()
    server.kill()


async def commit_thrice(server: RedisServer) -> None:
    """To partition 0 of two: with a message, without one, with two."""
    redis = connect(server.url, 10.0)
    store = RedisStore(redis, "p", 2)
    owner = (await store.claim(0)).owner
    for number, said in enumerate((1, 0, 2)):
        offsets, own = {"in": 10 * (number + 1)}, [MESSAGE] * said
        await store.commit(0, Commit(owner, number, 0.0, offsets, outbox=own))
    await redis.aclose()


@pytest.mark.integration
@pytest.mark.parametrize(("power", "kept"), [("always", [b"3"]), ("no", [])], indirect=["power"])
def test_a_power_cut_takes_what_was_never_synced_and_only_that(
    power: RedisServer, kept: list[bytes]
) -> None:
    asyncio.run(commit_thrice(power))
    cut(power, Growth(append_only_file(power)))
    keys = power.start().ask("KEYS", "*:meta")
    assert [power.ask("HGET", key, "sequence") for key in keys] == kept


@pytest.mark.integration
@pytest.mark.parametrize("power", ["no"], indirect=True)
def test_commits_are_read_from_what_redis_itself_wrote_down(power: RedisServer) -> None:
    asyncio.run(commit_thrice(power))
    log = append_only_file(power).read_bytes()
    found = list(commits(log))
    assert [each[:5] for each in found] == [
        (0, 1, 1, True, 10),
        (0, 2, 1, False, 20),
        (0, 3, 3, True, 30),
    ]
    assert sequences(commits(log[: found[1].end])) == {0: 2}
    assert sequences(commits(log[: found[1].end - 1])) == {0: 1}
    assert lost(found, {0: 1}, {0: 1}) == Loss(commits=2, published=0, events=20)
    assert lost(found, {}, {0: 3}) == Loss(commits=3, published=2, events=30)
    assert lost(found, {0: 3}, {0: 3}) == Loss(0, 0, 0)


def test_what_the_kernel_wrote_back_by_itself_is_known_by_its_age(tmp_path: Path) -> None:
    growth = Growth(tmp_path / "log")
    growth._seen += [(1.0, 10), (2.0, 30), (3.0, 60)]
    assert [growth.before(at) for at in (0.5, 1.0, 2.9, 9.0)] == [0, 10, 30, 60]


def test_without_a_compiler_one_line_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(
        StackError, match="gcc: not found on PATH; install it: apt-get install build-essential"
    ):
        noting(tmp_path)


def outcome(rate: float, wait: float, lost: int) -> Outcome:
    verdict = argparse.Namespace(events=9, applied=9, missing=0, twice=0, warnings=4)
    return Outcome(rate, np.array([wait]), 3.0, Loss(lost, 0, lost), 2.5, verdict)


def test_the_page_has_medians_worst_and_times_as_much_as_the_first_choice_had() -> None:
    told = {"rounds": 3, "seconds": 5, "rate": 60, "warnings": 5, "delay": 50}
    found = {
        CHOICES[0]: [outcome(100.0, 0.2, 7), outcome(50.0, 0.4, 0), outcome(100.0, 0.1, 1)],
        CHOICES[1]: [outcome(50.0, 0.4, 0), outcome(50.0, 0.4, 0), outcome(25.0, 0.4, 0)],
    }
    text = page(argparse.Namespace(**told), found)
    first, other = (f"| {each.fault} | {each.name} |" for each in found)
    assert f"{first} 1, 7 | 0, 0 | 1, 7 | 2.5, 2.5 | 3, 3 | 0, 0 | 0, 0 | 0, 0 |" in text
    assert f"{other} 50 (0.50) | 400 (2.00) | 400 (2.00) |" in text
    assert "54 events and 24 warnings were held" in text
