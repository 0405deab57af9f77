"""Retrying in place while Redis or Kafka is away: the batch waits, nothing is skipped.

What a refusal of Redis's means is `refusals`, what is waited for now `waits`.
"""

from streams.retry.patience import away, passing, persist
from streams.retry.refusals import REFUSALS, Verdict, code, denied, refusal, told
from streams.retry.waits import WAITS, Wait, Waits

__all__ = [
    "REFUSALS",
    "WAITS",
    "Verdict",
    "Wait",
    "Waits",
    "away",
    "code",
    "denied",
    "passing",
    "persist",
    "refusal",
    "told",
]
