"""Taking input topics that were made anew for what they are: read from their beginning."""

from collections.abc import Mapping

from streams.broker.clients import ClientOptions
from streams.broker.topics import find_topics
from streams.config import Settings
from streams.store import Commit, Store
from streams.store.opening import opened


async def adopt(store: Store, partitions: int, ids: Mapping[str, str]) -> dict[str, int]:
    """Note topics' ids where others are noted, with their offsets at 0.

    States stay: events that the new topic repeats are known among a customer's last 40.

    Args:
        store: of the partitions; no worker may run, since each is claimed.
        partitions: how many.
        ids: of the input topics, by name.

    Returns:
        Number of partitions in which each topic was taken up; none where it is the noted one.
    """
    taken = dict.fromkeys(ids, 0)
    for number in range(partitions):
        found = await store.peek(number)
        other = {t: i for t, i in ids.items() if found.topic_ids.get(t, i) != i}
        if not other:
            continue
        claim = await store.claim(number)
        await store.commit(
            number,
            Commit(
                claim.owner,
                claim.sequence,
                claim.clock,
                offsets=dict.fromkeys(other, 0),
                topic_ids=other,
            ),
        )
        for topic in other:
            taken[topic] += 1
    return taken


async def adopt_topics(settings: Settings) -> dict[str, int]:
    """Adopt the settings' input topics; see `adopt`.

    Raises:
        kafka.errors.KafkaError: Kafka cannot be reached.
        redis.exceptions.RedisError: Redis cannot be reached.
    """
    security = ClientOptions(settings).kafka_python()
    found = find_topics(settings.kafka_bootstrap, settings.input_topics, **security)
    async with opened(settings) as store:
        ids = {topic: each.id for topic, each in found.items()}
        return await adopt(store, settings.partitions, ids)
