"""What the demo streams: the purchase log, and the four customers made up beside it.

Events as they stand on the wire, by time; writing them to Kafka is `ebbwatch.demo.replay`'s.
"""
