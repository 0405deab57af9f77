"""What happened to a customer, in one line of time, by the record, the case and the topics.

A record keeps purchase days, and of each family of touchpoints the last contact and the last
answers; the date of any other event is in the log of events alone.
"""

from datetime import UTC, datetime, time
from typing import Final, NamedTuple

from ebbwatch.serve.pages import charts
from ebbwatch.serve.portfolio import AliveCurve
from ebbwatch.serve.queue import CaseLine, HistoryEntry
from scoring.facts.state import States
from streams.outbox.parts import TOUCHPOINTS

PURCHASES: Final = 6  # days of purchases that are told
SCALES: Final = {"survey": 5, "nps": 10}


class TimelineMoment(NamedTuple):
    """A line of the timeline.

    Attributes:
        at: when, epoch seconds.
        kind: purchase, contact, survey, nps, opened, handed_out; told, by an entry.
        entry: of a warning or an answer.
        where: family of touchpoints, "" for none.
        what: the answer to a survey, or to whom a case was handed out, "" for nobody in particular.
    """

    at: float
    kind: str
    entry: HistoryEntry | None = None
    where: str = ""
    what: str = ""

    @property
    def day(self) -> str:
        """Its calendar day of UTC."""
        return charts.day(self.at)


def timeline(
    state: States, curve: AliveCurve | None, entries: list[HistoryEntry], line: CaseLine | None
) -> list[TimelineMoment]:
    """All that is known, the latest first.

    Args:
        state: the record, shape (1,).
        curve: of it.
        entries: warnings and answers.
        line: the open case, None for none.
    """
    days = [] if curve is None else curve.purchases.tolist()[-PURCHASES:]
    bought = [TimelineMoment(day, "purchase") for day in days]
    told = [TimelineMoment(each.at, "told", each) for each in entries]
    known = (*bought, *told, *_met(state), *_case(line))
    return sorted(known, key=lambda each: each.at, reverse=True)


def _met(state: States) -> list[TimelineMoment]:
    """The last contact at each touchpoint, and the last answers about it or about none."""
    found: dict[tuple[str, float], TimelineMoment] = {}
    for where, own in zip(TOUCHPOINTS, state["contacts"][0], strict=True):
        answers = zip(SCALES, own["answered_at"].tolist(), own["answers"].tolist(), strict=True)
        for kind, at, answer in answers:
            if answer:
                found[kind, at] = _answer(kind, at, answer - 1, where)
        if own["last"] and own["last"] not in own["answered_at"]:
            found[where, 0.0] = TimelineMoment(float(own["last"]), "contact", where=where)
    for kind in SCALES:
        at = float(state[f"{kind}_at"][0])
        if at > 0.0:
            found.setdefault((kind, int(at)), _answer(kind, at, int(state[kind][0]), ""))
    return [*found.values()]


def _answer(kind: str, at: float, answer: int, where: str) -> TimelineMoment:
    return TimelineMoment(float(at), kind, where=where, what=f"{answer} / {SCALES[kind]}")


def _case(line: CaseLine | None) -> list[TimelineMoment]:
    """When an open case was opened, and last handed out, which is known to the day."""
    if line is None:
        return []
    opened = TimelineMoment(line.opened, "opened")
    if line.day is None:
        return [opened]
    at = datetime.combine(line.day, time(), UTC).timestamp()
    return [TimelineMoment(max(at, line.opened), "handed_out", what=line.officer), opened]
