"""A store brought back: from a backup, or from what topics and files hold.

Here belong taking a backup, putting it back, and finding out whether the topics and files given
hold all that a rebuild takes. Loading files is `streams.tools.backfill`'s, and making good what
was lost since a backup is the worker's, who compares what it says with what the topics hold.
"""

from streams.tools.recovery.backup import Saved, back_up, discard, restore
from streams.tools.recovery.refused import RecoveryError
from streams.tools.recovery.retained import Retained, look

__all__ = ["RecoveryError", "Retained", "Saved", "back_up", "discard", "look", "restore"]
