"""Full disks: data moved onto a small file system of its own, which takes root to mount."""

import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

from chaos.fault import Fault
from chaos.scene import Scene
from ebbwatch.stack import kill_kafka, kill_redis, start_kafka, start_redis, status

SIZE = {"redis": "48m", "kafka": "400m"}
BLOCK = 65_536


def fill(name: str, scene: Scene) -> None:
    """Fill the disk, once the data is on one that is small enough."""
    disk = scene.stack.folder / name
    if name not in scene.notes:
        _move(scene, name, disk)
    with (disk / "filler").open("wb", buffering=0) as filler:
        for size in (BLOCK, 1):
            with suppress(OSError):
                while True:
                    filler.write(b"\0" * size)
    scene.wait_until("what comes of it", partial(STRUCK[name], scene))


def redis_cannot_write(scene: Scene) -> bool:
    return bool(scene.redis.info("persistence")["aof_last_write_status"] == "err")


def kafka_has_ended(scene: Scene) -> bool:
    found = status(scene.stack.folder)
    return found is None or "kafka" not in found.pids


def free(name: str, scene: Scene) -> None:
    """Make room; Kafka, which ends where it cannot write, is started again."""
    (scene.stack.folder / name / "filler").unlink()
    if name == "kafka":
        START[name](scene.stack.folder)


def _move(scene: Scene, name: str, disk: Path) -> None:
    KILL[name](scene.stack.folder)
    beside = disk.with_suffix(".before")
    disk.rename(beside)
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE[name]}", "tmpfs", disk], check=True)
    scene.leaving.callback(subprocess.run, ["umount", "--lazy", disk], check=True)
    # Kafka's indexes are mostly holes, which must stay holes.
    subprocess.run(["cp", "-a", "--sparse=always", f"{beside}/.", disk], check=True)
    scene.notes[name] = disk
    START[name](scene.stack.folder)
    scene.await_applied()
    time.sleep(1.0)


STRUCK: dict[str, Callable[[Scene], bool]] = {
    "redis": redis_cannot_write,
    "kafka": kafka_has_ended,
}
KILL: dict[str, Callable[[Path], None]] = {"redis": kill_redis, "kafka": kill_kafka}
START: dict[str, Callable[[Path], None]] = {"redis": start_redis, "kafka": start_kafka}
FAULTS = tuple(
    Fault(
        f"the disk of {name.capitalize()} is full",
        partial(fill, name),
        partial(free, name),
        hold=6.0,
    )
    for name in SIZE
)
