"""The topics Ebbwatch reads and writes, and their creation by an explicit command."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kafka.admin import KafkaAdminClient
from kafka.errors import InvalidConfigurationError, TopicAuthorizationFailedError

from streams.broker.admin import administering
from streams.broker.partitions import PartitionCountError, TopicFound
from streams.config import Settings
from streams.config import dead_letter_topic as _dlq

_DAY_MS = 86_400_000
_POSITION_BYTES = 16 << 20  # a segment is compacted once it is full: one record a partition counts

# A producer whose clock is ahead is told so by the broker. Kafka 3.6 (KIP-937) first knew this
# setting, which since 4.0 is an hour unless told otherwise; older brokers go without.
_STAMPED_AHEAD = "message.timestamp.after.max.ms"
_HOUR_MS = 3_600_000


@dataclass(frozen=True)
class TopicSpec:
    """A topic as it should be.

    Attributes:
        name: Its name.
        partitions: Number of partitions.
        replication: Copies of every partition.
        configs: Kafka's topic settings by name.
    """

    name: str
    partitions: int
    replication: int
    configs: Mapping[str, str] = field(default_factory=dict)


def topic_specs(settings: Settings) -> tuple[TopicSpec, ...]:
    """Describe all topics: inputs, dead letters, outputs, and how far files and outboxes are.

    All have the same number of partitions, since one partition number is one writer's share of the
    customers on every topic.

    Args:
        settings: Names, counts and retention.

    Raises:
        ValueError: Two topics have the same name.
    """
    inputs = settings.input_topics
    warnings, dead = (settings.risk_topic, settings.relationship_topic), [*map(_dlq, inputs)]
    kept = (*inputs, *warnings, *dead)
    policies = {name: retention(settings.retention_days) for name in kept}
    for name in inputs:
        policies[name][_STAMPED_AHEAD] = str(_HOUR_MS)
    policies |= {name: retention(settings.dead_letter_days) for name in dead}
    compacted = (*settings.compacted_topics, settings.progress_topic, settings.position_topic)
    policies |= {name: {"cleanup.policy": "compact"} for name in compacted}
    policies[settings.position_topic]["segment.bytes"] = str(_POSITION_BYTES)
    if len(policies) < len(kept) + len(compacted):
        raise ValueError(f"topics: expected distinct names, got {[*kept, *compacted]}")
    return tuple(_spec(settings, name, policy) for name, policy in policies.items())


def create_topics(bootstrap: str, specs: Sequence[TopicSpec], **security: Any) -> list[str]:  # noqa: ANN401 the client's own options
    """Create the topics that are missing, all of them or none.

    Args:
        bootstrap: `host:port[,host:port...]` of the brokers.
        specs: The topics as they should be.
        **security: Options of kafka-python's client such as `security_protocol`.

    Returns:
        The names created, ready for use; empty when all existed.

    Raises:
        PartitionCountError: An existing topic has another partition count; nothing was created.
        kafka.errors.KafkaError: The brokers cannot be reached, or refuse.
    """
    with administering(bootstrap, **security) as admin:
        existing = _partition_counts(admin)
        _check(specs, existing)
        missing = {spec.name: _request(spec) for spec in specs if spec.name not in existing}
        if missing:
            try:
                admin.create_topics(_known(admin, missing), wait_for_metadata=True)
            except TopicAuthorizationFailedError as error:
                told = f"{', '.join(missing)}: expected the right to Create"
                raise TopicAuthorizationFailedError(told) from error
        return list(missing)


def find_topics(
    bootstrap: str,
    names: Sequence[str] | None = None,
    **security: Any,  # noqa: ANN401 the client's own options
) -> dict[str, TopicFound]:
    """Find the topics of these names that exist, or every one but Kafka's internal ones.

    Raises:
        kafka.errors.KafkaError: The brokers cannot be reached, or refuse.
    """
    with administering(bootstrap, **security) as admin:
        return _topics(admin, names)


def list_topics(bootstrap: str, **security: Any) -> dict[str, int]:  # noqa: ANN401 the client's own options
    """Count the partitions of every topic but Kafka's internal ones.

    Args:
        bootstrap: `host:port[,host:port...]` of the brokers.
        **security: Options of kafka-python's client such as `security_protocol`.

    Returns:
        Number of partitions by topic name, sorted by name.

    Raises:
        kafka.errors.KafkaError: The brokers cannot be reached, or refuse.
    """
    with administering(bootstrap, **security) as admin:
        return _partition_counts(admin)


def _spec(settings: Settings, name: str, policy: Mapping[str, str]) -> TopicSpec:
    in_sync = {"min.insync.replicas": str(max(1, settings.replication - 1))}
    return TopicSpec(name, settings.partitions, settings.replication, {**policy, **in_sync})


def retention(days: int) -> dict[str, str]:
    """Settings of a topic that keeps its records for so many days, 0 and below for ever."""
    return {"cleanup.policy": "delete", "retention.ms": str(days * _DAY_MS if days > 0 else -1)}


def _request(spec: TopicSpec) -> dict[str, Any]:
    return {
        "num_partitions": spec.partitions,
        "replication_factor": spec.replication,
        "configs": dict(spec.configs),
    }


def _known(admin: KafkaAdminClient, requests: dict[str, Any]) -> dict[str, Any]:
    """The requests, without the setting that older brokers do not know."""
    try:
        admin.create_topics(requests, validate_only=True)
    except InvalidConfigurationError:
        for request in requests.values():
            request["configs"].pop(_STAMPED_AHEAD, None)
    return requests


def _check(specs: Sequence[TopicSpec], existing: Mapping[str, int]) -> None:
    for spec in specs:
        got = existing.get(spec.name, spec.partitions)
        if got != spec.partitions:
            raise PartitionCountError(spec.name, spec.partitions, got)


def _partition_counts(admin: KafkaAdminClient) -> dict[str, int]:
    return {name: found.partitions for name, found in _topics(admin).items()}


def _topics(admin: KafkaAdminClient, names: Sequence[str] | None = None) -> dict[str, TopicFound]:
    told = admin.describe_topics(None if names is None else [*names])
    own = [topic for topic in told if not (topic["is_internal"] or topic["error_code"])]
    found = {t["name"]: TopicFound(len(t["partitions"]), str(t["topic_id"])) for t in own}
    return dict(sorted(found.items()))
