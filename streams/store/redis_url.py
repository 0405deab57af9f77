"""Where Redis is, by a URL: one server, a Sentinel's master, or a Cluster; with TLS or without.

- `redis://[user:password@]host:port/db`: one server, or a name that a failover moves
- `redis+sentinel://[user:password@]host:port,host:port/master/db`: the master that Sentinels name
- `redis+cluster://[user:password@]host:port,host:port`: a Redis Cluster
- `unix:///path`: one server, by its socket

`rediss` in the place of `redis` asks for TLS. What stands behind a `?` goes to redis-py, such as
`ssl_ca_certs`; `sentinel_username` and `sentinel_password` to the Sentinels.
"""

from typing import Final, Literal, NamedTuple
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

Kind = Literal["server", "sentinel", "cluster"]
_KINDS: Final[dict[str, Kind]] = {
    "redis": "server",
    "rediss": "server",
    "unix": "server",
    "redis+sentinel": "sentinel",
    "rediss+sentinel": "sentinel",
    "redis+cluster": "cluster",
    "rediss+cluster": "cluster",
}
_PORTS: Final[dict[Kind, int]] = {"server": 6379, "sentinel": 26_379, "cluster": 6379}
_SENTINEL: Final = "sentinel_"  # what such options begin with


class RedisUrl(NamedTuple):
    """A URL taken apart.

    Attributes:
        kind: what is at the hosts.
        hosts: with their ports; none for a socket.
        server: a plain URL of the first host, with credentials, database and options of the server.
        service: name that Sentinels know the master by, "" without them.
        sentinel: user and password of the Sentinels themselves, as redis-py names them.
    """

    kind: Kind
    hosts: list[tuple[str, int]]
    server: str
    service: str
    sentinel: dict[str, str]

    @property
    def shown(self) -> str:
        """What may stand in a log: no credentials."""
        at = ",".join(_shown(*each) for each in self.hosts) or urlsplit(self.server).path
        return {
            "server": at,
            "sentinel": f"{self.service} by Sentinels {at}",
            "cluster": f"Cluster {at}",
        }[self.kind]


def parse(url: str) -> RedisUrl:
    """Take a URL apart.

    Raises:
        ValueError: it has another form than those above.

    >>> parse("redis+sentinel://:secret@one:26379,two/bank/1").shown
    'bank by Sentinels one:26379,two:26379'
    >>> parse("redis+sentinel://:secret@one:26379,two/bank/1").server
    'redis://:secret@one:26379/1'
    """
    parts = urlsplit(url)
    kind = _KINDS.get(parts.scheme)
    if kind is None or "//" not in url:
        raise ValueError(f"expected a URL that begins with {', '.join(_KINDS)} and ://")
    if parts.scheme == "unix":
        return RedisUrl(kind, [], url, "", {})
    credentials, at, listed = parts.netloc.rpartition("@")
    hosts = [_host(each, _PORTS[kind]) for each in listed.split(",")]
    service, database = _service(parts.path) if kind == "sentinel" else ("", parts.path.strip("/"))
    if kind == "cluster" and database not in {"", "0"}:
        raise ValueError(f"expected no database, of which a Redis Cluster has one, got {database}")
    options = parse_qsl(parts.query)
    own = {name: value for name, value in options if name.startswith(_SENTINEL)}
    query = urlencode([each for each in options if each[0] not in own])
    first = credentials + at + _shown(*hosts[0])
    server = urlunsplit((parts.scheme.partition("+")[0], first, database, query, ""))
    named = {name.removeprefix(_SENTINEL): value for name, value in own.items()}
    return RedisUrl(kind, hosts, server, service, named)


def _host(text: str, port: int) -> tuple[str, int]:
    """A host and its port, where none is given the usual one."""
    parts = urlsplit(f"//{text}")
    if not parts.hostname:
        raise ValueError("expected a host, or several divided by commas, behind ://")
    return parts.hostname, parts.port or port


def _service(path: str) -> tuple[str, str]:
    service, _, database = path.strip("/").partition("/")
    if not service:
        raise ValueError("expected the master's name behind the Sentinels: redis+sentinel://…/NAME")
    return service, database


def _shown(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
