"""The work queue: open cases by value at risk, and where each stands at the desk.

It is read from the topics of cases and assignments in the background and kept in memory; a request
never reads Kafka. Who gets which case is decided by `streams.tools.desk.rationing`, not here.
"""

from ebbwatch.serve.queue.answered import MOVE, AnswerFate, fate_of, remembers, unsettled
from ebbwatch.serve.queue.board import CaseBoard
from ebbwatch.serve.queue.feed import CaseFeed
from ebbwatch.serve.queue.history import CustomerHistory, HistoryEntry, HistoryFeed
from ebbwatch.serve.queue.lines import STATES, CaseLine, RouteLine
from ebbwatch.serve.queue.ranking import CasePage, CaseRanking, ChosenCases
from ebbwatch.serve.queue.sending import AnswerSender, UnsentError

__all__ = [
    "MOVE",
    "STATES",
    "AnswerFate",
    "AnswerSender",
    "CaseBoard",
    "CaseFeed",
    "CaseLine",
    "CasePage",
    "CaseRanking",
    "ChosenCases",
    "CustomerHistory",
    "HistoryEntry",
    "HistoryFeed",
    "RouteLine",
    "UnsentError",
    "fate_of",
    "remembers",
    "unsettled",
]
