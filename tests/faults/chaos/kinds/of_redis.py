"""Faults of Redis: gone, full, refusing, standing still, older than it was, or empty."""

import os
import shutil
import signal
import threading
import time
from contextlib import suppress
from pathlib import Path

from redis.exceptions import RedisError

from chaos.fault import Fault
from chaos.scene import Scene
from ebbwatch.stack import kill_redis, start_redis

QUICK = {"redis_timeout": 1.0}
NOWHERE = ("127.0.0.1", 1)


def be_durable(scene: Scene) -> None:
    configure(scene, "appendfsync", "always")


def configure(scene: Scene, name: str, value: str) -> None:
    """Change a setting of every server that holds states."""
    for redis in scene.stores:
        redis.config_set(name, value)


def die(scene: Scene) -> None:
    be_durable(scene)
    kill_redis(scene.stack.folder)


def come_back(scene: Scene) -> None:
    start_redis(scene.stack.folder)


def fill_up(scene: Scene) -> None:
    configure(scene, "maxmemory", "1mb")


def make_room(scene: Scene) -> None:
    configure(scene, "maxmemory", "0")


def become_replica(scene: Scene) -> None:
    """Read-only, as an old primary is after a failover."""
    scene.redis.replicaof(*NOWHERE)


def lose_primary(scene: Scene) -> None:
    """A replica without its primary that serves nothing: MASTERDOWN."""
    scene.redis.config_set("replica-serve-stale-data", "no")
    scene.redis.replicaof(*NOWHERE)


def become_primary(scene: Scene) -> None:
    scene.redis.replicaof("NO", "ONE")
    scene.redis.config_set("replica-serve-stale-data", "yes")


def want_replicas(scene: Scene) -> None:
    """More than there are: none, or one each in a group."""
    configure(scene, "min-replicas-to-write", "2" if scene.group else "1")


def want_none(scene: Scene) -> None:
    configure(scene, "min-replicas-to-write", "0")


def fail_to_save(scene: Scene) -> None:
    """A snapshot that cannot be put in place, as on a full disk: MISCONF."""
    redis = scene.redis
    (folder(scene) / "dump.rdb" / "in-its-way").mkdir(parents=True)
    redis.config_set("save", "1 1")
    scene.wait_until("a failed snapshot", lambda: _has_failed(scene))


def _has_failed(scene: Scene) -> bool:
    return bool(scene.redis.info("persistence")["rdb_last_bgsave_status"] == "err")


def save_again(scene: Scene) -> None:
    redis = scene.redis
    shutil.rmtree(folder(scene) / "dump.rdb")
    redis.config_set("save", "")
    scene.wait_until("a good snapshot", lambda: redis.bgsave() and not _has_failed(scene))


def stand_still(scene: Scene) -> None:
    os.kill(scene.stack.pids["redis"], signal.SIGSTOP)


def go_on(scene: Scene) -> None:
    os.kill(scene.stack.pids["redis"], signal.SIGCONT)


def be_busy(scene: Scene) -> None:
    """A script of somebody else's that does not end: BUSY."""
    redis = scene.redis
    redis.config_set("busy-reply-threshold", 100)

    def loop() -> None:
        with suppress(RedisError):
            redis.eval("while true do end", 0)

    threading.Thread(target=loop, daemon=True).start()


def end_script(scene: Scene) -> None:
    scene.redis.script_kill()


def forget_scripts(scene: Scene) -> None:
    """Again and again, so that one comes between a script's being loaded and called."""
    until, stores = time.monotonic() + 3.0, scene.stores
    while time.monotonic() < until:
        for redis in stores:
            redis.script_flush("SYNC")


def cut_clients(scene: Scene) -> None:
    for _ in range(10):
        for redis in scene.stores:
            redis.execute_command("CLIENT", "KILL", "TYPE", "normal")
        time.sleep(0.2)


def folder(scene: Scene) -> Path:
    return Path(str(scene.redis.config_get("dir")["dir"]))


FAULTS = (
    Fault(
        "Redis dies (SIGKILL) and comes back",
        die,
        come_back,
        hold=2.0,
        times=(3, 1),
        settings=QUICK,
    ),
    Fault("Redis is full (OOM)", fill_up, make_room, hold=5.0, times=(2, 0), settings=QUICK),
    Fault(
        "Redis is read-only, and writable again (READONLY)",
        become_replica,
        become_primary,
        hold=5.0,
        times=(1, 1),
        settings=QUICK,
    ),
    Fault(
        "Redis has lost its primary (MASTERDOWN)",
        lose_primary,
        become_primary,
        hold=5.0,
        times=(1, 0),
        settings=QUICK,
    ),
    Fault(
        "Redis has too few replicas to write (NOREPLICAS)",
        want_replicas,
        want_none,
        hold=5.0,
        times=(1, 0),
        settings=QUICK,
    ),
    Fault(
        "Redis cannot save (MISCONF)",
        fail_to_save,
        save_again,
        hold=5.0,
        times=(1, 0),
        settings=QUICK,
    ),
    Fault(
        "Redis stands still beyond the time-outs",
        stand_still,
        go_on,
        hold=8.0,
        times=(1, 0),
        settings=QUICK,
    ),
    Fault(
        "Redis is busy with another's script (BUSY)",
        be_busy,
        end_script,
        hold=5.0,
        times=(1, 0),
        settings=QUICK,
    ),
    Fault("Redis forgets its scripts (SCRIPT FLUSH)", forget_scripts, times=(1, 0), settings=QUICK),
    Fault("Redis cuts its clients' connections", cut_clients, times=(1, 0), settings=QUICK),
)
