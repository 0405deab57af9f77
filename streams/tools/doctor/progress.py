"""How far workers are: what waits, what was set aside lately, and when the last event came."""

import asyncio
import time
from collections import Counter
from collections.abc import Generator, Iterator, Mapping
from datetime import UTC, datetime
from typing import Final

from aiokafka.structs import TopicPartition

from scoring.arrays import DAY
from scoring.model import ScoringModel
from streams.broker.clients import ClientOptions
from streams.broker.cluster import Cluster, Ends
from streams.broker.read import first_of, reading, tail
from streams.config import Settings, dead_letter_topic
from streams.intake.rates import read_rates
from streams.store import Claim
from streams.tools.currencies import told as told_currencies
from streams.tools.currencies import without_rate
from streams.tools.doctor.finding import Finding, Trouble, finding, some
from streams.tools.mending.dead_letters import letter_of

BEHIND: Final = 300.0  # seconds, as the alert EbbwatchBehind has it
LETTERS: Final = 1_000  # dead letters of a partition whose reasons are read
HOUR: Final = 3_600.0  # seconds
Claims = Mapping[int, Claim]


def look_at_progress(
    settings: Settings, cluster: Cluster, claims: Claims, model: ScoringModel | None
) -> Generator[Finding, None, None]:
    """Hold what was applied against what the topics have.

    Raises:
        aiokafka.errors.KafkaError: Kafka cannot be reached.
        TimeoutError: it does not answer.
    """
    yield _same_topics(settings, cluster, claims)
    yield _offsets(settings, cluster, claims)
    yield from _waiting(settings, cluster, claims)
    yield _feeds(settings, cluster)
    yield _dead_letters(settings, cluster)
    if model is not None and settings.transaction_topic in cluster.topics:
        yield _currencies(settings, model)


def _same_topics(settings: Settings, cluster: Cluster, claims: Claims) -> Finding:
    """Whether the input topics are those that the offsets in Redis count."""
    known = {
        name: cluster.topics[name].id for name in settings.input_topics if name in cluster.topics
    }
    anew = {
        name
        for claim in claims.values()
        for name, noted in claim.topic_ids.items()
        if known.get(name, noted) != noted
    }
    mend = "ebbwatch topics adopt"
    told = [Trouble("wrong", f"{name} was made anew since it was read", mend) for name in anew]
    return finding("topics' identity", told, "those that were read before")


def _offsets(settings: Settings, cluster: Cluster, claims: Claims) -> Finding:
    """Whether what is to be read next is still there."""
    troubles = []
    for topic, number, at in _applied(settings, claims):
        ends = cluster.ends.get((topic, number))
        if ends is not None and not ends.begin <= at <= ends.end:
            where = f"{topic}-{number}: expected offset {at}, which is to be read next"
            got = f"got {ends.begin} to {ends.end}"
            lost = at < ends.begin
            mend = "ebbwatch rebuild HISTORY" if lost else "ebbwatch topics adopt"
            troubles.append(Trouble("wrong", f"{where}, {got}", mend))
    return finding("offsets", troubles, "all that is to be read is there")


def _waiting(settings: Settings, cluster: Cluster, claims: Claims) -> Iterator[Finding]:
    """What no worker has applied or published yet, and whether any is there to do so."""
    lag, since = asyncio.run(_lag(settings, cluster, claims))
    outbox = sum(claim.outbox - claim.published for claim in claims.values())
    members = cluster.members
    if members == 0:
        yield Finding("workers", "warning", "none is running", ("ebbwatch worker",))
    else:
        told = "not told: the group may not be seen" if members is None else f"{members} running"
        yield Finding("workers", "ok", told)
    seconds = 0.0 if since is None else max(time.time() - since, 0.0)
    waits = f"{lag} records wait, the first for {_spoken(seconds)}" if lag else "nothing waits"
    behind = [Trouble("warning", waits, "ebbwatch worker")] if seconds > BEHIND else []
    yield finding("lag", behind, waits)
    left = f"{outbox} messages are not known to be published" if outbox else "all is published"
    stuck = [Trouble("warning", left, "ebbwatch worker")] if outbox and members == 0 else []
    yield finding("outbox", stuck, left)


