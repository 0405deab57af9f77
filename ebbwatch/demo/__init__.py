"""The demo: a real purchase log and four customers made up, through real Kafka and Redis.

What is streamed is in `events`, how it is shown in `view`. The demo drives a worker as anybody
would, by processes and topics; it knows no shortcut into one.
"""
