"""The live worker, and only that: Kafka in, Redis between, warnings out.

Here belongs all that does input and output for a worker, wired in `app`. What is computed is
`scoring`'s; what a person types, `ebbwatch`'s; what a modeller does, `modelling`'s.
"""
