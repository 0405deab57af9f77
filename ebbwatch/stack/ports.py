"""Free loopback ports."""

import random
import socket

# Below the kernel's ephemeral ranges (Linux 32768+, others 49152+): while a server is down for a
# fault test, a client that keeps reconnecting could be given the server's own port as its source,
# connect to itself, and so keep the server from coming back.
_LOWEST, _HIGHEST = 20_000, 32_000


def free_ports(count: int) -> tuple[int, ...]:
    """Choose distinct ports that nobody listens on at 127.0.0.1 right now.

    Somebody else may still take one before its server binds it: the caller retries with others.

    Args:
        count: How many ports.

    Raises:
        OSError: Too few ports could be bound.
    """
    candidates = random.SystemRandom().sample(range(_LOWEST, _HIGHEST), 20 * count)
    free = [port for port in candidates if is_free(port)][:count]
    if len(free) < count:
        raise OSError(f"free ports on 127.0.0.1: expected {count}, got {len(free)}")
    return tuple(free)


def is_free(port: int) -> bool:
    """Tell whether a listener could bind the port at 127.0.0.1 now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        # Connections of an earlier run that linger in TIME_WAIT do not hinder a server.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
