"""Redis, and what it holds."""

import asyncio
import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from statistics import median
from typing import Final, NamedTuple

from scoring.model import ScoringModel
from streams.config import Settings
from streams.parameters.in_use import BasisError, check_basis, version_of
from streams.partition.present import LEAP
from streams.store import Brake, Claim, DamagedError, RedisStore, redis_url
from streams.store.clients import connect
from streams.store.health import Health, Trait, judge
from streams.store.opening import store_of
from streams.store.redis_url import RedisUrl
from streams.tools.doctor.finding import Finding, State, Trouble, finding
from streams.tools.mending.clocks import TOLERATED

TRAITS: Final = ("version", "role", "eviction", "persistence", "memory", "rights")
ROUND_TRIPS: Final = 20  # by which latency is judged
SLOW: Final = 0.005  # seconds: each batch waits for several round trips
APART: Final = 5.0  # seconds between two clocks that are set by NTP
_STATES: Final[Mapping[str, State]] = {"sound": "ok", "risky": "warning", "refused": "wrong"}


class StoreFound(NamedTuple):
    """What Redis told.

    Attributes:
        health: what it is like.
        trips: seconds that each of some round trips took.
        ahead: seconds by which its clock is ahead of this machine's.
        claims: of the partitions that can be claimed, by number.
        damaged: why others cannot.
        customers: in all that can.
        brakes: of them, by number.
    """

    health: Health
    trips: Sequence[float]
    ahead: float
    claims: Mapping[int, Claim]
    damaged: Sequence[DamagedError]
    customers: int
    brakes: Mapping[int, Brake]


def look_at_redis(
    settings: Settings, model: ScoringModel | None
) -> Generator[Finding, None, Mapping[int, Claim]]:
    """Judge Redis and the partitions in it; return the claims by partition.

    Raises:
        redis.exceptions.RedisError: it is away, or takes no writes.
        ValueError: its URL has another form than it may have.
    """
    url = redis_url.parse(settings.redis_url.get_secret_value())
    found = asyncio.run(_asked(settings))
    yield from _traits(found.health, url)
    yield _latency(found.trips)
    yield _states(settings, found)
    if model is not None:
        yield _scored_with(found.claims, model)
    yield _brake(found.brakes)
    yield _clock(settings, found)
    return found.claims


async def _asked(settings: Settings) -> StoreFound:
    redis = connect(settings.redis_url.get_secret_value(), settings.redis_timeout)
    try:
        store = store_of(redis, settings)
        health = await judge(redis, store, settings.partitions, settings.redis_replicas)
        trips, ahead = [], 0.0
        for _ in range(ROUND_TRIPS):
            began, wall = time.monotonic(), time.time()
            told = await store.now()
            trips.append(time.monotonic() - began)
            ahead = told - wall - trips[-1] / 2.0
        claims, damaged = await _claims(store, settings.partitions)
        counts = [await store.counts(number, 0.0) for number in claims]
        brakes = {number: await store.brake(number) for number in claims}
    finally:
        await redis.aclose()
    customers = sum(each[0] for each in counts)
    return StoreFound(health, trips, ahead, claims, damaged, customers, brakes)


async def _claims(
    store: RedisStore, partitions: int
) -> tuple[dict[int, Claim], list[DamagedError]]:
    claims, damaged = {}, []
    for number in range(partitions):
        try:
            claims[number] = await store.examine(number)
        except DamagedError as error:
            damaged.append(error)
    return claims, damaged


def _traits(health: Health, url: RedisUrl) -> Iterator[Finding]:
    own = [Trait("version", "sound", f"{health.version} at {url.shown}"), *health.traits]
    for name in TRAITS:
        traits = [trait for trait in own if trait.name == name]
        amiss = [
            Trouble(
                _STATES[trait.state],
                trait.told,
                f"{_cli(url)} {trait.helps}" if trait.helps else "",
            )
            for trait in traits
            if trait.state != "sound"
        ]
        well = "; ".join(trait.told for trait in traits) or "all that workers call"
        yield finding("redis" if name == "version" else f"redis {name}", amiss, well)


