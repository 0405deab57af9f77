"""Kafka and its topics, as they are and as they should be."""

from collections.abc import Iterator, Mapping
from typing import Final

from streams.broker.cluster import Cluster, TopicState
from streams.broker.partitioner import PartitionerError, partitioner
from streams.broker.topics import TopicSpec, topic_specs
from streams.config import Settings
from streams.tools.contracts.rights import rights_of
from streams.tools.doctor.finding import Finding, State, Trouble, finding

ENDLESS: Final = -1  # of a retention
CLEANUP, IN_SYNC, KEPT = "cleanup.policy", "min.insync.replicas", "retention.ms"
AHEAD: Final = "message.timestamp.after.max.ms"
BEHIND: Final = "message.timestamp.before.max.ms"


def look_at_topics(settings: Settings, cluster: Cluster) -> Iterator[Finding]:
    """Hold the cluster against what the settings ask for."""
    specs = {spec.name: spec for spec in topic_specs(settings)}
    there = {name: (specs[name], state) for name, state in cluster.topics.items() if name in specs}
    brokers = f"Kafka {cluster.version}, {cluster.brokers} brokers at {settings.kafka_bootstrap}"
    yield Finding("kafka", "ok", brokers)
    yield _missing(specs, cluster)
    yield finding("partitions", list(_partitions(settings, there)), f"{settings.partitions} each")
    yield finding("copies", list(_copies(settings, there)), f"{settings.replication} each, in sync")
    yield finding("topic settings", list(_configs(settings, there)), "as they were created")
    yield finding("kafka rights", list(_rights(settings, cluster, there)), "all that workers need")
    yield _partitioner(settings)


Topics = Mapping[str, tuple[TopicSpec, TopicState]]


def _missing(specs: Mapping[str, TopicSpec], cluster: Cluster) -> Finding:
    missing = specs.keys() - cluster.topics.keys() - cluster.forbidden
    troubles = [
        Trouble("wrong", f"{name} is missing", "ebbwatch topics create") for name in sorted(missing)
    ]
    return finding("topics", troubles, f"{len(specs) - len(cluster.forbidden)} are there")


def _partitions(settings: Settings, there: Topics) -> Iterator[Trouble]:
    """All have one number of partitions: a number is one writer's share of the customers."""
    counts = {state.partitions for _, state in there.values()}
    agreed = f"export EBBWATCH_PARTITIONS={min(counts)}" if len(counts) == 1 else ""
    for name, (spec, state) in there.items():
        if state.partitions != spec.partitions:
            told = f"{name}: expected {spec.partitions} partitions, got {state.partitions}"
            more = _alter(settings, "topics", f"--topic {name} --partitions {spec.partitions}")
            can_grow = state.partitions < spec.partitions and name not in settings.input_topics
            new = "ebbwatch topics create"  # under new names: a key's partition would be another
            yield Trouble("wrong", told, agreed or (more if can_grow else new))


def _copies(settings: Settings, there: Topics) -> Iterator[Trouble]:
    for name, (spec, state) in there.items():
        if state.leaderless:
            told = f"{name}: nobody leads partitions {', '.join(map(str, state.leaderless))}"
            yield Trouble("wrong", told, "start the brokers that have them")
        elif state.behind:
            told = f"{name}: copies of partitions {', '.join(map(str, state.behind))} are behind"
            yield Trouble("warning", told)
        if state.copies < spec.replication:
            told = f"{name}: expected {spec.replication} copies, got {state.copies}"
            yield Trouble("warning", told, _alter(settings, "reassign-partitions", "…"))
        least = int((state.configs or {}).get(IN_SYNC) or 1)
        if least > state.copies:
            told = f"{name}: expected {IN_SYNC} of at most its {state.copies} copies, got {least}"
            yield Trouble("wrong", told, _alter_config(settings, name, IN_SYNC, str(state.copies)))


def _configs(settings: Settings, there: Topics) -> Iterator[Trouble]:
    for name, (spec, state) in there.items():
        for key, wanted in spec.configs.items():
            got = (state.configs or {}).get(key)
            if got is not None and (bad := _severity(settings, name, key, wanted, got)):
                told = f"{name}: expected {key} {wanted}, got {got}"
                yield Trouble(bad, told, _alter_config(settings, name, key, wanted))
        yield from _too_old(settings, name, state)


def _severity(settings: Settings, name: str, key: str, wanted: str, got: str) -> State | None:
    """How bad it is that a setting is another; None where it does no harm."""
    if got == wanted:
        return None
    if key == CLEANUP:  # a topic of events that is compacted forgets events
        return "wrong" if "compact" in got and name in settings.input_topics else "warning"
    if key in {KEPT, IN_SYNC}:  # to keep more is no harm
        least, most = _number(wanted), _number(got)
        return "warning" if most < least else None
    return "warning" if key == AHEAD and _number(got) > _number(wanted) else None


def _too_old(settings: Settings, name: str, state: TopicState) -> Iterator[Trouble]:
    """Whether the broker refuses records that the topic is to keep."""
    configs = state.configs or {}
    if name in settings.input_topics and {BEHIND, KEPT} <= configs.keys():
        limit, kept = configs[BEHIND], configs[KEPT]
        if _number(limit) < _number(kept):
            told = f"{name}: expected {BEHIND} of {KEPT} at least, {kept}, got {limit}"
            yield Trouble("warning", told, _alter_config(settings, name, BEHIND, kept))


def _number(text: str) -> float:
    return float("inf") if int(text) == ENDLESS else int(text)


def _rights(settings: Settings, cluster: Cluster, there: Topics) -> Iterator[Trouble]:
    user = settings.kafka_username or "ANONYMOUS"
    for name, needed in rights_of(settings)["worker"].topics.items():
        lacks = set(needed)
        if name not in cluster.forbidden:
            rights = there[name][1].rights if name in there else None
            lacks -= needed if rights is None else rights
        if lacks:
            named = sorted(each.title() for each in lacks)
            told = f"{name}: expected {user} may {', '.join(named)}, got refused"
            allow = " ".join(f"--operation {each}" for each in named)
            args = f"--add --allow-principal User:{user} {allow} --topic {name}"
            yield Trouble("wrong", told, _alter(settings, "acls", args, alter=""))


def _partitioner(settings: Settings) -> Finding:
    try:
        partitioner(settings.partitioner)
    except PartitionerError as error:
        return Finding("partitioner", "wrong", str(error), ("export EBBWATCH_PARTITIONER=murmur2",))
    return Finding("partitioner", "ok", settings.partitioner)


def _alter(settings: Settings, tool: str, args: str, alter: str = "--alter ") -> str:
    return f"kafka-{tool}.sh --bootstrap-server {settings.kafka_bootstrap} {alter}{args}"


def _alter_config(settings: Settings, name: str, key: str, value: str) -> str:
    args = f"--entity-type topics --entity-name {name} --add-config {key}={value}"
    return _alter(settings, "configs", args)
