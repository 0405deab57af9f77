"""Send an event: python send_event.py BOOTSTRAP TOPIC CUSTOMER JSON.

pip install kafka-python
"""

import sys

from kafka import KafkaProducer

bootstrap, topic, customer, event = sys.argv[1:]
producer = KafkaProducer(bootstrap_servers=bootstrap, acks="all")
producer.send(topic, key=customer.encode(), value=event.encode()).get(timeout=30)
producer.close()
