"""The process that people and programs ask: scores at the moment of the question, and the page.

It writes nothing to Redis, and to Kafka what people answer to cases alone; what is told of a
customer is computed by `streams.tools.customers.view`. The worker imports nothing of this.
"""
