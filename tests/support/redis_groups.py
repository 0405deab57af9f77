"""Real Redis Clusters and Sentinels, made of servers that tests may hurt."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

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
        slot = int(self.nodes[-1].ask("CLUSTER", "KEYSLOT", key))
        ranges = self.nodes[-1].ask("CLUSTER", "SLOTS")
        port = next(int(owner[1]) for first, last, owner, *_ in ranges if first <= slot <= last)
        return next(node for node in self.nodes if node.port == port)


def start_cluster(servers: RedisServers) -> Cluster:
    """Start a cluster and wait until all its nodes know of all."""
    options = ("cluster-enabled yes", f"cluster-node-timeout {QUICK}", "appendonly yes", "save ''")
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

    def fail_over(self) -> None:
        """A planned failover, done once the Sentinels say so."""
        before = self.master()
        self.sentinels[0].ask("SENTINEL", "FAILOVER", NAME)
        await_it("another master", lambda: self.master() is not before)


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
    return sentinel.start()


def _knows_all(sentinel: RedisServer) -> bool:
    found = sentinel.info("sentinel").get("master0", {})
    return (found.get("slaves"), found.get("sentinels")) == (1, 3)
