"""What happened to a customer, in one line of time."""

from typing import Final, NamedTuple

from ebbwatch.serve.pages import charts
from ebbwatch.serve.portfolio import AliveCurve
from ebbwatch.serve.queue import HistoryEntry

PURCHASES: Final = 6  # days of purchases that are told


class TimelineMoment(NamedTuple):
    """A line of the timeline; `entry` is None for a day of purchases."""

    at: float
    day: str
    entry: HistoryEntry | None


def timeline(curve: AliveCurve | None, entries: list[HistoryEntry]) -> list[TimelineMoment]:
    """Warnings, answers and the last purchase days, the latest first."""
    days = [] if curve is None else curve.purchases.tolist()[-PURCHASES:]
    bought = [TimelineMoment(day, charts.day(day), None) for day in days]
    told = [TimelineMoment(each.at, charts.day(each.at), each) for each in entries]
    return sorted((*bought, *told), key=lambda each: -each.at)
