"""The next timer: the earliest instant at which silence alone could change a level.

Here belong the ways in which such an instant is found, a file each. What a level is and how it
moves is `scoring.warning.lifecycle`; which rule is timed how is said in its row of `scoring.rules`.
"""

from scoring.warning.timers.arming import TIMERS, arm
from scoring.warning.timers.seen import Seen

__all__ = ["TIMERS", "Seen", "arm"]