def _cli(url: RedisUrl) -> str:
    """How a person reaches the server; of several, and with a password, they know better."""
    if url.kind != "server":
        return "redis-cli"
    if not url.hosts:
        return f"redis-cli -s {url.shown}"
    ((host, port),) = url.hosts
    return f"redis-cli -h {host} -p {port}"


def _latency(trips: Sequence[float]) -> Finding:
    usual, told = median(trips), [f"{each * 1e3:.1f} ms" for each in (median(trips), max(trips))]
    took = f"{told[0]} a round trip, {told[1]} at most of {len(trips)}"
    slow = f"expected at most {SLOW * 1e3:g} ms, got {took}: put workers near Redis"
    troubles = [Trouble("warning", slow, "redis-cli --latency")] if usual > SLOW else []
    return finding("redis latency", troubles, took)


def _brake(brakes: Mapping[int, Brake]) -> Finding:
    """Whether warnings are held that someone is to look at."""
    troubles = [
        Trouble("wrong", f"partition {number}: {brake.rises} are held", "ebbwatch brake show")
        for number, brake in brakes.items()
        if brake.after is not None
    ]
    return finding("brake", troubles, "no warning is held")


def _states(settings: Settings, found: StoreFound) -> Finding:
    """Layout, partitioner, missing keys, and whether a history is half loaded."""
    troubles = [Trouble("wrong", str(error), error.mend) for error in found.damaged]
    for number, claim in found.claims.items():
        if claim.backfill is not None and claim.backfill.left:
            left = f"{claim.backfill.left} commits of a history are still to be made"
            again = "ebbwatch backfill … as it was begun"
            troubles.append(Trouble("wrong", f"partition {number}: {left}", again))
        if claim.compared_after is not None:
            back = "Redis went back, what was published since is being compared"
            troubles.append(Trouble("warning", f"partition {number}: {back}"))
    held = sum(claim.sequence > 0 for claim in found.claims.values())
    told = f"{found.customers} customers in {held} of {settings.partitions} partitions"
    return finding("states", troubles, f"{told}, dealt by {settings.partitioner}")


def _scored_with(claims: Mapping[int, Claim], model: ScoringModel) -> Finding:
    """Hold the parameters against those that the partitions were last scored with."""
    scored = {n: claim.activated for n, claim in claims.items() if claim.activated is not None}
    troubles = []
    for number, activated in scored.items():
        try:
            check_basis(f"partition {number}", activated.basis, model)
        except BasisError as error:
            troubles.append(Trouble("wrong", str(error), "export EBBWATCH_REDIS_PREFIX=another"))
    others = sorted({each.version for each in scored.values()} - {version_of(model)})
    well = f"by {version_of(model)}" if scored else "nobody yet"
    if others:
        well = f"last by {', '.join(others)}: to be timed by {version_of(model)}"
    return finding("scored", troubles, well)


def _clock(settings: Settings, found: StoreFound) -> Finding:
    """Redis's clock, and the partitions', beside this machine's."""
    now, apart = time.time(), abs(found.ahead)
    told = f"Redis is {apart:.1f} s {'ahead of' if found.ahead > 0 else 'behind'} this machine"
    troubles = []
    if apart > APART:
        state: State = "wrong" if apart > LEAP else "warning"
        troubles.append(
            Trouble(state, f"expected one time, got {told}", "timedatectl set-ntp true")
        )
    for number, claim in found.claims.items():
        if claim.clock - now > TOLERATED:
            hours = f"{(claim.clock - now) / 3_600.0:.1f} hours ahead"
            mend = "ebbwatch clock reset"
            troubles.append(Trouble("wrong", f"partition {number}: its clock is {hours}", mend))
    latest = max((claim.clock for claim in found.claims.values()), default=0.0)
    behind = f", the partitions' at most {(now - latest) / 3_600.0:.1f} hours behind"
    return finding("clock", troubles, f"{told}{behind * bool(latest and settings.mode == 'live')}")
