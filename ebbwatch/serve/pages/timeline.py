"""What happened to a customer, in one line of time, by the record, the case and the topics.

A record keeps purchase days, and of each family of touchpoints the last contact and the last
answers. Complaints it counts, and sums up so that older ones count less: of one alone that tells
when it was, of several between which days the last one was. The date of any other event is in the
log of events alone.
"""

from datetime import UTC, datetime, time
from math import log
from typing import Final, NamedTuple

from ebbwatch.serve.pages import charts
from ebbwatch.serve.portfolio import AliveCurve
from ebbwatch.serve.queue import CaseLine, HistoryEntry
from scoring.arrays import DAY, Horizon
from scoring.facts.memory import Memory
from scoring.facts.state import SUM_HORIZONS, Count, States, Sum
from streams.outbox.parts import TOUCHPOINTS

PURCHASES: Final = 6  # days of purchases that are told
SCALES: Final = {"survey": 5, "nps": 10}
ROUNDING: Final = 1e-9


class TimelineMoment(NamedTuple):
    """A line of the timeline.

    Attributes:
        at: when, epoch seconds.
        kind: purchase, contact, complaint, survey, nps, opened, handed_out; told, by an entry.
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
    state: States,
    memory: Memory,
    curve: AliveCurve | None,
    entries: list[HistoryEntry],
    line: CaseLine | None,
) -> list[TimelineMoment]:
    """All that is known, the latest first.

    Args:
        state: the record, shape (1,).
        memory: how fast its sums decay.
        curve: of it.
        entries: warnings and answers.
        line: the open case, None for none.
    """
    days = [] if curve is None else curve.purchases.tolist()[-PURCHASES:]
    bought = [TimelineMoment(day, "purchase") for day in days]
    told = [TimelineMoment(each.at, "told", each) for each in entries]
    complaint = _complaint(state, memory)
    known = (*bought, *told, *_met(state, complaint), *_case(line), *complaint)
    return sorted(known, key=lambda each: each.at, reverse=True)


def last_complaint(state: States, memory: Memory) -> tuple[float, float] | None:
    """Between which instants, epoch seconds, the last complaint was; None where that is not known.

    Of n complaints with weights exp(-r a) at ages a the latest has the greatest weight, which is at
    least the n-th part of their sum, and at most the sum or 1.

    Args:
        state: the record, shape (1,).
        memory: how fast its sums decay.
    """
    count, left = int(state["counts"][0, Count.COMPLAINTS]), float(state["sums"][0, Sum.COMPLAINTS])
    if not count or not 0.0 < left <= count * (1.0 + ROUNDING):
        return None
    rate, last = memory.rates[SUM_HORIZONS[Sum.COMPLAINTS]] / DAY, float(state["last_event"][0])
    first, latest = (last + min(log(share), 0.0) / rate for share in (left / count, left))
    return max(first, float(state["first_event"][0])), latest


def _complaint(state: States, memory: Memory) -> list[TimelineMoment]:
    """The only complaint; those of several have no day of their own."""
    found = last_complaint(state, memory)
    if found is None or state["counts"][0, Count.COMPLAINTS] != 1:
        return []
    about = state["contacts"][0]["sums"][:, Horizon.MIDDLE].tolist()
    where = [name for name, complaints in zip(TOUCHPOINTS, about, strict=True) if complaints]
    return [TimelineMoment(found[0], "complaint", where=where[0] if where else "")]


def _met(state: States, complaint: list[TimelineMoment]) -> list[TimelineMoment]:
    """The last contact at each touchpoint, and the last answers about it or about none."""
    told = [(each.where, each.at) for each in complaint]
    found: dict[tuple[str, float], TimelineMoment] = {}
    for where, own in zip(TOUCHPOINTS, state["contacts"][0], strict=True):
        answers = zip(SCALES, own["answered_at"].tolist(), own["answers"].tolist(), strict=True)
        for kind, at, answer in answers:
            if answer:
                found[kind, at] = _answer(kind, at, answer - 1, where)
        is_told = any(where == at and abs(when - own["last"]) <= 1.0 for at, when in told)
        if own["last"] and own["last"] not in own["answered_at"] and not is_told:
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
