"""A Kafka cluster as it is found: its brokers, topics and their settings, and where each ends."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from kafka import TopicPartition
from kafka.admin import ConfigResource, KafkaAdminClient, OffsetSpec
from kafka.errors import (
    CoordinatorNotAvailableError,
    GroupAuthorizationFailedError,
    TopicAuthorizationFailedError,
    UnsupportedVersionError,
)

from streams.broker.admin import administering
from streams.broker.clients import ClientOptions

READ_COMMITTED: Final = 1


class TopicState(NamedTuple):
    """A topic.

    Attributes:
        partitions: how many.
        id: another once it was made anew.
        copies: of the partition that has the fewest.
        leaderless: numbers of partitions that nobody leads.
        behind: of those whose copies are not all in sync.
        rights: what this user may do with it, None where the brokers do not tell.
        configs: its settings by name, the brokers' own included; None where they are not told.
    """

    partitions: int
    id: str
    copies: int
    leaderless: tuple[int, ...]
    behind: tuple[int, ...]
    rights: frozenset[str] | None
    configs: Mapping[str, str] | None


class Ends(NamedTuple):
    """Where a partition's records are.

    Attributes:
        begin: first offset still there.
        end: behind the last that can be read.
        since: first offset from the instant asked about on; `end` where there is none.
        newest: the latest record's own time, epoch seconds; None where there is none, or unknown.
    """

    begin: int
    end: int
    since: int
    newest: float | None


@dataclass(frozen=True)
class Cluster:
    """What was found.

    Attributes:
        version: of the oldest broker, as far as its interface tells.
        brokers: how many answer.
        topics: by name, of those asked for that are there.
        forbidden: those that this user may not see, be they there or not.
        members: of the consumer group, None where this user may not know.
        ends: of every partition of the topics to be measured.
    """

    version: str
    brokers: int
    topics: Mapping[str, TopicState]
    forbidden: frozenset[str]
    members: int | None
    ends: Mapping[tuple[str, int], Ends]


def survey(
    options: ClientOptions,
    names: Collection[str],
    group: str,
    measured: Collection[str],
    since: float,
) -> Cluster:
    """Look at a cluster; nothing is changed.

    Args:
        options: reach it.
        names: of the topics that are of interest.
        group: of the workers.
        measured: those of the topics whose partitions' ends are asked for.
        since: epoch seconds, for `Ends.since`.

    Raises:
        kafka.errors.KafkaError: it cannot be reached, or refuses.
    """
    bootstrap = options.settings.kafka_bootstrap
    with administering(bootstrap, **options.kafka_python()) as admin:
        told = admin.describe_topics(list(names))
        forbidden = {
            topic["name"]
            for topic in told
            if topic["error_code"] == TopicAuthorizationFailedError.errno
        }
        there = {topic["name"]: topic for topic in told if not topic["error_code"]}
        configs = _configs(admin, there)
        topics = {name: _state(topic, configs) for name, topic in there.items()}
        places = [
            TopicPartition(name, number)
            for name in measured
            if name in topics
            for number in range(topics[name].partitions)
        ]
        brokers = [broker["broker_id"] for broker in admin.describe_cluster()["brokers"]]
        versions = [admin.get_broker_version_data(broker).broker_version for broker in brokers]
        return Cluster(
            ".".join(map(str, min(versions))),
            len(brokers),
            MappingProxyType(topics),
            frozenset(forbidden),
            _members(admin, group),
            MappingProxyType(dict(_ends(admin, places, since))),
        )


def _state(topic: Mapping[str, Any], configs: Mapping[str, Mapping[str, str]]) -> TopicState:
    parts = topic["partitions"]
    rights = topic.get("authorized_operations")
    return TopicState(
        len(parts),
        str(topic["topic_id"]),
        min(len(part["replica_nodes"]) for part in parts),
        _numbers(part for part in parts if part["leader_id"] < 0),
        _numbers(part for part in parts if len(part["isr_nodes"]) < len(part["replica_nodes"])),
        None if rights is None else frozenset(rights),
        configs.get(topic["name"]),
    )


def _numbers(parts: Iterator[Mapping[str, Any]]) -> tuple[int, ...]:
    return tuple(sorted(part["partition_index"] for part in parts))


def _configs(admin: KafkaAdminClient, names: Collection[str]) -> dict[str, dict[str, str]]:
    """Settings of the topics whose settings may be seen."""
    found: dict[str, dict[str, str]] = {}
    for name in names:
        try:
            told = admin.describe_configs([ConfigResource("topic", name)], config_filter="all")
        except TopicAuthorizationFailedError:
            continue
        found[name] = {key: of["value"] for key, of in told["topic"][name].items()}
    return found


def _members(admin: KafkaAdminClient, group: str) -> int | None:
    try:
        return len(admin.describe_groups([group])[group]["members"])
    except CoordinatorNotAvailableError:  # nobody ever was in any group
        return 0
    except GroupAuthorizationFailedError:
        return None


def _ends(
    admin: KafkaAdminClient, places: Collection[TopicPartition], since: float
) -> Iterator[tuple[tuple[str, int], Ends]]:
    if not places:
        return
    asked = (OffsetSpec.EARLIEST, OffsetSpec.LATEST, int(since * 1000))
    begin, end, later = (
        admin.list_partition_offsets(dict.fromkeys(places, spec), READ_COMMITTED) for spec in asked
    )
    try:
        latest = admin.list_partition_offsets(dict.fromkeys(places, OffsetSpec.MAX_TIMESTAMP))
    except UnsupportedVersionError:  # of before Kafka 3.0
        latest = {}
    for place in places:
        stamp = latest[place].timestamp if place in latest else -1
        first = later[place].offset
        yield (
            (place.topic, place.partition),
            Ends(
                begin[place].offset,
                end[place].offset,
                first if first >= 0 else end[place].offset,
                stamp / 1000.0 if stamp >= 0 else None,
            ),
        )
