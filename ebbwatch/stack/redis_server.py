"""Redis on loopback, with an append-only file."""

from contextlib import closing
from pathlib import Path

from ebbwatch.stack.jars import require
from ebbwatch.stack.process import Server

# Its process title stays the command line, by which the stack finds it again.
_CONFIGURATION = """\
bind 127.0.0.1
port {port}
protected-mode yes
daemonize no
set-proc-title no
dir "{folder}"
logfile "{log}"
save ""
appendonly yes
appendfsync everysec
"""


def server(folder: Path) -> Server:
    """Describe the Redis server of a stack.

    Args:
        folder: The stack's folder, absolute.
    """
    return Server("redis", folder / "redis" / "redis.conf")


def launch(store: Server, port: int) -> None:
    """Write the configuration and start the process, without waiting for it.

    Args:
        store: From `server`.
        port: The port to listen on.

    Raises:
        StackError: `redis-server` is not installed.
    """
    program = require("redis-server", "redis-server")
    store.folder.mkdir(parents=True, exist_ok=True)
    store.config.write_text(_CONFIGURATION.format(port=port, folder=store.folder, log=store.log))
    store.spawn([program, str(store.config)])


def is_ready(store: Server, url: str) -> bool:
    """Tell whether this very Redis has loaded its data and answers.

    Args:
        store: From `server`; a stranger's Redis on the same port is another process.
        url: `redis://host:port/database`.
    """
    import redis  # noqa: PLC0415 - only who waits needs a client

    client = redis.Redis.from_url(url, socket_timeout=2, retry=None)
    with closing(client):
        try:
            return client.ping() and client.info("server")["process_id"] == store.pid()
        except redis.RedisError:
            return False
