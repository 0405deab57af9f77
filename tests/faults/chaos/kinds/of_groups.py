"""Faults of a Redis Cluster of three primaries and three replicas, and of a master with Sentinels.

Replicas follow asynchronously: a failover may forget what was acknowledged. Where a fault makes
sure of that, it has to be found and said; `WAIT` keeps it from having been published.
"""

from functools import partial
from typing import Any

from redis_groups import Group, await_whole, let_it_hear, let_it_lag

from chaos.fault import Fault
from chaos.kinds.of_memory import was_told
from chaos.kinds.of_redis import QUICK, be_durable
from chaos.scene import Scene

NAPPING = 8.0  # seconds
FORGOTTEN = "what no replica had yet; found, alarmed, replayed from Kafka"


def fail_over(scene: Scene) -> None:
    """Another server takes over, as planned."""
    group: Group = scene.group
    scene.await_progress()
    group.fail_over(scene.rng.choice(group.masters()))


def be_whole(scene: Scene) -> None:
    await_whole(scene.group)


def lose_master(scene: Scene) -> None:
    """One dies in the middle of the work."""
    scene.await_progress()
    _kill(scene, scene.rng.choice(scene.group.masters()))


def lose_master_alone(scene: Scene) -> None:
    """One dies whose replica has heard nothing of it for a while."""
    master = scene.rng.choice(scene.group.masters())
    scene.notes["replica"] = let_it_lag(scene.group, master)
    scene.await_progress(1_000)
    scene.rest(3.0)
    _kill(scene, master)


def _kill(scene: Scene, master: Any) -> None:
    master.kill()
    scene.notes["dead"] = master


def start_it_again(scene: Scene) -> None:
    """As a replica, since another has taken over meanwhile."""
    dead, group = scene.notes.pop("dead"), scene.group
    scene.wait_until("a failover", lambda: dead not in group.masters())
    dead.start()
    if "replica" in scene.notes:
        let_it_hear(scene.notes.pop("replica"))
    await_whole(group)


def lose_pair(scene: Scene) -> None:
    """One dies, and so does its replica: nobody can take over what they held."""
    be_durable(scene)
    scene.await_progress()
    master = scene.rng.choice(scene.group.masters())
    replica = scene.group.replica_of(master)
    scene.notes["pair"] = master, replica
    replica.kill()
    master.kill()


def start_pair(scene: Scene) -> None:
    """The master first."""
    master, replica = scene.notes.pop("pair")
    master.start()
    scene.group.start_again(replica)
    await_whole(scene.group)


def doze(scene: Scene) -> None:
    """It answers nobody until others have taken over, then believes itself the master still."""
    group: Group = scene.group
    scene.await_progress()
    master = scene.rng.choice(group.masters())
    with master.client() as redis:
        redis.execute_command("DEBUG", "SLEEP", NAPPING)


def was_not_published(scene: Scene) -> None:
    """Nothing was published that the failover forgot."""
    told = [line for line in scene.logged() if '"redis went back"' in line]
    assert not [line for line in told if "outbox at" in line], told


CLUSTER = partial(Fault, redis="cluster", settings=QUICK)
SENTINELS = partial(Fault, redis="sentinels", settings=QUICK)
PRIMARY, MASTER = "a primary of a Redis Cluster", "the master that Sentinels watch"
IF_ANY = "what no replica had yet, if anything; then found, alarmed, replayed from Kafka"


def far_behind(of: "partial[Fault]", master: str) -> tuple[Fault, Fault]:
    """One dies whose replica is far behind: not waited for, and waited for."""
    dies = partial(of, inject=lose_master_alone, undo=start_it_again, times=(2, 0))
    return (
        dies(f"{master} dies, its replica far behind", check=was_told, loses=FORGOTTEN),
        dies(
            f"{master} dies, its replica far behind and waited for (WAIT)",
            settings={**QUICK, "redis_replicas": 1},
            check=was_not_published,
            loses="what no replica had yet, none of it published; replayed from Kafka",
        ),
    )


def asleep(of: "partial[Fault]", master: str) -> Fault:
    """One that answers nobody until another has taken over."""
    name = f"{master} sleeps until another has taken over (DEBUG SLEEP)"
    return of(name, doze, be_whole, times=(2, 0), loses=IF_ANY)


FAULTS = (
    CLUSTER(f"{PRIMARY} gives way as planned", fail_over, be_whole, times=(3, 0)),
    CLUSTER(f"{PRIMARY} dies (SIGKILL)", lose_master, start_it_again, times=(3, 0), loses=IF_ANY),
    *far_behind(CLUSTER, PRIMARY),
    asleep(CLUSTER, PRIMARY),
    CLUSTER(
        f"{PRIMARY} and its replica die, and come back (CLUSTERDOWN)",
        lose_pair,
        start_pair,
        hold=5.0,
    ),
    SENTINELS(f"{MASTER} gives way as planned", fail_over, be_whole, times=(3, 0), loses=IF_ANY),
    SENTINELS(f"{MASTER} dies (SIGKILL)", lose_master, start_it_again, times=(3, 0), loses=IF_ANY),
    *far_behind(SENTINELS, MASTER),
    asleep(SENTINELS, MASTER),
    SENTINELS(f"{MASTER} and its replica die, and come back", lose_pair, start_pair, hold=5.0),
)
