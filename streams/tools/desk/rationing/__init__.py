"""The desk's process: cases read, rationed as the core decides, and assignments written once each.

Here belong reading and writing; which case is handed out when is `scoring.warning.desk`'s, and what
people answer about it the package's above. It knows no worker and no Redis.
"""

from streams.tools.desk.rationing.figures import DeskFigures
from streams.tools.desk.rationing.run import OtherDeskError, ration
from streams.tools.desk.rationing.settings import new_desk, rules_in_use

__all__ = ["DeskFigures", "OtherDeskError", "new_desk", "ration", "rules_in_use"]
