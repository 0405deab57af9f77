"""The registry: every fault of the suite, in the order in which they are run and told."""

from chaos.fault import Fault
from chaos.kinds import (
    of_redis,
    of_time,
    of_workers,
)

FAULTS: tuple[Fault, ...] = (
    *of_workers.FAULTS,
    *of_redis.FAULTS,
    *of_time.FAULTS,
)
SLICE = tuple(fault for fault in FAULTS if fault.times[1])
