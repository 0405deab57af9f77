"""Where states, offsets, clock, timers and outbox live, a partition in one hash slot.

The interface, Redis behind it, and the scripts that apply all of a commit or nothing. What the
bytes mean is `scoring.facts`.
"""

from streams.store.interface import Store
from streams.store.owners import DamagedError, Fenced, Lost, new_token, owner_of
from streams.store.redis_store import RedisStore
from streams.store.types import (
    Activated,
    Activation,
    Backfill,
    Brake,
    Budget,
    Claim,
    Commit,
    Entry,
    Load,
    SetAside,
)

__all__ = [
    "Activated",
    "Activation",
    "Backfill",
    "Brake",
    "Budget",
    "Claim",
    "Commit",
    "DamagedError",
    "Entry",
    "Fenced",
    "Load",
    "Lost",
    "RedisStore",
    "SetAside",
    "Store",
    "new_token",
    "owner_of",
]
