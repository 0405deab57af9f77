"""Who is treated, and who is left alone to learn what treating is worth."""

import hashlib
from functools import lru_cache
from typing import Final, Literal

from scoring.rules import HoldoutShare

_ALL: Final = 2.0**64


def arm(customer: bytes, holdout: HoldoutShare) -> Literal["treated", "holdout"]:
    """Deal a customer to an arm: the same on every run and machine, for one salt.

    Who is held out at a share is so at every greater one.

    >>> [arm(b"c-1", HoldoutShare(share=share)) for share in (0.0, 1.0)]
    ['treated', 'holdout']
    """
    drawn = hashlib.blake2b(customer, digest_size=8, key=_key(holdout.salt)).digest()
    is_held = int.from_bytes(drawn, "big") < int(holdout.share * _ALL)
    return "holdout" if is_held else "treated"


@lru_cache(16)  # salts are few
def _key(salt: str) -> bytes:
    return hashlib.blake2b(salt.encode(), digest_size=16).digest()
