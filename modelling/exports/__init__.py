"""Tables for programs of others: features as they were at an instant, scores as they are now.

Here belongs writing what the live step knows of customers into files. What is read from files is
`modelling.history`; pages and JSON are the commands'.
"""

from modelling.exports.point_in_time import LABELS, check_target, point_in_time, write_table
from modelling.exports.scores import Exported, export

__all__ = ["LABELS", "Exported", "check_target", "export", "point_in_time", "write_table"]
