"""What people at the desk see and say from a shell: open warnings, answers, what acting is worth.

Here belongs what is made of the topics alone, and writing an answer; `rationing` hands cases out.
What an answer does is `scoring.warning.answers`'; how it is shown, a command's.
"""

from streams.tools.desk.answering import Given, answer_of, look_up, send
from streams.tools.desk.courses import UNTOLD, AnsweredWarning
from streams.tools.desk.open_set import OpenSet
from streams.tools.desk.report import report
from streams.tools.desk.topics import DeskError, follow, gather, open_warnings
from streams.tools.desk.worth import Acted, Costs, OutcomeReport, Precision, Uplift

__all__ = [
    "UNTOLD",
    "Acted",
    "AnsweredWarning",
    "Costs",
    "DeskError",
    "Given",
    "OpenSet",
    "OutcomeReport",
    "Precision",
    "Uplift",
    "answer_of",
    "follow",
    "gather",
    "look_up",
    "open_warnings",
    "report",
    "send",
]
