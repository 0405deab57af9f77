"""Real Redis Clusters and Sentinels, made of servers that tests may hurt."""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from redis.exceptions import RedisError
from redis_servers import SECONDS, RedisServer, RedisServers

from ebbwatch.stack.ports import free_ports

NAME: Final = "bank"  # of the master, to Sentinels
QUICK: Final = "1000"  # milliseconds until a node counts as down


def await_it(what: str, happened: Callable[[], object]) -> None:
    """Poll until something is so."""
    deadline = time.monotonic() + SECONDS
    while not happened():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


@dataclass
class Cluster:
    """Three primaries and a replica of each."""

    nodes: list[RedisServer]

    @property
    def url(self) -> str:
        """Where it is, by two of its nodes."""
        places = [f"127.0.0.1:{node.port}" for node in self.nodes[:2]]
        return f"redis+cluster://{','.join(places)}"

    def primary_of(self, key: str) -> RedisServer:
        """The node that owns a key."""
        slot = int(self._anyone().ask("CLUSTER", "KEYSLOT", key))
        return next(at[0] for (first, last), at in self._owners().items() if first <= slot <= last)

    def masters(self) -> list[RedisServer]:
        """The nodes that own slots."""
        return [owner for owner, *_ in self._owners().values()]

    def replica_of(self, primary: RedisServer) -> RedisServer:
        """The node that would take a primary's place."""
        return next(others[0] for owner, *others in self._owners().values() if owner is primary)

    def is_whole(self) -> bool:
        """Whether all slots are owned, with a replica each that follows its primary."""
        if not all(_is_ok(node) for node in self.nodes):
            return False
        return all(len(at) > 1 and _is_linked(at[1]) for at in self._owners().values())

    def fail_over(self, primary: RedisServer) -> None:
        """A planned failover: the replica takes over once it has all that its primary has."""
        self.replica_of(primary).ask("CLUSTER", "FAILOVER")
        await_it("another primary", lambda: primary not in self.masters())

    def start_again(self, dead: RedisServer) -> None:
        """Start a node that died; it finds out by itself that it has become a replica."""
        dead.start()

    def _anyone(self) -> RedisServer:
        return next(node for node in self.nodes if node.is_alive)

    def _owners(self) -> dict[tuple[int, int], list[RedisServer]]:
        """Primary and replicas by range of slots, as a living node knows them."""
        by_port = {node.port: node for node in self.nodes}
        ranges = self._anyone().ask("CLUSTER", "SLOTS")
        return {(of[0], of[1]): [by_port[int(at[1])] for at in of[2:]] for of in ranges}


def start_cluster(servers: RedisServers) -> Cluster:
    """Start a cluster and wait until all its nodes know of all."""
    options = (
        "cluster-enabled yes",
        f"cluster-node-timeout {QUICK}",
        "cluster-replica-validity-factor 0",  # however long it had no word of its primary
        "repl-diskless-sync-delay 0",
        "repl-ping-replica-period 1",  # one that never heard anything is not told of
        "appendonly yes",
        "save ''",
    )
    buses = free_ports(6)  # their usual place, 10 000 above, is where connections begin
    nodes = [servers.start(*options, f"cluster-port {bus}") for bus in buses]
    bounds = [0, 5461, 10_923, 16_384]
    for node, first, end in zip(nodes[:3], bounds, bounds[1:], strict=False):
        node.ask("CLUSTER", "ADDSLOTSRANGE", first, end - 1)
    for epoch, node in enumerate(nodes, 1):
        node.ask("CLUSTER", "SET-CONFIG-EPOCH", epoch)
    for node in nodes[1:]:
        nodes[0].ask("CLUSTER", "MEET", "127.0.0.1", node.port, buses[nodes.index(node)])
    await_it("all meet", lambda: all(_knows(node, 6) for node in nodes))
    for replica, primary in zip(nodes[3:], nodes[:3], strict=True):
        replica.ask("CLUSTER", "REPLICATE", primary.ask("CLUSTER", "MYID"))
    await_it("replicas", lambda: all(_is_linked(node) for node in nodes[3:]))
    await_it("agreement", lambda: all(_is_ok(node) for node in nodes))
    return Cluster(nodes)


def _knows(node: RedisServer, count: int) -> bool:
    return len(node.ask("CLUSTER", "NODES").splitlines()) == count


def _is_linked(replica: RedisServer) -> bool:
    return replica.info("replication").get("master_link_status") == "up"


def _is_ok(node: RedisServer) -> bool:
    slots = node.ask("CLUSTER", "SLOTS")
    return len(slots) == 3 and all(len(owners) == 4 for owners in slots)


