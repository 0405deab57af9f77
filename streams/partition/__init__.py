"""One partition: who owns it, and the one sequencer that loads, steps and commits.

Here is the order of things, and nothing else: decoding, the store and the outbox are rooms of
their own, given to it as `Services`.
"""
