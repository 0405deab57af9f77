"""Faults of Kafka."""

import os
import signal

from chaos.brokers import COUNT
from chaos.fault import Fault
from chaos.feeder import CHUNK
from chaos.scene import Scene
from ebbwatch.stack import kill_kafka, start_kafka


def die(scene: Scene) -> None:
    kill_kafka(scene.stack.folder)


def come_back(scene: Scene) -> None:
    start_kafka(scene.stack.folder)


def stand_still(scene: Scene) -> None:
    os.kill(_pid(scene), signal.SIGSTOP)


def go_on(scene: Scene) -> None:
    os.kill(_pid(scene), signal.SIGCONT)


def fall_silent(scene: Scene) -> None:
    """Nothing is written for so long that Kafka forgets who wrote in transactions."""
    scene.feeder.chunk = 0


def speak_again(scene: Scene) -> None:
    scene.feeder.chunk = CHUNK


def lose_one(scene: Scene) -> None:
    """One of three brokers dies, the others go on."""
    number = scene.rng.randrange(COUNT)
    scene.notes["dead"] = number
    scene.brokers.servers[number].kill()
    scene.await_progress()


def regain_it(scene: Scene) -> None:
    number = scene.notes.pop("dead")
    scene.brokers.launch(number)
    scene.brokers.wait(number)


FORGETFUL = {
    "transactional.id.expiration.ms": "4000",
    "transaction.remove.expired.transaction.cleanup.interval.ms": "500",
}


def _pid(scene: Scene) -> int:
    return int((scene.stack.folder / "kafka" / "pid").read_text())


FAULTS = (
    Fault("Kafka dies (SIGKILL) and comes back", die, come_back, hold=2.0, times=(5, 1)),
    Fault("Kafka stands still", stand_still, go_on, hold=10.0, times=(1, 0)),
    Fault("one of three brokers dies", lose_one, regain_it, times=(2, 0), of_three=True),
    Fault(
        "Kafka has forgotten who writes in transactions",
        fall_silent,
        speak_again,
        hold=15.0,
        times=(1, 0),
        broker=FORGETFUL,
    ),
)
