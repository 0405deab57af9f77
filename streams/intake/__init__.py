"""From Kafka's record batches to merged events, and what cannot be used.

Ends where an event is decoded and in its place among the others; applying it is
`streams.partition`.
"""
