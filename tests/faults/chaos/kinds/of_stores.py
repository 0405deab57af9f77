"""The faults of a plain Redis, wherever they make sense, on a Redis Cluster and with Sentinels."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from chaos.fault import Fault
from chaos.kinds import of_input, of_kafka, of_memory, of_redis, of_workers

WORDS = MappingProxyType({"cluster": "with a Redis Cluster", "sentinels": "with Sentinels"})
# What is struck, and how often on each of them: rarer than on a plain Redis, whose rows are first.
TIMES: Mapping[str, int] = MappingProxyType(
    {
        "a worker dies (SIGKILL)": 6,
        "a worker is replaced (SIGTERM)": 2,
        "a worker stands still until its partitions moved, then wakes": 2,
        "workers come and go before the group has come to rest": 2,
        "Redis is full (OOM)": 1,
        "Redis forgets its scripts (SCRIPT FLUSH)": 1,
        "Redis is emptied": 1,
        "Kafka dies (SIGKILL) and comes back": 2,
        "a storm of records that cannot be used": 2,
        "other parameters in the middle": 2,
    }
)
_PLAIN = {
    fault.name: fault
    for kind in (of_workers, of_redis, of_memory, of_kafka, of_input)
    for fault in kind.FAULTS
}


def _on(redis: str, name: str, times: int) -> Fault:
    plain = _PLAIN[name]
    return replace(
        plain,
        name=f"{plain.name}, {WORDS[redis]}",
        redis=redis,
        times=(times, 0),
        settings={**of_redis.QUICK, **plain.settings},
    )


FAULTS = tuple(_on(redis, name, times) for redis in WORDS for name, times in TIMES.items())
