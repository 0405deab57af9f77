"""The registry: every fault of the suite, in the order in which they are run and told."""

from chaos.fault import Fault
from chaos.kinds import (
    of_disks,
    of_groups,
    of_input,
    of_kafka,
    of_living,
    of_memory,
    of_network,
    of_redis,
    of_stores,
    of_time,
    of_topics,
    of_workers,
)

FAULTS: tuple[Fault, ...] = (
    *of_workers.FAULTS,
    *of_redis.FAULTS,
    *of_memory.FAULTS,
    *of_groups.FAULTS,
    *of_kafka.FAULTS,
    *of_network.FAULTS,
    *of_input.FAULTS,
    *of_topics.FAULTS,
    *of_time.FAULTS,
    *of_disks.FAULTS,
    *of_living.FAULTS,
    *of_stores.FAULTS,
)
SLICE = tuple(fault for fault in FAULTS if fault.times[1])
