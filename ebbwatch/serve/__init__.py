"""The process that people and programs ask: scores at the moment of the question, and the page.

It reads Redis and cases of Kafka, and writes to neither; what is told of a customer is computed by
`streams.tools.customers.view`, as `ebbwatch inspect` has it. The worker imports nothing of this.
"""
