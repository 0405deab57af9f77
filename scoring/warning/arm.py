"""Who is treated, and who is left alone to learn what treating is worth."""

import hashlib
from functools import lru_cache
from typing import Final, Literal

from scoring.parameters.feedback import Feedback

_ALL: Final = 2.0**64


def arm(customer: bytes, feedback: Feedback) -> Literal["treated", "holdout"]:
    """Deal a customer to an arm: the same on every run and machine, for one salt.

    >>> share = Feedback(holdout_share=0.1)
    >>> dealt = [arm(b"c%d" % number, share) for number in range(10_000)]
    >>> 900 < dealt.count("holdout") < 1_100
    True
    """
    drawn = hashlib.blake2b(customer, digest_size=8, key=_key(feedback.salt)).digest()
    is_held = int.from_bytes(drawn, "big") / _ALL < feedback.holdout_share
    return "holdout" if is_held else "treated"


@lru_cache(16)  # salts are few
def _key(salt: str) -> bytes:
    return hashlib.blake2b(salt.encode(), digest_size=16).digest()
