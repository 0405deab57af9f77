"""Faults of the topics themselves: records gone, a topic made anew, partitions added."""

import json
import time

from kafka import TopicPartition
from traces import as_messages, ends, progress, write

from chaos.evidence import records_now
from chaos.fault import Fault
from chaos.scene import Scene, ask
from streams.broker.topics import create_topics, topic_specs

BACKLOG = 3.0  # seconds in which nobody applies what is written


def delete_unread(scene: Scene) -> None:
    """Kafka deletes records while no worker runs: half of those that wait."""
    for worker in list(scene.workers):
        scene.stop(worker)
    time.sleep(BACKLOG)
    topic, applied, upto = scene.settings.transaction_topic, progress(scene.settings), {}
    for place, end in ends(scene.settings).items():
        first = applied.applied(place.topic, place.partition)
        if place.topic == topic and end > first:
            upto[TopicPartition(*place)] = first + (end - first + 1) // 2
            gone = range(first, upto[TopicPartition(*place)])
            scene.lost += [(topic, place.partition, offset) for offset in gone]
    scene.kept = records_now(scene)
    with ask(scene) as admin:
        admin.delete_records(upto)


def begin_again(scene: Scene) -> None:
    scene.recruit()
    scene.recruit()


def was_counted(scene: Scene) -> None:
    """Every record that is gone is told of, and none besides; who claims anew may say it again."""
    told = [json.loads(line) for line in scene.logged() if '"records lost"' in line]
    gone = {(of["topic"], of["partition"], of["first"], of["next"]) for of in told}
    count = sum(after - first for *_, first, after in gone)
    assert count == len(scene.lost), f"expected {len(scene.lost)}, got {count}: {told}"


def make_anew(scene: Scene) -> None:
    """A topic is made anew while no worker runs, with more records than were applied."""
    settings, topic = scene.settings, scene.settings.transaction_topic
    come_to_rest(scene)
    with ask(scene) as admin:
        admin.delete_topics([topic])
        time.sleep(2.0)
    create_topics(settings.kafka_bootstrap, topic_specs(settings))
    write(settings, topic, as_messages(scene.feeder.take(40_000)))
    scene.await_refusal("ebbwatch topics adopt")


def add_partitions(scene: Scene) -> None:
    """Somebody gives a topic more partitions than the states have."""
    come_to_rest(scene)
    with ask(scene) as admin:
        admin.create_partitions({scene.settings.transaction_topic: 6})
    scene.await_refusal("expected 4 partitions (EBBWATCH_PARTITIONS), got 6")


def come_to_rest(scene: Scene) -> None:
    """Apply all there is, and let the workers go."""
    scene.feeder.stop()
    scene.await_published()
    scene.kept = records_now(scene)
    for worker in list(scene.workers):
        scene.stop(worker)


FAULTS = (
    Fault(
        "records deleted by Kafka before they were read",
        delete_unread,
        begin_again,
        check=was_counted,
        loses="nothing; Kafka did, and what it lost is counted and alarmed",
    ),
    Fault("a topic made anew while no worker ran", make_anew, refused=True),
    Fault("partitions added to a topic", add_partitions, refused=True),
)
