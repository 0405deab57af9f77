"""The weekly mail of minor leads: what it says, and sending it at most once.

Here belongs what is made of the assignment topic for people who are not called. Which leads are
minor is `scoring.warning.desk`'s.
"""

from streams.tools.desk.digest.letter import Digest, letter
from streams.tools.desk.digest.post import DigestError, Post, address
from streams.tools.desk.digest.run import Sent, send_digest

__all__ = [
    "Digest",
    "DigestError",
    "Post",
    "Sent",
    "address",
    "letter",
    "send_digest",
]
