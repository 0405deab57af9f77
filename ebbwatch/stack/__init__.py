"""A real Apache Kafka and a real Redis on this machine, for the demo, the tests and a first try.

```python
with running() as stack:
    print(stack.kafka_bootstrap, stack.redis_url)
```
"""

from ebbwatch.stack.control import Stack, running, start, status, stop
from ebbwatch.stack.failure import StackError
from ebbwatch.stack.parts import kill_kafka, kill_redis, start_kafka, start_redis

__all__ = [
    "Stack",
    "StackError",
    "kill_kafka",
    "kill_redis",
    "running",
    "start",
    "start_kafka",
    "start_redis",
    "status",
    "stop",
]
