"""The next review: the earliest instant at which silence alone could change a level."""

from scoring.reviews.arming import arm

__all__ = ["arm"]
