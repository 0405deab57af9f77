"""Faults of the worker processes themselves."""

import signal

from harness import Worker

from chaos.fault import Fault
from chaos.scene import Scene


def kill(scene: Scene) -> None:
    """One dies on the spot."""
    scene.await_progress()
    scene.kill(scene.anyone())


def take_its_place(scene: Scene) -> None:
    """The supervisor starts another."""
    scene.recruit()


def replace(scene: Scene) -> None:
    """One is asked to leave, another takes its place, as in a rolling restart."""
    scene.await_progress()
    scene.stop(scene.anyone())
    claims(scene, scene.recruit())


def freeze(scene: Scene) -> None:
    """One stands still until its partitions have moved to the other."""
    frozen, mate = scene.rng.sample(scene.workers, 2)
    scene.notes["frozen"], seen = frozen, _claims(mate)
    frozen.process.send_signal(signal.SIGSTOP)
    scene.wait_until("partitions moved", lambda: _claims(mate) > seen)
    scene.await_progress()


def wake(scene: Scene) -> None:
    """It wakes, and believes itself the owner still."""
    scene.notes["frozen"].process.send_signal(signal.SIGCONT)


def come_and_go(scene: Scene) -> None:
    """Two join and leave again before the group has come to rest."""
    guests = [scene.recruit(), scene.recruit()]
    claims(scene, guests[0])
    for guest in guests:
        scene.rng.choice((scene.stop, scene.kill))(guest)


def claims(scene: Scene, worker: Worker) -> None:
    """Wait until a worker has its share, be it nothing."""
    scene.wait_until("a share", lambda: _claims(worker) or worker.process.poll() is not None)


def _claims(worker: Worker) -> int:
    return worker.log.read_text(errors="replace").count('"claimed"')


FAULTS = (
    Fault("a worker dies (SIGKILL)", kill, take_its_place, times=(20, 3)),
    Fault("a worker is replaced (SIGTERM)", replace, times=(4, 0)),
    Fault(
        "a worker stands still until its partitions moved, then wakes", freeze, wake, times=(4, 1)
    ),
    Fault("workers come and go before the group has come to rest", come_and_go, times=(4, 0)),
    Fault(
        "workers die that are more than the partitions",
        kill,
        take_its_place,
        times=(4, 0),
        workers=6,
    ),
)