@dataclass
class Guarded:
    """A master, its replica, and three Sentinels."""

    servers: list[RedisServer]
    sentinels: list[RedisServer]

    @property
    def url(self) -> str:
        """Where it is, by its Sentinels."""
        places = [f"127.0.0.1:{sentinel.port}" for sentinel in self.sentinels]
        return f"redis+sentinel://{','.join(places)}/{NAME}"

    def master(self) -> RedisServer:
        """Which server the Sentinels take for the master."""
        _, port = self.sentinels[0].ask("SENTINEL", "GET-MASTER-ADDR-BY-NAME", NAME)
        return next(server for server in self.servers if server.port == int(port))

    def masters(self) -> list[RedisServer]:
        """The same, as a Cluster tells it."""
        return [self.master()]

    def primary_of(self, _key: str) -> RedisServer:
        """The same of a key."""
        return self.master()

    def replica_of(self, master: RedisServer) -> RedisServer:
        """The other server."""
        return next(server for server in self.servers if server is not master)

    def is_whole(self) -> bool:
        """Whether a replica follows the master, and all Sentinels count on it."""
        master = self.master()
        linked = _is_linked(self.replica_of(master)) and not _is_linked(master)
        return linked and all(_counts_on_one(sentinel) for sentinel in self.sentinels)

    def fail_over(self, master: RedisServer) -> None:
        """A planned failover, done once the Sentinels say so."""
        self.sentinels[0].ask("SENTINEL", "FAILOVER", NAME)
        await_it("another master", lambda: self.master() is not master)

    def start_again(self, dead: RedisServer) -> None:
        """Start a server that died as a replica, which Sentinels make of it after a while."""
        dead.start(f"replicaof 127.0.0.1 {self.master().port}")


Group = Cluster | Guarded


def await_whole(group: Group) -> None:
    """Wait until a group has all its replicas, which know their masters."""
    await_it("all replicas", lambda: _is_so(group.is_whole))


def let_it_lag(group: Group, master: RedisServer) -> RedisServer:
    """Let a master's replica hear no more of it, and return that replica."""
    replica = group.replica_of(master)
    replica.ask("CONFIG", "SET", "masteruser", "nobody", "masterauth", "nothing")
    master.ask("CLIENT", "KILL", "TYPE", "replica")
    return replica


def let_it_hear(replica: RedisServer) -> None:
    """Let a server follow its master again."""
    replica.ask("CONFIG", "SET", "masteruser", "", "masterauth", "")


def _is_so(asked: Callable[[], Any]) -> bool:
    with suppress(RedisError, OSError, StopIteration):
        return bool(asked())
    return False


def start_guarded(servers: RedisServers) -> Guarded:
    """Start servers and Sentinels, and wait until these know all of it."""
    options = ("appendonly yes", "save ''", "repl-diskless-sync-delay 0")
    master, replica = servers.start(*options), servers.start(*options)
    replica.ask("REPLICAOF", "127.0.0.1", master.port)
    await_it("replica", lambda: _is_linked(replica))
    sentinels = [_start_sentinel(servers, master.port) for _ in range(3)]
    guarded = Guarded([master, replica], sentinels)
    await_it("Sentinels", lambda: all(_knows_all(each) for each in sentinels))
    return guarded


def _start_sentinel(servers: RedisServers, master: int) -> RedisServer:
    (port,) = free_ports(1)
    lines = (
        f"sentinel monitor {NAME} 127.0.0.1 {master} 2",
        f"sentinel down-after-milliseconds {NAME} {QUICK}",
        f"sentinel failover-timeout {NAME} 10000",
    )
    sentinel = RedisServer(servers.folder / f"sentinel-{port}", port, lines, is_sentinel=True)
    servers.made.append(sentinel)
    sentinel.start()
    sentinel.ask("SENTINEL", "DEBUG", "INFO-PERIOD", QUICK)  # not every ten seconds
    return sentinel


def _counts_on_one(sentinel: RedisServer) -> bool:
    """Whether a Sentinel knows of one replica, and nothing bad of it."""
    known = sentinel.ask("SENTINEL", "REPLICAS", NAME)
    return [each[b"flags"] for each in map(_fields, known)] == [b"slave"]


def _fields(told: Any) -> dict[bytes, Any]:
    return told if isinstance(told, dict) else dict(zip(told[::2], told[1::2], strict=True))


def _knows_all(sentinel: RedisServer) -> bool:
    found = sentinel.info("sentinel").get("master0", {})
    return (found.get("slaves"), found.get("sentinels")) == (1, 3)
