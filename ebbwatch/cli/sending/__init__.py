"""Commands that move messages: events into Kafka, dead letters back, warnings out over HTTP.

What changes no topic, or does so as a worker, stands above.
"""
