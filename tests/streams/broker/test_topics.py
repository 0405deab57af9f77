import time
from dataclasses import replace
from typing import Any

import pytest
from kafka import KafkaProducer
from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient
from kafka.errors import InvalidTimestampError

from ebbwatch.stack import Stack
from streams.broker import topics
from streams.broker.partitions import PartitionCountError
from streams.broker.topics import create_topics, list_topics, topic_specs
from streams.config import Settings


@pytest.fixture
def settings(topic_prefix: str) -> Settings:
    return Settings(
        partitions=3,
        retention_days=30,
        group=f"{topic_prefix}group",
        transaction_topic=f"{topic_prefix}transaction",
        interaction_topic=f"{topic_prefix}interaction",
        risk_topic=f"{topic_prefix}risk",
        relationship_topic=f"{topic_prefix}relationship",
        outcome_topic=f"{topic_prefix}outcome",
        case_topic=f"{topic_prefix}case",
        score_topic=f"{topic_prefix}score",
        assignment_topic=f"{topic_prefix}assignment",
        progress_topic=f"{topic_prefix}progress",
    )


def changed(settings: Settings, **fields: Any) -> Settings:
    return settings.model_copy(update=fields)


def test_all_topics_are_co_partitioned_and_only_inputs_have_dead_letters(
    settings: Settings, topic_prefix: str
) -> None:
    specs = topic_specs(settings)
    assert {spec.partitions for spec in specs} == {3}
    dead = sorted(spec.name for spec in specs if spec.name.endswith(".dlq"))
    inputs = ("interaction", "outcome", "transaction")
    assert dead == [f"{topic_prefix}{name}.dlq" for name in inputs]
    assert len(specs) == 13


@pytest.mark.parametrize(
    ("days", "milliseconds"),
    [(30, "2592000000"), (0, "-1"), (-1, "-1"), (100_000, "8640000000000")],
)
def test_retention_is_in_days_and_nothing_or_less_keeps_everything(
    settings: Settings, days: int, milliseconds: str
) -> None:
    specs = topic_specs(changed(settings, retention_days=days, dead_letter_days=days))
    kept = {
        spec.configs.get("retention.ms")
        for spec in specs
        if "delete" in spec.configs["cleanup.policy"]
    }
    assert kept == {milliseconds}


def test_payloads_of_dead_letters_are_kept_for_less_time_than_events(settings: Settings) -> None:
    specs = {spec.name: spec.configs["retention.ms"] for spec in topic_specs(
        changed(settings, retention_days=365)) if "retention.ms" in spec.configs}  # fmt: skip
    dead = {ms for name, ms in specs.items() if name.endswith(".dlq")}
    assert dead == {str(30 * 86_400_000)}
    assert specs[settings.transaction_topic] == str(365 * 86_400_000)


def test_a_record_stamped_far_ahead_is_refused_by_the_topic(
    stack: Stack, settings: Settings
) -> None:
    create_topics(stack.kafka_bootstrap, topic_specs(settings))
    topic, now = settings.transaction_topic, 1_000 * time.time()
    assert _policy(stack, topic, "message.timestamp.after.max.ms") == "3600000"
    producer = KafkaProducer(bootstrap_servers=stack.kafka_bootstrap)
    try:
        producer.send(topic, b"x", timestamp_ms=int(now)).get(30)
        for hours in (2, 24 * 365 * 74):
            ahead = producer.send(topic, b"x", timestamp_ms=int(now) + hours * 3_600_000)
            with pytest.raises(InvalidTimestampError):
                ahead.get(30)
    finally:
        producer.close()


def test_a_broker_that_does_not_know_the_limit_of_stamps_goes_without(
    stack: Stack, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(topics, "_STAMPED_AHEAD", "message.timestamp.of.no.broker")
    specs = topic_specs(settings)
    assert create_topics(stack.kafka_bootstrap, specs) == [spec.name for spec in specs]
    assert _policy(stack, settings.transaction_topic, "retention.ms") == "2592000000"


@pytest.mark.parametrize(("copies", "in_sync"), [(1, "1"), (2, "1"), (3, "2")])
def test_a_write_needs_all_copies_but_one(settings: Settings, copies: int, in_sync: str) -> None:
    specs = topic_specs(changed(settings, replication=copies))
    assert {spec.configs["min.insync.replicas"] for spec in specs} == {in_sync}


def test_two_topics_of_one_name_are_refused(settings: Settings) -> None:
    with pytest.raises(ValueError, match="expected distinct names"):
        topic_specs(changed(settings, risk_topic=settings.transaction_topic))
    with pytest.raises(ValueError, match="expected distinct names"):
        topic_specs(changed(settings, score_topic=f"{settings.transaction_topic}.dlq"))


def test_creation_is_repeatable_and_kafka_holds_what_was_asked_for(
    stack: Stack, settings: Settings
) -> None:
    specs = topic_specs(settings)
    created = create_topics(stack.kafka_bootstrap, specs)
    assert created == [spec.name for spec in specs]
    assert create_topics(stack.kafka_bootstrap, specs) == []
    counts = list_topics(stack.kafka_bootstrap)
    assert {name: counts.get(name) for name in created} == dict.fromkeys(created, 3)
    assert _policy(stack, settings.score_topic, "cleanup.policy") == "compact"
    assert _policy(stack, settings.risk_topic, "retention.ms") == "2592000000"


def _policy(stack: Stack, topic: str, setting: str) -> str:
    admin = KafkaAdminClient(bootstrap_servers=stack.kafka_bootstrap)
    try:
        resource = ConfigResource(ConfigResourceType.TOPIC, topic)
        (by_topic,) = admin.describe_configs([resource], config_filter="all").values()
        return str(by_topic[topic][setting]["value"])
    finally:
        admin.close()


def test_another_partition_count_is_refused_before_anything_is_created(
    stack: Stack, settings: Settings
) -> None:
    specs = topic_specs(settings)
    last = specs[-1]
    create_topics(stack.kafka_bootstrap, [replace(last, partitions=5)])
    with pytest.raises(PartitionCountError, match="expected 3 partitions, got 5") as refused:
        create_topics(stack.kafka_bootstrap, specs)
    assert (refused.value.topic, refused.value.expected, refused.value.got) == (last.name, 3, 5)
    assert specs[0].name not in list_topics(stack.kafka_bootstrap)
