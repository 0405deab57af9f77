"""Writing files of events to the input topics: checked first, in transactions, each event once.

Here belong the lines' check, the transactions and the note of how far a file is; how to reach Kafka
is `streams.broker`'s.
"""
