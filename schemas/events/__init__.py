"""The events that come in, by topic, and an example of each.

Here belongs what an event type looks like. What a field may hold is `schemas.fields`; how a
batch is validated, `schemas.bulk`.
"""
