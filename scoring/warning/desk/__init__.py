"""The desk: which cases are handed out on a day, and which wait, decided on the whole portfolio.

Here belong the desk's rules, their file and what follows from them. What a case is is
`scoring.warning`'s; reading and writing cases is a process's.
"""

from scoring.warning.desk.case_desk import ROUTES, CaseDesk
from scoring.warning.desk.due import due_day
from scoring.warning.desk.moving import Move, is_there
from scoring.warning.desk.no_offers import Listed, listed
from scoring.warning.desk.reading import desk_rules, shipped_desk_text
from scoring.warning.desk.sections import DeskRules

__all__ = [
    "ROUTES",
    "CaseDesk",
    "DeskRules",
    "Listed",
    "Move",
    "desk_rules",
    "due_day",
    "is_there",
    "listed",
    "shipped_desk_text",
]