async def _lag(settings: Settings, cluster: Cluster, claims: Claims) -> tuple[int, float | None]:
    """Records that wait, transactions' markers among them, and the time of the first of them."""
    applied = {(topic, number): at for topic, number, at in _applied(settings, claims)}
    ends: dict[tuple[str, int], Ends] = {
        place: each for place, each in cluster.ends.items() if place[0] in settings.input_topics
    }
    behind = {
        TopicPartition(*place): max(applied.get(place, 0), each.begin)
        for place, each in ends.items()
        if max(applied.get(place, 0), each.begin) < each.end
    }
    if not behind:
        return 0, None
    async with reading(ClientOptions(settings)) as consumer:
        first = await first_of(consumer, behind)
    lag = sum(
        ends[(place.topic, place.partition)].end - record.offset for place, record in first.items()
    )
    return lag, min((record.timestamp / 1e3 for record in first.values()), default=None)


def _applied(settings: Settings, claims: Claims) -> Iterator[tuple[str, int, int]]:
    for number, claim in claims.items():
        for topic in settings.input_topics:
            if topic in claim.offsets:
                yield topic, number, claim.offsets[topic]


def _feeds(settings: Settings, cluster: Cluster) -> Finding:
    """When the last event came: a feed that stopped is no silence of customers."""
    told, troubles, now = [], [], time.time()
    for topic in (settings.transaction_topic, settings.interaction_topic):
        times = [each.newest for place, each in cluster.ends.items() if place[0] == topic]
        newest = max((at for at in times if at is not None), default=None)
        if newest is None:
            told.append(f"{topic}: nothing came in yet")
            continue
        age = now - newest
        told.append(f"{topic}: the latest {_iso(newest)}")
        if settings.mode == "live" and age > DAY:
            troubles.append(Trouble("warning", f"{told[-1]}, {_spoken(age)} ago"))
        elif age < -BEHIND:
            troubles.append(Trouble("warning", f"{told[-1]}, {_spoken(-age)} ahead of this clock"))
    return finding("feeds", troubles, some(told))


def _dead_letters(settings: Settings, cluster: Cluster) -> Finding:
    """What was set aside in the last day, by reason."""
    counts = {
        place: each.end - each.since
        for place, each in cluster.ends.items()
        if place[0] in map(dead_letter_topic, settings.input_topics) and each.since < each.end
    }
    reasons = asyncio.run(_reasons(settings, counts))
    mend = "ebbwatch dlq list"
    troubles = [
        Trouble("warning", f"{count} set aside in the last day: {reason} in {topic}", mend)
        for (topic, reason), count in reasons.most_common()
    ]
    return finding("dead letters", troubles, "none in the last day")


async def _reasons(
    settings: Settings, counts: Mapping[tuple[str, int], int]
) -> Counter[tuple[str, str]]:
    found: Counter[tuple[str, str]] = Counter()
    if not counts:
        return found
    async with reading(ClientOptions(settings)) as consumer:
        for (topic, number), count in counts.items():
            place, window = TopicPartition(topic, number), min(count, LETTERS)
            async for record in tail(consumer, place, window):
                letter = letter_of(record, settings.input_topics)
                if letter is not None:
                    found[letter.topic, letter.reason] += 1
    return found


def _currencies(settings: Settings, model: ScoringModel) -> Finding:
    """Look for amounts that cannot be converted, at what comes in and at what was set aside."""
    book = model.parameters.book_currency
    counts = asyncio.run(without_rate(settings, read_rates(settings.rates_file, book)))
    mend = f"ebbwatch parameters new --currency {next(iter(counts), '')}"
    troubles = [Trouble("wrong", told_currencies(counts, book), mend)] if counts else []
    return finding("currencies", troubles, f"{book}, and what has a rate to it")


def _spoken(seconds: float) -> str:
    """A span as people say it.

    >>> _spoken(90.0), _spoken(7_200.0), _spoken(200_000.0)
    ('90 s', '2.0 hours', '2.3 days')
    """
    if seconds >= 2 * DAY:
        return f"{seconds / DAY:.1f} days"
    return f"{seconds / HOUR:.1f} hours" if seconds >= HOUR else f"{seconds:.0f} s"


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")
