"""Where states, offsets, clock, timers and outbox live, a partition in one hash slot."""

from streams.store.redis_store import RedisStore
from streams.store.types import (
    Activated,
    Activation,
    Backfill,
    Claim,
    Commit,
    Entry,
    Fenced,
    Load,
    Lost,
    Store,
)

__all__ = [
    "Activated",
    "Activation",
    "Backfill",
    "Claim",
    "Commit",
    "Entry",
    "Fenced",
    "Load",
    "Lost",
    "RedisStore",
    "Store",
]
