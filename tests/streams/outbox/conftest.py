from collections.abc import AsyncIterator

import pytest
from redis_servers import redis_servers as redis_servers  # noqa: PLC0414 - a fixture of this folder
from relay_bench import PARTITIONS, Bench, Untrimming

from ebbwatch.stack import Stack
from streams.broker.topics import create_topics, topic_specs
from streams.config import Settings
from streams.store import RedisStore
from streams.store.clients import connect


@pytest.fixture
async def bench(stack: Stack, topic_prefix: str) -> AsyncIterator[Bench]:
    settings = Settings.model_validate(
        {
            "kafka_bootstrap": stack.kafka_bootstrap,
            "redis_url": stack.redis_url,
            "redis_prefix": topic_prefix.rstrip("."),
            "partitions": PARTITIONS,
            "group": f"{topic_prefix}group",
            "transaction_topic": f"{topic_prefix}transactions",
            "interaction_topic": f"{topic_prefix}interactions",
            "risk_topic": f"{topic_prefix}risk",
            "relationship_topic": f"{topic_prefix}relationship",
            "outcome_topic": f"{topic_prefix}outcomes",
            "case_topic": f"{topic_prefix}case",
            "score_topic": f"{topic_prefix}score",
            "assignment_topic": f"{topic_prefix}assignment",
            "progress_topic": f"{topic_prefix}progress",
        }
    )
    create_topics(stack.kafka_bootstrap, topic_specs(settings))
    redis = connect(stack.redis_url, 10.0)
    where = redis, settings.redis_prefix, PARTITIONS
    yield Bench(settings, redis, RedisStore(*where), Untrimming(*where))
    await redis.aclose()
