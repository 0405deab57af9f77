"""Faults of what comes in: storms, gaps, and other parameters in the middle of it."""

import copy
import time

import numpy as np
from hostility import hostile_records
from judge.laws import Law
from traces import progress

from chaos.fault import Fault
from chaos.feeder import producer, send
from chaos.scene import Scene
from streams.parameters.file import write_document

STORM = 20_000
SMALL = 8_000  # bytes: larger ones have a test of their own
TRANSACTIONS, EACH = 20, 25


def poison(scene: Scene) -> None:
    """Records no bank should send, as fast as they can be written, among those that are good."""
    settings, rng = scene.settings, np.random.default_rng(scene.rng.randrange(1 << 32))
    to, sent = producer(settings), []
    for record in hostile_records(STORM, rng):
        if (record.key or record.value) and len(record.value or b"") <= SMALL:
            topic = settings.input_topics[record.topic]
            sent.append(to.send(topic, key=record.key, value=record.value))
    to.flush()
    places = [each.get(timeout=60) for each in sent]
    scene.bad += [(each.topic, each.partition, each.offset) for each in places]
    to.close()


def burst(scene: Scene) -> None:
    scene.feeder.chunk *= 10


def calm_down(scene: Scene) -> None:
    scene.feeder.chunk //= 10


def abort_and_commit(scene: Scene) -> None:
    """Transactions of the sender's, of which every other one is aborted: gaps between offsets."""
    topic = scene.settings.transaction_topic
    to = producer(scene.settings, transactional_id=f"sender-{scene.rng.random()}")
    to.init_transactions()
    for number in range(TRANSACTIONS):
        to.begin_transaction()
        send(to, topic, scene.feeder.take(EACH))
        to.flush()
        (to.abort_transaction if number % 2 else to.commit_transaction)()
    to.close()


def leave_open(scene: Scene) -> None:
    """A transaction of the sender's stays open for a while, in front of all that comes after it."""
    to = producer(scene.settings, transactional_id=f"sender-{scene.rng.random()}")
    to.init_transactions()
    to.begin_transaction()
    send(to, scene.settings.transaction_topic, scene.feeder.take(EACH))
    to.flush()
    scene.notes["open"] = to


def commit_at_last(scene: Scene) -> None:
    to = scene.notes.pop("open")
    to.commit_transaction()
    to.close()


def tighten(scene: Scene) -> None:
    """Other limits for every rule, while events stream."""
    # The judge takes every partition to have begun by the first law; a slow machine's may not have.
    scene.wait_until("every partition begun", lambda: _have_begun(scene))
    document = copy.deepcopy(dict(scene.laws[0].document))
    number = len(scene.laws)
    document["name"] = f"other-{number}"
    for limits in document["rules"].values():
        limits["middle"] *= 0.9 - 0.05 * (number % 3)
        limits["high"] *= 0.92
    write_document(scene.settings.parameters_source, document)
    scene.laws.append(Law(document))
    time.sleep(1.0)


def _have_begun(scene: Scene) -> bool:
    claims = progress(scene.settings).claims
    return all(any(claim.offsets.values()) for claim in claims)


FAULTS = (
    Fault("a storm of records that cannot be used", poison, times=(5, 1)),
    Fault("ten times as many events at once", burst, calm_down, hold=5.0, times=(1, 0)),
    Fault("topics with gaps, of aborted transactions", abort_and_commit, times=(1, 1)),
    Fault(
        "a transaction of the sender's stays open",
        leave_open,
        commit_at_last,
        hold=8.0,
        times=(1, 0),
    ),
    Fault("other parameters in the middle", tighten, hold=2.0, times=(2, 1)),
)
