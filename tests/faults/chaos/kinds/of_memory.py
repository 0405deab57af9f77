"""Redis without what it had acknowledged: older, empty, or without a key."""

import shutil
import time

from chaos.fault import Fault
from chaos.kinds.of_redis import come_back, folder
from chaos.scene import Scene
from ebbwatch.stack import kill_redis


def go_back(scene: Scene) -> None:
    """Come back as of a while ago, as from a backup or a replica that lagged behind."""
    now, kept = folder(scene) / "appendonlydir", scene.stack.folder / "older"
    shutil.rmtree(kept, ignore_errors=True)
    shutil.copytree(now, kept)
    scene.await_progress(1_000)
    time.sleep(3.0)
    kill_redis(scene.stack.folder)
    shutil.rmtree(now)
    shutil.copytree(kept, now)


def lose_all(scene: Scene) -> None:
    """One of the servers that hold states, where there are several."""
    full = [redis for redis in scene.stores if redis.dbsize()]
    scene.rng.choice(full).flushall()


def was_told(scene: Scene) -> None:
    """The loss was found, and said as an error."""
    assert any('"redis went back"' in line and '"error"' in line for line in scene.logged())


FAULTS = (
    Fault(
        "Redis comes back as it was a while ago",
        go_back,
        come_back,
        times=(2, 0),
        check=was_told,
        loses="every commit since; found, alarmed, replayed from Kafka",
    ),
    Fault(
        "Redis is emptied",
        lose_all,
        hold=3.0,
        times=(1, 0),
        check=was_told,
        loses="everything; found, alarmed, replayed from Kafka",
    ),
)
