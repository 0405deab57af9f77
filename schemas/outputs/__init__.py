"""What Ebbwatch publishes: early warnings, cases, scores and dead letters.

Here belong the contracts of what leaves. What comes in is `schemas.events`'s.
"""
