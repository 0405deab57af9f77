"""Print warnings as they come: python read_warnings.py BOOTSTRAP GROUP TOPIC...

pip install kafka-python
"""

import json
import sys

from kafka import KafkaConsumer

bootstrap, group, *topics = sys.argv[1:]
consumer = KafkaConsumer(
    *topics,
    bootstrap_servers=bootstrap,
    group_id=group,
    isolation_level="read_committed",  # or a warning that a crash took back is seen as well
    auto_offset_reset="earliest",
)
for message in consumer:
    warning = json.loads(message.value)
    print(warning["lifecycle"], warning["rule"], warning["customer_id"], flush=True)
